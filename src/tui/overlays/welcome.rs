//! Draws the first screen: what Loket is, and the two ways on.
//!
//! Invariant: both ways are on the screen, however small it is.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::widgets::{Clear, Widget};

use crate::text;
use crate::tui::app::state::Model;
use crate::tui::i18n::fill;
use crate::tui::theme::styles::Meaning;
use crate::tui::widgets::draw_text::{put, put_right, row, skip};

/// The keys of the first screen, for the hint line.
pub(crate) fn keys(model: &Model) -> Vec<(String, &'static str)> {
    let words = model.strings();
    let quit = ("Ctrl+Q".to_owned(), words.command_label("quit"));
    vec![("d".to_owned(), words.welcome.demo.as_str()), ("a".to_owned(), words.welcome.account.as_str()), quit]
}

/// A line of the first screen.
struct Line {
    text: String,
    style: Style,
    /// The key beside it, and whether it is the chosen way.
    way: Option<(&'static str, bool)>,
    /// Cells to the left of it.
    indent: u16,
    /// Lines of less weight are left out first when there is no room.
    weight: u8,
}

/// Draws the first screen.
pub(crate) fn draw(model: &Model, buf: &mut Buffer, chosen: usize) {
    let screen = model.areas.screen;
    let body = Rect { y: screen.y + 1, height: screen.height.saturating_sub(2), ..screen };
    Clear.render(body, buf);
    let width = 66.min(body.width.saturating_sub(4));
    let mut lines = lines(model, chosen, width);
    for weight in 0..4 {
        if lines.len() > usize::from(body.height) {
            lines.retain(|line| line.weight != weight);
        }
    }
    let height = u16::try_from(lines.len()).unwrap_or(u16::MAX).min(body.height);
    let area = Rect { x: body.x + (body.width - width) / 2, y: body.y + (body.height - height) / 3, width, height };
    for (y, line) in (0_u16..).zip(&lines) {
        let mut at = skip(row(area, y), line.indent);
        if let Some((key, chosen)) = line.way {
            if chosen {
                put(buf, row(area, y), model.theme.glyphs.bar_chosen, line.style);
            }
            at = put_right(buf, at, key, model.theme.style(Meaning::Key));
        }
        put(buf, at, &line.text, line.style);
    }
}

fn lines(model: &Model, chosen: usize, width: u16) -> Vec<Line> {
    let words = &model.strings().welcome;
    let look = |meaning| model.theme.style(meaning);
    let mut lines = Vec::new();
    let mut add = |text: &str, meaning: Meaning, indent: u16, weight: u8| {
        for line in text::wrap(text, width.saturating_sub(indent).max(1)) {
            let text = line.text(text).trim_end().to_owned();
            lines.push(Line { text, style: look(meaning), way: None, indent, weight });
        }
    };
    add(&words.title, Meaning::AccentStrong, 0, 4);
    add(&words.first, Meaning::Text, 0, 3);
    let ways = [("d", &words.demo, &words.demo_more), ("a", &words.account, &words.account_more)];
    let mut all = lines;
    for (index, (key, name, more)) in ways.into_iter().enumerate() {
        let style = look(if chosen == index { Meaning::Selected } else { Meaning::Strong });
        all.push(Line { text: String::new(), style, way: None, indent: 0, weight: 0 });
        all.push(Line { text: name.clone(), style, way: Some((key, chosen == index)), indent: 2, weight: 4 });
        for line in text::wrap(more, width.saturating_sub(2).max(1)) {
            let text = line.text(more).trim_end().to_owned();
            all.push(Line { text, style: look(Meaning::Dim), way: None, indent: 2, weight: 2 });
        }
    }
    all.push(Line { text: String::new(), style: look(Meaning::Dim), way: None, indent: 0, weight: 0 });
    let config = fill(&words.config, &[("path", text::Clean::line(&model.config_path).as_str())]);
    all.push(Line { text: config, style: look(Meaning::Dim), way: None, indent: 0, weight: 1 });
    all
}

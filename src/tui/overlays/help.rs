//! The keys of the place that has them, and of everywhere.
//!
//! Invariant: no sentence is cut; what does not fit beside its keys goes on under itself.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use crate::text;
use crate::tui::app::state::Model;
use crate::tui::commands::registry::{Command, KeyContext};
use crate::tui::theme::styles::Meaning;
use crate::tui::widgets::draw_text::{put, row, skip};
use crate::tui::widgets::panel;

/// The box's width, where there is room.
const WIDTH: u16 = 74;

/// A row of the help.
enum Row {
    Heading(String),
    Keys(String, String),
}

/// How far the help can be scrolled; beyond that only empty rows would come.
pub(crate) fn most_scroll(model: &Model) -> usize {
    let inside = panel::inside(model, WIDTH, u16::MAX);
    lines(model, inside.width).0.len().saturating_sub(usize::from(inside.height))
}

/// Draws the help from a row on.
pub(crate) fn draw(model: &Model, buf: &mut Buffer, scroll: usize) {
    let (lines, column) = lines(model, panel::inside(model, WIDTH, u16::MAX).width);
    let rows = u16::try_from(lines.len()).unwrap_or(u16::MAX);
    let area = panel::open(model, buf, &model.strings().overlay.help, WIDTH, rows);
    let look = |meaning| model.theme.style(meaning);
    for (y, line) in (0_u16..).zip(lines.iter().skip(scroll)).take(usize::from(area.height)) {
        let at = row(area, y);
        match line {
            Row::Heading(title) => {
                put(buf, at, title, look(Meaning::Strong));
            }
            Row::Keys(keys, what) => {
                put(buf, Rect { width: column.saturating_sub(1).min(at.width), ..at }, keys, look(Meaning::Key));
                put(buf, skip(at, column), what, look(Meaning::Text));
            }
        }
    }
}

/// The rows at a width, and where sentences begin.
fn lines(model: &Model, width: u16) -> (Vec<Row>, u16) {
    let words = model.strings();
    let mut all = Vec::new();
    for place in [model.focus.place(), KeyContext::Anywhere] {
        let mut here = Vec::new();
        for command in Command::ALL {
            let keys: Vec<String> = model.keymap.keys(place, *command).iter().map(ToString::to_string).collect();
            if !keys.is_empty() {
                here.push((keys.join(" "), words.command_sentence(command.id())));
            }
        }
        if place == KeyContext::Composer {
            here.push((String::new(), words.overlay.help_editing.as_str()));
        }
        all.push((place.title(words), here));
    }
    let widest = all.iter().flat_map(|(_, here)| here).map(|(keys, _)| text::cells(keys)).max().unwrap_or(0);
    // A key is never broken; several of them may stand under one another.
    let key = all.iter().flat_map(|(_, here)| here).flat_map(|(keys, _)| keys.split(' ')).map(text::cells).max();
    let small = |cells: usize| u16::try_from(cells + 2).unwrap_or(u16::MAX);
    let column = small(widest).min((width / 3).max(small(key.unwrap_or(0))));
    let mut rows = Vec::new();
    for (title, here) in all {
        rows.push(Row::Heading(title.to_owned()));
        for (keys, what) in here {
            let mut keys = fold(&keys, column.saturating_sub(1)).into_iter();
            let mut what = fold(what, width.saturating_sub(column)).into_iter();
            loop {
                match (keys.next(), what.next()) {
                    (None, None) => break,
                    (key, what) => rows.push(Row::Keys(key.unwrap_or_default(), what.unwrap_or_default())),
                }
            }
        }
    }
    (rows, column)
}

fn fold(text: &str, width: u16) -> Vec<String> {
    text::wrap(text, width.max(1)).iter().map(|line| line.text(text).trim_end().to_owned()).collect()
}

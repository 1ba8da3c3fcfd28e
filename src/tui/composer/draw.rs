//! Draws the composer: the line above it, the objection, the draft.
//!
//! Invariant: the draft is drawn with the editor's own wrap, the one that was measured.

use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};

use crate::text;
use crate::tui::app::state::{Model, Pane};
use crate::tui::i18n::fill;
use crate::tui::i18n::time::span_until;
use crate::tui::theme::styles::Meaning;
use crate::tui::thread;
use crate::tui::widgets::draw_text::{put, put_right, row, skip};

/// How many characters before the limit the count is shown.
const NEAR: usize = 200;

/// Draws the composer and returns its cursor's position.
pub(crate) fn draw(model: &Model, buf: &mut Buffer) -> Option<Position> {
    let title = model.areas.composer_title;
    if title.is_empty() {
        return None;
    }
    let focus = model.focus == Pane::Composer;
    rule(model, buf, row(title, 0), if focus { Meaning::RuleFocus } else { Meaning::Rule });
    status(model, buf, row(title, 0));
    let quote = model.composer.quote.as_ref().map(|quote| {
        let text = fill(&model.strings().overlay.quoting, &[("text", &quote.line)]);
        (format!("{} {text}", model.theme.glyphs.quote), Meaning::Accent)
    });
    let objection = model.composer.objection.iter().map(|line| (line.clone(), Meaning::ComposerObjection));
    for (n, (line, meaning)) in (1_u16..).zip(quote.into_iter().chain(objection)) {
        put(buf, skip(row(title, n), 1), &line, model.theme.style(meaning));
    }
    let sending = model.composer.is_sending();
    let prompt = if focus { Meaning::AccentStrong } else { Meaning::Dim };
    put(buf, row(model.areas.prompt, 0), model.theme.glyphs.prompt, model.theme.style(prompt));
    let style = model.theme.style(if sending { Meaning::ComposerSending } else { Meaning::Text });
    let area = model.areas.composer;
    model.composer.editor.draw(area, buf, &model.strings().composer.placeholder, style);
    Some(model.composer.editor.cursor(area))
}

fn status(model: &Model, buf: &mut Buffer, area: Rect) {
    let strings = &model.strings().composer;
    let mut area = skip(area, 1);
    area.width = area.width.saturating_sub(1);
    if let Some((text, meaning)) = model.thread.as_ref().and_then(|t| thread::draw::hint_below(model, t)) {
        area = put_right(buf, area, &format!(" {text} "), model.theme.style(meaning));
        area.width = area.width.saturating_sub(1);
    }
    if let Some((text, meaning)) = count(model) {
        area = put_right(buf, area, &format!(" {text} "), model.theme.style(meaning));
        area.width = area.width.saturating_sub(1);
    }
    if model.composer.is_sending() {
        put(buf, area, &format!(" {} ", strings.sending), model.theme.style(Meaning::Accent));
        return;
    }
    let until = model.thread.as_ref().and_then(|t| t.conversation.window_until).filter(|until| *until > model.now);
    if let Some(until) = until {
        let left = until.since(model.now);
        let meaning = if left.as_secs() < 3600 { Meaning::ComposerNear } else { Meaning::Dim };
        let span = span_until(model.strings(), left);
        // Where the sentence does not fit, the time alone is shown rather than half a word.
        let texts = [fill(&strings.window_left, &[("span", &span)]), span];
        let fits = |text: &String| text::cells(text) + 2 <= usize::from(area.width);
        if let Some(text) = texts.iter().find(|text| fits(text)) {
            put(buf, area, &format!(" {text} "), model.theme.style(meaning));
        }
    }
}

/// Characters written and allowed, once the limit is near.
fn count(model: &Model) -> Option<(String, Meaning)> {
    let max = model.open_account()?.capabilities.text_max;
    let written = model.composer.editor.chars();
    if written + NEAR < max {
        return None;
    }
    let text = fill(&model.strings().composer.count, &[("n", &written.to_string()), ("max", &max.to_string())]);
    Some((text, if written > max { Meaning::ComposerObjection } else { Meaning::ComposerNear }))
}

/// Draws a horizontal line over an area's first row.
fn rule(model: &Model, buf: &mut Buffer, area: Rect, meaning: Meaning) {
    let line = model.theme.glyphs.rule.repeat(usize::from(area.width));
    put(buf, area, &line, model.theme.style(meaning));
}

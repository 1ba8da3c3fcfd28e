//! Draws the composer: the line above it, the objection, the draft.
//!
//! Invariant: the draft is drawn with the editor's own wrap, the one that was measured.

use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};

use crate::domain::Conversation;
use crate::domain::agent_line::agent_line;
use crate::text;
use crate::tui::app::state::{Model, Pane};
use crate::tui::commands::registry::{Command, KeyContext};
use crate::tui::i18n::fill;
use crate::tui::i18n::presence::presence;
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
    if let Some(thread) = &model.thread {
        let sentences = presence(&model.strings().team, &thread.conversation.presence);
        let fits = |text: &&String| text::cells(text) + 2 <= usize::from(area.width);
        if let Some(text) = sentences.iter().find(fits) {
            let used = put(buf, area, &format!(" {text} "), model.theme.style(Meaning::Presence));
            area = skip(area, used + 1);
        }
    }
    area = skip(area, begun_note(model, buf, area));
    // Where there is a line under the name, the window is said there.
    if !model.areas.thread_facts.is_empty() {
        return;
    }
    if let Some((text, meaning)) = model.thread.as_ref().and_then(|t| window(model, &t.conversation, area.width)) {
        put(buf, area, &format!(" {text} "), model.theme.style(meaning));
    }
}

/// Draws that a private note was begun here, and how it is gone on with; returns how many cells that takes.
fn begun_note(model: &Model, buf: &mut Buffer, area: Rect) -> u16 {
    if model.composer.conversation.is_none_or(|open| model.begun.note(open).is_empty()) {
        return 0;
    }
    let key = model.keymap.first_key(KeyContext::Anywhere, Command::Note);
    let key = key.map(|key| key.to_string()).unwrap_or_default();
    let strings = &model.strings().note;
    let edge = model.theme.glyphs.note_edge;
    let texts = [&strings.begun_long, &strings.begun];
    let texts = texts.map(|text| format!(" {edge} {} ", fill(text, &[("key", &key)])));
    let fits = |text: &&String| text::cells(text) <= usize::from(area.width);
    texts.iter().find(fits).map_or(0, |text| put(buf, area, text, model.theme.style(Meaning::NoteEdge)) + 1)
}

/// How long free text is allowed, in at most so many cells with a space on both sides.
pub(crate) fn window(model: &Model, conversation: &Conversation, width: u16) -> Option<(String, Meaning)> {
    let left = conversation.window_until.filter(|until| *until > model.now)?.since(model.now);
    let meaning = if left.as_secs() < 3600 { Meaning::ComposerNear } else { Meaning::Dim };
    let span = span_until(model.strings(), left);
    // Where the sentence does not fit, the time alone is shown rather than half a word.
    let texts = [fill(&model.strings().composer.window_left, &[("span", &span)]), span];
    let text = texts.into_iter().find(|text| text::cells(text) + 2 <= usize::from(width))?;
    Some((text, meaning))
}

/// Characters written and allowed, once the limit is near.
fn count(model: &Model) -> Option<(String, Meaning)> {
    let max = model.open_account()?.capabilities.text_max;
    let written = model.composer.editor.chars() + prefix_chars(model);
    if written + NEAR < max {
        return None;
    }
    let text = fill(&model.strings().composer.count, &[("n", &written.to_string()), ("max", &max.to_string())]);
    Some((text, if written > max { Meaning::ComposerObjection } else { Meaning::ComposerNear }))
}

/// How many characters the line with the agent's name takes, where it stands on top of what goes out.
fn prefix_chars(model: &Model) -> usize {
    let wanted = model.agent_prefix && !model.composer.editor.as_str().trim().is_empty();
    let channel = model.thread.as_ref().filter(|_| wanted).map(|thread| thread.conversation.channel);
    let line = channel.and_then(|channel| agent_line(&model.agent, channel));
    line.map_or(0, |line| line.chars().count() + 1)
}

/// Draws a horizontal line over an area's first row.
fn rule(model: &Model, buf: &mut Buffer, area: Rect, meaning: Meaning) {
    let line = model.theme.glyphs.rule.repeat(usize::from(area.width));
    put(buf, area, &line, model.theme.style(meaning));
}

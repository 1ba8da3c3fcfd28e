//! Draws what is known of a message: how far it came, its ids, the gateway's own words.
//!
//! Invariant: what the gateway said is shown as it said it, cleaned and whole.

use ratatui::buffer::Buffer;

use crate::domain::{AuthorKind, Direction, Message, MessageId};
use crate::text;
use crate::text::Clean;
use crate::tui::app::state::Model;
use crate::tui::i18n::channel;
use crate::tui::i18n::failures::failure;
use crate::tui::i18n::spans::moment;
use crate::tui::theme::styles::Meaning;
use crate::tui::widgets::draw_text::{put, row, skip};
use crate::tui::widgets::panel;

/// The box's width, where there is room.
const WIDTH: u16 = 70;

/// A line: what it is, and what it says there.
type Line = (String, String);

/// How far the details can be scrolled.
pub(crate) fn most_scroll(model: &Model, message: MessageId) -> usize {
    let inside = panel::inside(model, WIDTH, u16::MAX);
    lines(model, message, inside.width).0.len().saturating_sub(usize::from(inside.height))
}

/// Draws the details from a row on.
pub(crate) fn draw(model: &Model, buf: &mut Buffer, message: MessageId, scroll: usize) {
    let (lines, column) = lines(model, message, panel::inside(model, WIDTH, u16::MAX).width);
    let rows = u16::try_from(lines.len()).unwrap_or(u16::MAX);
    let area = panel::open(model, buf, &model.strings().details.title, WIDTH, rows);
    for (y, (label, value)) in (0_u16..).zip(lines.iter().skip(scroll)).take(usize::from(area.height)) {
        put(buf, row(area, y), label, model.theme.style(Meaning::Dim));
        put(buf, skip(row(area, y), column), value, model.theme.style(Meaning::Text));
    }
}

/// The rows at a width, and where values begin.
fn lines(model: &Model, id: MessageId, width: u16) -> (Vec<Line>, u16) {
    let thread = model.thread.as_ref();
    let message = thread.and_then(|thread| thread.entries.iter().map(|e| &e.message).find(|m| m.id == id));
    let Some(message) = message else { return (vec![(model.strings().notices.gone.clone(), String::new())], width) };
    let facts = facts(model, message);
    let widest = facts.iter().map(|(label, _)| text::cells(label)).max().unwrap_or(0);
    let column = u16::try_from(widest + 2).unwrap_or(u16::MAX).min(width / 2);
    let mut rows = Vec::new();
    for (label, value) in facts {
        for (n, line) in text::wrap(&value, width.saturating_sub(column).max(1)).iter().enumerate() {
            let label = if n == 0 { label.clone() } else { String::new() };
            rows.push((label, line.text(&value).trim_end().to_owned()));
        }
    }
    (rows, column)
}

fn facts(model: &Model, message: &Message) -> Vec<Line> {
    let (all, words) = (model.strings(), &model.strings().details);
    let time = |at| moment(all, at, model.now, &model.zone);
    let mut facts = Vec::new();
    let mut say = |label: &String, value: &str| {
        let value = Clean::line(value.trim()).into_string();
        if !value.is_empty() {
            facts.push((label.clone(), value));
        }
    };
    let status = all.status(message.status);
    let inferred = if message.inferred { format!(" ({})", all.thread.inferred) } else { String::new() };
    say(&words.status, &format!("{status}{inferred}"));
    say(&words.author, &author(model, message));
    say(&words.at, &format!("{} ({})", time(message.at), message.at.rfc3339()));
    if let Some(at) = message.retry_at {
        say(&words.retry_at, &time(at));
    }
    if let Some(error) = &message.error {
        let told = failure(model.locale, error, None);
        say(&words.what, &told.what);
        say(&words.remedy, &told.remedy);
        say(&words.said, &error.message);
        say(&words.code, &error.code);
    }
    say(&words.kind, all.kind(message.kind));
    say(&words.way, &format!("{} · {} · {}", message.account, channel(message.channel), message.peer));
    say(&words.remote_id, message.remote_id.as_deref().unwrap_or_default());
    say(&words.id, &message.id.to_string());
    facts
}

fn author(model: &Model, message: &Message) -> String {
    let name = message.author.name.trim();
    match (message.author.kind, message.direction) {
        (AuthorKind::Rule, _) => format!("{name} ({})", model.strings().thread.automatic),
        (_, Direction::In) if name.is_empty() => message.peer.clone(),
        _ => name.to_owned(),
    }
}

//! The thread's pane while no conversation is open: what to do next, with the keys for it.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use crate::text;
use crate::tui::app::state::Model;
use crate::tui::commands::registry::{Command, KeyContext};
use crate::tui::theme::styles::Meaning;
use crate::tui::widgets::draw_text::{put, row, skip};

/// Draws what the thread's pane shows while no conversation is open.
pub(crate) fn draw(model: &Model, buf: &mut Buffer, area: Rect) {
    let strings = &model.strings().thread;
    let keys = [Command::NextUnread, Command::GoTo, Command::Palette, Command::Help];
    let height = 3 + u16::try_from(keys.len()).unwrap_or(4);
    let top = area.height.saturating_sub(height) / 3;
    let inner = Rect { x: area.x + 2, width: area.width.saturating_sub(3), ..area };
    put(buf, row(inner, top), &strings.nothing_open, model.theme.style(Meaning::Strong));
    let mut below = top + 1;
    for line in text::wrap(&strings.nothing_open_more, inner.width.max(1)) {
        let text = line.text(&strings.nothing_open_more).trim_end();
        put(buf, row(inner, below), text, model.theme.style(Meaning::Dim));
        below += 1;
    }
    for (n, command) in (below + 1..).zip(keys) {
        let Some(key) = model.keymap.first_key(KeyContext::Anywhere, command) else { continue };
        put(buf, row(inner, n), &key.to_string(), model.theme.style(Meaning::Key));
        put(buf, skip(row(inner, n), 8), model.strings().command_label(command.id()), model.theme.style(Meaning::Text));
    }
}

//! Draws the conversation list.
//!
//! Invariant: only visible rows are looked at.

use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};

use crate::domain::{Conversation, ConversationState, Status};
use crate::tui::app::state::{Model, Pane};
use crate::tui::i18n::time::{compact_span, stamp};
use crate::tui::theme::styles::Meaning;
use crate::tui::thread::message::preview;
use crate::tui::thread::message::preview::sender_initial;
use crate::tui::widgets::draw_text::{put, put_right, row, skip};

/// Waiting longer than this is shown as long, in seconds.
const LONG_WAIT: u64 = 30 * 60;

/// Draws the list; returns where its cursor stands.
pub(crate) fn draw(model: &Model, buf: &mut Buffer) -> Option<Position> {
    let area = model.areas.list;
    for y in 0..model.areas.wall.height {
        put(buf, row(model.areas.wall, y), model.theme.glyphs.wall, model.theme.style(Meaning::Rule));
    }
    let typed = title(model, buf);
    if area.is_empty() {
        return typed;
    }
    if model.inbox.is_empty() {
        empty(model, buf, area);
        return typed;
    }
    let height = model.inbox.row_height.max(1);
    let mut cursor = None;
    for (n, conversation) in (0_u16..).zip(model.inbox.visible_rows()) {
        let y = n.saturating_mul(height);
        if y >= area.height {
            break;
        }
        let place = Rect { y: area.y + y, height: height.min(area.height - y), ..area };
        if model.inbox.selected == Some(conversation.id) {
            cursor = Some(place.as_position());
        }
        conversation_row(model, buf, place, conversation);
    }
    typed.or(cursor)
}

/// The list's name, or what is typed into its filter.
fn title(model: &Model, buf: &mut Buffer) -> Option<Position> {
    let words = &model.strings().list;
    let focus = model.focus == Pane::List;
    let mut area = skip(model.areas.list_title, 1);
    area.width = area.width.saturating_sub(1);
    if area.is_empty() {
        return None;
    }
    let filter = &model.inbox.filter;
    let (first, _) = model.inbox.visible;
    if first > 0 {
        let above = format!(" {}{first}", model.theme.glyphs.above);
        area = put_right(buf, area, &above, model.theme.style(Meaning::Dim));
    }
    let style = model.theme.style(if focus { Meaning::AccentStrong } else { Meaning::Strong });
    if filter.typing || !filter.text.is_empty() {
        let used = put(buf, area, "/", model.theme.style(Meaning::Key));
        let field = skip(area, used);
        let (shown, at) = filter.text.window(usize::from(field.width));
        put(buf, field, shown, model.theme.style(Meaning::Strong));
        let x = field.x + u16::try_from(at).unwrap_or(0).min(field.width.saturating_sub(1));
        return (filter.typing && focus).then_some(Position::new(x, field.y));
    }
    let name = match filter.state {
        Some(ConversationState::Open) => &words.title_open,
        None => &words.title_all,
        Some(ConversationState::Snoozed) => &words.title_snoozed,
        Some(ConversationState::Resolved) => &words.title_resolved,
    };
    let used = put(buf, area, name, style);
    if filter.unread {
        let more = format!(" {} {}", model.theme.glyphs.dot, words.unread_only);
        put(buf, skip(area, used), &more, model.theme.style(Meaning::ListUnread));
    }
    None
}

fn empty(model: &Model, buf: &mut Buffer, area: Rect) {
    let words = model.strings();
    let filter = &model.inbox.filter;
    let (first, second) = if !model.inbox.ready {
        (&words.app.loading, None)
    } else if !filter.text.is_empty() {
        (&words.list.empty_filter, Some(&words.list.empty_filter_more))
    } else if filter.unread {
        (&words.list.empty_unread, Some(&words.list.empty_filter_more))
    } else {
        (&words.list.empty, Some(&words.list.empty_more))
    };
    let inner = skip(area, 1);
    let mut y = 1;
    for text in [Some(first), second].into_iter().flatten() {
        for line in crate::text::wrap(text, inner.width.max(1)) {
            put(buf, row(inner, y), line.text(text).trim_end(), model.theme.style(Meaning::Dim));
            y += 1;
        }
    }
}

fn conversation_row(model: &Model, buf: &mut Buffer, area: Rect, conversation: &Conversation) {
    let look = &model.theme;
    let chosen = model.inbox.selected == Some(conversation.id);
    let open = model.open_id() == Some(conversation.id);
    let focus = model.focus == Pane::List;
    let edge = if chosen && focus {
        Some((look.glyphs.bar_chosen, Meaning::Selected))
    } else if chosen || open {
        Some((look.glyphs.bar_in, Meaning::SelectedAway))
    } else {
        None
    };
    for y in 0..area.height {
        if let Some((bar, meaning)) = edge {
            put(buf, row(area, y), bar, look.style(meaning));
        }
    }
    let mut top = skip(row(area, 0), 1);
    top.width = top.width.saturating_sub(1);
    if area.height < 2 {
        top = unread(model, buf, top, conversation);
    }
    top = when(model, buf, top, conversation);
    top.width = top.width.saturating_sub(1);
    let (letter, channel) = look.channel(conversation.channel);
    put(buf, skip(top, u16::from(area.height > 1)), letter, look.style(channel));
    let top = skip(top, if area.height > 1 { 3 } else { 2 });
    let name_style = look.style(name_meaning(conversation, chosen && focus));
    let title = Model::title(conversation);
    let title = if conversation.group { format!("#{}", title.as_str()) } else { title.into_string() };
    let mut signs = String::new();
    if conversation.has_draft && area.height < 2 {
        signs.push_str(look.glyphs.draft);
    }
    match conversation.state {
        ConversationState::Open => {}
        ConversationState::Snoozed => signs.push_str(look.glyphs.snoozed),
        ConversationState::Resolved => signs.push_str(look.glyphs.resolved),
    }
    let top =
        if signs.is_empty() { top } else { put_right(buf, top, &format!(" {signs}"), look.style(Meaning::ListDraft)) };
    put(buf, top, &title, name_style);
    if area.height > 1 {
        second_row(model, buf, row(area, 1), conversation);
    }
}

fn name_meaning(conversation: &Conversation, chosen: bool) -> Meaning {
    if chosen {
        Meaning::Selected
    } else if conversation.state != ConversationState::Open {
        Meaning::ListDone
    } else if conversation.unread > 0 {
        Meaning::ListNameUnread
    } else {
        Meaning::ListName
    }
}

/// Account, what was said last (or the draft), how many are unread.
fn second_row(model: &Model, buf: &mut Buffer, area: Rect, conversation: &Conversation) {
    let look = &model.theme;
    let mut area = skip(area, 1);
    area.width = area.width.saturating_sub(1);
    area = unread(model, buf, area, conversation);
    if model.accounts.len() > 1 {
        let short = sender_initial(conversation.account.as_str());
        put(buf, Rect { width: area.width.min(2), ..area }, &short, look.style(Meaning::Dim));
    }
    let mut area = skip(area, 3);
    if conversation.has_draft && model.open_id() != Some(conversation.id) {
        let used = put(buf, area, &format!("{} ", look.glyphs.draft), look.style(Meaning::ListDraft));
        area = skip(area, used);
    }
    if conversation.last_status != Status::Received {
        let (mark, meaning) = look.mark(conversation.last_status);
        let meaning = if conversation.last_status == Status::Failed { Meaning::ListFailed } else { meaning };
        let used = put(buf, area, &format!("{mark} "), look.style(meaning));
        area = skip(area, used);
    }
    let line = preview(model.strings(), conversation.last_kind, &conversation.last_text);
    put(buf, area, &line, look.style(Meaning::ListPreview));
}

fn unread(model: &Model, buf: &mut Buffer, area: Rect, conversation: &Conversation) -> Rect {
    if conversation.unread == 0 {
        return area;
    }
    let count = if conversation.unread > 99 { "99+".to_owned() } else { conversation.unread.to_string() };
    let mut left = put_right(buf, area, &count, model.theme.style(Meaning::ListUnread));
    left.width = left.width.saturating_sub(1);
    left
}

/// How long the customer waits, else when something happened last.
fn when(model: &Model, buf: &mut Buffer, area: Rect, conversation: &Conversation) -> Rect {
    let words = model.strings();
    if let Some(since) = conversation.waiting_since {
        let span = model.now.since(since);
        let meaning = if span.as_secs() >= LONG_WAIT { Meaning::ListWaitingLong } else { Meaning::ListWaiting };
        put_right(buf, area, &compact_span(words, span), model.theme.style(meaning))
    } else {
        let text = stamp(words, conversation.last_at, model.now, &model.zone);
        put_right(buf, area, &text, model.theme.style(Meaning::Dim))
    }
}

/// What stands in the conversation's pane while none is open.
pub(crate) fn nothing_open(model: &Model, buf: &mut Buffer, area: Rect) {
    let words = &model.strings().thread;
    let keys = [
        crate::tui::commands::registry::Command::NextUnread,
        crate::tui::commands::registry::Command::GoTo,
        crate::tui::commands::registry::Command::Palette,
        crate::tui::commands::registry::Command::Help,
    ];
    let height = 3 + u16::try_from(keys.len()).unwrap_or(4);
    let top = area.height.saturating_sub(height) / 3;
    let inner = Rect { x: area.x + 2, width: area.width.saturating_sub(3), ..area };
    put(buf, row(inner, top), &words.nothing_open, model.theme.style(Meaning::Strong));
    let mut below = top + 1;
    for line in crate::text::wrap(&words.nothing_open_more, inner.width.max(1)) {
        let text = line.text(&words.nothing_open_more).trim_end();
        put(buf, row(inner, below), text, model.theme.style(Meaning::Dim));
        below += 1;
    }
    for (n, command) in (below + 1..).zip(keys) {
        let place = crate::tui::commands::registry::KeyContext::Anywhere;
        let Some(key) = model.keymap.first_key(place, command) else { continue };
        put(buf, row(inner, n), &key.to_string(), model.theme.style(Meaning::Key));
        put(buf, skip(row(inner, n), 8), model.strings().command_label(command.id()), model.theme.style(Meaning::Text));
    }
}

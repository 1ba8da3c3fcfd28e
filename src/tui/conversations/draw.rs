//! Draws the conversation list.
//!
//! Invariant: the cost depends on the visible rows only.

use super::count::{view_count, view_name};
use crate::domain::conversation::ConversationOrder;
use crate::domain::{Conversation, ConversationState, Status, Timestamp};
use crate::text;
use crate::text::Clean;
use crate::tui::app::state::{Model, Pane};
use crate::tui::i18n::presence::presence;
use crate::tui::i18n::time::{compact_span, stamp, upcoming};
use crate::tui::theme::styles::Meaning;
use crate::tui::thread::message::preview::preview;
use crate::tui::widgets::draw_text::{put, put_right, row, skip};
use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};

/// From this many seconds on, a wait is shown as a long one.
const LONG_WAIT: u64 = 30 * 60;

/// From this width of the list on, rows have the names of accounts.
const NAMED_FROM: u16 = 44;

/// The longest name of an account that stands in rows.
const LONGEST_NAME: usize = 12;

/// The most labels in a row.
const LABELS: usize = 2;

/// Draws the list and returns its cursor's position.
pub(crate) fn draw(model: &Model, buf: &mut Buffer) -> Option<Position> {
    let area = model.areas.list;
    for y in 0..model.areas.wall.height {
        put(buf, row(model.areas.wall, y), model.theme.glyphs.wall, model.theme.style(Meaning::Rule));
    }
    let filter_cursor = title(model, buf);
    if area.is_empty() {
        return filter_cursor;
    }
    if model.conversations.is_empty() {
        empty(model, buf, area);
        return filter_cursor;
    }
    let list = &model.conversations;
    let mut cursor = None;
    for (index, conversation) in (list.visible.0..).zip(list.visible_rows()) {
        let Some(cell) = lines(model, area, list.line_of(index), list.row_height.max(1)) else { continue };
        if list.selected == Some(conversation.id) {
            cursor = Some(cell.as_position());
        }
        conversation_row(model, buf, cell, conversation);
    }
    rule(model, buf, area);
    filter_cursor.or(cursor)
}

/// The part of the pane that begins with a line of the whole list; `None` outside it. What is cut at the top is not
/// shown at all.
fn lines(model: &Model, area: Rect, line: usize, height: u16) -> Option<Rect> {
    let from_top = i64::try_from(line).ok()? - model.conversations.top_line;
    let y = u16::try_from(from_top).ok().filter(|y| *y < area.height)?;
    Some(Rect { y: area.y + y, height: height.min(area.height - y), ..area })
}

/// Draws the rule between those who wait and the others.
fn rule(model: &Model, buf: &mut Buffer, area: Rect) {
    let list = &model.conversations;
    let above = list.above_rule();
    if above == 0 {
        return;
    }
    let Some(at) = lines(model, area, list.line_of(above) - 1, 1) else { return };
    let strings = &model.strings().list;
    let name = if list.filter.state.is_some() { &strings.answered } else { &strings.others };
    let style = model.theme.style(Meaning::Rule);
    let at = skip(at, 1);
    let used = put(buf, at, &format!("{0}{0} {name} ", model.theme.glyphs.rule), style);
    let rest = skip(at, used);
    put(buf, rest, &model.theme.glyphs.rule.repeat(usize::from(rest.width.saturating_sub(1))), style);
}

/// Draws the list's name or the text of its filter, and returns the cursor's position while that is typed.
fn title(model: &Model, buf: &mut Buffer) -> Option<Position> {
    let strings = &model.strings().list;
    let focus = model.focus == Pane::List;
    let mut area = skip(model.areas.list_title, 1);
    area.width = area.width.saturating_sub(1);
    if area.is_empty() {
        return None;
    }
    let filter = &model.conversations.filter;
    area = above_pane(model, buf, area);
    let style = model.theme.style(if focus { Meaning::AccentStrong } else { Meaning::Strong });
    let name = view_name(model);
    if filter.typing || !filter.text.is_empty() {
        let used = put(buf, area, &format!("{name} "), style);
        area = skip(area, used);
        let used = put(buf, area, "/", model.theme.style(Meaning::Key));
        let field = skip(area, used);
        let (shown, at) = filter.text.window(usize::from(field.width));
        put(buf, field, shown, model.theme.style(Meaning::Strong));
        let x = field.x + u16::try_from(at).unwrap_or(0).min(field.width.saturating_sub(1));
        return (filter.typing && focus).then_some(Position::new(x, field.y));
    }
    let counted = view_count(model).map_or_else(|| name.to_owned(), |count| format!("{name} {count}"));
    let part = |text: &str| format!(" {} {text}", model.theme.glyphs.dot);
    let unread = if filter.unread { part(&strings.unread_only) } else { String::new() };
    let [long, short] = match filter.order {
        ConversationOrder::Queue => [&strings.longest_first, &strings.longest],
        ConversationOrder::Activity => [&strings.newest_first, &strings.newest],
    };
    // Half a word says nothing: the order is said more shortly, then the number gives way to it, then it does.
    let [long, short, none] = [part(long), part(short), String::new()];
    let forms = [(counted.as_str(), &long), (&counted, &short), (name, &short), (&counted, &none)];
    let fits = |(name, order): &(&str, &String)| {
        text::cells(name) + text::cells(&unread) + text::cells(order) <= usize::from(area.width)
    };
    let (name, order) = forms.into_iter().find(fits).unwrap_or((name, &none));
    area = skip(area, put(buf, area, name, style));
    area = skip(area, put(buf, area, &unread, model.theme.style(Meaning::ListUnread)));
    put(buf, area, order, model.theme.style(Meaning::Dim));
    None
}

/// Draws how many rows are above the pane; returns what is left of the title.
fn above_pane(model: &Model, buf: &mut Buffer, area: Rect) -> Rect {
    let list = &model.conversations;
    let cut = i64::try_from(list.line_of(list.visible.0)).is_ok_and(|line| line < list.top_line);
    let above = list.visible.0 + usize::from(cut);
    if above == 0 {
        return area;
    }
    // How many the store has above the loaded ones is not known.
    let count = if list.more_above { String::new() } else { above.to_string() };
    put_right(buf, area, &format!(" {}{count}", model.theme.glyphs.above), model.theme.style(Meaning::Dim))
}

fn empty(model: &Model, buf: &mut Buffer, area: Rect) {
    let strings = model.strings();
    let filter = &model.conversations.filter;
    let (first, second) = if !model.conversations.ready {
        (&strings.app.loading, None)
    } else if !filter.text.is_empty() || (filter.view.is_some() && !filter.unread) {
        (&strings.list.empty_filter, Some(&strings.list.empty_filter_more))
    } else if filter.unread {
        (&strings.list.empty_unread, Some(&strings.list.empty_filter_more))
    } else {
        (&strings.list.empty, Some(&strings.list.empty_more))
    };
    let inner = skip(area, 1);
    let mut y = 1;
    for text in [Some(first), second].into_iter().flatten() {
        for line in text::wrap(text, inner.width.max(1)) {
            put(buf, row(inner, y), line.text(text).trim_end(), model.theme.style(Meaning::Dim));
            y += 1;
        }
    }
}

fn conversation_row(model: &Model, buf: &mut Buffer, area: Rect, conversation: &Conversation) {
    let theme = &model.theme;
    let selected = model.conversations.selected == Some(conversation.id);
    let open = model.open_id() == Some(conversation.id);
    let focus = model.focus == Pane::List;
    let edge = if selected && focus {
        Some((theme.glyphs.bar_chosen, Meaning::Selected))
    } else if selected || open {
        Some((theme.glyphs.bar_in, Meaning::SelectedAway))
    } else {
        None
    };
    for y in 0..area.height {
        if let Some((bar, meaning)) = edge {
            put(buf, row(area, y), bar, theme.style(meaning));
        }
    }
    let mut top = skip(row(area, 0), 1);
    top.width = top.width.saturating_sub(1);
    if area.height < 2 {
        top = unread(model, buf, top, conversation);
    }
    top = when(model, buf, top, conversation);
    top.width = top.width.saturating_sub(1);
    let (letter, channel) = theme.channel(conversation.channel);
    // The last row of the pane may be cut; it stands under the others all the same.
    let tall = u16::from(model.conversations.row_height > 1);
    put(buf, skip(top, tall), letter, theme.style(channel));
    let top = skip(top, 2 + tall);
    let name_style = theme.style(name_meaning(conversation, selected && focus));
    let title = Model::title(conversation, model.country());
    let title = if conversation.group { format!("#{}", title.as_str()) } else { title.into_string() };
    let mut signs = String::new();
    if conversation.draft.is_some() && area.height < 2 {
        signs.push_str(theme.glyphs.draft);
    }
    if !model.begun.note(conversation.id).is_empty() {
        signs.push_str(theme.glyphs.note_edge);
    }
    // Half a time is none: the day alone where there is no room for both, and none before the name is cut.
    let mut timed = |sign: &str, at: Option<Timestamp>| {
        signs.push_str(sign);
        let fits =
            |time: &String| text::cells(&title) + text::cells(&signs) + text::cells(time) + 2 <= usize::from(top.width);
        let times = at.map(|at| [upcoming, stamp].map(|words| words(model.strings(), at, model.now, &model.zone)));
        if let Some(time) = times.into_iter().flatten().find(fits) {
            signs.push(' ');
            signs.push_str(&time);
        }
    };
    if let Some(at) = conversation.scheduled_at {
        timed(theme.glyphs.queued, Some(at));
    }
    match conversation.state {
        ConversationState::Open => {}
        ConversationState::Snoozed => timed(theme.glyphs.snoozed, conversation.snoozed_until),
        ConversationState::Resolved => signs.push_str(theme.glyphs.resolved),
    }
    let top =
        if signs.is_empty() { top } else { put_right(buf, top, &format!(" {signs}"), theme.style(Meaning::ListDraft)) };
    let name_cells = u16::try_from(text::cells(&title)).unwrap_or(u16::MAX);
    team(model, buf, top, name_cells, conversation);
    put(buf, top, &title, name_style);
    if area.height > 1 {
        second_row(model, buf, row(area, 1), conversation);
    }
}

/// Draws who deals with it and its labels at the right of the name, each only where the name
/// keeps its place.
fn team(model: &Model, buf: &mut Buffer, area: Rect, name_cells: u16, conversation: &Conversation) {
    let assignee = conversation.assignee.as_deref().and_then(Clean::name).map(|name| format!("@{}", name.as_str()));
    let labels = conversation.labels.iter().take(LABELS).map(|label| format!("#{}", Clean::line(label).as_str()));
    let facts =
        (assignee.into_iter().map(|text| (text, Meaning::Assignee))).chain(labels.map(|text| (text, Meaning::Label)));
    let mut area = area;
    for (text, meaning) in facts {
        let text = format!(" {text}");
        // A name or label that is cut might be another one.
        if text::cells(&text) + usize::from(name_cells) <= usize::from(area.width) {
            area = put_right(buf, area, &text, model.theme.style(meaning));
        }
    }
}

fn name_meaning(conversation: &Conversation, selected: bool) -> Meaning {
    if selected {
        Meaning::Selected
    } else if conversation.state != ConversationState::Open {
        Meaning::ListDone
    } else if conversation.unread > 0 {
        Meaning::ListNameUnread
    } else {
        Meaning::ListName
    }
}

/// Draws the account, the last message or the sign of a draft, and the number of unread messages.
fn second_row(model: &Model, buf: &mut Buffer, area: Rect, conversation: &Conversation) {
    let theme = &model.theme;
    let mut area = skip(area, 1);
    area.width = area.width.saturating_sub(1);
    area = unread(model, buf, area, conversation);
    let mut area = account(model, buf, area, conversation.account.as_str());
    // That somebody answers just now says more than what there is to answer.
    if conversation.presence.iter().any(|present| present.writing) {
        let sentences = presence(&model.strings().team, &conversation.presence);
        if let Some(text) = sentences.first() {
            put(buf, area, text, model.theme.style(Meaning::Presence));
        }
        return;
    }
    let failed = matches!(conversation.last_status, Status::Failed | Status::Unsure);
    if let Some(draft) = conversation.draft.as_deref().filter(|_| model.open_id() != Some(conversation.id)) {
        let used = put(buf, area, &format!("{} ", theme.glyphs.draft), theme.style(Meaning::ListDraft));
        area = skip(area, used);
        if !failed {
            put(buf, area, Clean::line(draft).as_str(), theme.style(Meaning::ListPreview));
            return;
        }
    }
    // The question that nobody has answered says more than the fifth "Hello?" after it.
    if let Some(kind) = conversation.waiting_kind.filter(|_| conversation.is_waiting() && !failed) {
        let line = preview(model.strings(), kind, &conversation.waiting_text);
        put(buf, area, &line, theme.style(Meaning::ListPreview));
        return;
    }
    if conversation.last_status != Status::Received {
        let (mark, meaning) = theme.mark(conversation.last_status);
        let meaning = if conversation.last_status == Status::Failed { Meaning::ListFailed } else { meaning };
        let used = put(buf, area, &format!("{mark} "), theme.style(meaning));
        area = skip(area, used);
    }
    let line = preview(model.strings(), conversation.last_kind, &conversation.last_text);
    put(buf, area, &line, theme.style(Meaning::ListPreview));
}

/// Draws whose account it is, where there are several: its name where the list is wide, else its three letters. Returns
/// what is left of the area.
fn account(model: &Model, buf: &mut Buffer, area: Rect, name: &str) -> Rect {
    let several = model.accounts.len() > 1;
    let longest = model.account_marks.all().map(|(name, _)| text::cells(name)).max().unwrap_or(0);
    let by_name = several && model.areas.list.width >= NAMED_FROM && longest <= LONGEST_NAME;
    let column = u16::try_from(if by_name { longest } else { 3 }).unwrap_or(area.width).min(area.width);
    if several {
        let label = if by_name { name.to_owned() } else { model.account_marks.of(name) };
        put(buf, Rect { width: column, ..area }, &label, model.theme.style(Meaning::Dim));
    }
    skip(area, column + 1)
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

/// Draws what the list is ordered by: how long the customer has waited, or when something happened last.
fn when(model: &Model, buf: &mut Buffer, area: Rect, conversation: &Conversation) -> Rect {
    let strings = model.strings();
    let by_waiting = model.conversations.filter.order == ConversationOrder::Queue && conversation.is_waiting();
    if let Some(since) = conversation.waiting_since.filter(|_| by_waiting) {
        let span = model.now.since(since);
        let meaning = if span.as_secs() >= LONG_WAIT { Meaning::ListWaitingLong } else { Meaning::ListWaiting };
        put_right(buf, area, &compact_span(strings, span), model.theme.style(meaning))
    } else {
        let text = stamp(strings, conversation.last_order, model.now, &model.zone);
        let meaning = if conversation.is_waiting() { Meaning::ListWaiting } else { Meaning::Dim };
        put_right(buf, area, &text, model.theme.style(meaning))
    }
}

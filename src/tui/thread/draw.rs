//! Draws the thread: the title and the rows that were measured.
//!
//! Invariant: no message is rendered here.

use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};

use super::message::render::RenderedMessage;
use super::placeholder;
use super::state::{Entry, Thread, VisibleRows};
use crate::domain::{Conversation, ConversationState};
use crate::text;
use crate::text::Clean;
use crate::tui::app::state::{Model, Pane};
use crate::tui::composer;
use crate::tui::i18n;
use crate::tui::i18n::fill;
use crate::tui::previews::preview::{Preview, request};
use crate::tui::theme::styles::Meaning;
use crate::tui::widgets::draw_text::{put, put_right, row, skip};
use crate::tui::widgets::half_blocks;

/// Draws the thread and returns its cursor's position.
pub(crate) fn draw(model: &Model, buf: &mut Buffer) -> Option<Position> {
    let area = model.areas.thread;
    if area.is_empty() {
        return None;
    }
    let Some(thread) = &model.thread else {
        placeholder::draw(model, buf, area);
        return None;
    };
    title(model, buf, &thread.conversation);
    facts_line(model, buf, &thread.conversation);
    let inner = Rect { x: area.x + 1, width: area.width.saturating_sub(2), ..area };
    if thread.entries.is_empty() {
        put(buf, row(inner, area.height / 3), &model.strings().thread.no_messages, model.theme.style(Meaning::Dim));
        return Some(inner.as_position());
    }
    let cursor = messages(model, buf, inner, thread);
    if thread.reading && thread.older && thread.viewport.visible.first().is_some_and(|s| s.index == 0) {
        put(buf, row(inner, 0), &model.strings().thread.older_loading, model.theme.style(Meaning::Dim));
    }
    if model.areas.composer_title.is_empty()
        && let Some((text, meaning)) = hint_below(model, thread)
    {
        put_right(buf, row(inner, area.height - 1), &format!(" {text}"), model.theme.style(meaning));
    }
    cursor
}

/// The hint that there is more below the visible part.
pub(crate) fn hint_below(model: &Model, thread: &Thread) -> Option<(String, Meaning)> {
    let strings = &model.strings().thread;
    if thread.viewport.at_bottom && !thread.newer {
        return None;
    }
    Some(if thread.unseen_below > 0 {
        (fill(&strings.new_below, &[("n", &thread.unseen_below.to_string())]), Meaning::ListUnread)
    } else {
        (strings.more_below.clone(), Meaning::Dim)
    })
}

fn messages(model: &Model, buf: &mut Buffer, area: Rect, thread: &Thread) -> Option<Position> {
    let mut cursor = None;
    for visible in &thread.viewport.visible {
        let Some(entry) = thread.entries.get(visible.index) else { continue };
        let Some((_, rendered)) = &entry.rendered else { continue };
        let selected = thread.selected == Some(entry.message.id);
        let rows = rendered.rows.iter().enumerate().skip(visible.first).take(visible.count);
        for (y, (index, line)) in (visible.y..).zip(rows) {
            if y >= area.height {
                break;
            }
            buf.set_line(area.x, area.y + y, line, area.width);
            if selected && index >= rendered.head {
                let edge = Position::new(area.x + rendered.edge.min(area.width.saturating_sub(1)), area.y + y);
                if model.focus == Pane::Thread {
                    let at = Rect { x: edge.x, y: edge.y, width: 1, height: 1 };
                    put(buf, at, model.theme.glyphs.bar_chosen, model.theme.style(Meaning::Selected));
                }
                cursor.get_or_insert(edge);
            }
        }
        preview(model, buf, area, entry, visible);
    }
    cursor
}

/// Draws the visible rows of a message's preview, if that is made and a picture.
fn preview(model: &Model, buf: &mut Buffer, area: Rect, entry: &Entry, visible: &VisibleRows) {
    let Some((_, RenderedMessage { preview: Some(place), .. })) = &entry.rendered else { return };
    let Some(request) = request(&entry.message, Some(place.size)) else { return };
    let Some(Preview::Picture { pixels, .. }) = model.previews.get(&request.key) else { return };
    let from = place.row.max(visible.first);
    let end = (place.row + usize::from(place.size.rows)).min(visible.first + visible.count);
    if from >= end {
        return;
    }
    let narrow = |n: usize| u16::try_from(n).unwrap_or(u16::MAX);
    let (y, x) = (area.y + visible.y + narrow(from - visible.first), area.x + place.column);
    let at = Rect { x, y, width: place.size.columns, height: narrow(end - from) };
    half_blocks::draw(&model.theme, buf, at.intersection(area), pixels, narrow(from - place.row));
}

/// Draws the labels, and how long free text is allowed, under the name.
fn facts_line(model: &Model, buf: &mut Buffer, conversation: &Conversation) {
    let theme = &model.theme;
    let mut area = skip(model.areas.thread_facts, 1);
    area.width = area.width.saturating_sub(1);
    if area.is_empty() {
        return;
    }
    if let Some((text, meaning)) = composer::draw::window(model, conversation, area.width) {
        area = put_right(buf, area, &format!(" {text}"), theme.style(meaning));
    }
    for label in &conversation.labels {
        let label = format!("#{} ", Clean::line(label).as_str());
        // A label that is cut might be another one.
        if text::cells(&label) > usize::from(area.width) {
            put(buf, area, theme.glyphs.more, theme.style(Meaning::Dim));
            break;
        }
        area = skip(area, put(buf, area, &label, theme.style(Meaning::Label)));
    }
}

fn title(model: &Model, buf: &mut Buffer, conversation: &Conversation) {
    let strings = model.strings();
    let theme = &model.theme;
    let mut area = skip(model.areas.thread_title, 1);
    area.width = area.width.saturating_sub(1);
    let state = match conversation.state {
        ConversationState::Open => None,
        ConversationState::Snoozed => Some((theme.glyphs.snoozed, &strings.list.title_snoozed)),
        ConversationState::Resolved => Some((theme.glyphs.resolved, &strings.list.title_resolved)),
    };
    if let Some((sign, word)) = state {
        area = put_right(buf, area, &format!(" {sign} {word}"), theme.style(Meaning::ListDone));
    }
    let focus = model.focus == Pane::Thread;
    let name_style = theme.style(if focus { Meaning::AccentStrong } else { Meaning::Strong });
    let name = Model::title(conversation, model.country());
    // The name leaves room for the channel.
    let room = area.width.saturating_sub(12).max(area.width / 2);
    let used = put(buf, Rect { width: room, ..area }, name.as_str(), name_style);
    let area = skip(area, used + 2);
    let (_, channel) = theme.channel(conversation.channel);
    let used = put(buf, area, i18n::channel(conversation.channel), theme.style(channel));
    let mut facts = vec![conversation.account.to_string()];
    if conversation.group {
        facts.push(strings.thread.group.clone());
    } else if Clean::name(&conversation.name).is_some() {
        facts.push(Model::peer(conversation, model.country()).into_string());
    }
    facts.extend(conversation.assignee.as_deref().and_then(Clean::name).map(|name| format!("@{}", name.as_str())));
    if conversation.no_marketing {
        facts.push(strings.thread.no_marketing.clone());
    }
    if model.areas.thread_facts.is_empty() {
        facts.extend(conversation.labels.iter().map(|l| Clean::line(l).into_string()));
    }
    let mut area = skip(area, used);
    for fact in facts {
        let piece = [" ", theme.glyphs.dot, " ", &fact].concat();
        // A number that is cut is none: what does not fit is left out.
        if text::cells(&piece) > usize::from(area.width) {
            continue;
        }
        let used = put(buf, area, &piece, theme.style(Meaning::Dim));
        area = skip(area, used);
    }
}

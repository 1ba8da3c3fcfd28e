//! Measures the thread: which rows of which messages are visible.
//!
//! Invariant: a message is rendered only when it may be visible, and what arrives moves nothing that is being read.

use super::message::context::{Context, Decorations, NoteRun};
use super::message::notes::cause;
use super::message::render::{RenderKey, render};
use super::previews;
use super::state::{Anchor, PAGE, Thread, VisibleRows};
use crate::config::Locale;
use crate::domain::message::MessageRange;
use crate::domain::{Channel, Conversation, Direction, Kind, Message, MessageId, Timestamp};
use crate::tui::app::state::Model;
use crate::tui::effect::{Effect, Read, Write};
use crate::tui::i18n::time::{Day, day_of};
use crate::tui::previews::cache::Previews;
use crate::tui::previews::playback::Playback;
use crate::tui::previews::preview::request;
use crate::tui::theme::Theme;
use jiff::tz::TimeZone;

/// How close to an end of the loaded messages the view gets before the next page is read.
const AHEAD: usize = 12;

/// Messages of one author further apart than this get an empty row between them, in milliseconds.
const PAUSE_MS: i64 = 30 * 60 * 1000;

/// The most messages with the same cause that are counted.
const MOST_COUNTED: usize = 99;

/// Measures the visible rows, reads a page that will soon be needed, and reports the newest message as seen when a
/// person sees it.
pub(crate) fn layout(model: &mut Model, effects: &mut Vec<Effect>) {
    let area = model.areas.thread;
    let Some(mut thread) = model.thread.take() else { return };
    let mut visible = Vec::new();
    if area.height > 0 && area.width > 0 {
        let measure = Measure {
            locale: model.locale,
            theme: &model.theme,
            zone: &model.zone,
            agent: &model.agent,
            width: area.width.saturating_sub(2).max(4),
            height: usize::from(area.height),
            today: day_of(model.now, &model.zone),
            airy: model.areas.airy,
            phone: has_phone(model, &thread.conversation),
            previews: &model.previews,
            playback: model.playback.as_ref(),
            now: model.now,
            window_rows: model.size.1,
        };
        thread.reactions.refresh(thread.entries.iter().map(|entry| &entry.message));
        measure.set_viewport(&mut thread);
        visible = previews::visible(&thread);
        read_missing_page(&mut thread, effects);
        if thread.viewport.at_bottom && !thread.newer {
            thread.unseen_below = 0;
            if model.is_thread_watched() {
                report_seen(&mut thread, effects);
            }
        }
    } else {
        thread.viewport.at_bottom = false;
    }
    model.thread = Some(thread);
    effects.extend(model.previews.ask(visible.into_iter()));
}

/// Whether the messages of a conversation can be seen on a phone too.
fn has_phone(model: &Model, conversation: &Conversation) -> bool {
    let account = model.account(&conversation.account);
    conversation.channel == Channel::WhatsApp && account.is_some_and(|account| account.capabilities.phone)
}

fn report_seen(thread: &mut Thread, effects: &mut Vec<Effect>) {
    // Ids follow the order of arrival; one that waits for its time stands last and came before others.
    let Some(message) = thread.entries.iter().map(|entry| entry.message.id).max() else { return };
    if thread.conversation.unread > 0 && thread.reported_seen != Some(message) {
        thread.reported_seen = Some(message);
        effects.push(Effect::Write(Write::MarkSeen { conversation: thread.id(), message }));
    }
}

fn read_missing_page(thread: &mut Thread, effects: &mut Vec<Effect>) {
    if thread.reading {
        return;
    }
    let first = thread.viewport.visible.first().map_or(0, |s| s.index);
    let last = thread.viewport.visible.last().map_or(0, |s| s.index);
    let window = if thread.newer && thread.anchor == Anchor::Bottom {
        Some(MessageRange::Newest)
    } else if thread.newer && last + AHEAD >= thread.entries.len() {
        Some(thread.newest().map_or(MessageRange::Newest, |m| MessageRange::After(m.order)))
    } else if thread.older && first < AHEAD {
        thread.entries.first().map(|e| MessageRange::Before(e.message.order))
    } else {
        None
    };
    if let Some(window) = window {
        thread.reading = true;
        effects.push(Effect::Read(Read::Messages { conversation: thread.id(), window, limit: PAGE }));
    }
}

/// Anchors the view where it is, so that arrivals do not move it once an earlier message is selected.
pub(crate) fn pin_view(thread: &mut Thread) {
    if thread.anchor != Anchor::Bottom {
        return;
    }
    let Some(rows) = thread.viewport.visible.first().copied() else { return };
    if let Some(anchor) = anchor_at(thread, rows.index, rows.first) {
        thread.anchor = anchor;
    }
}

/// The anchor that makes this row the topmost one.
fn anchor_at(thread: &Thread, index: usize, row: usize) -> Option<Anchor> {
    let entry = thread.entries.get(index)?;
    let head = entry.rendered.as_ref().map_or(0, |(_, rendered)| rendered.head);
    let row = i32::try_from(row).ok()?.saturating_sub(i32::try_from(head).ok()?);
    Some(Anchor::Top { message: entry.message.id, row })
}

/// What the measures of a thread depend on beside the thread itself.
struct Measure<'a> {
    locale: Locale,
    theme: &'a Theme,
    zone: &'a TimeZone,
    agent: &'a str,
    width: u16,
    height: usize,
    today: Day,
    airy: bool,
    phone: bool,
    previews: &'a Previews,
    playback: Option<&'a Playback>,
    now: Timestamp,
    window_rows: u16,
}

impl Measure<'_> {
    fn set_viewport(&self, thread: &mut Thread) {
        let mut visible = self.anchored(thread);
        let scroll = std::mem::take(&mut thread.scroll_by);
        if scroll != 0 {
            visible = self.scrolled(thread, &visible, scroll);
        }
        if std::mem::take(&mut thread.reveal_selected)
            && let Some(better) = self.revealing_selected(thread, &visible)
        {
            visible = better;
        }
        let mut y = self.height - visible.iter().map(|s| s.count).sum::<usize>().min(self.height);
        for rows in &mut visible {
            rows.y = u16::try_from(y).unwrap_or(u16::MAX);
            y += rows.count;
        }
        thread.viewport.at_bottom = visible.last().is_none_or(|s| {
            s.index + 1 == thread.entries.len() && s.first + s.count == self.height_of(thread, s.index)
        });
        thread.viewport.visible = visible;
        self.select_visible(thread, scroll);
        fix_anchor(thread);
    }

    /// The visible rows as the anchor says.
    fn anchored(&self, thread: &mut Thread) -> Vec<VisibleRows> {
        if let Anchor::Top { message, row } = thread.anchor
            && let Some(index) = thread.index_of(message)
        {
            let height = self.height_of(thread, index);
            let head = self.head_of(thread, index);
            let row = usize::try_from(row.saturating_add(head)).unwrap_or(0).min(height.saturating_sub(1));
            return self.downwards(thread, index, row);
        }
        let last = thread.entries.len();
        self.upwards(thread, last, 0)
    }

    /// Rows from this one on downwards; when they do not fill the pane, rows that end at the newest message.
    fn downwards(&self, thread: &mut Thread, from: usize, row: usize) -> Vec<VisibleRows> {
        let mut visible = Vec::new();
        let mut free = self.height;
        let mut first = row;
        for index in from..thread.entries.len() {
            let count = self.height_of(thread, index).saturating_sub(first).min(free);
            if count > 0 {
                visible.push(VisibleRows { index, first, count, y: 0 });
            }
            free -= count;
            first = 0;
            if free == 0 {
                return visible;
            }
        }
        let last = thread.entries.len();
        self.upwards(thread, last, 0)
    }

    /// Rows that end before row `end` of message `below` (which may be one past the last).
    fn upwards(&self, thread: &mut Thread, below: usize, end: usize) -> Vec<VisibleRows> {
        let mut visible = Vec::new();
        let mut free = self.height;
        if end > 0 {
            let count = end.min(free);
            visible.push(VisibleRows { index: below, first: end - count, count, y: 0 });
            free -= count;
        }
        for index in (0..below).rev() {
            if free == 0 {
                break;
            }
            let height = self.height_of(thread, index);
            let count = height.min(free);
            visible.push(VisibleRows { index, first: height - count, count, y: 0 });
            free -= count;
        }
        visible.reverse();
        visible
    }

    /// The rows after scrolling; down is positive.
    fn scrolled(&self, thread: &mut Thread, visible: &[VisibleRows], by: i32) -> Vec<VisibleRows> {
        let distance = usize::try_from(by.unsigned_abs()).unwrap_or(0);
        let shown: usize = visible.iter().map(|s| s.count).sum();
        let Some(top) = visible.first().copied().filter(|_| shown == self.height) else { return visible.to_vec() };
        let (mut index, mut row, mut left) = (top.index, top.first, distance);
        if by < 0 {
            while left > row && index > 0 {
                left -= row;
                index -= 1;
                row = self.height_of(thread, index);
            }
            row = row.saturating_sub(left);
        } else {
            while index + 1 < thread.entries.len() {
                let rest = self.height_of(thread, index).saturating_sub(row);
                if left < rest {
                    break;
                }
                left -= rest;
                index += 1;
                row = 0;
            }
            row = (row + left).min(self.height_of(thread, index).saturating_sub(1));
        }
        self.downwards(thread, index, row)
    }

    /// The rows that show the selected message, unless these do.
    fn revealing_selected(&self, thread: &mut Thread, visible: &[VisibleRows]) -> Option<Vec<VisibleRows>> {
        let index = thread.index_of(thread.selected?)?;
        let height = self.height_of(thread, index);
        let head = usize::try_from(self.head_of(thread, index)).unwrap_or(0);
        let body = height - head;
        let current = visible.iter().find(|s| s.index == index);
        let shown_whole = current.is_some_and(|s| s.first <= head && s.first + s.count == height);
        if shown_whole || (body > self.height && current.is_some_and(|s| s.first <= head && s.count == self.height)) {
            return None;
        }
        let above = visible.first().is_none_or(|s| index < s.index || (index == s.index && s.first > head));
        if above || body >= self.height {
            let row = if height <= self.height { 0 } else { head };
            Some(self.downwards(thread, index, row))
        } else {
            Some(self.upwards(thread, index, height))
        }
    }

    /// Selects a visible message if the selected one is not.
    fn select_visible(&self, thread: &mut Thread, scroll: i32) {
        let selected = thread.selected.and_then(|id| thread.index_of(id));
        let shows_body = |thread: &mut Thread, rows: &VisibleRows| {
            let head = usize::try_from(self.head_of(thread, rows.index)).unwrap_or(0);
            rows.first + rows.count > head
        };
        let visible = thread.viewport.visible.clone();
        let current = visible.iter().find(|s| Some(s.index) == selected).copied();
        if current.is_some_and(|s| shows_body(thread, &s)) && !(scroll > 0 && thread.viewport.at_bottom) {
            return;
        }
        let from_end = scroll > 0 || (thread.anchor == Anchor::Bottom && scroll == 0);
        let found = if from_end {
            visible.iter().rev().find(|s| shows_body(thread, s))
        } else {
            visible.iter().find(|s| shows_body(thread, s))
        };
        if let Some(entry) = found.or(visible.last()).and_then(|s| thread.entries.get(s.index)) {
            thread.selected = Some(entry.message.id);
        }
    }

    fn height_of(&self, thread: &mut Thread, index: usize) -> usize {
        self.render(thread, index);
        thread.entries.get(index).and_then(|e| e.rendered.as_ref()).map_or(0, |(_, rendered)| rendered.height())
    }

    fn head_of(&self, thread: &mut Thread, index: usize) -> i32 {
        self.render(thread, index);
        let head = thread.entries.get(index).and_then(|e| e.rendered.as_ref()).map_or(0, |(_, rendered)| rendered.head);
        i32::try_from(head).unwrap_or(0)
    }

    /// Renders a message unless that is done already.
    fn render(&self, thread: &mut Thread, index: usize) {
        let Some(entry) = thread.entries.get(index) else { return };
        let message = &entry.message;
        let previous = index.checked_sub(1).and_then(|i| thread.entries.get(i)).map(|e| &e.message);
        let decorations = Decorations { notes: note_run(thread, index), ..self.decorations(thread, message, previous) };
        let selected = thread.selected == Some(message.id);
        let preview_size = previews::place(entry, selected, self.theme, self.width, self.window_rows);
        let preview = request(message, preview_size).and_then(|request| self.previews.get(&request.key));
        let key = RenderKey {
            revision: message.revision,
            status: message.status,
            width: self.width,
            today: self.today,
            decorations,
            phone: self.phone,
            preview_size,
            has_preview: preview.is_some(),
            progress: self.playback.and_then(|playing| playing.progress_of(message.id, self.now)),
            reactions: thread.reactions.on(message).map(str::to_owned),
        };
        if entry.rendered.as_ref().is_some_and(|(rendered_for, _)| *rendered_for == key) {
            return;
        }
        let quoted = decorations.quoted.and_then(|id| thread.index_of(id)).and_then(|i| thread.entries.get(i));
        let context = Context {
            locale: self.locale,
            theme: self.theme,
            zone: self.zone,
            width: self.width,
            today: self.today,
            decorations,
            quoted: quoted.map(|e| &e.message),
            agent: self.agent,
            phone: self.phone,
            group: thread.conversation.group,
            preview_size,
            preview,
            progress: key.progress,
            reactions: key.reactions.as_deref(),
        };
        let rendered = render(message, &context);
        if let Some(entry) = thread.entries.get_mut(index) {
            entry.rendered = Some((key, rendered));
        }
    }

    fn decorations(&self, thread: &Thread, message: &Message, previous: Option<&Message>) -> Decorations {
        let day = day_of(message.at, self.zone);
        let shows_day = previous.is_none_or(|p| day_of(p.at, self.zone) != day);
        let divider = thread.divider.is_some_and(|first| match previous {
            Some(previous) => previous.order < first && first <= message.order,
            None => message.order == first || (first < message.order && !thread.older),
        });
        let other = previous
            .is_none_or(|p| p.direction != message.direction || p.author != message.author || p.kind == Kind::System);
        let pause = previous.is_some_and(|p| message.at.millis() - p.at.millis() > PAUSE_MS);
        Decorations {
            shows_day,
            divider,
            gap: self.airy && previous.is_some() && !shows_day && !divider && (other || pause),
            shows_sender: thread.conversation.group && message.direction == Direction::In && (other || shows_day),
            quoted: quoted(thread, message),
            notes: NoteRun::default(),
        }
    }
}

/// Where a message stands among its neighbours with the same cause for a note.
fn note_run(thread: &Thread, index: usize) -> NoteRun {
    let cause_at = |index: usize| thread.entries.get(index).and_then(|entry| cause(&entry.message));
    let own = cause_at(index);
    if own.is_none() {
        return NoteRun::default();
    }
    if cause_at(index + 1) == own {
        return NoteRun::Covered;
    }
    let before = (0..index).rev().take(MOST_COUNTED).take_while(|before| cause_at(*before) == own).count();
    NoteRun::Last(u16::try_from(before + 1).unwrap_or(u16::MAX))
}

/// Sets the anchor to where the view now is.
fn fix_anchor(thread: &mut Thread) {
    let newest = thread.newest().map(|m| m.id);
    if thread.viewport.at_bottom && !thread.newer && thread.selected == newest {
        thread.anchor = Anchor::Bottom;
    } else if let Some(rows) = thread.viewport.visible.first().copied()
        && (thread.anchor != Anchor::Bottom || !thread.newer)
        && let Some(anchor) = anchor_at(thread, rows.index, rows.first)
    {
        thread.anchor = anchor;
    }
}

/// The loaded message that this one answers or reacts to.
fn quoted(thread: &Thread, message: &Message) -> Option<MessageId> {
    let name = if message.kind == Kind::Reaction { "message" } else { "reply_to" };
    let remote = message.payload.as_ref()?.get(name)?.as_str()?;
    thread.find_remote(remote).map(|m| m.id)
}

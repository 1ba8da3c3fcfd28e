//! Measures the conversation: which rows of which messages are visible.
//!
//! Invariant: a message's rows are made only when they may be visible, and what arrives moves nothing that is read.

use crate::tui::effect::{Read, Write};
use jiff::tz::TimeZone;

use super::message;
use super::message::Context;
use super::state::PAGE;
use super::state::{Anchor, BlockKey, Setting, Slice, Thread};
use crate::config::Locale;
use crate::domain::{Direction, Kind, Message, MessageId};
use crate::tui::app::state::{Model, Pane};
use crate::tui::effect::{Effect, Window};
use crate::tui::i18n::time::{Day, day_of};
use crate::tui::theme::Theme;

/// Messages closer to an end of what is loaded than this ask for the next page.
const AHEAD: usize = 12;

/// Messages of one author further apart than this get an empty row between them.
const PAUSE_MS: i64 = 30 * 60 * 1000;

pub(crate) fn layout(model: &mut Model, effects: &mut Vec<Effect>) {
    let area = model.areas.thread;
    let Some(mut thread) = model.thread.take() else { return };
    if area.height > 0 && area.width > 0 {
        let frame = Frame {
            locale: model.locale,
            theme: &model.theme,
            zone: &model.zone,
            agent: &model.agent,
            width: area.width.saturating_sub(2).max(4),
            height: usize::from(area.height),
            today: day_of(model.now, &model.zone),
            airy: model.areas.airy,
        };
        frame.place(&mut thread);
        ask_for_pages(&mut thread, effects);
        if thread.sight.at_bottom && !thread.newer {
            thread.fresh = 0;
            let watched = model.watched && model.focus != Pane::List && model.overlays.is_empty();
            if watched {
                tell_seen(&mut thread, effects);
            }
        }
    } else {
        thread.sight.at_bottom = false;
    }
    model.thread = Some(thread);
}

fn tell_seen(thread: &mut Thread, effects: &mut Vec<Effect>) {
    let Some(message) = thread.newest().map(|m| m.id) else { return };
    if thread.conversation.unread > 0 && thread.told_seen != Some(message) {
        thread.told_seen = Some(message);
        effects.push(Effect::Write(Write::MarkSeen { conversation: thread.id(), message }));
    }
}

fn ask_for_pages(thread: &mut Thread, effects: &mut Vec<Effect>) {
    if thread.reading {
        return;
    }
    let first = thread.sight.slices.first().map_or(0, |s| s.index);
    let last = thread.sight.slices.last().map_or(0, |s| s.index);
    let window = if thread.newer && thread.anchor == Anchor::Bottom {
        Some(Window::Newest)
    } else if thread.newer && last + AHEAD >= thread.entries.len() {
        Some(thread.newest().map_or(Window::Newest, |m| Window::After(m.order)))
    } else if thread.older && first < AHEAD {
        thread.entries.first().map(|e| Window::Before(e.message.order))
    } else {
        None
    };
    if let Some(window) = window {
        thread.reading = true;
        effects.push(Effect::Read(Read::Messages { conversation: thread.id(), window, limit: PAGE }));
    }
}

/// Fixes the view where it is, so that choosing an earlier message does not let arrivals move it.
pub(crate) fn hold(thread: &mut Thread) {
    if thread.anchor != Anchor::Bottom {
        return;
    }
    let Some(slice) = thread.sight.slices.first().copied() else { return };
    if let Some(anchor) = anchor_at(thread, slice.index, slice.first) {
        thread.anchor = anchor;
    }
}

/// The anchor that makes this row the topmost one.
fn anchor_at(thread: &Thread, index: usize, row: usize) -> Option<Anchor> {
    let entry = thread.entries.get(index)?;
    let head = entry.block.as_ref().map_or(0, |(_, block)| block.head);
    let row = i32::try_from(row).ok()?.saturating_sub(i32::try_from(head).ok()?);
    Some(Anchor::Top { message: entry.message.id, row })
}

/// What measuring a conversation needs to know beside it.
struct Frame<'a> {
    locale: Locale,
    theme: &'a Theme,
    zone: &'a TimeZone,
    agent: &'a str,
    width: u16,
    height: usize,
    today: Day,
    airy: bool,
}

impl Frame<'_> {
    /// Finds out what is visible.
    fn place(&self, thread: &mut Thread) {
        let mut slices = self.anchored(thread);
        let moved = std::mem::take(&mut thread.scroll_by);
        if moved != 0 {
            slices = self.scrolled(thread, &slices, moved);
        }
        if std::mem::take(&mut thread.follow_selected)
            && let Some(better) = self.towards_selected(thread, &slices)
        {
            slices = better;
        }
        let mut y = self.height - slices.iter().map(|s| s.count).sum::<usize>().min(self.height);
        for slice in &mut slices {
            slice.y = u16::try_from(y).unwrap_or(u16::MAX);
            y += slice.count;
        }
        thread.sight.at_bottom = slices.last().is_none_or(|s| {
            s.index + 1 == thread.entries.len() && s.first + s.count == self.height_of(thread, s.index)
        });
        thread.sight.slices = slices;
        self.choose_visible(thread, moved);
        fix_anchor(thread);
    }

    /// The visible rows as the anchor says.
    fn anchored(&self, thread: &mut Thread) -> Vec<Slice> {
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
    fn downwards(&self, thread: &mut Thread, from: usize, row: usize) -> Vec<Slice> {
        let mut slices = Vec::new();
        let mut free = self.height;
        let mut first = row;
        for index in from..thread.entries.len() {
            let count = self.height_of(thread, index).saturating_sub(first).min(free);
            if count > 0 {
                slices.push(Slice { index, first, count, y: 0 });
            }
            free -= count;
            first = 0;
            if free == 0 {
                return slices;
            }
        }
        let last = thread.entries.len();
        self.upwards(thread, last, 0)
    }

    /// Rows that end before row `end` of message `below` (which may be one past the last).
    fn upwards(&self, thread: &mut Thread, below: usize, end: usize) -> Vec<Slice> {
        let mut slices = Vec::new();
        let mut free = self.height;
        if end > 0 {
            let count = end.min(free);
            slices.push(Slice { index: below, first: end - count, count, y: 0 });
            free -= count;
        }
        for index in (0..below).rev() {
            if free == 0 {
                break;
            }
            let height = self.height_of(thread, index);
            let count = height.min(free);
            slices.push(Slice { index, first: height - count, count, y: 0 });
            free -= count;
        }
        slices.reverse();
        slices
    }

    /// The rows after moving by so many, down being positive.
    fn scrolled(&self, thread: &mut Thread, slices: &[Slice], by: i32) -> Vec<Slice> {
        let distance = usize::try_from(by.unsigned_abs()).unwrap_or(0);
        let shown: usize = slices.iter().map(|s| s.count).sum();
        let Some(top) = slices.first().copied().filter(|_| shown == self.height) else { return slices.to_vec() };
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

    /// Rows that show the chosen message, when these do not.
    fn towards_selected(&self, thread: &mut Thread, slices: &[Slice]) -> Option<Vec<Slice>> {
        let index = thread.index_of(thread.selected?)?;
        let height = self.height_of(thread, index);
        let head = usize::try_from(self.head_of(thread, index)).unwrap_or(0);
        let body = height - head;
        let visible = slices.iter().find(|s| s.index == index);
        let shown_whole = visible.is_some_and(|s| s.first <= head && s.first + s.count == height);
        if shown_whole || (body > self.height && visible.is_some_and(|s| s.first <= head && s.count == self.height)) {
            return None;
        }
        let above = slices.first().is_none_or(|s| index < s.index || (index == s.index && s.first > head));
        if above || body >= self.height {
            let row = if height <= self.height { 0 } else { head };
            Some(self.downwards(thread, index, row))
        } else {
            Some(self.upwards(thread, index, height))
        }
    }

    /// The chosen message is always a visible one.
    fn choose_visible(&self, thread: &mut Thread, moved: i32) {
        let selected = thread.selected.and_then(|id| thread.index_of(id));
        let seen = |thread: &mut Thread, slice: &Slice| {
            let head = usize::try_from(self.head_of(thread, slice.index)).unwrap_or(0);
            slice.first + slice.count > head
        };
        let slices = thread.sight.slices.clone();
        let here = slices.iter().find(|s| Some(s.index) == selected).copied();
        if here.is_some_and(|s| seen(thread, &s)) && !(moved > 0 && thread.sight.at_bottom) {
            return;
        }
        let from_end = moved > 0 || (thread.anchor == Anchor::Bottom && moved == 0);
        let found = if from_end {
            slices.iter().rev().find(|s| seen(thread, s))
        } else {
            slices.iter().find(|s| seen(thread, s))
        };
        if let Some(entry) = found.or(slices.last()).and_then(|s| thread.entries.get(s.index)) {
            thread.selected = Some(entry.message.id);
        }
    }

    fn height_of(&self, thread: &mut Thread, index: usize) -> usize {
        self.make(thread, index);
        thread.entries.get(index).and_then(|e| e.block.as_ref()).map_or(0, |(_, block)| block.height())
    }

    fn head_of(&self, thread: &mut Thread, index: usize) -> i32 {
        self.make(thread, index);
        let head = thread.entries.get(index).and_then(|e| e.block.as_ref()).map_or(0, |(_, block)| block.head);
        i32::try_from(head).unwrap_or(0)
    }

    /// Makes a message's rows unless they are there already.
    fn make(&self, thread: &mut Thread, index: usize) {
        let Some(entry) = thread.entries.get(index) else { return };
        let message = &entry.message;
        let previous = index.checked_sub(1).and_then(|i| thread.entries.get(i)).map(|e| &e.message);
        let setting = self.setting(thread, message, previous);
        let key = BlockKey {
            revision: message.revision,
            status: message.status,
            width: self.width,
            today: self.today,
            setting,
        };
        if entry.block.as_ref().is_some_and(|(made_for, _)| *made_for == key) {
            return;
        }
        let quoted = setting.quotes.and_then(|id| thread.index_of(id)).and_then(|i| thread.entries.get(i));
        let context = Context {
            locale: self.locale,
            theme: self.theme,
            zone: self.zone,
            width: self.width,
            today: self.today,
            setting,
            quoted: quoted.map(|e| &e.message),
            agent: self.agent,
        };
        let block = message::block(message, &context);
        if let Some(entry) = thread.entries.get_mut(index) {
            entry.block = Some((key, block));
        }
    }

    fn setting(&self, thread: &Thread, message: &Message, previous: Option<&Message>) -> Setting {
        let day = day_of(message.at, self.zone);
        let names_day = previous.is_none_or(|p| day_of(p.at, self.zone) != day);
        let divider = thread.divider.is_some_and(|first| match previous {
            Some(previous) => previous.order < first && first <= message.order,
            None => message.order == first || (first < message.order && !thread.older),
        });
        let other = previous
            .is_none_or(|p| p.direction != message.direction || p.author != message.author || p.kind == Kind::System);
        let pause = previous.is_some_and(|p| message.at.millis() - p.at.millis() > PAUSE_MS);
        Setting {
            names_day,
            divider,
            gap: self.airy && previous.is_some() && !names_day && !divider && (other || pause),
            names_sender: thread.conversation.group && message.direction == Direction::In && (other || names_day),
            quotes: quotes(thread, message),
        }
    }
}

/// Writes down where the view now is.
fn fix_anchor(thread: &mut Thread) {
    let newest = thread.newest().map(|m| m.id);
    if thread.sight.at_bottom && !thread.newer && thread.selected == newest {
        thread.anchor = Anchor::Bottom;
    } else if let Some(slice) = thread.sight.slices.first().copied()
        && (thread.anchor != Anchor::Bottom || !thread.newer)
        && let Some(anchor) = anchor_at(thread, slice.index, slice.first)
    {
        thread.anchor = anchor;
    }
}

/// The loaded message that this one answers or reacts to.
fn quotes(thread: &Thread, message: &Message) -> Option<MessageId> {
    let name = if message.kind == Kind::Reaction { "message" } else { "reply_to" };
    let remote = message.payload.as_ref()?.get(name)?.as_str()?;
    thread.find_remote(remote).map(|m| m.id)
}

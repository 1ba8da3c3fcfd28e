//! A time that is typed, or chosen among a few ready ones, with how it is understood.
//!
//! Invariant: what is typed goes before what is chosen, and nothing is done at a time that was not shown.

use std::time::Duration;

use crossterm::event::KeyEvent;
use jiff::civil::Weekday;
use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};

use super::popup;
use crate::domain::Timestamp;
use crate::domain::until::{Until, UntilError};
use crate::text;
use crate::tui::app::state::Model;
use crate::tui::commands::registry::Command;
use crate::tui::i18n;
use crate::tui::i18n::time::{upcoming, upcoming_day};
use crate::tui::theme::styles::Meaning;
use crate::tui::widgets::draw_text::{put, put_right, row, skip, wrapped};
use crate::tui::widgets::line_input::LineInput;

/// How wide its box is, where there is room.
pub(super) const WIDTH: u16 = 52;

/// How many rows say what is meant.
const NOTE: u16 = 2;

/// The commands of an overlay with it.
pub(super) const COMMANDS: &[Command] =
    &[Command::Accept, Command::Down, Command::Up, Command::PageDown, Command::PageUp];

/// A time that is offered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ReadyTime {
    Hour,
    ThreeHours,
    Tomorrow,
    Monday,
    Week,
    /// When the customer writes.
    Reply,
}

impl ReadyTime {
    /// When that is; days begin at 8 o'clock where the reader is.
    fn until(self, model: &Model) -> Option<Until> {
        let hours = |n: u64| Some(Until::At(model.now.plus(Duration::from_secs(n * 3600))));
        let today = i18n::day_of(model.now, &model.zone);
        let day = match self {
            ReadyTime::Hour => return hours(1),
            ReadyTime::ThreeHours => return hours(3),
            ReadyTime::Reply => return Some(Until::Reply),
            ReadyTime::Tomorrow => today.tomorrow().ok()?,
            ReadyTime::Monday => today.nth_weekday(1, Weekday::Monday).ok()?,
            ReadyTime::Week => today.checked_add(jiff::Span::new().days(7)).ok()?,
        };
        let at = day.at(8, 0, 0, 0).to_zoned(model.zone.clone()).ok()?;
        Some(Until::At(Timestamp(at.timestamp().as_millisecond())))
    }

    fn label(self, model: &Model) -> &'static str {
        let strings = &model.strings().when;
        match self {
            ReadyTime::Hour => &strings.hour,
            ReadyTime::ThreeHours => &strings.three_hours,
            ReadyTime::Tomorrow => &strings.tomorrow,
            ReadyTime::Monday => &strings.monday,
            ReadyTime::Week => &strings.week,
            ReadyTime::Reply => &strings.reply,
        }
    }
}

/// A time as it is typed or chosen.
#[derive(Debug, Clone)]
pub(super) struct TimeChoice {
    input: LineInput,
    ready: Vec<ReadyTime>,
    chosen: usize,
    /// What is typed was to be used and cannot be.
    refused: bool,
}

impl TimeChoice {
    /// A choice among these times; of two that are the same today the first.
    pub(super) fn new(model: &Model, offered: &[ReadyTime]) -> Self {
        let mut ready: Vec<ReadyTime> = Vec::new();
        for time in offered {
            if ready.iter().all(|other| other.until(model) != time.until(model)) {
                ready.push(*time);
            }
        }
        TimeChoice { input: LineInput::default(), ready, chosen: 0, refused: false }
    }

    /// How many rows it takes.
    pub(super) fn rows(&self) -> u16 {
        1 + NOTE + u16::try_from(self.ready.len()).unwrap_or(0)
    }

    fn is_typed(&self) -> bool {
        !self.input.text().trim().is_empty()
    }

    /// The time that is meant now.
    pub(super) fn meant(&self, model: &Model) -> Result<Until, UntilError> {
        if self.is_typed() {
            return Until::parse(self.input.text(), model.now, &model.zone);
        }
        let ready = self.ready.get(self.chosen).and_then(|ready| ready.until(model));
        ready.ok_or(UntilError::Misspelt)
    }

    /// Chooses another of the ready times, which drops what is typed.
    pub(super) fn choose(&mut self, command: Command) {
        if popup::step_of(command, 1).is_none() {
            return;
        }
        if self.is_typed() {
            self.input.clear();
        } else {
            popup::move_choice(&mut self.chosen, command, 4, self.ready.len());
        }
        self.refused = false;
    }

    /// Says why what is typed cannot be used.
    pub(super) fn refuse(&mut self) {
        self.refused = true;
    }

    pub(super) fn type_key(&mut self, key: &KeyEvent) {
        if self.input.key(key) == Some(true) {
            self.refused = false;
        }
    }

    pub(super) fn paste(&mut self, text: &str) {
        self.input.insert(text);
        self.refused = false;
    }

    /// What the meant time is, in words; `objection` is what is said against it.
    fn note(&self, model: &Model, objection: Option<String>) -> (String, Meaning) {
        let strings = &model.strings().when;
        if let Some(objection) = objection {
            return (objection, Meaning::ComposerObjection);
        }
        match self.meant(model) {
            Ok(Until::At(at)) => (upcoming_day(model.strings(), at, model.now, &model.zone), Meaning::Accent),
            Ok(Until::Reply) => (strings.until_reply.clone(), Meaning::Accent),
            Err(UntilError::Passed) => (strings.passed.clone(), Meaning::ComposerObjection),
            Err(UntilError::Misspelt) if self.refused => (strings.misspelt.clone(), Meaning::ComposerObjection),
            // Half a time is not wrong yet.
            Err(UntilError::Misspelt) => (strings.misspelt.clone(), Meaning::Dim),
        }
    }

    /// Draws the line, how it is understood or what is said against it, and the ready times.
    pub(super) fn draw(&self, model: &Model, buf: &mut Buffer, area: Rect, objection: Option<String>) -> Position {
        let theme = &model.theme;
        let cursor = self.input.draw(theme, buf, row(area, 0), &model.strings().when.hint);
        let (note, meaning) = self.note(model, objection);
        let lines = wrapped(&note, area.width.saturating_sub(2));
        // At least one ready time stays where the window is low.
        let most = area.height.saturating_sub(2).clamp(1, NOTE);
        for (y, line) in (1..).zip(&lines).take(usize::from(most)) {
            put(buf, skip(row(area, y), 2), line, theme.style(meaning));
        }
        let below = area.height.saturating_sub(1 + most);
        let first = (self.chosen + 1).saturating_sub(usize::from(below).max(1));
        for (y, (n, ready)) in (1 + most..area.height).zip(self.ready.iter().enumerate().skip(first)) {
            let chosen = n == self.chosen && !self.is_typed();
            let style = theme.style(match (chosen, self.is_typed()) {
                (true, _) => Meaning::Selected,
                (false, true) => Meaning::Dim,
                (false, false) => Meaning::Text,
            });
            let mut line = row(area, y);
            if chosen {
                put(buf, line, theme.glyphs.bar_chosen, style);
            }
            line = skip(line, 2);
            let label = ready.label(model);
            if let Some(Until::At(at)) = ready.until(model) {
                let time = upcoming(model.strings(), at, model.now, &model.zone);
                if text::cells(label) + text::cells(&time) + 2 <= usize::from(line.width) {
                    line = put_right(buf, line, &time, theme.style(Meaning::Dim));
                }
            }
            put(buf, line, label, style);
        }
        cursor
    }
}

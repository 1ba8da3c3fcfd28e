//! Puts a conversation off for one of a few spans.

use std::time::Duration;

use super::popup::{self, Hint, Next, Popup};
use crate::domain::{ConversationId, ConversationState, Timestamp};
use crate::tui::app::state::Model;
use crate::tui::commands::registry::Command;
use crate::tui::widgets::draw_text::choices;
use crate::tui::{conversations, i18n};
use ratatui::buffer::Buffer;
use ratatui::layout::Position;

/// The choice of how long a conversation is put off.
#[derive(Debug, Clone)]
pub struct Snooze {
    pub conversation: ConversationId,
    pub chosen: usize,
}

#[derive(Debug, Clone, Copy)]
enum Span {
    Hour,
    Tomorrow,
    Week,
    /// Until the customer writes.
    Reply,
}

const SPANS: [Span; 4] = [Span::Hour, Span::Tomorrow, Span::Week, Span::Reply];

/// Asks for how long the conversation that the keys are about is put off.
pub(crate) fn open(model: &mut Model) {
    if let Some(conversation) = model.subject().map(|conversation| conversation.id) {
        model.push_overlay(Snooze { conversation, chosen: 0 });
    }
}

impl Span {
    /// When it ends; days end at 8 o'clock where the reader is.
    fn until(self, model: &Model) -> Option<Timestamp> {
        let days = match self {
            Span::Hour => return Some(model.now.plus(Duration::from_secs(3600))),
            Span::Reply => return None,
            Span::Tomorrow => 1,
            Span::Week => 7,
        };
        let day = i18n::day_of(model.now, &model.zone).checked_add(jiff::Span::new().days(days)).ok()?;
        let at = day.at(8, 0, 0, 0).to_zoned(model.zone.clone()).ok()?;
        Some(Timestamp(at.timestamp().as_millisecond()))
    }
}

impl Popup for Snooze {
    fn commands(&self) -> &'static [Command] {
        &[Command::Accept, Command::Down, Command::Up, Command::PageDown, Command::PageUp]
    }

    fn run(&mut self, model: &mut Model, command: Command) -> Next {
        popup::move_choice(&mut self.chosen, command, 4, SPANS.len());
        if command != Command::Accept {
            return Next::stay();
        }
        let until = SPANS.get(self.chosen).and_then(|span| span.until(model));
        let snoozed = ConversationState::Snoozed;
        Next::Close(conversations::update::set_state(model, self.conversation, snoozed, until))
    }

    fn hints(&self, model: &Model) -> Vec<Hint> {
        popup::list_hints(model)
    }

    fn draw(&self, model: &Model, buf: &mut Buffer) -> Option<Position> {
        let strings = &model.strings().overlay;
        let area = popup::open_panel(model, buf, &strings.snooze, 40, 4);
        let labels = SPANS.map(|span| match span {
            Span::Hour => strings.snooze_hour.as_str(),
            Span::Tomorrow => &strings.snooze_tomorrow,
            Span::Week => &strings.snooze_week,
            Span::Reply => &strings.snooze_reply,
        });
        choices(&model.theme, buf, area, labels.into_iter(), self.chosen);
        None
    }
}

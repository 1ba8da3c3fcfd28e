//! Puts a conversation off until a time that is typed or chosen, or until the customer writes.

use crossterm::event::KeyEvent;
use ratatui::buffer::Buffer;
use ratatui::layout::Position;

use super::popup::{self, Hint, Next, Popup};
use super::time_choice::{self, ReadyTime, TimeChoice};
use crate::domain::until::Until;
use crate::domain::{ConversationId, ConversationState, Timestamp};
use crate::tui::app::state::Model;
use crate::tui::commands::registry::Command;
use crate::tui::conversations;
use crate::tui::effect::Effect;

/// The times that are offered.
const READY: &[ReadyTime] = &[ReadyTime::Hour, ReadyTime::Tomorrow, ReadyTime::Week, ReadyTime::Reply];

/// The question until when a conversation is put off.
#[derive(Debug, Clone)]
pub struct Snooze {
    conversation: ConversationId,
    time: TimeChoice,
}

/// Asks until when the conversation that the keys are about is put off.
pub(crate) fn open(model: &mut Model) {
    if let Some(conversation) = model.subject().map(|conversation| conversation.id) {
        let question = Snooze::new(model, conversation);
        model.push_overlay(question);
    }
}

impl Snooze {
    pub(super) fn new(model: &Model, conversation: ConversationId) -> Self {
        Snooze { conversation, time: TimeChoice::new(model, READY) }
    }
}

impl Popup for Snooze {
    fn commands(&self) -> &'static [Command] {
        time_choice::COMMANDS
    }

    fn takes_text(&self) -> bool {
        true
    }

    fn run(&mut self, model: &mut Model, command: Command) -> Next {
        self.time.choose(command);
        if command != Command::Accept {
            return Next::stay();
        }
        let until = match self.time.meant(model) {
            Ok(Until::At(at)) => Some(at),
            Ok(Until::Reply) => None,
            Err(_) => {
                self.time.refuse();
                return Next::stay();
            }
        };
        let snoozed = ConversationState::Snoozed;
        Next::Close(conversations::update::set_state(model, self.conversation, snoozed, until))
    }

    fn type_key(&mut self, _model: &mut Model, key: &KeyEvent) -> Vec<Effect> {
        self.time.type_key(key);
        Vec::new()
    }

    fn paste(&mut self, _model: &mut Model, text: &str) -> Vec<Effect> {
        self.time.paste(text);
        Vec::new()
    }

    /// The ready times and what is understood follow the clock.
    fn deadline(&self, model: &Model) -> Option<Timestamp> {
        Some(model.next_minute())
    }

    fn hints(&self, model: &Model) -> Vec<Hint> {
        popup::list_hints_to(model, model.strings().command_label(Command::Snooze.id()))
    }

    fn draw(&self, model: &Model, buf: &mut Buffer) -> Option<Position> {
        let title = &model.strings().when.snooze_title;
        let area = popup::open_panel(model, buf, title, time_choice::WIDTH, self.time.rows());
        Some(self.time.draw(model, buf, area, None))
    }
}

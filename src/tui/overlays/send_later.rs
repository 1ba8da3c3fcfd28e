//! Sends what is written at a time that is typed or chosen.
//!
//! Invariant: nothing is scheduled for a time that was not shown, or at which it could not go out.

use crossterm::event::KeyEvent;
use ratatui::buffer::Buffer;
use ratatui::layout::Position;

use super::address::Target;
use super::message_form::outbox;
use super::popup::{self, Hint, Next, Popup};
use super::time_choice::{self, ReadyTime, TimeChoice};
use crate::domain::until::Until;
use crate::domain::{Content, ConversationId, Objection, SendOptions, Timestamp};
use crate::tui::app::state::Model;
use crate::tui::commands::availability;
use crate::tui::commands::registry::Command;
use crate::tui::composer;
use crate::tui::effect::Effect;
use crate::tui::i18n::fill;
use crate::tui::i18n::time::upcoming;

/// The times that are offered.
const READY: &[ReadyTime] = &[ReadyTime::Hour, ReadyTime::ThreeHours, ReadyTime::Tomorrow, ReadyTime::Monday];

/// What is to be sent.
#[derive(Debug, Clone)]
enum Written {
    /// The draft of a conversation.
    Draft(ConversationId),
    /// What the form below was filled in with.
    Form(Box<(Target, Vec<Content>)>),
}

/// The question when something is sent.
#[derive(Debug, Clone)]
pub struct SendLater {
    written: Written,
    time: TimeChoice,
}

/// Asks when the draft of the open conversation is sent. The draft is saved first.
pub(crate) fn open(model: &mut Model) -> Vec<Effect> {
    let Some(conversation) = model.composer.conversation else { return Vec::new() };
    let question = SendLater::new(model, Written::Draft(conversation));
    model.push_overlay(question);
    composer::draft::save_now(model)
}

/// Asks when a form's message is sent; the form stays below until it is.
pub(super) fn open_for_form(model: &mut Model, to: Target, contents: Vec<Content>) {
    let question = SendLater::new(model, Written::Form(Box::new((to, contents))));
    model.push_overlay(question);
}

impl SendLater {
    fn new(model: &Model, written: Written) -> Self {
        SendLater { written, time: TimeChoice::new(model, READY) }
    }

    /// The question about a conversation's draft.
    #[cfg(test)]
    pub(super) fn of_draft(model: &Model, conversation: ConversationId) -> Self {
        SendLater::new(model, Written::Draft(conversation))
    }

    /// The time that is meant; a message cannot wait for what only the customer does.
    fn at(&self, model: &Model) -> Option<Timestamp> {
        match self.time.meant(model) {
            Ok(Until::At(at)) => Some(at),
            Ok(Until::Reply) | Err(_) => None,
        }
    }

    /// Why it cannot go out at the meant time, in the person's language.
    fn objection(&self, model: &Model) -> Option<String> {
        if self.time.meant(model) == Ok(Until::Reply) {
            return Some(model.strings().when.misspelt.clone());
        }
        let at = self.at(model)?;
        let draft = Content::Text { body: model.composer.editor.text() };
        let contents = match &self.written {
            Written::Draft(_) => std::slice::from_ref(&draft),
            Written::Form(form) => match &**form {
                (Target::Conversation(id), contents) if model.open_id() == Some(*id) => contents,
                // The outbox judges.
                _ => return None,
            },
        };
        let found = contents.iter().find_map(|content| availability::objection_at(model, content, at));
        let (objection, words) = found?;
        Some(match objection {
            Objection::WindowClosed { since: Some(until) } if until > model.now => {
                let time = upcoming(model.strings(), until, model.now, &model.zone);
                fill(&model.strings().when.window, &[("time", &time)])
            }
            _ => words,
        })
    }

    fn schedule(&self, model: &mut Model, at: Timestamp) -> Vec<Effect> {
        let (to, contents) = match &self.written {
            Written::Draft(conversation) => return composer::update::send_at(model, *conversation, at),
            Written::Form(form) => (**form).clone(),
        };
        composer::send::mark_form_sending(model, &to);
        let options = SendOptions { at: Some(at), ..SendOptions::default() };
        outbox::send(&to, contents, options)
    }
}

impl Popup for SendLater {
    fn commands(&self) -> &'static [Command] {
        time_choice::COMMANDS
    }

    fn takes_text(&self) -> bool {
        true
    }

    fn opened_by(&self) -> Option<Command> {
        Some(Command::SendLater)
    }

    fn stays_below(&self) -> bool {
        true
    }

    fn run(&mut self, model: &mut Model, command: Command) -> Next {
        self.time.choose(command);
        if command != Command::Accept {
            return Next::stay();
        }
        match self.at(model) {
            Some(at) if self.objection(model).is_none() => Next::Close(self.schedule(model, at)),
            _ => {
                self.time.refuse();
                Next::stay()
            }
        }
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
        popup::list_hints_to(model, model.strings().command_label(Command::SendLater.id()))
    }

    fn draw(&self, model: &Model, buf: &mut Buffer) -> Option<Position> {
        let title = &model.strings().when.send_title;
        let area = popup::open_panel(model, buf, title, time_choice::WIDTH, self.time.rows());
        Some(self.time.draw(model, buf, area, self.objection(model)))
    }
}

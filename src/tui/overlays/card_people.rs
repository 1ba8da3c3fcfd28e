//! The numbers of a message's contact cards, of which one is written to or saved.

use ratatui::buffer::Buffer;
use ratatui::layout::Position;

use super::popup::{self, Hint, Next, Popup};
use crate::domain::{Message, phone};
use crate::tui::app::state::Model;
use crate::tui::commands::registry::Command;
use crate::tui::effect::Effect;
use crate::tui::thread::cards::{self, CardPerson};
use crate::tui::widgets::draw_text::choices;

/// The people of one message's contact cards.
#[derive(Debug, Clone)]
pub struct CardPeople {
    pub(crate) people: Vec<CardPerson>,
    /// What is done with the chosen one.
    pub(crate) command: Command,
    pub(crate) chosen: usize,
}

/// Writes to somebody of a message's cards, or saves them: at once where there is one number only.
pub(crate) fn open(model: &mut Model, message: &Message, command: Command) -> Vec<Effect> {
    let mut people = cards::people(message);
    if people.len() == 1 {
        return people.pop().map(|person| cards::run_for(model, person, command)).unwrap_or_default();
    }
    model.push_overlay(CardPeople { people, command, chosen: 0 });
    Vec::new()
}

impl Popup for CardPeople {
    fn commands(&self) -> &'static [Command] {
        &[Command::Accept, Command::Down, Command::Up, Command::PageDown, Command::PageUp]
    }

    fn run(&mut self, model: &mut Model, command: Command) -> Next {
        popup::move_choice(&mut self.chosen, command, 5, self.people.len());
        match self.people.get(self.chosen) {
            Some(person) if command == Command::Accept => {
                let effects = cards::run_for(model, person.clone(), self.command);
                Next::Close(effects)
            }
            _ => Next::stay(),
        }
    }

    fn hints(&self, model: &Model) -> Vec<Hint> {
        popup::list_hints_to(model, model.strings().command_label(self.command.id()))
    }

    fn draw(&self, model: &Model, buf: &mut Buffer) -> Option<Position> {
        let most = model.areas.screen.height.saturating_sub(4);
        let rows = u16::try_from(self.people.len()).unwrap_or(u16::MAX).min(most);
        let area = popup::open_panel(model, buf, &model.strings().kinds.contacts, 56, rows);
        let row = |person: &CardPerson| {
            let digits = phone::normalise(&person.number, model.country());
            let number =
                digits.map_or_else(|| person.number.clone(), |digits| phone::display(&digits, model.country()));
            if person.name.is_empty() { number } else { format!("{}  {number}", person.name) }
        };
        let rows: Vec<_> = self.people.iter().map(row).collect();
        choices(&model.theme, buf, area, rows.iter().map(String::as_str), self.chosen);
        None
    }
}

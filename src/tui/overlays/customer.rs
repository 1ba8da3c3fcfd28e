//! What is known of a customer, to go through it and to change it: in the place beside the thread where the screen has
//! one, else in a box.
//!
//! Invariant: nothing is changed that the person has not typed and accepted.

use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};
use ratatui::widgets::{Clear, Widget};

use super::confirm::Question;
use super::customer_field::FieldInput;
use super::labels;
use super::popup::{self, Hint, Next, Popup};
use crate::domain::ConversationId;
use crate::tui::app::state::Model;
use crate::tui::commands::registry::Command;
use crate::tui::customer::draw::{draw_rows, inside};
use crate::tui::customer::rows::{Row, Target, rows};
use crate::tui::thread;
use crate::tui::widgets::panel;

/// The box's width, where there is room and no place beside the thread.
const WIDTH: u16 = 60;

/// The customer of one conversation.
#[derive(Debug, Clone)]
pub struct CustomerDetails {
    pub(crate) conversation: ConversationId,
    /// The chosen row, and what Enter does on it: rows may come above it.
    chosen: usize,
    target: Option<Target>,
    /// The first visible row; measured by `layout`.
    first: usize,
}

/// Shows the customer of the conversation that the keys are about.
pub(crate) fn open(model: &mut Model) {
    if let Some(conversation) = model.subject().map(|conversation| conversation.id) {
        model.push_overlay(CustomerDetails { conversation, chosen: 0, target: None, first: 0 });
    }
}

/// The conversation whose customer an overlay shows.
pub(crate) fn shown(model: &mut Model) -> Option<ConversationId> {
    model.overlay_mut(|_: &CustomerDetails| true).map(|details| details.conversation)
}

impl CustomerDetails {
    fn rows(&self, model: &Model, width: u16) -> Vec<Row> {
        // Two cells hold the bar before the chosen row.
        let width = width.saturating_sub(2);
        model.conversation(self.conversation).map(|conversation| rows(model, conversation, width)).unwrap_or_default()
    }

    /// Where the rows are drawn, when there are so many.
    fn area(model: &Model, count: usize) -> Rect {
        if !model.areas.customer.is_empty() {
            return inside(model.areas.customer);
        }
        panel::inside(model.areas.screen, (WIDTH, u16::try_from(count).unwrap_or(u16::MAX)))
    }

    /// Moves the choice by so many rows that do something.
    fn step(&mut self, rows: &[Row], by: isize) {
        let places: Vec<usize> = (0..rows.len()).filter(|i| rows.get(*i).is_some_and(|r| r.target.is_some())).collect();
        let at = places.iter().position(|place| *place >= self.chosen).unwrap_or(places.len());
        let next = at.saturating_add_signed(by).min(places.len().saturating_sub(1));
        if let Some(place) = places.get(next) {
            self.chosen = *place;
        }
        if by != 0 {
            self.target = rows.get(self.chosen).and_then(|row| row.target.clone());
        }
    }

    /// Finds the chosen row again when rows came or went; the first that does something until another was chosen.
    fn follow(&mut self, rows: &[Row]) {
        let same = |row: &Row| row.target.is_some() && row.target == self.target;
        if !rows.get(self.chosen).is_some_and(same) {
            self.chosen = match &self.target {
                Some(_) => rows.iter().position(same).unwrap_or(self.chosen),
                None => 0,
            };
        }
        self.step(rows, 0);
    }

    fn accept(&self, model: &mut Model, target: Target) -> Next {
        match target {
            Target::Field(field, value) => model.push_overlay(FieldInput::new(self.conversation, field, &value)),
            Target::NewField => model.push_overlay(FieldInput::of_new_field(self.conversation)),
            Target::Labels => return Next::Stay(labels::open_for(model, self.conversation)),
            Target::Link(url) => model.push_overlay(Question::open_link(url)),
            Target::Conversation(id) => return Next::Close(thread::open::open(model, id, None)),
            Target::Message(id, message) => return Next::Close(thread::open::open(model, id, Some(message))),
        }
        Next::stay()
    }
}

impl Popup for CustomerDetails {
    fn commands(&self) -> &'static [Command] {
        &[Command::Accept, Command::Close, Command::Down, Command::Up, Command::PageDown, Command::PageUp]
    }

    fn opened_by(&self) -> Option<Command> {
        Some(Command::Customer)
    }

    fn run(&mut self, model: &mut Model, command: Command) -> Next {
        let rows = self.rows(model, Self::area(model, usize::MAX).width);
        if let Some(by) = popup::step_of(command, 5) {
            self.step(&rows, by);
        }
        match command {
            Command::Close => Next::close(),
            Command::Accept => match rows.get(self.chosen).and_then(|row| row.target.clone()) {
                Some(target) => self.accept(model, target),
                None => Next::stay(),
            },
            _ => Next::stay(),
        }
    }

    /// Keeps the chosen row visible, with the heading above it.
    fn layout(&mut self, model: &Model) {
        let rows = self.rows(model, Self::area(model, usize::MAX).width);
        let height = usize::from(Self::area(model, rows.len()).height).max(1);
        self.follow(&rows);
        let is_first = rows.iter().position(|row| row.target.is_some()).is_none_or(|first| self.chosen <= first);
        let above = if is_first { 0 } else { self.chosen.saturating_sub(2) };
        self.first = self.first.min(above).max((self.chosen + 1).saturating_sub(height));
        self.first = self.first.min(rows.len().saturating_sub(height));
        // What follows the last row that does something is seen with it.
        let last = rows.iter().rposition(|row| row.target.is_some());
        if last.is_none_or(|last| self.chosen >= last) {
            let end = rows.len().saturating_sub(height);
            self.first = end.min(self.chosen.saturating_sub(1)).max(self.first);
        }
    }

    fn hints(&self, model: &Model) -> Vec<Hint> {
        popup::list_hints(model)
    }

    fn draw(&self, model: &Model, buf: &mut Buffer) -> Option<Position> {
        let rows = self.rows(model, Self::area(model, usize::MAX).width);
        let area = if model.areas.customer.is_empty() {
            let count = u16::try_from(rows.len()).unwrap_or(u16::MAX);
            popup::open_panel(model, buf, &model.strings().customer.title, WIDTH, count)
        } else {
            Clear.render(model.areas.customer, buf);
            inside(model.areas.customer)
        };
        draw_rows(model, buf, area, &rows, self.first, Some(self.chosen));
        None
    }
}

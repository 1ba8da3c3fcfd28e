//! Types the value of a field of the address book, or the name and value of a new one.

use crossterm::event::KeyEvent;
use ratatui::buffer::Buffer;
use ratatui::layout::Position;

use super::popup::{self, Hint, Next, Popup};
use crate::domain::{ConversationId, CustomerField};
use crate::text::Clean;
use crate::tui::app::state::Model;
use crate::tui::commands::registry::Command;
use crate::tui::effect::{Effect, Write};
use crate::tui::i18n::fill;
use crate::tui::theme::styles::Meaning;
use crate::tui::widgets::draw_text::{paragraph_rows, paragraphs, row};
use crate::tui::widgets::line_input::LineInput;

/// The box's width, where there is room.
const WIDTH: u16 = 56;

/// The line in which a field's value is typed.
#[derive(Debug, Clone)]
pub struct FieldInput {
    conversation: ConversationId,
    /// `None` while the name of a new field is typed.
    field: Option<CustomerField>,
    /// What the field had before.
    before: String,
    pub(crate) input: LineInput,
}

impl FieldInput {
    /// Changes a field, which now has this value.
    pub(crate) fn new(conversation: ConversationId, field: CustomerField, value: &str) -> Self {
        let input = LineInput::with(value);
        FieldInput { conversation, field: Some(field), before: value.to_owned(), input }
    }

    /// Adds a field: first its name is typed, then its value.
    pub(crate) fn of_new_field(conversation: ConversationId) -> Self {
        FieldInput { conversation, field: None, before: String::new(), input: LineInput::default() }
    }

    fn title(&self, model: &Model) -> String {
        let strings = &model.strings().customer;
        match &self.field {
            None => strings.new_field_name.clone(),
            Some(CustomerField::Name) => strings.name.clone(),
            Some(CustomerField::Email) => strings.email.clone(),
            Some(CustomerField::Custom(name)) => Clean::line(name).into_string(),
        }
    }
}

impl Popup for FieldInput {
    fn commands(&self) -> &'static [Command] {
        &[Command::Accept]
    }

    fn takes_text(&self) -> bool {
        true
    }

    fn stays_below(&self) -> bool {
        true
    }

    fn run(&mut self, _model: &mut Model, _command: Command) -> Next {
        let value = self.input.text().trim().to_owned();
        match &self.field {
            None if value.is_empty() => Next::stay(),
            None => {
                self.field = Some(CustomerField::Custom(value));
                self.input.clear();
                Next::stay()
            }
            Some(_) if value == self.before => Next::close(),
            Some(field) => {
                let (conversation, field, before) = (self.conversation, field.clone(), self.before.clone());
                Next::Close(vec![Effect::Write(Write::EditCustomer { conversation, field, value, before })])
            }
        }
    }

    fn type_key(&mut self, _model: &mut Model, key: &KeyEvent) -> Vec<Effect> {
        self.input.key(key);
        Vec::new()
    }

    fn paste(&mut self, _model: &mut Model, text: &str) -> Vec<Effect> {
        self.input.insert(text);
        Vec::new()
    }

    fn hints(&self, model: &Model) -> Vec<Hint> {
        let save = popup::named_hint(model, Command::Accept, &model.strings().customer.save);
        vec![save, popup::close_hint(model)]
    }

    fn draw(&self, model: &Model, buf: &mut Buffer) -> Option<Position> {
        let strings = &model.strings().customer;
        let note = match &self.field {
            None => strings.new_field_hint.clone(),
            Some(_) if self.before.is_empty() => strings.only_here.clone(),
            Some(_) => fill(&strings.only_here_or_delete, &[("before", &self.before)]),
        };
        let texts = [(note.as_str(), model.theme.style(Meaning::Dim))];
        let width = WIDTH.min(model.areas.screen.width.saturating_sub(6));
        let area = popup::open_panel(model, buf, &self.title(model), WIDTH, paragraph_rows(&texts, width) + 1);
        let below = ratatui::layout::Rect { y: area.y + 1, height: area.height.saturating_sub(1), ..area };
        paragraphs(buf, below, &texts);
        Some(self.input.draw(&model.theme, buf, row(area, 0), ""))
    }
}

//! What each form asks for.
use crate::domain::template::place_count;
use crate::domain::{Capabilities, Template};
use crate::tui::app::state::Model;
use crate::tui::commands::registry::Command;
use crate::tui::i18n::fill;
use crate::tui::widgets::form::{Field, FieldKind, Form};
use crate::tui::widgets::line_input::LineInput;

/// How many variables a template may have whose text nobody knows.
const FREE_VARIABLES: u8 = 3;
/// How many numbers a contact card may have here.
const NUMBERS: u8 = 5;

/// What a form makes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum FormKind {
    /// Media that is given by its link.
    Attach,
    /// A place, by coordinates or a link of a map.
    Location,
    /// Somebody's name and phone numbers.
    Card,
    /// Text with at most `max` buttons, each of a kind that the account has.
    Buttons { kinds: &'static [&'static str], max: usize },
    /// Text with a list of at most `max` rows.
    List { max: usize },
    /// The first text to somebody.
    First,
    /// A template whose id and language are typed.
    FreeTemplate,
    /// A template of the gateway's list.
    Template(Box<Template>),
}

/// What a field of a form is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Part {
    Link,
    Caption,
    Place,
    Name,
    /// A phone number, counted from 0.
    Number(u8),
    Text,
    Title,
    Footer,
    /// What stands on the button that opens a list.
    Label,
    /// A template's id or name.
    Id,
    Language,
    /// The link of the media above a template.
    Header,
    /// A place of a template's text, counted from 1.
    Variable(u8),
    /// A cell of a button or a list's row, counted from 0.
    Row(u8, Cell),
    /// Adds a button or a row.
    Add,
    Send,
}

/// A cell of a button or a list's row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Cell {
    /// Of a button: reply, link or code.
    Kind,
    /// The heading over rows of a list.
    Section,
    Title,
    /// The link that a button opens, or the code that it copies.
    Value,
    Description,
}

impl FormKind {
    /// What a command's form makes, for an account that can carry it.
    pub(crate) fn of(command: Command, can: &Capabilities) -> Option<Self> {
        match command {
            Command::Attach => Some(FormKind::Attach),
            Command::SendLocation => Some(FormKind::Location),
            Command::SendCard => Some(FormKind::Card),
            Command::SendButtons => can.buttons.map(|rules| FormKind::Buttons { kinds: rules.types, max: rules.max }),
            Command::SendList => can.list_rows.map(|max| FormKind::List { max }),
            _ => None,
        }
    }

    /// The fields to fill in.
    pub(crate) fn fields(&self, model: &Model) -> Vec<Field<Part>> {
        let (overlay, strings) = (&model.strings().overlay, &model.strings().forms);
        let empty = |part, label: &str| Field::text(part, label, "");
        let text = || vec![empty(Part::Text, &strings.text).required_text()];
        let mut fields = match self {
            FormKind::Attach => {
                vec![
                    empty(Part::Link, &overlay.attach_url).required_text(),
                    empty(Part::Caption, &overlay.attach_caption),
                ]
            }
            FormKind::Location => vec![
                empty(Part::Place, &strings.place).required_text().with_hint(&strings.place_hint),
                empty(Part::Caption, &overlay.attach_caption),
            ],
            FormKind::Card => {
                vec![empty(Part::Name, &strings.card_name).required_text(), number_field(model, 0).required_text()]
            }
            FormKind::Buttons { .. } | FormKind::First => text(),
            FormKind::List { .. } => {
                let mut fields = text();
                fields.push(empty(Part::Label, &strings.list_label).required_text());
                fields
            }
            FormKind::FreeTemplate => {
                let language = Field::text(Part::Language, &overlay.template_language, model.locale.as_str());
                let mut fields = vec![empty(Part::Id, &overlay.template_id).required_text(), language];
                fields.extend((1..=FREE_VARIABLES).map(|n| variable_field(model, n)));
                fields
            }
            FormKind::Template(template) => template_fields(model, template),
        };
        if self.has_rows() {
            fields.push(empty(Part::Title, &strings.title));
            fields.push(empty(Part::Footer, &strings.footer));
            fields.push(Field::new(Part::Add, add_label(model, self), FieldKind::Button));
            fields.push(Field::new(Part::Send, &overlay.send, FieldKind::Button));
        }
        fields
    }

    /// Whether it has buttons or rows of a list.
    pub(crate) fn has_rows(&self) -> bool {
        matches!(self, FormKind::Buttons { .. } | FormKind::List { .. })
    }

    /// Whether Enter in the focused field sends.
    pub(crate) fn enter_sends(&self, form: &Form<Part>) -> bool {
        let is_empty = |field: &Field<Part>| field.line().is_none_or(LineInput::is_empty);
        let rest_empty = form.fields.iter().skip(form.focus() + 1).all(is_empty);
        match form.focused().map(|field| field.id) {
            None | Some(Part::Send) => true,
            // Only what may be left out follows.
            Some(Part::Language | Part::Number(_)) => rest_empty,
            Some(Part::Variable(_)) if *self == FormKind::FreeTemplate => rest_empty,
            Some(Part::Add | Part::Row(..)) => false,
            Some(_) => form.focus() + 1 >= form.fields.len(),
        }
    }
}

/// What is written on the button that adds a row.
pub(super) fn add_label(model: &Model, kind: &FormKind) -> &'static str {
    let strings = &model.strings().forms;
    if matches!(kind, FormKind::Buttons { .. }) { &strings.add_button } else { &strings.add_row }
}

/// Offers another number when the last one is filled.
pub(super) fn offer_number(model: &Model, form: &mut Form<Part>) {
    let Some(Part::Number(last)) = form.fields.last().map(|field| field.id) else { return };
    if last + 1 < NUMBERS && form.fields.last().is_some_and(|field| !field.value().is_empty()) {
        form.fields.push(number_field(model, last + 1));
    }
}

fn number_field(model: &Model, n: u8) -> Field<Part> {
    let strings = &model.strings().forms;
    Field::text(Part::Number(n), &fill(&strings.card_number, &[("n", &(n + 1).to_string())]), "")
}

fn variable_field(model: &Model, n: u8) -> Field<Part> {
    let label = fill(&model.strings().overlay.template_variable, &[("place", &format!("{{{{{n}}}}}"))]);
    Field::text(Part::Variable(n), &label, "")
}

/// A link where the template has media above it, and what fills the places of its text, which no gateway lets be empty.
fn template_fields(model: &Model, template: &Template) -> Vec<Field<Part>> {
    let strings = model.strings();
    let mut fields = Vec::new();
    if let Some(kind) = template.parts.header_media {
        let label = fill(&strings.forms.header_link, &[("kind", strings.kind(kind.kind()))]);
        fields.push(Field::text(Part::Header, &label, "").required_text());
    }
    let count = u8::try_from(place_count(&template.body)).unwrap_or(u8::MAX);
    fields.extend((1..=count).map(|n| variable_field(model, n).required_text()));
    fields
}

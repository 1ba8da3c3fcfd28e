//! What each form asks for, and the message that it makes of the answers.
//!
//! Invariant: nothing is made of a line that is not spelt as it should be; the form says how it is written.
use crate::domain::outgoing::{Button, ListRow, MediaKind, MediaLink, TemplateUse, split_location};
use crate::domain::{Capabilities, Content};
use crate::text::Clean;
use crate::tui::app::state::Model;
use crate::tui::commands::registry::Command;
use crate::tui::i18n::fill;
use crate::tui::widgets::form::{Field, Form};
use crate::tui::widgets::line_input::LineInput;

/// How many variables a template may have whose text nobody knows.
const FREE_VARIABLES: usize = 3;
/// Fields of a list menu before its rows.
const BEFORE_ROWS: usize = 4;
/// Fields of a text with buttons before its buttons.
const BEFORE_BUTTONS: usize = 3;

/// What a form makes, with its fields in order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum FormKind {
    /// Media by link: link, caption.
    Attach,
    /// A place: latitude, longitude, caption.
    Location,
    /// A contact card: name, numbers.
    Card,
    /// Text, title, footer, then one line a button, each of a kind that the account has.
    Buttons { kinds: &'static [&'static str] },
    /// Text, label, title, footer, then one line a row, at most `max`.
    List { max: usize },
    /// The first text to somebody.
    First,
    /// A template whose id and language are typed: id, language, variables.
    FreeTemplate,
    /// A template of the gateway's list: the variables of its body.
    Template { id: String, language: Option<String>, body: Clean },
}

impl FormKind {
    /// What a command's form makes, for an account that can carry it.
    pub(crate) fn of(command: Command, can: &Capabilities) -> Option<Self> {
        match command {
            Command::Attach => Some(FormKind::Attach),
            Command::SendLocation => Some(FormKind::Location),
            Command::SendCard => Some(FormKind::Card),
            Command::SendButtons => can.buttons.map(|rules| FormKind::Buttons { kinds: rules.types }),
            Command::SendList => can.list_rows.map(|max| FormKind::List { max }),
            _ => None,
        }
    }

    /// The empty fields to fill in; how many buttons there are depends on what the account can carry.
    pub(crate) fn fields(&self, model: &Model, can: Option<&Capabilities>) -> Vec<Field<()>> {
        let (overlay, strings) = (&model.strings().overlay, &model.strings().forms);
        let empty = |labels: &[&String]| labels.iter().map(|label| field(label, "")).collect::<Vec<_>>();
        match self {
            FormKind::Attach => empty(&[&overlay.attach_url, &overlay.attach_caption]),
            FormKind::Location => empty(&[&strings.latitude, &strings.longitude, &overlay.attach_caption]),
            FormKind::Card => empty(&[&strings.card_name, &strings.card_numbers]),
            FormKind::Buttons { kinds } => {
                let most = can.and_then(|can| can.buttons).map_or(1, |rules| rules.max);
                let forms = button_forms(model, kinds);
                let label = |n: usize| fill(&strings.button, &[("n", &n.to_string()), ("forms", &forms)]);
                let mut fields = empty(&[&strings.text, &strings.title, &strings.footer]);
                fields.extend((1..=most).map(|n| field(&label(n), "")));
                fields
            }
            FormKind::List { .. } => {
                let mut fields = empty(&[&strings.text, &strings.list_label, &strings.title, &strings.footer]);
                fields.push(row_field(model, 1));
                fields
            }
            FormKind::First => empty(&[&strings.text]),
            FormKind::FreeTemplate => {
                let language = field(&overlay.template_language, model.locale.as_str());
                let mut fields = vec![field(&overlay.template_id, ""), language];
                fields.extend((1..=FREE_VARIABLES).map(|n| variable_field(model, n)));
                fields
            }
            FormKind::Template { body, .. } => {
                (1..=variables(body.as_str())).map(|n| variable_field(model, n)).collect()
            }
        }
    }

    /// Adds a row to a list menu when its last one is filled.
    pub(crate) fn grow(&self, model: &Model, form: &mut Form<()>) {
        let FormKind::List { max } = self else { return };
        let rows = form.fields.len().saturating_sub(BEFORE_ROWS);
        if rows < *max && form.fields.last().is_some_and(|last| last.line().is_some_and(|line| !line.is_empty())) {
            form.fields.push(row_field(model, rows + 1));
        }
    }

    /// Whether Enter in the focused field sends although fields follow, since only what may be left out follows.
    pub(crate) fn is_complete(&self, form: &Form<()>) -> bool {
        let is_empty = |field: &Field<()>| field.line().is_none_or(LineInput::is_empty);
        let empty_from = |from: usize| form.fields.iter().skip(from).all(is_empty);
        let focus = form.focus();
        match self {
            FormKind::FreeTemplate => focus >= 1 && empty_from(focus + 1),
            // An empty line ends the buttons and the rows; after a filled one the next is offered.
            FormKind::Buttons { .. } => focus > BEFORE_BUTTONS && empty_from(focus),
            FormKind::List { .. } => focus > BEFORE_ROWS && empty_from(focus),
            _ => false,
        }
    }

    /// The message that the form makes; the error is a sentence about the line that is misspelt.
    pub(crate) fn content(&self, model: &Model, form: &Form<()>) -> Result<Content, String> {
        let text = |index: usize| form.fields.get(index).map_or(String::new(), |field| field.value().to_owned());
        let optional = |index: usize| Some(text(index)).filter(|text| !text.is_empty());
        Ok(match self {
            FormKind::Attach => {
                let url = text(0);
                Content::Media { link: MediaLink { kind: MediaKind::guess(&url), url }, caption: optional(1) }
            }
            FormKind::Location => location(model, &text(0), &text(1), optional(2))?,
            FormKind::Card => {
                let given = text(1);
                let numbers = given.split([',', ';']).map(str::trim).filter(|number| !number.is_empty());
                Content::Card { name: text(0), numbers: numbers.map(str::to_owned).collect() }
            }
            FormKind::Buttons { kinds } => Content::Buttons {
                text: text(0),
                title: optional(1),
                footer: optional(2),
                media: None,
                buttons: buttons(model, kinds, lines(form, BEFORE_BUTTONS))?,
            },
            FormKind::List { .. } => Content::List {
                text: text(0),
                title: optional(2),
                footer: optional(3),
                label: text(1),
                rows: rows(model, lines(form, BEFORE_ROWS))?,
            },
            FormKind::First => Content::Text { body: text(0) },
            FormKind::FreeTemplate => {
                let mut variables: Vec<String> = (2..form.fields.len()).map(text).collect();
                while variables.last().is_some_and(String::is_empty) {
                    variables.pop();
                }
                template(text(0), optional(1), variables)
            }
            FormKind::Template { id, language, .. } => {
                template(id.clone(), language.clone(), (0..form.fields.len()).map(text).collect())
            }
        })
    }
}

fn field(label: &str, text: &str) -> Field<()> {
    Field::text((), label, text)
}

fn row_field(model: &Model, n: usize) -> Field<()> {
    field(&fill(&model.strings().forms.row, &[("n", &n.to_string())]), "")
}

fn variable_field(model: &Model, n: usize) -> Field<()> {
    field(&fill(&model.strings().overlay.template_variable, &[("place", &format!("{{{{{n}}}}}"))]), "")
}

/// How the kinds of buttons that an account has are written.
fn button_forms(model: &Model, kinds: &[&str]) -> String {
    let form = |kind: &&str| match *kind {
        "url" => "url|URL|TITLE".to_owned(),
        "copy" => "copy|CODE|TITLE".to_owned(),
        other => format!("{other}|ID|TITLE"),
    };
    kinds.iter().map(form).collect::<Vec<_>>().join(&model.strings().forms.or)
}

/// The highest `{{n}}` of a template's text.
fn variables(body: &str) -> usize {
    let numbers =
        body.split("{{").skip(1).filter_map(|t| t.split_once("}}")).filter_map(|(n, _)| n.trim().parse().ok());
    numbers.filter(|n: &usize| *n <= 20).max().unwrap_or(0)
}

/// The filled lines from a field on.
fn lines(form: &Form<()>, from: usize) -> impl Iterator<Item = &str> {
    form.fields.iter().skip(from).map(Field::value).filter(|line| !line.is_empty())
}

fn location(model: &Model, latitude: &str, longitude: &str, caption: Option<String>) -> Result<Content, String> {
    let misspelt = || model.strings().forms.location_misspelt.clone();
    let (latitude, longitude) = match (latitude, longitude) {
        ("", _) => return Err(misspelt()),
        // Maps copy both coordinates as one text.
        (both, "") => split_location(both).map_err(|_| misspelt())?,
        (latitude, longitude) => (latitude.to_owned(), longitude.to_owned()),
    };
    Ok(Content::Location { latitude, longitude, caption })
}

fn buttons<'a>(model: &Model, kinds: &[&str], lines: impl Iterator<Item = &'a str>) -> Result<Vec<Button>, String> {
    let misspelt = |line: &str| {
        fill(&model.strings().forms.button_misspelt, &[("given", line), ("forms", &button_forms(model, kinds))])
    };
    lines.map(|line| line.parse().map_err(|_| misspelt(line))).collect()
}

fn rows<'a>(model: &Model, lines: impl Iterator<Item = &'a str>) -> Result<Vec<ListRow>, String> {
    let misspelt = |line: &str| fill(&model.strings().forms.row_misspelt, &[("given", line)]);
    lines.map(|line| line.parse().map_err(|_| misspelt(line))).collect()
}

fn template(id: String, language: Option<String>, variables: Vec<String>) -> Content {
    Content::Template(TemplateUse { id, language, variables, header: None, payloads: Vec::new() })
}

//! What each form asks for, and what it makes of the answers.
//!
//! Invariant: nothing is made of a line that does not spell what it should; the form says how it is written.

use crate::domain::outgoing::{Button, ListRow, MediaKind, MediaLink, TemplateUse, split_location};
use crate::domain::{Capabilities, Content};
use crate::tui::app::state::Model;
use crate::tui::commands::registry::Command;
use crate::tui::i18n::fill;
use crate::tui::overlays::state::{Field, Form, FormKind, Target};
use crate::tui::widgets::line_input::Input;

/// How many variables a template may have whose text nobody knows.
const FREE_VARIABLES: usize = 3;

/// Fields of a list menu before its rows.
const BEFORE_ROWS: usize = 4;

/// Fields of a text with buttons before its buttons.
const BEFORE_BUTTONS: usize = 3;

/// A form with its fields, empty but for what is usual.
pub(crate) fn form(model: &Model, kind: FormKind, to: Target, can: Option<&Capabilities>) -> Form {
    let fields = fields(model, &kind, can);
    Form { kind, to, fields, focus: 0, objection: None, sending: false }
}

/// What a command's form makes, for an account that can carry it.
pub(crate) fn kind_of(command: Command, can: &Capabilities) -> Option<FormKind> {
    match command {
        Command::Attach => Some(FormKind::Attach),
        Command::SendLocation => Some(FormKind::Location),
        Command::SendCard => Some(FormKind::Card),
        Command::SendButtons => can.buttons.map(|rules| FormKind::Buttons { words: rules.types }),
        Command::SendList => can.list_rows.map(|max| FormKind::List { max }),
        _ => None,
    }
}

fn fields(model: &Model, kind: &FormKind, can: Option<&Capabilities>) -> Vec<Field> {
    let (over, words) = (&model.strings().overlay, &model.strings().forms);
    let empty = |labels: &[&String]| labels.iter().map(|label| field(label, "")).collect::<Vec<_>>();
    match kind {
        FormKind::Attach => empty(&[&over.attach_url, &over.attach_caption]),
        FormKind::Location => empty(&[&words.latitude, &words.longitude, &over.attach_caption]),
        FormKind::Card => empty(&[&words.card_name, &words.card_numbers]),
        FormKind::Buttons { words: kinds } => {
            let mut fields = empty(&[&words.text, &words.title, &words.footer]);
            let most = can.and_then(|can| can.buttons).map_or(1, |rules| rules.max);
            let forms = button_forms(model, kinds);
            fields.extend(
                (1..=most).map(|n| field(&fill(&words.button, &[("n", &n.to_string()), ("forms", &forms)]), "")),
            );
            fields
        }
        FormKind::List { .. } => {
            let mut fields = empty(&[&words.text, &words.list_label, &words.title, &words.footer]);
            fields.push(row_field(model, 1));
            fields
        }
        FormKind::First => empty(&[&words.text]),
        FormKind::FreeTemplate => {
            let mut fields = vec![field(&over.template_id, ""), field(&over.template_language, model.locale.as_str())];
            fields.extend((1..=FREE_VARIABLES).map(|n| variable_field(model, n)));
            fields
        }
        FormKind::Template { body, .. } => (1..=places(body.as_str())).map(|n| variable_field(model, n)).collect(),
    }
}

/// A list menu grows by a row when its last one is filled.
pub(crate) fn grow(model: &Model, form: &mut Form) {
    let FormKind::List { max } = form.kind else { return };
    let rows = form.fields.len().saturating_sub(BEFORE_ROWS);
    if rows < max && form.fields.last().is_some_and(|last| !last.input.is_empty()) {
        form.fields.push(row_field(model, rows + 1));
    }
}

/// Whether Enter in the field that has the keys sends, although fields follow: only what may be left out follows.
pub(crate) fn is_enough(form: &Form) -> bool {
    let blank = |from: usize| form.fields.iter().skip(from).all(|field| field.input.is_empty());
    match form.kind {
        FormKind::FreeTemplate => form.focus >= 1 && blank(form.focus + 1),
        // An empty line ends the buttons and the rows; after a filled one the next is offered.
        FormKind::Buttons { .. } => form.focus > BEFORE_BUTTONS && blank(form.focus),
        FormKind::List { .. } => form.focus > BEFORE_ROWS && blank(form.focus),
        _ => false,
    }
}

fn row_field(model: &Model, n: usize) -> Field {
    field(&fill(&model.strings().forms.row, &[("n", &n.to_string())]), "")
}

fn variable_field(model: &Model, n: usize) -> Field {
    field(&fill(&model.strings().overlay.template_variable, &[("place", &format!("{{{{{n}}}}}"))]), "")
}

fn field(label: &str, text: &str) -> Field {
    Field { label: label.to_owned(), input: Input::with(text) }
}

/// How the buttons that an account has are written.
fn button_forms(model: &Model, kinds: &[&str]) -> String {
    let form = |kind: &&str| match *kind {
        "url" => "url|URL|TITLE".to_owned(),
        "copy" => "copy|CODE|TITLE".to_owned(),
        other => format!("{other}|ID|TITLE"),
    };
    kinds.iter().map(form).collect::<Vec<_>>().join(&model.strings().forms.or)
}

/// The highest `{{n}}` of a template's text.
fn places(body: &str) -> usize {
    let numbers =
        body.split("{{").skip(1).filter_map(|t| t.split_once("}}")).filter_map(|(n, _)| n.trim().parse().ok());
    numbers.filter(|n: &usize| *n <= 20).max().unwrap_or(0)
}

/// What the form makes; the error says in words which line is misspelt.
pub(crate) fn content(model: &Model, form: &Form) -> Result<Content, String> {
    let text = |index: usize| form.fields.get(index).map_or(String::new(), |f| f.input.text().trim().to_owned());
    let some = |index: usize| Some(text(index)).filter(|text| !text.is_empty());
    Ok(match &form.kind {
        FormKind::Attach => {
            let url = text(0);
            Content::Media { link: MediaLink { kind: MediaKind::guess(&url), url }, caption: some(1) }
        }
        FormKind::Location => location(model, &text(0), &text(1), some(2))?,
        FormKind::Card => {
            let given = text(1);
            let numbers = given.split([',', ';']).map(str::trim).filter(|number| !number.is_empty());
            Content::Card { name: text(0), numbers: numbers.map(str::to_owned).collect() }
        }
        FormKind::Buttons { words } => Content::Buttons {
            text: text(0),
            title: some(1),
            footer: some(2),
            media: None,
            buttons: buttons(model, words, lines(form, BEFORE_BUTTONS))?,
        },
        FormKind::List { .. } => Content::List {
            text: text(0),
            title: some(2),
            footer: some(3),
            label: text(1),
            rows: rows(model, lines(form, BEFORE_ROWS))?,
        },
        FormKind::First => Content::Text { body: text(0) },
        FormKind::FreeTemplate => {
            let mut variables: Vec<String> = (2..form.fields.len()).map(text).collect();
            while variables.last().is_some_and(String::is_empty) {
                variables.pop();
            }
            template(text(0), some(1), variables)
        }
        FormKind::Template { id, language, .. } => {
            template(id.clone(), language.clone(), (0..form.fields.len()).map(text).collect())
        }
    })
}

/// The filled lines from a field on.
fn lines(form: &Form, from: usize) -> impl Iterator<Item = &str> {
    form.fields.iter().skip(from).map(|field| field.input.text().trim()).filter(|line| !line.is_empty())
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

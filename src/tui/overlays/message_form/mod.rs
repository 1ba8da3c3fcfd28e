//! The forms that make a message which is more than text: media, location, contact card, buttons, list, template; and
//! the first message to somebody.
//!
//! Invariant: nothing is sent that the account objects to; the form says why, at the field that it concerns, and stays.

mod content;
mod files;
pub(crate) mod kinds;
pub(super) mod outbox;
mod row_editor;

pub(crate) use kinds::FormKind;

use self::files::NamedFiles;
use self::kinds::Part;
use super::address::{Address, NumberState, Target};
use super::popup::{self, Hint, Next, Popup};
use super::send_later;
use crate::domain::place::{Coordinates, parse_place};
use crate::domain::template::fill_places;
use crate::domain::{Content, FoundFile, Objection, SavedPlace, SendOptions, Template, phone};
use crate::text::Clean;
use crate::tui::app::state::Model;
use crate::tui::commands::availability;
use crate::tui::commands::registry::Command;
use crate::tui::effect::{Effect, Read};
use crate::tui::i18n::fill;
use crate::tui::theme::styles::Meaning;
use crate::tui::widgets::draw_text::{paragraph_rows, paragraphs};
use crate::tui::widgets::form::{Field, FieldKind, Form};
use crossterm::event::KeyEvent;
use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};
use ratatui::style::Style;

/// A form for one message, its recipient, and why it could not be sent.
#[derive(Debug, Clone)]
pub struct MessageForm {
    kind: FormKind,
    pub to: Target,
    form: Form<Part>,
    /// The files that are named where media are wanted.
    files: NamedFiles,
    /// Why it could not be sent, in the person's language, where no field is to blame.
    pub objection: Option<String>,
    /// It was said that another agent has answered a moment ago: Enter sends all the same.
    pub(crate) answered: bool,
    /// It is being put into the outbox.
    pub sending: bool,
}

/// Opens the form of a command for the open conversation.
pub(crate) fn open(model: &mut Model, command: Command) {
    let (Some(view), Some(conversation)) = (model.open_account(), model.open_id()) else { return };
    if let Some(kind) = FormKind::of(command, &view.capabilities) {
        let form = MessageForm::new(model, kind, Target::Conversation(conversation));
        model.push_overlay(form);
    }
}

/// Opens the form for a file or a link that is named already, and asks what the file is.
pub(crate) fn open_attach(model: &mut Model, to: Target, named: &str, caption: &str) -> Vec<Effect> {
    let mut form = MessageForm::new(model, FormKind::Attach, to);
    form.fill_in(model, &[(Part::Link, named), (Part::Caption, caption)]);
    let effects = form.look_at_files();
    model.push_overlay(form);
    effects
}

/// Shows what the files are that a form names.
pub(crate) fn show_files(model: &mut Model, text: &str, found: &[FoundFile]) {
    if let Some(form) = model.overlay_mut(|_: &MessageForm| true) {
        form.files.show(text, found);
    }
}

impl MessageForm {
    /// A form in which nothing is filled in.
    pub(crate) fn new(model: &Model, kind: FormKind, to: Target) -> Self {
        let mut form = Form::new(kind.fields(model));
        if kind.has_rows() {
            row_editor::add(model, &kind, &mut form);
            form.focus_on(Part::Text);
        }
        MessageForm { kind, to, form, files: NamedFiles::default(), objection: None, answered: false, sending: false }
    }

    /// The form for a place that is sent often.
    pub(crate) fn place(model: &Model, to: Target, place: &SavedPlace) -> Self {
        let mut form = MessageForm::new(model, FormKind::Location, to);
        let at = format!("{}, {}", place.latitude, place.longitude);
        form.fill_in(model, &[(Part::Place, &at), (Part::Caption, &place.name)]);
        form
    }

    /// The form for a place of which something was typed.
    pub(crate) fn typed_place(model: &Model, to: Target, typed: &str) -> Self {
        let mut form = MessageForm::new(model, FormKind::Location, to);
        form.fill_in(model, &[(Part::Place, typed)]);
        form
    }

    /// The form for the contact card of somebody who is known, or whose name or number was typed.
    pub(crate) fn card(model: &Model, to: Target, name: &str, number: &str) -> Self {
        let mut form = MessageForm::new(model, FormKind::Card, to);
        form.fill_in(model, &[(Part::Name, name), (Part::Number(0), number)]);
        form
    }

    /// Fills fields in and goes to the first that is still empty, else to the last one that is filled in.
    fn fill_in(&mut self, model: &Model, values: &[(Part, &str)]) {
        for (part, text) in values {
            self.form.focus_on(*part);
            self.form.insert(text);
        }
        if let Some((part, _)) = values.iter().find(|(_, text)| text.is_empty()) {
            self.form.focus_on(*part);
        }
        self.changed(model);
    }

    /// Asks what the files are that the form names, where that is not known yet.
    fn look_at_files(&mut self) -> Vec<Effect> {
        let part = [Part::Link, Part::Header].into_iter().find(|part| self.form.field(*part).is_some());
        let text = part.map(|part| self.form.value(part).to_owned()).unwrap_or_default();
        let must_look = self.files.name(&text);
        must_look.then_some(Effect::Read(Read::Files { text })).into_iter().collect()
    }

    /// What is filled in, a message for each file, unless something is missing or objected to, which the form then says.
    fn checked(&mut self, model: &Model) -> Option<Vec<Content>> {
        let contents = match content::contents(model, &self.to, &self.kind, &self.form, &self.files) {
            Ok(contents) => contents,
            Err((part, why)) => {
                self.form.refuse(part, &why);
                return None;
            }
        };
        if let Some((objection, why)) = contents.iter().find_map(|content| objection(model, &self.to, content)) {
            match content::part_of(&objection, &self.form) {
                Some(part) => self.form.refuse(part, &why),
                None => self.objection = Some(why),
            }
            return None;
        }
        self.objection = None;
        Some(contents)
    }

    fn submit(&mut self, model: &Model) -> Vec<Effect> {
        let Some(contents) = self.checked(model) else { return Vec::new() };
        self.sending = true;
        let options = SendOptions { ignore_answer: self.answered, ..SendOptions::default() };
        outbox::send(&self.to, contents, options)
    }

    /// What Enter does in the focused field.
    fn accept(&mut self, model: &Model) -> Vec<Effect> {
        if self.kind.enter_sends(&self.form) {
            return self.submit(model);
        }
        match self.form.focused().map(|field| field.id) {
            Some(Part::Add) => {
                row_editor::add(model, &self.kind, &mut self.form);
            }
            _ if self.kind.has_rows() => row_editor::go_on(model, &self.kind, &mut self.form),
            _ => self.form.step(1),
        }
        Vec::new()
    }

    /// Something was typed or chosen: what was objected is out of date, and what was understood stands beside the field.
    fn changed(&mut self, model: &Model) {
        self.objection = None;
        kinds::offer_number(model, &mut self.form);
        let country = model.conversations.filter.country;
        for field in &mut self.form.fields {
            field.aside = match field.id {
                Part::Place => parse_place(field.value()).map_or(String::new(), |place| understood(field, &place)),
                Part::Number(_) => {
                    phone::normalise(field.value(), country).map_or(String::new(), |number| format!("+{number}"))
                }
                _ => String::new(),
            };
        }
    }

    fn is_in_row(&self) -> bool {
        matches!(self.form.focused().map(|field| field.id), Some(Part::Row(..)))
    }

    fn is_on_choice(&self) -> bool {
        self.form.focused().is_some_and(|field| matches!(field.kind, FieldKind::Choice { .. }))
    }

    fn title(&self, model: &Model) -> Clean {
        let (overlay, strings) = (&model.strings().overlay, &model.strings().forms);
        Clean::line(match (&self.kind, &self.to) {
            (FormKind::Attach, _) => &overlay.attach,
            (FormKind::Location, _) => &strings.location,
            (FormKind::Card, _) => &strings.card,
            (FormKind::Buttons { .. }, _) => &strings.buttons,
            (FormKind::List { .. }, _) => &strings.list,
            (FormKind::First, Target::New(to)) => return first_title(model, to),
            (FormKind::First, Target::Conversation(_)) => "",
            (FormKind::FreeTemplate, _) => &overlay.templates,
            (FormKind::Template(template), _) => &template.name,
        })
    }

    /// The template as the customer will read it.
    fn preview(&self) -> Vec<(String, Meaning)> {
        let FormKind::Template(template) = &self.kind else { return Vec::new() };
        let Template { body, parts, .. } = &**template;
        let body = fill_places(body, &content::variables(&self.form));
        let buttons: Vec<String> = parts.buttons.iter().map(|title| format!("[ {} ]", Clean::line(title))).collect();
        let texts = [
            (parts.header_text.clone(), Meaning::Strong),
            (body, Meaning::Text),
            (parts.footer.clone(), Meaning::Dim),
            (buttons.join(" "), Meaning::Accent),
        ];
        let texts = texts.into_iter().filter(|(text, _)| !text.trim().is_empty());
        texts.map(|(text, meaning)| (Clean::block(&text).into_string(), meaning)).collect()
    }

    /// The paragraphs under the fields: the number, the objection, that it is being sent.
    fn notes(&self, model: &Model) -> Vec<(String, Meaning)> {
        let number = match &self.to {
            Target::New(to) => number_note(model, to),
            Target::Conversation(_) => None,
        };
        let objection = self.objection.clone().map(|objection| (objection, Meaning::ComposerObjection));
        let sending = self.sending.then(|| (model.strings().composer.sending.clone(), Meaning::Accent));
        let files = self.files.lines(model, &self.to);
        number.into_iter().chain(files).chain(objection).chain(sending).collect()
    }
}

/// The coordinates that were read in a text, unless they stand there as they are.
fn understood(field: &Field<Part>, place: &Coordinates) -> String {
    let read = format!("{}, {}", place.latitude, place.longitude);
    let plain = |text: &str| text.replace(' ', "");
    if plain(&read) == plain(field.value()) { String::new() } else { read }
}

/// What is objected to a content before anything is sent, and that in the person's language.
fn objection(model: &Model, to: &Target, content: &Content) -> Option<(Objection, String)> {
    match to {
        Target::Conversation(id) if model.open_id() == Some(*id) => {
            let why = availability::objection(model, content)?;
            Some((availability::found_objection(model, content).unwrap_or(Objection::Groups), why))
        }
        // Another conversation is open by now: the outbox judges.
        Target::Conversation(_) => None,
        Target::New(address) => availability::first_objection(model, address, content),
    }
}

/// To whom a first message goes, through which account.
fn first_title(model: &Model, to: &Address) -> Clean {
    let name = Clean::name(&to.name).unwrap_or_else(|| Clean::line(&to.peer));
    let places = [("to", name.as_str()), ("account", to.account.as_str())];
    Clean::line(&fill(&model.strings().forms.first, &places))
}

/// What the gateway said about somebody's number.
fn number_note(model: &Model, to: &Address) -> Option<(String, Meaning)> {
    let strings = &model.strings().forms;
    let question = model.number.as_ref().filter(|n| n.account == to.account && n.phone == to.peer)?;
    let with_number = |sentence: &str| fill(sentence, &[("number", &question.phone)]);
    Some(match &question.state {
        NumberState::Asking => (with_number(&strings.number_asking), Meaning::Dim),
        NumberState::Registered => (with_number(&strings.number_registered), Meaning::Accent),
        NumberState::Missing => (with_number(&strings.number_missing), Meaning::ComposerObjection),
        NumberState::Unknown(reason) => (fill(&strings.number_unknown, &[("reason", reason)]), Meaning::Dim),
    })
}

impl Popup for MessageForm {
    fn commands(&self) -> &'static [Command] {
        use Command::{
            Accept, Down, NextChoice, NextField, PageDown, PageUp, PreviousChoice, PreviousField, RemoveRow, RowDown,
            RowUp, SendLater, Up,
        };
        match (self.sending, self.is_in_row(), self.is_on_choice()) {
            (true, ..) => &[],
            (false, _, true) => {
                const OF_CHOICE: &[Command] = &[
                    Accept,
                    NextField,
                    PreviousField,
                    Down,
                    Up,
                    NextChoice,
                    PreviousChoice,
                    RemoveRow,
                    RowDown,
                    RowUp,
                    SendLater,
                ];
                OF_CHOICE
            }
            (false, true, false) => &[Accept, NextField, PreviousField, Down, Up, RemoveRow, RowDown, RowUp, SendLater],
            (false, false, false) => &[Accept, NextField, PreviousField, Down, Up, PageDown, PageUp, SendLater],
        }
    }

    fn takes_text(&self) -> bool {
        !self.is_on_choice()
    }

    /// Tab goes around, the arrows stop at the ends; Enter does what the hint line says.
    fn run(&mut self, model: &mut Model, command: Command) -> Next {
        match command {
            Command::NextField => self.form.step_around(1),
            Command::PreviousField => self.form.step_around(-1),
            Command::Accept => return Next::Stay(self.accept(model)),
            Command::SendLater => {
                if let Some(contents) = self.checked(model) {
                    send_later::open_for_form(model, self.to.clone(), contents);
                }
            }
            Command::RemoveRow | Command::RowUp | Command::RowDown => {
                row_editor::run(model, &self.kind, &mut self.form, command);
                self.changed(model);
            }
            Command::NextChoice | Command::PreviousChoice => {
                self.form.choose(if command == Command::NextChoice { 1 } else { -1 });
                row_editor::renumber(model, &self.kind, &mut self.form);
                self.changed(model);
            }
            _ => self.form.step(popup::step_of(command, 1).unwrap_or(0)),
        }
        Next::stay()
    }

    fn type_key(&mut self, model: &mut Model, key: &KeyEvent) -> Vec<Effect> {
        if !self.sending && self.form.type_key(key) {
            self.changed(model);
            return self.look_at_files();
        }
        Vec::new()
    }

    fn paste(&mut self, model: &mut Model, text: &str) -> Vec<Effect> {
        if !self.sending && self.form.insert(text.trim_matches(['\n', '\r'])) {
            self.changed(model);
            return self.look_at_files();
        }
        Vec::new()
    }

    fn hints(&self, model: &Model) -> Vec<Hint> {
        let overlay = &model.strings().overlay;
        let focused = self.form.focused().map(|field| field.id);
        let label = match focused {
            _ if self.kind.enter_sends(&self.form) => overlay.send.as_str(),
            Some(Part::Add) => kinds::add_label(model, &self.kind),
            _ => &overlay.next,
        };
        let mut hints = vec![popup::named_hint(model, Command::Accept, label)];
        if self.is_on_choice() {
            hints.push(popup::change_hint(model));
        }
        if self.is_in_row() {
            hints.push(popup::hint(model, Command::RemoveRow));
            hints.push(popup::hint(model, Command::RowUp));
        }
        if self.form.fields.len() > 1 && label != overlay.next {
            hints.push(popup::hint(model, Command::NextField));
        }
        if self.kind.enter_sends(&self.form) {
            hints.push(popup::hint(model, Command::SendLater));
        }
        hints.push(popup::close_hint(model));
        hints
    }

    fn draw(&self, model: &Model, buf: &mut Buffer) -> Option<Position> {
        fn styled<'t>(model: &Model, texts: &'t [(String, Meaning)]) -> Vec<(&'t str, Style)> {
            texts.iter().map(|(text, meaning)| (text.as_str(), model.theme.style(*meaning))).collect()
        }
        let (preview, notes) = (self.preview(), self.notes(model));
        let (mut preview, notes) = (styled(model, &preview), styled(model, &notes));
        let width = if self.kind.has_rows() { 72 } else { 64 }.min(model.areas.screen.width.saturating_sub(6));
        let gap = |texts: &[_]| u16::from(!texts.is_empty());
        let (above, below) = (paragraph_rows(&preview, width), paragraph_rows(&notes, width));
        let fields = self.form.table_rows(width);
        let wanted = above + gap(&preview) + fields + gap(&notes) + below;
        let area = popup::open_panel(model, buf, self.title(model).as_str(), width, wanted);
        // The fields come first when there is not room for everything, then what is said of them.
        if wanted > area.height && above + fields + below > area.height {
            preview.clear();
        }
        let part = |from: u16, rows: u16| {
            let y = from.min(area.height);
            Rect { y: area.y + y, height: rows.min(area.height - y), ..area }
        };
        let used = paragraphs(buf, part(0, area.height), &preview) + gap(&preview);
        let room = area.height.saturating_sub(used + below + gap(&notes)).max(1);
        let cursor = self.form.draw_rows(&model.theme, buf, part(used, fields.min(room)));
        paragraphs(buf, part(used + fields.min(room) + gap(&notes), below), &notes);
        cursor
    }
}

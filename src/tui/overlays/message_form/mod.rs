//! The forms that make a message which is more than text: media, location, contact card, buttons, list, template; and
//! the first message to somebody.
//!
//! Invariant: nothing is sent that the account objects to; the form says why and stays.

pub(crate) mod kinds;

pub(crate) use kinds::FormKind;

use super::address::{Address, NumberState, Target};
use super::popup::{self, Hint, Next, Popup};
use crate::domain::{Capabilities, Content};
use crate::text::Clean;
use crate::tui::app::state::Model;
use crate::tui::commands::availability;
use crate::tui::commands::registry::Command;
use crate::tui::effect::{Effect, Origin, Write};
use crate::tui::i18n::fill;
use crate::tui::theme::styles::Meaning;
use crate::tui::widgets::draw_text::{paragraph_rows, paragraphs};
use crate::tui::widgets::form::{Field, Form};
use crossterm::event::KeyEvent;
use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};
use ratatui::style::Style;

/// A form for one message, its recipient, and why it could not be sent.
#[derive(Debug, Clone)]
pub struct MessageForm {
    kind: FormKind,
    pub to: Target,
    form: Form<()>,
    /// Why it could not be sent, in the person's language.
    pub objection: Option<String>,
    /// It is being put into the outbox.
    pub sending: bool,
}

/// Opens the form of a command for the open conversation.
pub(crate) fn open(model: &mut Model, command: Command) {
    let (Some(view), Some(conversation)) = (model.open_account(), model.open_id()) else { return };
    let can = &view.capabilities;
    if let Some(kind) = FormKind::of(command, can) {
        let form = MessageForm::new(model, kind, Target::Conversation(conversation), Some(can));
        model.push_overlay(form);
    }
}

impl MessageForm {
    /// An empty form for what an account can carry.
    pub(crate) fn new(model: &Model, kind: FormKind, to: Target, can: Option<&Capabilities>) -> Self {
        let form = Form::new(kind.fields(model, can));
        MessageForm { kind, to, form, objection: None, sending: false }
    }

    /// The form for media by link, filled in as far as a canned reply says.
    pub(crate) fn attach(model: &Model, to: Target, link: &str, caption: &str) -> Self {
        let mut form = MessageForm::new(model, FormKind::Attach, to, None);
        for (field, text) in form.form.fields.iter_mut().zip([link, caption]) {
            *field = Field::text((), &field.label, text);
        }
        form.form.step(1);
        form
    }

    fn submit(&mut self, model: &Model) -> Vec<Effect> {
        let content = self.kind.content(model, &self.form);
        let judged = content.and_then(|content| match objection(model, &self.to, &content) {
            Some(objection) => Err(objection),
            None => Ok(content),
        });
        match judged {
            Err(objection) => {
                self.objection = Some(objection);
                Vec::new()
            }
            Ok(content) => {
                self.sending = true;
                self.objection = None;
                match &self.to {
                    Target::Conversation(id) => {
                        vec![Effect::Write(Write::Send { conversation: *id, content, origin: Origin::Form })]
                    }
                    Target::New(to) => vec![Effect::Write(Write::SendTo { to: to.clone(), content })],
                }
            }
        }
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
            (FormKind::Template { id, .. }, _) => id,
        })
    }

    /// The paragraphs under the fields: the number, the objection, that it is being sent.
    fn notes(&self, model: &Model) -> Vec<(String, Meaning)> {
        let number = match &self.to {
            Target::New(to) => number_note(model, to),
            Target::Conversation(_) => None,
        };
        let objection = self.objection.clone().map(|objection| (objection, Meaning::ComposerObjection));
        let sending = self.sending.then(|| (model.strings().composer.sending.clone(), Meaning::Accent));
        number.into_iter().chain(objection).chain(sending).collect()
    }
}

/// What is objected to a content before anything is sent, in the person's language.
fn objection(model: &Model, to: &Target, content: &Content) -> Option<String> {
    match to {
        Target::Conversation(id) if model.open_id() == Some(*id) => availability::objection(model, content),
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
        use Command::{Accept, Down, NextField, PageDown, PageUp, PreviousField, Up};
        if self.sending {
            return &[];
        }
        &[Accept, NextField, PreviousField, Down, Up, PageDown, PageUp]
    }

    fn takes_text(&self) -> bool {
        true
    }

    /// Tab goes around, the arrows stop at the ends; Enter goes on, and sends from the last field.
    fn run(&mut self, model: &mut Model, command: Command) -> Next {
        match command {
            Command::NextField => self.form.step_around(1),
            Command::PreviousField => self.form.step_around(-1),
            Command::Accept if self.form.focus() + 1 >= self.form.fields.len() || self.kind.is_complete(&self.form) => {
                return Next::Stay(self.submit(model));
            }
            Command::Accept => self.form.step(1),
            _ => self.form.step(popup::step_of(command, 1).unwrap_or(0)),
        }
        Next::stay()
    }

    fn type_key(&mut self, model: &mut Model, key: &KeyEvent) -> Vec<Effect> {
        if !self.sending && self.form.type_key(key) {
            self.objection = None;
            self.kind.grow(model, &mut self.form);
        }
        Vec::new()
    }

    fn paste(&mut self, model: &mut Model, text: &str) -> Vec<Effect> {
        if self.form.insert(text) {
            self.objection = None;
        }
        self.kind.grow(model, &mut self.form);
        Vec::new()
    }

    fn hints(&self, model: &Model) -> Vec<Hint> {
        let mut hints = vec![popup::named_hint(model, Command::Accept, &model.strings().overlay.send)];
        if self.form.fields.len() > 1 {
            hints.push(popup::hint(model, Command::NextField));
        }
        hints.push(popup::close_hint(model));
        hints
    }

    fn draw(&self, model: &Model, buf: &mut Buffer) -> Option<Position> {
        fn styled<'t>(model: &Model, texts: &'t [(String, Meaning)]) -> Vec<(&'t str, Style)> {
            texts.iter().map(|(text, meaning)| (text.as_str(), model.theme.style(*meaning))).collect()
        }
        let body = match &self.kind {
            FormKind::Template { body, .. } => vec![(body.as_str().to_owned(), Meaning::Dim)],
            _ => Vec::new(),
        };
        let notes = self.notes(model);
        let (mut body, notes) = (styled(model, &body), styled(model, &notes));
        let width = 60.min(model.areas.screen.width.saturating_sub(6));
        let fields = u16::try_from(self.form.fields.len() * 2).unwrap_or(u16::MAX);
        let wanted = paragraph_rows(&body, width) + fields + paragraph_rows(&notes, width).max(1);
        let area = popup::open_panel(model, buf, self.title(model).as_str(), width, wanted);
        // The fields come first when there is not room for everything.
        if paragraph_rows(&body, area.width) + fields > area.height {
            body.clear();
        }
        let below =
            |used: u16| Rect { y: area.y + used.min(area.height), height: area.height.saturating_sub(used), ..area };
        let used = paragraphs(buf, area, &body);
        // What is objected stays visible when fields have to give way.
        let keep = paragraph_rows(&notes, area.width);
        let (cursor, rows) = self.form.draw_stacked(&model.theme, buf, below(used), keep);
        paragraphs(buf, below(used + rows), &notes);
        Some(cursor)
    }
}

//! The fields of a canned reply that nobody knows, asked for one by one, with the reply as it will read.
//!
//! Invariant: nothing that was not typed is filled in: a field that is left empty stays in the draft, in its braces.

use super::address::Target;
use super::message_form::open_attach;
use super::popup::{self, Hint, Next, Popup};
use crate::domain::canned_reply::{fields, file_name, fill_fields};
use crate::text::Clean;
use crate::tui::app::state::{Model, Pane};
use crate::tui::commands::registry::Command;
use crate::tui::composer;
use crate::tui::effect::Effect;
use crate::tui::i18n::fill;
use crate::tui::theme::styles::Meaning;
use crate::tui::widgets::draw_text::{paragraph_rows, paragraphs};
use crate::tui::widgets::form::{Field, Form};
use crossterm::event::KeyEvent;
use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};

/// The most rows of the reply that are shown.
const PREVIEW_ROWS: u16 = 8;

/// A reply with fields to fill in.
#[derive(Debug, Clone)]
pub struct ReplyFields {
    name: String,
    /// The reply, with the fields that are left.
    text: String,
    /// What is sent with it.
    file: Option<String>,
    form: Form<()>,
}

impl ReplyFields {
    /// A form for the fields that are left in a reply's text.
    pub(super) fn new(name: &str, text: &str, file: Option<String>) -> Self {
        let fields = fields(text).into_iter().map(|field| Field::text((), Clean::line(field).as_str(), ""));
        let form = Form::new(fields.collect());
        ReplyFields { name: name.to_owned(), text: text.to_owned(), file, form }
    }

    /// The reply with what is typed so far.
    fn filled(&self) -> String {
        let names = fields(&self.text);
        fill_fields(&self.text, |field| {
            let index = names.iter().position(|name| *name == field)?;
            let value = self.form.fields.get(index)?.value();
            (!value.is_empty()).then(|| value.to_owned())
        })
    }

    fn is_last(&self) -> bool {
        self.form.focus() + 1 >= self.form.fields.len()
    }
}

/// Inserts a filled reply. What it attaches is offered as a message of its own, with the text as its caption; where the
/// account takes no files it is named with that.
pub(super) fn finish(model: &mut Model, file: Option<&str>, text: &str) -> Vec<Effect> {
    let account = model.open_account().map(|view| (view.provider_name, view.capabilities.clone()));
    match (file, account, model.open_id()) {
        (Some(file), Some((_, can)), Some(conversation)) if !can.media.is_empty() => {
            open_attach(model, Target::Conversation(conversation), file, text)
        }
        (Some(file), account, _) => {
            let effects = insert(model, text);
            let gateway = account.map_or("", |(name, _)| name);
            let file = Clean::line(file_name(file));
            let notice = fill(&model.strings().notices.reply_file, &[("file", &file), ("gateway", gateway)]);
            model.notify(&notice, true);
            effects
        }
        (None, ..) => insert(model, text),
    }
}

/// Inserts a text at the composer's cursor, apart from what stands before it.
fn insert(model: &mut Model, text: &str) -> Vec<Effect> {
    model.focus = Pane::Composer;
    let draft = model.composer.editor.as_str();
    let before = draft.get(..model.composer.editor.cursor_offset()).unwrap_or_default();
    let apart = if before.is_empty() || before.ends_with(char::is_whitespace) {
        ""
    } else if before.contains('\n') || text.contains('\n') {
        "\n"
    } else {
        " "
    };
    composer::update::paste(model, &format!("{apart}{text}"))
}

impl Popup for ReplyFields {
    fn commands(&self) -> &'static [Command] {
        use Command::{Accept, Down, NextField, PageDown, PageUp, PreviousField, Up};
        &[Accept, NextField, PreviousField, Down, Up, PageDown, PageUp]
    }

    fn takes_text(&self) -> bool {
        true
    }

    fn stays_below(&self) -> bool {
        true
    }

    fn run(&mut self, model: &mut Model, command: Command) -> Next {
        match command {
            Command::NextField => self.form.step_around(1),
            Command::PreviousField => self.form.step_around(-1),
            Command::Accept if self.is_last() => {
                return Next::Close(finish(model, self.file.as_deref(), &self.filled()));
            }
            Command::Accept => self.form.step(1),
            _ => self.form.step(popup::step_of(command, 1).unwrap_or(0)),
        }
        Next::stay()
    }

    fn type_key(&mut self, _model: &mut Model, key: &KeyEvent) -> Vec<Effect> {
        self.form.type_key(key);
        Vec::new()
    }

    fn paste(&mut self, _model: &mut Model, text: &str) -> Vec<Effect> {
        self.form.insert(text);
        Vec::new()
    }

    fn hints(&self, model: &Model) -> Vec<Hint> {
        let strings = &model.strings().overlay;
        let accept = if self.is_last() { &strings.insert } else { &strings.next };
        let mut hints = vec![popup::named_hint(model, Command::Accept, accept)];
        if self.form.fields.len() > 1 {
            hints.push(popup::hint(model, Command::NextField));
        }
        hints.push(popup::close_hint(model));
        hints
    }

    fn draw(&self, model: &Model, buf: &mut Buffer) -> Option<Position> {
        let preview = self.filled();
        let preview = Clean::block(&preview);
        let text = [(preview.as_str(), model.theme.style(Meaning::Text))];
        let note = [(model.strings().overlay.fields_left.as_str(), model.theme.style(Meaning::Dim))];
        let width = 60.min(model.areas.screen.width.saturating_sub(6));
        let fields = u16::try_from(self.form.fields.len()).unwrap_or(u16::MAX);
        let shown = paragraph_rows(&text, width).min(PREVIEW_ROWS);
        let wanted = shown + 1 + fields + 1 + paragraph_rows(&note, width);
        let area = popup::open_panel(model, buf, Clean::line(&self.name).as_str(), width, wanted);
        let part = |from: u16, rows: u16| {
            let y = from.min(area.height);
            Rect { y: area.y + y, height: rows.min(area.height - y), ..area }
        };
        // The fields come first when there is not room for everything.
        let shown = shown.min(area.height.saturating_sub(fields + 1));
        paragraphs(buf, part(0, shown), &text);
        let above = if shown == 0 { 0 } else { shown + 1 };
        let cursor = self.form.draw_rows(&model.theme, buf, part(above, fields));
        paragraphs(buf, part(above + fields + 1, area.height), &note);
        cursor
    }
}

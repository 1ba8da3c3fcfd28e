//! The composer in note mode: a private note is written where messages are, and looks like nothing that is sent.
//!
//! Invariant: what is typed here is kept and saved as a [`Note`] only; no text goes from here to a draft or a message.

use crossterm::event::KeyEvent;
use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};
use ratatui::widgets::{Clear, Widget};

use super::popup::{self, Hint, Next, Popup};
use crate::domain::{ConversationId, Message, Note, StoreError};
use crate::text;
use crate::tui::app::state::Model;
use crate::tui::commands::registry::Command;
use crate::tui::effect::{Effect, Write};
use crate::tui::i18n::errors::store_error;
use crate::tui::i18n::fill;
use crate::tui::theme::styles::Meaning;
use crate::tui::thread;
use crate::tui::widgets::draw_text::{put, row, skip};
use crate::tui::widgets::text_editor::TextEditor;
use crate::tui::widgets::text_editor::edit::{Edit, from_key};

/// The box's width and height where the conversation is not open.
const BOX: (u16, u16) = (60, 6);

/// A note that is being written.
#[derive(Debug, Clone)]
pub struct NoteEditor {
    pub conversation: ConversationId,
    editor: TextEditor,
}

impl NoteEditor {
    /// A note on a conversation, begun with a text.
    pub(crate) fn new(conversation: ConversationId, begun: &str) -> Self {
        NoteEditor { conversation, editor: TextEditor::open(begun) }
    }
}

/// Lets a note be written about the conversation that the keys are about; one that was begun before goes on.
pub(crate) fn open(model: &mut Model) {
    if let Some(conversation) = model.subject().map(|conversation| conversation.id) {
        let note = NoteEditor::new(conversation, model.begun.note(conversation));
        model.push_overlay(note);
    }
}

/// The editor of a note that stands in the composer's place, to be measured with it.
pub(crate) fn editor_in_composer(model: &mut Model) -> Option<&mut TextEditor> {
    let open = model.open_id()?;
    model.overlay_mut(|note: &NoteEditor| note.conversation == open).map(|note| &mut note.editor)
}

/// A note is in the thread, or was not stored: then its text stays, and a notice says so.
pub(crate) fn finish(model: &mut Model, conversation: ConversationId, result: Result<Box<Message>, StoreError>) {
    let strings = &model.strings().notices;
    match result {
        Ok(note) => {
            model.begun.finish_note(conversation, &note.text);
            model.notify(&strings.note_saved, false);
        }
        Err(error) => {
            model.begun.keep_note(conversation, model.now);
            let reason = store_error(model.locale, &error);
            model.notify(&fill(&strings.note_not_saved, &[("reason", &reason)]), true);
        }
    }
}

impl NoteEditor {
    /// The text is kept with every edit, so that nothing is lost however the note is left.
    fn edit(&mut self, model: &mut Model, edit: Edit) {
        self.editor.apply(edit);
        model.begun.set_note(self.conversation, self.editor.text(), model.now);
    }

    fn draw_in_composer(&self, model: &Model, buf: &mut Buffer) -> Position {
        let areas = &model.areas;
        for area in [areas.composer_title, areas.prompt, areas.composer] {
            Clear.render(area, buf);
        }
        let edge = model.theme.style(Meaning::NoteEdge);
        let title = row(areas.composer_title, 0);
        put(buf, title, &model.theme.glyphs.note_rule.repeat(usize::from(title.width)), edge);
        let strings = &model.strings().note;
        let texts = [&strings.title_long, &strings.title];
        let fits = |text: &&&String| text::cells(text) + 4 <= usize::from(title.width);
        if let Some(text) = texts.iter().find(fits) {
            put(buf, skip(title, 1), &format!(" {text} "), edge);
        }
        for y in 0..areas.prompt.height {
            put(buf, row(areas.prompt, y), model.theme.glyphs.note_edge, edge);
        }
        self.draw_text(model, buf, areas.composer)
    }

    fn draw_text(&self, model: &Model, buf: &mut Buffer, area: Rect) -> Position {
        self.editor.draw(area, buf, &model.strings().note.placeholder, model.theme.style(Meaning::Note));
        self.editor.cursor(area)
    }
}

impl Popup for NoteEditor {
    fn commands(&self) -> &'static [Command] {
        &[Command::Accept, Command::NewLine, Command::PageUp, Command::PageDown]
    }

    fn takes_text(&self) -> bool {
        true
    }

    fn opened_by(&self) -> Option<Command> {
        Some(Command::Note)
    }

    fn stays_below(&self) -> bool {
        true
    }

    fn run(&mut self, model: &mut Model, command: Command) -> Next {
        match command {
            Command::NewLine => {
                self.edit(model, Edit::Newline);
                Next::stay()
            }
            // What was said before can be read meanwhile.
            Command::PageUp | Command::PageDown => Next::Stay(thread::update::move_selection(model, command)),
            _ => match Note::new(self.editor.as_str()) {
                Some(note) => {
                    let conversation = self.conversation;
                    model.begun.hand_over_note(conversation);
                    Next::Close(vec![Effect::Write(Write::AddNote { conversation, note })])
                }
                None => Next::stay(),
            },
        }
    }

    fn type_key(&mut self, model: &mut Model, key: &KeyEvent) -> Vec<Effect> {
        if let Some(edit) = from_key(key) {
            self.edit(model, edit);
        }
        Vec::new()
    }

    fn paste(&mut self, model: &mut Model, text: &str) -> Vec<Effect> {
        self.edit(model, Edit::Paste(text.to_owned()));
        Vec::new()
    }

    fn layout(&mut self, model: &Model) {
        if model.open_id() == Some(self.conversation) && !model.areas.composer.is_empty() {
            return;
        }
        self.editor.fit(BOX.0, BOX.1);
    }

    fn hints(&self, model: &Model) -> Vec<Hint> {
        let save = popup::named_hint(model, Command::Accept, &model.strings().note.save);
        vec![save, popup::hint(model, Command::NewLine), popup::close_hint(model)]
    }

    fn draw(&self, model: &Model, buf: &mut Buffer) -> Option<Position> {
        if model.open_id() == Some(self.conversation) && !model.areas.composer.is_empty() {
            return Some(self.draw_in_composer(model, buf));
        }
        let name = model
            .conversation(self.conversation)
            .map(|c| Model::title(c, model.country()).into_string())
            .unwrap_or_default();
        let title = fill(&model.strings().note.title_about, &[("name", &name)]);
        let area = popup::open_panel(model, buf, &title, BOX.0, BOX.1);
        Some(self.draw_text(model, buf, area))
    }
}

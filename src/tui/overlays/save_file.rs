//! Saves a file of a message under a name of one's own.
//!
//! Invariant: nothing is replaced before a second Enter on the same name.

use std::path::PathBuf;

use crossterm::event::KeyEvent;
use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};

use super::popup::{self, Hint, Next, Popup};
use crate::domain::Message;
use crate::text::Clean;
use crate::tui::app::state::Model;
use crate::tui::commands::registry::Command;
use crate::tui::effect::{Effect, MediaCall};
use crate::tui::i18n::fill;
use crate::tui::message::SaveError;
use crate::tui::previews::files::MediaFile;
use crate::tui::theme::styles::Meaning;
use crate::tui::widgets::draw_text::{paragraphs, row};
use crate::tui::widgets::line_input::LineInput;

/// The line in which the path is typed.
#[derive(Debug, Clone)]
pub struct SaveFile {
    from: PathBuf,
    input: LineInput,
    error: Option<SaveError>,
}

impl SaveFile {
    /// The line with the file's name in the directory for downloads.
    pub(crate) fn new(model: &Model, file: &MediaFile) -> Self {
        let path = format!("{}{}", model.downloads, file.name);
        SaveFile { from: file.path.clone(), input: LineInput::with(&path), error: None }
    }
}

/// Lets the chosen message's file be saved.
pub(crate) fn open(model: &mut Model, message: &Message) {
    if let Some(file) = MediaFile::of(message) {
        let save = SaveFile::new(model, &file);
        model.push_overlay(save);
    }
}

/// Takes the end of saving: the line closes, or says what is wrong.
pub(crate) fn finish(model: &mut Model, path: &str, result: Result<(), SaveError>) {
    let strings = &model.strings().media;
    match (result, model.front_mut::<SaveFile>()) {
        (Ok(()), front) => {
            if front.is_some() {
                model.overlays.pop();
            }
            model.notify(&fill(&strings.saved, &[("path", Clean::line(path).as_str())]), false);
        }
        (Err(error), Some(front)) => front.error = Some(error),
        (Err(error), None) => model.notify(&reason(model, &error), true),
    }
}

fn reason(model: &Model, error: &SaveError) -> String {
    let strings = &model.strings().media;
    match error {
        SaveError::Exists => strings.exists.clone(),
        SaveError::Failed(reason) => fill(&strings.not_saved, &[("reason", Clean::line(reason).as_str())]),
    }
}

impl Popup for SaveFile {
    fn commands(&self) -> &'static [Command] {
        &[Command::Accept]
    }

    fn takes_text(&self) -> bool {
        true
    }

    fn run(&mut self, _model: &mut Model, _command: Command) -> Next {
        let to = self.input.text().trim().to_owned();
        if to.is_empty() {
            return Next::stay();
        }
        let replace = self.error == Some(SaveError::Exists);
        Next::Stay(vec![Effect::Media(MediaCall::Save { from: self.from.clone(), to, replace })])
    }

    fn type_key(&mut self, _model: &mut Model, key: &KeyEvent) -> Vec<Effect> {
        if self.input.key(key) == Some(true) {
            self.error = None;
        }
        Vec::new()
    }

    fn paste(&mut self, _model: &mut Model, text: &str) -> Vec<Effect> {
        self.input.insert(text);
        self.error = None;
        Vec::new()
    }

    fn hints(&self, model: &Model) -> Vec<Hint> {
        let label = model.strings().command_label(Command::SaveMedia.id());
        vec![popup::named_hint(model, Command::Accept, label), popup::close_hint(model)]
    }

    fn draw(&self, model: &Model, buf: &mut Buffer) -> Option<Position> {
        let area = popup::open_panel(model, buf, &model.strings().media.save_title, 72, 4);
        let cursor = self.input.draw(&model.theme, buf, row(area, 0), &model.strings().media.save_hint);
        if let Some(error) = &self.error {
            let below = Rect { y: area.y + 1, height: area.height.saturating_sub(1), ..area };
            paragraphs(buf, below, &[(&reason(model, error), model.theme.style(Meaning::ComposerObjection))]);
        }
        Some(cursor)
    }
}

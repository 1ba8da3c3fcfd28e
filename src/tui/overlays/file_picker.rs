//! The files of this machine, of which one is sent: the newest first, found by a few letters, folder by folder. A path or a
//! link can be typed, pasted or dropped instead.

use std::path::{Path, PathBuf};

use crossterm::event::KeyEvent;
use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};

use super::address::Target;
use super::message_form;
use super::popup::{self, Hint, Next, Popup};
use crate::domain::file_paths::{is_link, is_path};
use crate::domain::{ConversationId, Folder, FolderEntry};
use crate::text::Clean;
use crate::tui::app::state::Model;
use crate::tui::commands::registry::Command;
use crate::tui::effect::{Effect, Read};
use crate::tui::i18n::fill;
use crate::tui::i18n::time::moment;
use crate::tui::theme::styles::Meaning;
use crate::tui::thread::message::bytes;
use crate::tui::widgets::draw_text::{put, row};
use crate::tui::widgets::picker::{Item, Picker};

/// A list of files and folders, for a conversation.
#[derive(Debug, Clone)]
pub struct FilePicker {
    conversation: ConversationId,
    picker: Picker<Choice>,
    /// The folder that is shown; `None` for the newest files.
    folder: Option<PathBuf>,
    /// Why a folder or the clipboard gives nothing, in the person's language.
    trouble: Option<String>,
    /// The picture of the clipboard is being read.
    reading: bool,
}

/// What can be picked.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Choice {
    /// The picture on the clipboard.
    Clipboard,
    Folder(PathBuf),
    File(PathBuf),
}

/// Shows files for the open conversation: those of the folder that was last chosen from.
pub(crate) fn open(model: &mut Model) -> Vec<Effect> {
    let Some(conversation) = model.open_id() else { return Vec::new() };
    let folder = model.file_folder.clone();
    let picker = Picker::new(vec![clipboard(model)]);
    model.push_overlay(FilePicker { conversation, picker, folder: folder.clone(), trouble: None, reading: false });
    vec![Effect::Read(Read::Folder { path: folder })]
}

/// Shows what lies in a folder.
pub(crate) fn show(model: &mut Model, path: Option<&Path>, read: Result<Folder, String>) {
    let items = read.map(|folder| items(model, &folder));
    let nothing = vec![clipboard(model)];
    let unreadable = &model.strings().overlay.folder_unreadable;
    let Some(files) = model.overlay_mut(|files: &FilePicker| files.folder.as_deref() == path) else { return };
    match items {
        Ok(items) => {
            files.picker.replace(items);
            files.trouble = None;
        }
        Err(reason) => {
            files.picker.replace(nothing);
            files.trouble = Some(fill(unreadable, &[("reason", Clean::line(&reason).as_str())]));
        }
    }
}

/// Offers the picture of the clipboard to be sent, or says that there is none.
pub(crate) fn show_clipboard(model: &mut Model, picture: Option<PathBuf>) -> Vec<Effect> {
    let Some(index) = model.find_overlay(|files: &FilePicker| files.reading) else { return Vec::new() };
    let Some(picture) = picture else {
        let none = model.strings().overlay.clipboard_none.clone();
        if let Some(files) = model.overlay_mut(|files: &FilePicker| files.reading) {
            (files.reading, files.trouble) = (false, Some(none));
        }
        return Vec::new();
    };
    let conversation = model.overlay_mut(|files: &FilePicker| files.reading).map(|files| files.conversation);
    model.overlays.remove(index);
    let Some(conversation) = conversation else { return Vec::new() };
    message_form::open_attach(model, Target::Conversation(conversation), &picture.to_string_lossy(), "")
}

fn clipboard(model: &Model) -> (Item, Choice) {
    let strings = &model.strings().overlay;
    let item = Item { label: strings.clipboard.clone(), detail: strings.clipboard_detail.clone(), ..Item::default() };
    (item, Choice::Clipboard)
}

fn items(model: &Model, folder: &Folder) -> Vec<(Item, Choice)> {
    let up = folder.parent.iter().map(|parent| {
        let item = Item {
            label: "../".to_owned(),
            detail: Clean::line(&parent.to_string_lossy()).into_string(),
            ..Item::default()
        };
        (item, Choice::Folder(parent.clone()))
    });
    let entries = folder.entries.iter().map(|entry| (item(model, entry), choice(entry)));
    if folder.path.is_none() {
        return std::iter::once(clipboard(model)).chain(entries).collect();
    }
    up.chain(entries).collect()
}

fn choice(entry: &FolderEntry) -> Choice {
    if entry.is_folder { Choice::Folder(entry.path.clone()) } else { Choice::File(entry.path.clone()) }
}

fn item(model: &Model, entry: &FolderEntry) -> Item {
    let name = Clean::line(&entry.name);
    let label = if entry.is_folder { format!("{}/", name.as_str()) } else { name.into_string() };
    let detail = if entry.is_folder { String::new() } else { bytes(entry.size) };
    let side = moment(model.strings(), entry.modified, model.now, &model.zone);
    Item { label, detail, side, ..Item::default() }
}

impl FilePicker {
    /// Goes into a folder.
    fn enter(&mut self, path: PathBuf) -> Vec<Effect> {
        (self.folder, self.trouble) = (Some(path.clone()), None);
        self.picker.input.clear();
        self.picker.replace(Vec::new());
        vec![Effect::Read(Read::Folder { path: Some(path) })]
    }
}

impl Popup for FilePicker {
    fn commands(&self) -> &'static [Command] {
        popup::PICKER_COMMANDS
    }

    fn takes_text(&self) -> bool {
        true
    }

    fn opened_by(&self) -> Option<Command> {
        Some(Command::Attach)
    }

    fn run(&mut self, model: &mut Model, command: Command) -> Next {
        let typed = self.picker.input.text().trim().to_owned();
        let to = Target::Conversation(self.conversation);
        if command == Command::Accept && (is_link(&typed) || is_path(&typed)) {
            return Next::Close(message_form::open_attach(model, to, &typed, ""));
        }
        match popup::picked(&mut self.picker, command) {
            None => Next::stay(),
            Some(Choice::Clipboard) => {
                self.reading = true;
                Next::Stay(vec![Effect::Read(Read::ClipboardPicture)])
            }
            Some(Choice::Folder(path)) => Next::Stay(self.enter(path)),
            Some(Choice::File(path)) => {
                model.file_folder.clone_from(&self.folder);
                Next::Close(message_form::open_attach(model, to, &path.to_string_lossy(), ""))
            }
        }
    }

    fn type_key(&mut self, _model: &mut Model, key: &KeyEvent) -> Vec<Effect> {
        self.picker.type_key(key);
        Vec::new()
    }

    fn paste(&mut self, _model: &mut Model, text: &str) -> Vec<Effect> {
        self.picker.paste(&text.trim().replace(['\n', '\r'], " "));
        Vec::new()
    }

    fn hints(&self, model: &Model) -> Vec<Hint> {
        popup::list_hints(model)
    }

    fn draw(&self, model: &Model, buf: &mut Buffer) -> Option<Position> {
        let strings = &model.strings().overlay;
        let title = match &self.folder {
            Some(folder) => Clean::line(&folder.to_string_lossy()).into_string(),
            None => strings.files.clone(),
        };
        let area = popup::open_panel(model, buf, &title, 76, popup::tall(model));
        let typed = self.picker.input.text();
        let none = if is_link(typed) || is_path(typed) { &strings.files_typed } else { &strings.files_none };
        let reserved = u16::from(self.trouble.is_some() && area.height > 2);
        if let Some(trouble) = self.trouble.as_ref().filter(|_| reserved > 0) {
            put(buf, row(area, area.height - 1), trouble, model.theme.style(Meaning::ComposerObjection));
        }
        let list = Rect { height: area.height - reserved, ..area };
        Some(self.picker.draw(&model.theme, buf, list, &strings.files_hint, none))
    }
}

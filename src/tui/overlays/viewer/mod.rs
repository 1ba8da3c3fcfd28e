//! A picture over the whole window: enlarged, moved, the next one, saved, opened outside, its path copied.
//!
//! Invariant: a picture is decoded outside the screen's thread; keys change what is asked for and wait for nothing.

pub(crate) mod request;
pub(crate) mod zoom;

use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};
use ratatui::widgets::{Clear, Widget};

use self::request::{PictureRequest, PixelImage, ShownPicture};
use self::zoom::Zoom;
use super::Overlay;
use super::popup::{self, Hint, Next, Popup};
use super::save_file::SaveFile;
use crate::domain::{Message, MessageId};
use crate::text::Clean;
use crate::tui::app::state::Model;
use crate::tui::commands::registry::Command;
use crate::tui::effect::{Effect, MediaCall, TerminalAction};
use crate::tui::i18n::media::unreadable;
use crate::tui::previews::files::{MediaFile, is_picture};
use crate::tui::previews::preview::Unreadable;
use crate::tui::theme::styles::Meaning;
use crate::tui::thread::message::bytes;
use crate::tui::widgets::draw_text::{put, put_right, row, wrapped};
use crate::tui::widgets::half_blocks;

/// The viewer of the pictures of the open conversation.
#[derive(Debug, Clone)]
pub struct Viewer {
    message: MessageId,
    file: MediaFile,
    zoom: Zoom,
    asked: Option<PictureRequest>,
    /// What was shown last; it stays until the next is there.
    shown: Option<Result<ShownPicture, Unreadable>>,
}

impl Viewer {
    /// The viewer with the picture of a message in it.
    pub(crate) fn new(message: MessageId, file: MediaFile) -> Self {
        Viewer { message, file, zoom: Zoom::default(), asked: None, shown: None }
    }

    fn go(&mut self, model: &mut Model, forward: bool) {
        let Some(thread) = &mut model.thread else { return };
        let of = |message: &Message| is_picture(message).then(|| MediaFile::of(message)).flatten();
        let pictures: Vec<(MessageId, MediaFile)> =
            thread.entries.iter().filter_map(|entry| Some((entry.message.id, of(&entry.message)?))).collect();
        let at = pictures.iter().position(|(id, _)| *id == self.message);
        let next = at.and_then(|at| if forward { Some(at + 1) } else { at.checked_sub(1) });
        if let Some((message, file)) = next.and_then(|at| pictures.get(at)) {
            // Where one has looked is where one is afterwards.
            thread.selected = Some(*message);
            thread.reveal_selected = true;
            *self = Viewer::new(*message, file.clone());
        } else {
            let strings = &model.strings().media;
            let text = if forward { strings.no_next.clone() } else { strings.no_previous.clone() };
            model.notify(&text, false);
        }
    }

    fn pan(&mut self, model: &Model, by: (i32, i32)) {
        if let Some(Ok(shown)) = &self.shown {
            let room = room(model);
            self.zoom = self.zoom.moved(shown.size, (room.width, room.height.saturating_mul(2)), by);
        }
    }

    fn title(&self) -> String {
        let size = match &self.shown {
            Some(Ok(shown)) => Some(format!("{}×{}", shown.size.0, shown.size.1)),
            _ => None,
        };
        let zoom = (self.zoom.percent > 100).then(|| format!("{}%", self.zoom.percent));
        let name = Some(self.file.name.clone()).filter(|name| !name.is_empty());
        [name, self.file.size.map(bytes), size, zoom].into_iter().flatten().collect::<Vec<_>>().join("  ")
    }

    /// What stands in the picture's place.
    fn words(&self, model: &Model) -> Option<String> {
        let strings = &model.strings().media;
        if !model.theme.shows_pictures() {
            return Some(strings.no_pictures.clone());
        }
        match &self.shown {
            None => Some(strings.opening.clone()),
            Some(Err(reason)) => Some(unreadable(model.locale, *reason)),
            Some(Ok(_)) => None,
        }
    }
}

/// The cells for the picture: the window without the title and the hint line.
fn room(model: &Model) -> Rect {
    let (width, height) = model.size;
    Rect { x: 0, y: 1, width, height: height.saturating_sub(2) }
}

/// The cells of a picture in the middle of the room for it.
fn place(shown: &ShownPicture, room: Rect) -> Rect {
    let (width, height) = (shown.pixels.width.min(room.width), half_blocks::rows(&shown.pixels).min(room.height));
    Rect { x: room.x + (room.width - width) / 2, y: room.y + (room.height - height) / 2, width, height }
}

/// The picture in real pixels that is to be on the terminal, and over which cells; none while anything lies over it.
pub(crate) fn pixels(model: &Model) -> Option<(&PixelImage, Rect)> {
    let Some(Overlay::Viewer(viewer)) = model.overlays.last() else { return None };
    let Some(Ok(shown)) = &viewer.shown else { return None };
    shown.image.as_ref().map(|image| (image, place(shown, room(model))))
}

/// Asks for the part that is to be seen, unless it was asked for.
pub(crate) fn ask(model: &mut Model, effects: &mut Vec<Effect>) {
    let room = room(model);
    let shows = model.theme.shows_pictures();
    let Some(viewer) = model.overlay_mut::<Viewer>(|_| shows) else { return };
    let (file, zoom) = (viewer.file.clone(), viewer.zoom);
    let request = PictureRequest { file, zoom, columns: room.width, rows: room.height };
    if viewer.asked.as_ref() != Some(&request) {
        viewer.asked = Some(request.clone());
        effects.push(Effect::Media(MediaCall::ShowPicture(Box::new(request))));
    }
}

/// Takes a picture that was asked for.
pub(crate) fn show(model: &mut Model, request: &PictureRequest, shown: Result<ShownPicture, Unreadable>) {
    if let Some(viewer) = model.overlay_mut::<Viewer>(|viewer| viewer.file == request.file) {
        viewer.shown = Some(shown);
    }
}

impl Popup for Viewer {
    fn commands(&self) -> &'static [Command] {
        &[
            Command::ZoomIn,
            Command::ZoomOut,
            Command::ZoomFit,
            Command::Down,
            Command::Up,
            Command::PanLeft,
            Command::PanRight,
            Command::NextPicture,
            Command::PreviousPicture,
            Command::SaveMedia,
            Command::OpenOutside,
            Command::CopyPath,
            Command::Close,
        ]
    }

    fn run(&mut self, model: &mut Model, command: Command) -> Next {
        match command {
            Command::ZoomIn => self.zoom = self.zoom.step(true),
            Command::ZoomOut => self.zoom = self.zoom.step(false),
            Command::ZoomFit => self.zoom = Zoom::default(),
            Command::Down => self.pan(model, (0, 1)),
            Command::Up => self.pan(model, (0, -1)),
            Command::PanLeft => self.pan(model, (-1, 0)),
            Command::PanRight => self.pan(model, (1, 0)),
            Command::NextPicture | Command::PreviousPicture => self.go(model, command == Command::NextPicture),
            Command::SaveMedia => {
                let save = SaveFile::new(model, &self.file);
                model.push_overlay(save);
            }
            Command::OpenOutside => return Next::Stay(self.file.open(model)),
            Command::CopyPath => {
                let text = Clean::line(&self.file.path.to_string_lossy());
                return Next::Stay(vec![Effect::Terminal(TerminalAction::Copy { text })]);
            }
            _ => return Next::close(),
        }
        Next::stay()
    }

    fn hints(&self, model: &Model) -> Vec<Hint> {
        let zoom = popup::key_name(model, Command::ZoomIn) + &popup::key_name(model, Command::ZoomOut);
        let turn = popup::key_name(model, Command::NextPicture) + &popup::key_name(model, Command::PreviousPicture);
        let strings = &model.strings().media;
        vec![
            (zoom, strings.zoom.as_str()),
            (turn, strings.turn.as_str()),
            popup::hint(model, Command::SaveMedia),
            popup::hint(model, Command::OpenOutside),
            popup::hint(model, Command::CopyPath),
            popup::close_hint(model),
        ]
    }

    fn draw(&self, model: &Model, buf: &mut Buffer) -> Option<Position> {
        let room = room(model);
        let title = Rect { y: 0, height: 1, ..room };
        Clear.render(title, buf);
        Clear.render(room, buf);
        let left = put_right(buf, title, &format!(" {} ", self.position(model)), model.theme.style(Meaning::Dim));
        put(buf, left, &format!(" {}", self.title()), model.theme.style(Meaning::AccentStrong));
        if let Some(words) = self.words(model) {
            let middle = Rect { y: room.y + room.height / 3, height: room.height - room.height / 3, ..room };
            for (y, line) in (0_u16..).zip(wrapped(&words, room.width.saturating_sub(4))) {
                put(
                    buf,
                    row(Rect { x: 2, width: room.width.saturating_sub(4), ..middle }, y),
                    &line,
                    model.theme.style(Meaning::Dim),
                );
            }
        } else if let Some(Ok(shown)) = &self.shown {
            half_blocks::draw(&model.theme, buf, place(shown, room), &shown.pixels, 0);
        }
        None
    }
}

impl Viewer {
    /// Which of the loaded pictures it is, and of how many.
    fn position(&self, model: &Model) -> String {
        let entries = model.thread.iter().flat_map(|thread| &thread.entries);
        let pictures: Vec<MessageId> = entries
            .map(|entry| &entry.message)
            .filter(|m| is_picture(m) && MediaFile::of(m).is_some())
            .map(|m| m.id)
            .collect();
        let at = pictures.iter().position(|id| *id == self.message).map_or(0, |at| at + 1);
        format!("{at}/{}", pictures.len())
    }
}

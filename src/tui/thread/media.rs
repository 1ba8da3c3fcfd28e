//! What Enter does on a message with a file: it is looked at, heard, opened elsewhere, or fetched.

use super::state::Thread;
use super::{cards, message, playback};
use crate::domain::{Kind, MediaState, Message, StoreError};
use crate::tui::app::state::Model;
use crate::tui::commands::registry::Command;
use crate::tui::effect::{Effect, Write};
use crate::tui::i18n::errors::store_error;
use crate::tui::i18n::fill;
use crate::tui::overlays::viewer::Viewer;
use crate::tui::previews::files::{MediaFile, is_picture};

/// Whether the chosen message has a file, here or elsewhere.
pub(crate) fn has_file(model: &Model) -> bool {
    let chosen = model.thread.as_ref().and_then(Thread::selected_message);
    chosen.is_some_and(|message| kind_has_file(message) && message.media.is_some())
}

/// What Enter does on the chosen message, which has no file: a place is opened, the person of a card written to.
pub(crate) fn without_file(model: &Model) -> Command {
    match model.thread.as_ref().and_then(Thread::selected_message) {
        Some(message) if message::map_link(message, model.settings.map).is_some() => Command::OpenLink,
        Some(message) if cards::why_not(model, message).is_none() => Command::WriteToContact,
        _ => Command::Write,
    }
}

/// Whether messages of this kind are a file, rather than having one beside their text.
fn kind_has_file(message: &Message) -> bool {
    use Kind::{Audio, Document, Image, Sticker, Video};
    matches!(message.kind, Audio | Document | Image | Sticker | Video)
}

/// Opens the file of a message; one that is not here is asked for.
pub(crate) fn open(model: &mut Model, message: &Message) -> Vec<Effect> {
    let Some(media) = &message.media else { return Vec::new() };
    let Some(file) = MediaFile::of(message).filter(|_| media.file.state == MediaState::Here) else {
        return vec![Effect::Write(Write::AskForMedia { message: message.id })];
    };
    if message.kind == Kind::Audio {
        return playback::toggle(model, message.id);
    }
    if is_picture(message) {
        model.push_overlay(Viewer::new(message.id, file));
        return Vec::new();
    }
    file.open(model)
}

/// Says what came of asking for a file. `can`: there is something to fetch.
pub(crate) fn show_asked(model: &mut Model, result: Result<bool, StoreError>) {
    let strings = &model.strings().media;
    match result {
        Ok(true) => model.notify(&strings.asked_again, false),
        Ok(false) => model.notify(&strings.cannot_ask, true),
        Err(error) => {
            let reason = store_error(model.locale, &error);
            model.notify(&fill(&model.strings().notices.not_done, &[("reason", &reason)]), true);
        }
    }
}

//! A file of a message as the screen's commands need it: to look at it, to save it, to open it elsewhere.
//!
//! Invariant: what may run what its sender wrote is never opened, only saved.

use std::path::PathBuf;

use super::preview::{PreviewKind, kind_of};
use crate::domain::media::FileType;
use crate::domain::{MediaState, Message};
use crate::text::Clean;
use crate::tui::app::state::Model;
use crate::tui::effect::{Effect, TerminalAction};

/// A file that is here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MediaFile {
    /// The hash of its bytes, in hexadecimal.
    pub sha256: String,
    pub path: PathBuf,
    /// The sender's name for it, cleaned, else one that says what it is.
    pub name: String,
    /// In bytes, where that is known.
    pub size: Option<u64>,
    /// What its bytes say it is.
    pub mime: String,
}

impl MediaFile {
    /// The file of a message; `None` unless it is here.
    pub(crate) fn of(message: &Message) -> Option<MediaFile> {
        let media = message.media.as_ref().filter(|media| media.file.state == MediaState::Here)?;
        let path = media.file.path.clone()?;
        let named = media.name.as_deref().map(|name| Clean::line(name).into_string());
        let extension = path.extension().map(|extension| format!(".{}", extension.to_string_lossy()));
        let plain = || format!("{}-{}{}", message.kind, message.id, extension.unwrap_or_default());
        Some(MediaFile {
            sha256: media.file.sha256.clone()?,
            name: named.filter(|name| !name.trim().is_empty()).unwrap_or_else(plain),
            path,
            size: media.size,
            mime: media.mime.clone().unwrap_or_default(),
        })
    }

    /// Opens it with the desktop's program for its type, or says why not.
    pub(crate) fn open(&self, model: &mut Model) -> Vec<Effect> {
        if FileType::is_program(&self.mime) {
            model.notify(&model.strings().media.may_run, true);
            return Vec::new();
        }
        vec![Effect::Terminal(TerminalAction::OpenFile { path: self.path.clone(), name: Clean::line(&self.name) })]
    }
}

/// Whether a message's file is a picture, so that the viewer shows it.
pub(crate) fn is_picture(message: &Message) -> bool {
    kind_of(message) == Some(PreviewKind::Picture)
}

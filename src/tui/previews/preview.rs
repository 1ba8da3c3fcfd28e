//! What a preview is, what is asked for, and for which messages there is one.
//!
//! Invariant: which rows a preview takes follows from the message and the window alone, never from the file's bytes.

use std::path::PathBuf;
use std::time::Duration;

use crate::decoders::picture::{PictureFault, Pixels};
use crate::domain::{Kind, Media, MediaState, Message};

/// The parts of a voice note of which the loudness is known.
const BARS: u16 = 32;

/// What a preview is made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum PreviewKind {
    Picture,
    Voice,
    Document,
}

/// The file of a preview and the size in cells for which it is made.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct PreviewKey {
    /// The hash of the file, in hexadecimal: equal files have one preview.
    pub sha256: String,
    pub kind: PreviewKind,
    pub columns: u16,
    pub rows: u16,
}

/// A preview that is to be made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PreviewRequest {
    pub key: PreviewKey,
    /// Where the file lies.
    pub path: PathBuf,
}

/// A preview that was made, or why there is none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Preview {
    Picture {
        pixels: Pixels,
        /// Width and height of the whole picture, in pixels.
        size: (u32, u32),
    },
    Voice {
        duration: Duration,
        /// The loudness of each part of it, from 0 to 255.
        waveform: Vec<u8>,
    },
    Document {
        /// `None` where the file does not say it plainly.
        pages: Option<u32>,
    },
    Unreadable(Unreadable),
}

/// Why a file has no preview.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unreadable {
    Picture(PictureFault),
    /// The file is not where it was, or cannot be read.
    Gone,
    /// It took longer than a preview may take.
    TooSlow,
    /// A defect of the decoder ended it.
    Failed,
}

/// The size of previews in cells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct PreviewSize {
    pub(crate) columns: u16,
    pub(crate) rows: u16,
}

/// What kind of preview a message's file has, as far as the message says.
pub(crate) fn kind_of(message: &Message) -> Option<PreviewKind> {
    let media = message.media.as_ref()?;
    let mime = media.mime.as_deref().unwrap_or_default();
    match message.kind {
        Kind::Image | Kind::Sticker => Some(PreviewKind::Picture),
        Kind::Document if mime == "application/pdf" => Some(PreviewKind::Document),
        Kind::Document if ["image/jpeg", "image/png", "image/webp", "image/gif"].contains(&mime) => {
            Some(PreviewKind::Picture)
        }
        Kind::Audio if mime == "audio/ogg" => Some(PreviewKind::Voice),
        _ => None,
    }
}

/// The size of a message's preview at a width in cells, in a window of so many rows; `None` where it takes no rows.
pub(crate) fn size_of(message: &Message, width: u16, window_rows: u16) -> Option<PreviewSize> {
    let rows = match (kind_of(message)?, message.kind) {
        (PreviewKind::Picture, Kind::Sticker) => (window_rows / 5).clamp(3, 6),
        (PreviewKind::Picture, _) => (window_rows / 3).clamp(3, 10),
        (PreviewKind::Voice | PreviewKind::Document, _) => return None,
    };
    // Two pixels stand in a cell, one above the other; most photos are at most half as wide again as they are high.
    Some(PreviewSize { columns: (rows * 3).min(width), rows })
}

/// Whether a file is on its way here, as far as one can know.
pub(crate) fn is_coming(media: &Media) -> bool {
    media.file.state == MediaState::Waiting && !media.file.unasked && (media.url.is_some() || media.remote_id.is_some())
}

/// The preview that a message needs to be shown whole; `None` while its file is not here.
pub(crate) fn request(message: &Message, size: Option<PreviewSize>) -> Option<PreviewRequest> {
    let kind = kind_of(message)?;
    let file = &message.media.as_ref()?.file;
    if file.state != MediaState::Here || (size.is_none() && kind == PreviewKind::Picture) {
        return None;
    }
    let without_place = PreviewSize { columns: if kind == PreviewKind::Voice { BARS } else { 0 }, rows: 0 };
    let PreviewSize { columns, rows } = size.unwrap_or(without_place);
    let key = PreviewKey { sha256: file.sha256.clone()?, kind, columns, rows };
    Some(PreviewRequest { key, path: file.path.clone()? })
}

//! What the viewer asks for, and what it gets.

use std::sync::Arc;

use super::zoom::Zoom;
use crate::decoders::picture::Pixels;
use crate::tui::previews::files::MediaFile;

/// A part of a picture that is to be shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PictureRequest {
    pub file: MediaFile,
    pub zoom: Zoom,
    /// The cells that there is room for.
    pub columns: u16,
    pub rows: u16,
}

/// A part of a picture, made for half blocks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ShownPicture {
    pub pixels: Pixels,
    /// Width and height of the whole picture, in pixels.
    pub size: (u32, u32),
    /// The same part in real pixels, for a terminal that has them.
    pub image: Option<PixelImage>,
}

/// A picture in the protocol of the terminal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PixelImage {
    /// What draws it at the cursor.
    pub bytes: Arc<str>,
    /// What takes it away; `None` where drawing over it does.
    pub erase: Option<&'static str>,
}

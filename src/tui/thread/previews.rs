//! Which messages of the thread have a preview, and which of them are to be made.
//!
//! Invariant: what is seen changes its height only by a person's own act: a place for a preview stays once it was
//! there, and comes later only where a file was asked for.

use super::message::render::bubble_width;
use super::state::{Entry, Thread};
use crate::domain::MediaState;
use crate::tui::previews::preview::{PreviewRequest, PreviewSize, is_coming, request, size_of};
use crate::tui::theme::Theme;

/// The place for a message's preview in a pane `width` cells wide, in a window of so many rows.
pub(super) fn place(entry: &Entry, selected: bool, theme: &Theme, width: u16, window_rows: u16) -> Option<PreviewSize> {
    if !theme.shows_pictures() {
        return None;
    }
    let size = size_of(&entry.message, bubble_width(width.max(4)), window_rows)?;
    let media = entry.message.media.as_ref()?;
    let is_here = media.file.state == MediaState::Here;
    let had = entry.rendered.as_ref().map(|(key, _)| key.preview_size.is_some());
    let has = match had {
        Some(true) => true,
        None => is_here || is_coming(media),
        // It was asked for by somebody who looks at it.
        Some(false) => is_coming(media) || (is_here && selected),
    };
    has.then_some(size)
}

/// The previews of the visible messages, the newest one first.
pub(super) fn visible(thread: &Thread) -> Vec<PreviewRequest> {
    let visible = thread.viewport.visible.iter().rev().filter_map(|rows| thread.entries.get(rows.index));
    visible.filter_map(|entry| request(&entry.message, entry.rendered.as_ref()?.0.preview_size)).collect()
}

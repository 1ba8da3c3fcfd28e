//! The words for what has become of a file: why it is not here, and why it cannot be shown.

use super::fill;
use crate::config::Locale;
use crate::decoders::picture::PictureFault;
use crate::domain::{MediaError, MediaFault};
use crate::text::Clean;
use crate::tui::previews::preview::Unreadable;

/// Why a file is not here; what the other side said stands behind it.
pub(crate) fn fault(locale: Locale, error: &MediaError) -> String {
    let strings = &locale.strings().media;
    let words = match error.fault {
        MediaFault::NoLink => &strings.no_link,
        MediaFault::BadLink => &strings.bad_link,
        MediaFault::PrivateAddress => &strings.private_address,
        MediaFault::TooBig => &strings.too_big,
        MediaFault::Redirects => &strings.redirects,
        MediaFault::Gone => &strings.gone,
        MediaFault::Forbidden => &strings.forbidden,
        MediaFault::Status => &strings.status,
        MediaFault::Unreachable => &strings.unreachable,
        MediaFault::Timeout => &strings.timeout,
        MediaFault::Incomplete => &strings.incomplete,
        MediaFault::Empty => &strings.empty,
        MediaFault::WebPage => &strings.web_page,
        MediaFault::Gateway => &strings.gateway,
        MediaFault::Disk => &strings.disk,
    };
    let detail = Clean::line(error.detail.trim());
    if detail.is_empty() { words.clone() } else { format!("{words} ({})", detail.as_str()) }
}

/// Why a file that is here cannot be shown.
pub(crate) fn unreadable(locale: Locale, reason: Unreadable) -> String {
    let strings = &locale.strings().media;
    match reason {
        Unreadable::Picture(PictureFault::TooManyPixels { width, height }) if width > 0 => {
            fill(&strings.too_many_pixels, &[("width", &width.to_string()), ("height", &height.to_string())])
        }
        Unreadable::Picture(PictureFault::TooManyPixels { .. } | PictureFault::TooManyBytes) => {
            strings.too_large.clone()
        }
        Unreadable::Picture(PictureFault::UnknownType) => strings.unknown_type.clone(),
        Unreadable::Picture(PictureFault::Broken) => strings.broken.clone(),
        Unreadable::Gone => strings.file_gone.clone(),
        Unreadable::TooSlow => strings.too_slow.clone(),
        Unreadable::Failed => strings.not_shown.clone(),
    }
}

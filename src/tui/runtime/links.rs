//! Opens links with the desktop's own program.
//!
//! Invariant: no shell interprets a URL, and only web links are opened.

use super::desktop::run_first;
use crate::text::{Clean, link};
use crate::tui::message::LinkError;
use std::ffi::OsString;

/// Opens a web link by a program that does not inherit the `hidden` variables; blocks until it has taken it.
pub(super) fn open_link(url: &Clean, hidden: &[OsString]) -> Result<(), LinkError> {
    if !link::is_safe(url.as_str()) {
        return Err(LinkError::NotWeb);
    }
    run_first(open::commands(url.as_str()), hidden)
}

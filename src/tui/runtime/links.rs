//! Opens links with the desktop's own program.
//!
//! Invariant: no shell interprets a URL, and only web links are opened.

use crate::text::{Clean, link};
use crate::tui::message::LinkError;
use std::process::Stdio;

/// Opens a web link; blocks until the desktop's program has taken it.
pub(super) fn open_link(url: &Clean) -> Result<(), LinkError> {
    if !link::is_safe(url.as_str()) {
        return Err(LinkError::NotWeb);
    }
    let mut reason = String::new();
    for mut command in open::commands(url.as_str()) {
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        match command.status() {
            Ok(status) if status.success() => return Ok(()),
            Ok(status) => reason = status.to_string(),
            Err(error) => reason = error.to_string(),
        }
    }
    Err(LinkError::NoProgram(reason))
}

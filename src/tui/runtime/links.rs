//! Opens links with the desktop's own program.
//!
//! Invariant: no shell interprets a URL, and only web links are opened.

use crate::text::{Clean, link};
use crate::tui::message::LinkError;
use std::ffi::OsString;
use std::process::Stdio;

/// Opens a web link by a program that does not inherit the `hidden` variables; blocks until it has taken it.
pub(super) fn open_link(url: &Clean, hidden: &[OsString]) -> Result<(), LinkError> {
    if !link::is_safe(url.as_str()) {
        return Err(LinkError::NotWeb);
    }
    let mut reason = String::new();
    for mut command in open::commands(url.as_str()) {
        for name in hidden {
            command.env_remove(name);
        }
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        match command.status() {
            Ok(status) if status.success() => return Ok(()),
            Ok(status) => reason = status.to_string(),
            Err(error) => reason = error.to_string(),
        }
    }
    Err(LinkError::NoProgram(reason))
}

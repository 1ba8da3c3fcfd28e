//! What the screen starts outside of itself: an editor, a browser, sleep.
//!
//! Invariant: no shell reads a word that came from outside.

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::text::{Clean, link};
use crate::tui::message::EditError;

/// A draft as large as this is no draft.
const DRAFT_BYTES: u64 = 1 << 20;

/// Runs the person's editor on a text and gives back what was written. Blocks until the editor ends; the terminal must
/// have been given back.
pub(super) fn edit(text: &str) -> Result<String, EditError> {
    let words = ["VISUAL", "EDITOR"].iter().find_map(|name| std::env::var(name).ok().filter(|v| !v.trim().is_empty()));
    let words = words.ok_or(EditError::NoEditor)?;
    let mut argv = words.split_whitespace();
    let program = argv.next().ok_or(EditError::NoEditor)?;
    let draft = Draft::write(text).map_err(|_| EditError::Failed)?;
    let status = Command::new(program).args(argv).arg(draft.path()).status().map_err(|_| EditError::Failed)?;
    if !status.success() {
        return Err(EditError::Failed);
    }
    draft.read().map_err(|_| EditError::Failed)
}

/// A file that only this user can read, removed when it is no longer needed.
struct Draft(PathBuf);

impl Draft {
    fn write(text: &str) -> io::Result<Self> {
        let mut random = [0_u8; 12];
        getrandom::fill(&mut random).map_err(io::Error::other)?;
        let directory = std::env::var_os("XDG_RUNTIME_DIR").map(PathBuf::from).filter(|d| d.is_dir());
        let directory = directory.unwrap_or_else(std::env::temp_dir);
        let path = directory.join(format!("loket-draft-{}.txt", hex::encode(random)));
        let mut options = fs::OpenOptions::new();
        options.write(true).create_new(true);
        #[cfg(unix)]
        {
            use std::os::unix::fs::OpenOptionsExt;
            options.mode(0o600);
        }
        let mut file = options.open(&path)?;
        let draft = Draft(path);
        file.write_all(text.as_bytes())?;
        Ok(draft)
    }

    fn path(&self) -> &Path {
        &self.0
    }

    fn read(&self) -> io::Result<String> {
        if fs::metadata(&self.0)?.len() > DRAFT_BYTES {
            return Err(io::ErrorKind::FileTooLarge.into());
        }
        Ok(String::from_utf8_lossy(&fs::read(&self.0)?).into_owned())
    }
}

impl Drop for Draft {
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.0);
    }
}

/// Opens a web link with the desktop's own program.
pub(super) fn open_link(url: &Clean) -> Result<(), String> {
    if !link::is_safe(url.as_str()) {
        return Err("http, https".to_owned());
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
    Err(reason)
}

/// Puts the program to sleep, as Ctrl+Z does elsewhere; returns when it is woken.
#[cfg(unix)]
pub(super) fn sleep() {
    // In a group without a shell's job control the signal does nothing, and the program goes on.
    let _ = rustix::process::kill_current_process_group(rustix::process::Signal::TSTP);
}

/// There is no such sleep here.
#[cfg(not(unix))]
pub(super) fn sleep() {}

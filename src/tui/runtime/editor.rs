//! Edits a draft in the person's own editor.
//!
//! Invariant: no shell interprets the draft, and only this user can read its file.

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::files;
use crate::tui::message::EditError;

/// The largest file that is read back as a draft.
const DRAFT_BYTES: u64 = 1 << 20;

/// Runs `$VISUAL` or `$EDITOR` on a text and returns the file's content afterwards. Blocks until the editor ends; the
/// terminal must have been given back before.
pub(super) fn edit(text: &str) -> Result<String, EditError> {
    let command =
        ["VISUAL", "EDITOR"].iter().find_map(|name| std::env::var(name).ok().filter(|v| !v.trim().is_empty()));
    let command = command.ok_or(EditError::NoEditor)?;
    let mut argv = command.split_whitespace();
    let program = argv.next().ok_or(EditError::NoEditor)?;
    let draft = DraftFile::write(text).map_err(|_| EditError::Failed)?;
    let status = Command::new(program).args(argv).arg(draft.path()).status().map_err(|_| EditError::Failed)?;
    if !status.success() {
        return Err(EditError::Failed);
    }
    draft.read().map_err(|_| EditError::Failed)
}

/// A temporary file that only this user can read; removed when it is dropped.
struct DraftFile(PathBuf);

impl DraftFile {
    fn write(text: &str) -> io::Result<Self> {
        let mut random = [0_u8; 12];
        getrandom::fill(&mut random).map_err(io::Error::other)?;
        let directory = std::env::var_os("XDG_RUNTIME_DIR").map(PathBuf::from).filter(|d| d.is_dir());
        let directory = directory.unwrap_or_else(std::env::temp_dir);
        let path = directory.join(format!("loket-draft-{}.txt", hex::encode(random)));
        let mut file = files::create(&path)?;
        let draft = DraftFile(path);
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

impl Drop for DraftFile {
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.0);
    }
}

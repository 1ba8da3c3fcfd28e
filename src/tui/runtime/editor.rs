//! Edits a draft in the person's own editor.
//!
//! Invariant: no shell interprets the draft, and only this user can read its file.

use std::ffi::OsString;
use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;

use tokio::process::{Child, Command};

use crate::files;
use crate::tui::message::EditError;

/// The largest file that is read back as a draft.
const DRAFT_BYTES: u64 = 1 << 20;

/// How long an editor may take to end when the program is asked to.
const STOP_TIMEOUT: Duration = Duration::from_secs(2);

/// How editing a draft ended.
pub(super) struct Edited {
    pub(super) result: Result<String, EditError>,
    /// The program was asked to end meanwhile; the editor was ended, and the draft is what it had saved.
    pub(super) stopped: bool,
}

/// Runs `$VISUAL` or `$EDITOR` on a text and returns the file's content afterwards. The editor does not inherit the
/// `hidden` variables and is ended by `stop`; the terminal must have been given back before.
pub(super) async fn edit(text: &str, hidden: &[OsString], stop: impl Future<Output = ()>) -> Edited {
    let mut stopped = false;
    let result = run(text, hidden, stop, &mut stopped).await;
    Edited { result, stopped }
}

async fn run(
    text: &str,
    hidden: &[OsString],
    stop: impl Future<Output = ()>,
    stopped: &mut bool,
) -> Result<String, EditError> {
    let command =
        ["VISUAL", "EDITOR"].iter().find_map(|name| std::env::var(name).ok().filter(|v| !v.trim().is_empty()));
    let command = command.ok_or(EditError::NoEditor)?;
    let mut argv = command.split_whitespace();
    let program = argv.next().ok_or(EditError::NoEditor)?;
    let draft = DraftFile::write(text).map_err(|_| EditError::Failed)?;
    let mut command = Command::new(program);
    command.args(argv).arg(draft.path()).kill_on_drop(true);
    for name in hidden {
        command.env_remove(name);
    }
    let mut editor = command.spawn().map_err(|_| EditError::Failed)?;
    let status = tokio::select! {
        status = editor.wait() => status.map_err(|_| EditError::Failed)?,
        () = stop => {
            *stopped = true;
            end(&mut editor).await;
            return draft.read().map_err(|_| EditError::Failed);
        }
    };
    if !status.success() {
        return Err(EditError::Failed);
    }
    draft.read().map_err(|_| EditError::Failed)
}

/// Asks an editor to end, and kills it if it does not.
async fn end(editor: &mut Child) {
    #[cfg(unix)]
    if let Some(pid) = editor.id().and_then(|id| rustix::process::Pid::from_raw(id.cast_signed())) {
        // It may have ended by itself.
        let _ = rustix::process::kill_process(pid, rustix::process::Signal::TERM);
    }
    if tokio::time::timeout(STOP_TIMEOUT, editor.wait()).await.is_err() {
        drop(editor.kill().await);
    }
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

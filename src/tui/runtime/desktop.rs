//! Saves files of messages and opens them with the desktop's programs.
//!
//! Invariant: nothing is replaced unless that was asked for, no symbolic link is followed, and no shell reads a path.

use std::ffi::OsString;
use std::io;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::config::Environment;
use crate::files;
use crate::tui::message::{LinkError, SaveError};

/// The person's directory for downloads with a separator at its end; the home directory where there is none.
pub(super) fn downloads() -> String {
    let user = directories::UserDirs::new();
    let directory = user.as_ref().and_then(|user| user.download_dir().filter(|path| path.is_dir()));
    match directory {
        Some(directory) => format!("{}{}", directory.display(), std::path::MAIN_SEPARATOR),
        None => "~/".to_owned(),
    }
}

/// Copies a file for its owner only; `to` as people write it. Without `replace` whatever stands there stays.
pub(super) fn save(from: &Path, to: &str, replace: bool) -> Result<PathBuf, SaveError> {
    let home = directories::BaseDirs::new().map(|dirs| dirs.home_dir().to_owned()).unwrap_or_default();
    let to = Environment::process().expand(to, &home);
    let failed = |error: io::Error| SaveError::Failed(format!("{}: {error}", to.display()));
    let bytes = std::fs::read(from).map_err(failed)?;
    if !replace && to.symlink_metadata().is_ok() {
        return Err(SaveError::Exists);
    }
    files::replace(&to, &bytes).map_err(failed)?;
    Ok(to)
}

/// Opens a file by the desktop's program for its type, which does not inherit the `hidden` variables; blocks until one
/// has taken it.
pub(super) fn open(path: &Path, hidden: &[OsString]) -> Result<(), LinkError> {
    run_first(open::commands(path), hidden)
}

/// Runs the first of some programs that succeeds, without the `hidden` variables and with nothing to read or write.
pub(super) fn run_first(commands: Vec<Command>, hidden: &[OsString]) -> Result<(), LinkError> {
    let mut reason = String::new();
    for mut command in commands {
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_saved_but_nothing_is_replaced_unasked_and_no_link_is_followed() {
        let dir = tempfile::tempdir().unwrap();
        let (from, to) = (dir.path().join("sha"), dir.path().join("foto.jpg"));
        std::fs::write(&from, "pixels").unwrap();
        let name = to.to_str().unwrap();
        assert_eq!(save(&from, name, false), Ok(to.clone()));
        assert_eq!(std::fs::read_to_string(&to).unwrap(), "pixels");
        std::fs::write(&to, "mine").unwrap();
        assert_eq!(save(&from, name, false), Err(SaveError::Exists));
        assert_eq!(std::fs::read_to_string(&to).unwrap(), "mine");
        assert_eq!(save(&from, name, true), Ok(to.clone()));
        assert_eq!(std::fs::read_to_string(&to).unwrap(), "pixels");
        assert!(matches!(save(&from, dir.path().join("no/where").to_str().unwrap(), false), Err(SaveError::Failed(_))));
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            assert_eq!(std::fs::metadata(&to).unwrap().permissions().mode() & 0o777, 0o600);
            let link = dir.path().join("link");
            std::os::unix::fs::symlink(dir.path().join("other"), &link).unwrap();
            assert_eq!(save(&from, link.to_str().unwrap(), false), Err(SaveError::Exists));
            assert!(matches!(save(&from, link.to_str().unwrap(), true), Err(SaveError::Failed(_))));
            assert!(!dir.path().join("other").exists());
        }
    }
}

//! The screens that are open on a data directory: each holds a lock that the operating system frees when it dies.
//!
//! Invariant: nothing here makes a screen wait.

use std::fs::{self, File, TryLockError};
use std::io;
use std::path::{Path, PathBuf};

use super::accounts::token::new_token;
use crate::files;

/// The directory of the screens' files, in the data directory.
const DIRECTORY: &str = "screens";

/// An open screen, as long as this lives or until its process dies.
#[derive(Debug)]
pub(crate) struct OpenScreen {
    _file: File,
    path: PathBuf,
}

impl OpenScreen {
    /// Lets engines and other screens know of a screen in this process.
    pub(crate) fn announce(data_dir: &Path) -> io::Result<Self> {
        let directory = data_dir.join(DIRECTORY);
        files::create_directory(&directory)?;
        loop {
            let unique = new_token().map_err(io::Error::other)?;
            let path = directory.join(format!("{}-{unique}", std::process::id()));
            let file = files::create(&path)?;
            // Between the two steps another process may have taken the file for a dead screen's, and removed it.
            if file.try_lock().is_ok() && path.exists() {
                return Ok(OpenScreen { _file: file, path });
            }
        }
    }

    /// Its name, which no other screen of the data directory has.
    pub(crate) fn name(&self) -> String {
        self.path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default()
    }

    /// How many screens are open beside this one.
    pub(crate) fn others(&self) -> usize {
        let directory = self.path.parent().unwrap_or(Path::new(""));
        open_screens(directory).filter(|path| *path != self.path).count()
    }
}

impl Drop for OpenScreen {
    fn drop(&mut self) {
        // A file that stays is harmless: the lock decides.
        drop(fs::remove_file(&self.path));
    }
}

/// Waits until no screen is open on a data directory. Blocks in the operating system, without polling.
pub(crate) fn wait_until_none(data_dir: &Path) {
    let directory = data_dir.join(DIRECTORY);
    loop {
        let Some(path) = open_screens(&directory).next() else { return };
        // A file that is gone by now was a screen's that has ended.
        if let Ok(file) = File::open(&path)
            && file.lock().is_ok()
        {
            drop(fs::remove_file(&path));
        }
    }
}

/// Waits until the screen with this name has ended. Blocks in the operating system, without polling.
pub(crate) fn wait_for_end(data_dir: &Path, name: &str) {
    let path = data_dir.join(DIRECTORY).join(name);
    // A file that is gone was a screen's that has ended.
    if let Ok(file) = File::open(&path)
        && file.lock().is_ok()
    {
        drop(fs::remove_file(&path));
    }
}

/// The files of the screens that live; those of dead ones are removed.
fn open_screens(directory: &Path) -> impl Iterator<Item = PathBuf> + use<> {
    let entries = fs::read_dir(directory).into_iter().flatten().flatten();
    entries.map(|entry| entry.path()).filter(|path| {
        let Ok(file) = File::open(path) else { return false };
        match file.try_lock() {
            Ok(()) => {
                drop(fs::remove_file(path));
                false
            }
            Err(TryLockError::WouldBlock) => true,
            Err(TryLockError::Error(_)) => false,
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_screen_is_waited_for_and_dead_ones_do_not_count() {
        let dir = tempfile::tempdir().unwrap();
        wait_until_none(dir.path());
        let first = OpenScreen::announce(dir.path()).unwrap();
        let second = OpenScreen::announce(dir.path()).unwrap();
        // One that was killed leaves its file.
        let dead = dir.path().join(DIRECTORY).join("1-dead");
        fs::write(&dead, "").unwrap();
        assert_eq!((first.others(), second.others()), (1, 1));
        assert!(!dead.exists());
        let path = dir.path().to_owned();
        let waiting = std::thread::spawn(move || wait_until_none(&path));
        drop(first);
        assert_eq!(second.others(), 0);
        assert!(!waiting.is_finished());
        drop(second);
        waiting.join().unwrap();
    }
}

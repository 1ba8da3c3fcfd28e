//! One engine per data directory: a lock that the operating system frees when its holder dies.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

/// Held as long as an engine runs.
#[derive(Debug)]
pub struct EngineLock {
    _file: File,
    pid_file: PathBuf,
}

/// The lock was not to be had.
#[derive(Debug, thiserror::Error)]
pub enum LockError {
    /// Another process holds it.
    #[error("another Loket engine (pid {pid}) runs on this data directory")]
    Held {
        /// The holder, or `?` when it has not said so.
        pid: String,
    },
    /// The data directory cannot be used.
    #[error("{path}: {source}")]
    Unusable {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
}

impl EngineLock {
    /// Takes the lock of a data directory, which exists.
    pub fn take(data_dir: &Path) -> Result<Self, LockError> {
        let path = data_dir.join("engine.lock");
        let pid_file = data_dir.join("engine.pid");
        let unusable = |path: &Path| {
            let path = path.to_path_buf();
            move |source| LockError::Unusable { path, source }
        };
        let file = private().truncate(false).open(&path).map_err(unusable(&path))?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                return Err(LockError::Held { pid: holder(data_dir).unwrap_or_else(|| "?".to_owned()) });
            }
            Err(TryLockError::Error(source)) => return Err(LockError::Unusable { path, source }),
        }
        // The pid stands in a file of its own, for on some systems a locked file cannot be read.
        let mut pid = private().truncate(true).open(&pid_file).map_err(unusable(&pid_file))?;
        pid.write_all(std::process::id().to_string().as_bytes()).map_err(unusable(&pid_file))?;
        Ok(EngineLock { _file: file, pid_file })
    }
}

impl Drop for EngineLock {
    fn drop(&mut self) {
        // A pid file that stays is harmless: the lock decides.
        drop(fs::remove_file(&self.pid_file));
    }
}

/// Files that only their owner reads, as everything in a data directory.
fn private() -> OpenOptions {
    let mut options = File::options();
    options.create(true).read(true).write(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options
}

/// The pid that the running engine of a data directory gave.
pub fn holder(data_dir: &Path) -> Option<String> {
    let text = fs::read_to_string(data_dir.join("engine.pid")).ok()?;
    let pid = text.trim();
    (!pid.is_empty() && pid.bytes().all(|b| b.is_ascii_digit())).then(|| pid.to_owned())
}

/// The pid of the engine that runs on a data directory (`?` when it has not said so); `None` when none does.
pub fn running(data_dir: &Path) -> Option<String> {
    let file = File::open(data_dir.join("engine.lock")).ok()?;
    match file.try_lock_shared() {
        Err(TryLockError::WouldBlock) => Some(holder(data_dir).unwrap_or_else(|| "?".to_owned())),
        Ok(()) | Err(TryLockError::Error(_)) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_running_engine_is_known_by_its_lock_not_by_its_pid_file() {
        let dir = tempfile::tempdir().unwrap();
        assert_eq!(running(dir.path()), None);
        let lock = EngineLock::take(dir.path()).unwrap();
        assert_eq!(running(dir.path()), Some(std::process::id().to_string()));
        drop(lock);
        std::fs::write(dir.path().join("engine.pid"), "1").unwrap();
        assert_eq!(running(dir.path()), None);
    }

    #[test]
    fn a_second_engine_is_refused_by_pid_until_the_first_ends() {
        let dir = tempfile::tempdir().unwrap();
        let first = EngineLock::take(dir.path()).unwrap();
        let refused = EngineLock::take(dir.path()).unwrap_err().to_string();
        assert!(refused.contains(&format!("pid {}", std::process::id())), "{refused}");
        drop(first);
        EngineLock::take(dir.path()).unwrap();
    }
}

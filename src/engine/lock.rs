//! One engine per data directory: a lock that the operating system frees when its holder dies.
use crate::files::{self, Access};
use std::fs::{self, File, TryLockError};
use std::io;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// The longest that a command holds the lock: it waits for one response of a gateway.
const COMMAND_MAX: Duration = Duration::from_secs(60);
/// Between two attempts to take a lock that a command holds.
const POLL: Duration = Duration::from_millis(5);

/// Held as long as an engine runs.
#[derive(Debug)]
pub(crate) struct EngineLock {
    _file: File,
    pid_file: PathBuf,
}

/// The lock could not be acquired.
#[derive(Debug, thiserror::Error)]
pub(crate) enum LockError {
    /// Another process holds it.
    #[error("another Loket engine (pid {pid}) runs on this data directory")]
    Held {
        /// The holder; `?` when it is not known.
        pid: String,
    },
    /// The data directory cannot be used.
    #[error("{path}: {source}")]
    Unusable { path: PathBuf, source: io::Error },
}

impl EngineLock {
    /// Acquires the lock of a data directory, which exists, for an engine. A command that is sending holds it for
    /// seconds only and is waited for. Blocks.
    pub(crate) fn acquire(data_dir: &Path) -> Result<Self, LockError> {
        let start = Instant::now();
        let mut seen = None;
        loop {
            if let Some(lock) = Self::try_acquire(data_dir)? {
                lock.write_pid()?;
                return Ok(lock);
            }
            let now = holder(data_dir);
            // Read twice, for a command deletes a dead engine's pid only after it has acquired the lock.
            if (now.is_some() && now == seen) || start.elapsed() > COMMAND_MAX {
                return Err(LockError::Held { pid: now.unwrap_or_else(|| "?".to_owned()) });
            }
            seen = now;
            std::thread::sleep(POLL);
        }
    }

    /// Waits until no process holds the lock, however long that takes. Blocks in the operating system, without polling.
    pub(crate) fn wait_until_free(data_dir: &Path) -> Result<(), LockError> {
        let path = data_dir.join("engine.lock");
        let file = files::open(&path, Access::ReadWrite).map_err(unusable(&path))?;
        file.lock().map_err(unusable(&path))?;
        // Dropping it removes the pid of an engine that was killed.
        drop(EngineLock { _file: file, pid_file: data_dir.join("engine.pid") });
        Ok(())
    }

    /// Lets those who come next wait for the lock, instead of counting on an engine that is about to end.
    pub(crate) fn retire(&self) {
        drop(fs::remove_file(&self.pid_file));
    }

    /// Acquires the lock for a command that sends without an engine beside it; `None` while another command holds it.
    pub(crate) fn acquire_for_command(data_dir: &Path) -> Result<Option<Self>, LockError> {
        if let Some(lock) = Self::try_acquire(data_dir)? {
            // A pid names an engine, and there is none.
            drop(fs::remove_file(&lock.pid_file));
            return Ok(Some(lock));
        }
        holder(data_dir).map_or(Ok(None), |pid| Err(LockError::Held { pid }))
    }

    fn try_acquire(data_dir: &Path) -> Result<Option<Self>, LockError> {
        let path = data_dir.join("engine.lock");
        let file = files::open(&path, Access::ReadWrite).map_err(unusable(&path))?;
        match file.try_lock() {
            Ok(()) => Ok(Some(EngineLock { _file: file, pid_file: data_dir.join("engine.pid") })),
            Err(TryLockError::WouldBlock) => Ok(None),
            Err(TryLockError::Error(source)) => Err(LockError::Unusable { path, source }),
        }
    }

    /// Writes the holder's pid into a file of its own, for on some systems a locked file cannot be read.
    fn write_pid(&self) -> Result<(), LockError> {
        files::replace(&self.pid_file, std::process::id().to_string().as_bytes()).map_err(unusable(&self.pid_file))
    }
}

fn unusable(path: &Path) -> impl Fn(io::Error) -> LockError + use<> {
    let path = path.to_path_buf();
    move |source| LockError::Unusable { path: path.clone(), source }
}

impl Drop for EngineLock {
    fn drop(&mut self) {
        // A pid file that stays is harmless: the lock decides.
        drop(fs::remove_file(&self.pid_file));
    }
}

/// The pid that an engine of a data directory has written; it may have been killed.
pub(crate) fn holder(data_dir: &Path) -> Option<String> {
    let text = fs::read_to_string(data_dir.join("engine.pid")).ok()?;
    let pid = text.trim();
    (!pid.is_empty() && pid.bytes().all(|b| b.is_ascii_digit())).then(|| pid.to_owned())
}

/// The pid of the engine that runs on a data directory; `None` when none does.
pub(crate) fn running(data_dir: &Path) -> Option<String> {
    let file = File::open(data_dir.join("engine.lock")).ok()?;
    match file.try_lock_shared() {
        // Without a pid it is a command that is sending.
        Err(TryLockError::WouldBlock) => holder(data_dir),
        Ok(()) | Err(TryLockError::Error(_)) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_running_engine_is_detected_by_its_lock_not_by_its_pid_file() {
        let dir = tempfile::tempdir().unwrap();
        assert_eq!(running(dir.path()), None);
        let lock = EngineLock::acquire(dir.path()).unwrap();
        assert_eq!(running(dir.path()), Some(std::process::id().to_string()));
        drop(lock);
        std::fs::write(dir.path().join("engine.pid"), "1").unwrap();
        assert_eq!(running(dir.path()), None);
    }

    #[test]
    fn a_second_engine_is_refused_by_pid_until_the_first_ends() {
        let dir = tempfile::tempdir().unwrap();
        let first = EngineLock::acquire(dir.path()).unwrap();
        let refused = EngineLock::acquire(dir.path()).unwrap_err().to_string();
        assert!(refused.contains(&format!("pid {}", std::process::id())), "{refused}");
        assert!(matches!(EngineLock::acquire_for_command(dir.path()), Err(LockError::Held { .. })));
        drop(first);
        EngineLock::acquire(dir.path()).unwrap();
    }

    #[test]
    fn a_command_that_sends_is_waited_for_and_is_no_engine() {
        let dir = tempfile::tempdir().unwrap();
        // An engine that was killed leaves its pid behind.
        fs::write(dir.path().join("engine.pid"), "1").unwrap();
        let command = EngineLock::acquire_for_command(dir.path()).unwrap().unwrap();
        assert!(EngineLock::acquire_for_command(dir.path()).unwrap().is_none());
        assert_eq!(holder(dir.path()), None);
        let path = dir.path().to_path_buf();
        let engine = std::thread::spawn(move || EngineLock::acquire(&path).map(drop));
        drop(command);
        engine.join().unwrap().unwrap();
    }
}

//! One engine per data directory: a lock that the operating system frees when its holder dies.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// The longest that a command holds the lock: it waits for one answer of a gateway.
const COMMAND_MAX: Duration = Duration::from_secs(60);
/// Between two looks at a lock that a command holds.
const LOOK: Duration = Duration::from_millis(5);

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
    /// Takes the lock of a data directory, which exists, for an engine. A command that is just sending holds it
    /// for seconds only and is waited for. Blocks.
    pub fn take(data_dir: &Path) -> Result<Self, LockError> {
        let start = Instant::now();
        let mut seen = None;
        loop {
            if let Some(lock) = Self::acquire(data_dir)? {
                lock.sign()?;
                return Ok(lock);
            }
            let now = holder(data_dir);
            // Seen twice, for a command takes a dead engine's pid away only after it has the lock.
            if (now.is_some() && now == seen) || start.elapsed() > COMMAND_MAX {
                return Err(LockError::Held { pid: now.unwrap_or_else(|| "?".to_owned()) });
            }
            seen = now;
            std::thread::sleep(LOOK);
        }
    }

    /// Waits until the engine that holds the lock has ended, however long that takes, and takes it over. Blocks in
    /// the operating system, without looking again and again.
    pub fn inherit(data_dir: &Path) -> Result<Self, LockError> {
        let path = data_dir.join("engine.lock");
        let file = private().truncate(false).open(&path).map_err(unusable(&path))?;
        file.lock().map_err(unusable(&path))?;
        let lock = EngineLock { _file: file, pid_file: data_dir.join("engine.pid") };
        lock.sign()?;
        Ok(lock)
    }

    /// Takes the lock for a command that sends without an engine beside it; `None` while another command has it.
    pub fn take_for_a_command(data_dir: &Path) -> Result<Option<Self>, LockError> {
        if let Some(lock) = Self::acquire(data_dir)? {
            // A pid names an engine, and there is none.
            drop(fs::remove_file(&lock.pid_file));
            return Ok(Some(lock));
        }
        holder(data_dir).map_or(Ok(None), |pid| Err(LockError::Held { pid }))
    }

    fn acquire(data_dir: &Path) -> Result<Option<Self>, LockError> {
        let path = data_dir.join("engine.lock");
        let file = private().truncate(false).open(&path).map_err(unusable(&path))?;
        match file.try_lock() {
            Ok(()) => Ok(Some(EngineLock { _file: file, pid_file: data_dir.join("engine.pid") })),
            Err(TryLockError::WouldBlock) => Ok(None),
            Err(TryLockError::Error(source)) => Err(LockError::Unusable { path, source }),
        }
    }

    /// Writes down who holds it: in a file of its own, for on some systems a locked file cannot be read.
    fn sign(&self) -> Result<(), LockError> {
        let mut pid = private().truncate(true).open(&self.pid_file).map_err(unusable(&self.pid_file))?;
        pid.write_all(std::process::id().to_string().as_bytes()).map_err(unusable(&self.pid_file))
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
        // Without a pid it is a command that is just sending.
        Err(TryLockError::WouldBlock) => holder(data_dir),
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
        assert!(matches!(EngineLock::take_for_a_command(dir.path()), Err(LockError::Held { .. })));
        drop(first);
        EngineLock::take(dir.path()).unwrap();
    }

    #[test]
    fn a_command_that_sends_is_waited_for_and_is_no_engine() {
        let dir = tempfile::tempdir().unwrap();
        // An engine that was killed leaves its pid behind.
        fs::write(dir.path().join("engine.pid"), "1").unwrap();
        let command = EngineLock::take_for_a_command(dir.path()).unwrap().unwrap();
        assert!(EngineLock::take_for_a_command(dir.path()).unwrap().is_none());
        assert_eq!(holder(dir.path()), None);
        let path = dir.path().to_path_buf();
        let engine = std::thread::spawn(move || EngineLock::take(&path).map(drop));
        drop(command);
        engine.join().unwrap().unwrap();
    }
}

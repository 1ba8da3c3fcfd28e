//! Wakes readers when something was committed, by this process or by another one on the same store.
//!
//! Idle means zero wake-ups: the operating system tells when the store's log grows. Only where it cannot (no
//! watches left, a file system without them) is the log's length looked at five times a second.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use notify::{RecursiveMode, Watcher as _};
use tokio::sync::watch;

/// How often a store is looked at where the system cannot tell of changes.
const POLL: Duration = Duration::from_millis(150);

/// Tells of commits. Cheap to clone.
#[derive(Clone)]
pub struct Wake {
    sender: Arc<watch::Sender<u64>>,
    _watcher: Arc<Option<Box<dyn notify::Watcher + Send + Sync>>>,
}

impl Wake {
    /// Watches the log of the database at `database`.
    pub fn on(database: &Path) -> Self {
        let sender = Arc::new(watch::Sender::new(0));
        let log = log_of(database);
        let watcher = watch_log(database, &log, &sender);
        Wake { sender, _watcher: Arc::new(watcher) }
    }

    /// Something was committed here.
    pub fn touch(&self) {
        self.sender.send_modify(|n| *n = n.wrapping_add(1));
    }

    /// Becomes changed after every commit. Several commits may be one change.
    pub fn watch(&self) -> watch::Receiver<u64> {
        self.sender.subscribe()
    }
}

fn log_of(database: &Path) -> PathBuf {
    let mut name = database.as_os_str().to_owned();
    name.push("-wal");
    PathBuf::from(name)
}

fn watch_log(
    database: &Path,
    log: &Path,
    sender: &Arc<watch::Sender<u64>>,
) -> Option<Box<dyn notify::Watcher + Send + Sync>> {
    let handler = {
        let (sender, log, database) = (sender.clone(), log.to_path_buf(), database.to_path_buf());
        move |event: notify::Result<notify::Event>| {
            let ours = event.is_ok_and(|e| {
                !e.kind.is_access() && (e.paths.is_empty() || e.paths.iter().any(|p| *p == log || *p == database))
            });
            if ours {
                sender.send_modify(|n| *n = n.wrapping_add(1));
            }
        }
    };
    // The directory is watched rather than the log, for the log is made anew when the last reader left.
    let directory = database.parent().unwrap_or(Path::new("."));
    if let Ok(mut watcher) = notify::recommended_watcher(handler.clone())
        && watcher.watch(directory, RecursiveMode::NonRecursive).is_ok()
    {
        return Some(Box::new(watcher));
    }
    tracing::warn!("this system cannot tell of file changes; looking at the store several times a second instead");
    let config = notify::Config::default().with_poll_interval(POLL);
    let mut watcher = notify::PollWatcher::new(handler, config).ok()?;
    watcher.watch(directory, RecursiveMode::NonRecursive).ok()?;
    Some(Box::new(watcher))
}

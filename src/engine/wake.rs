//! Wakes readers when something was committed, by this process or by another one on the same store.
//!
//! Idle means zero wake-ups: the operating system tells when the store's log grows. Only where it cannot (no
//! watches left, a file system without them) is the log's length looked at five times a second.

use std::ffi::{OsStr, OsString};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use notify::event::{EventKind, ModifyKind};
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
        let watcher = watch_log(database, &sender);
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

fn log_name(database: &Path) -> OsString {
    let mut name = database.file_name().unwrap_or_default().to_owned();
    name.push("-wal");
    name
}

fn watch_log(database: &Path, sender: &Arc<watch::Sender<u64>>) -> Option<Box<dyn notify::Watcher + Send + Sync>> {
    let handler = {
        let (sender, log) = (sender.clone(), log_name(database));
        move |event: notify::Result<notify::Event>| {
            if event.is_ok_and(|e| tells_of_a_commit(&e, &log)) {
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

/// Reading the store, opening it and setting its mode tell nothing. The name decides, for the system may tell
/// another form of the same path.
fn tells_of_a_commit(event: &notify::Event, log: &OsStr) -> bool {
    let written = match event.kind {
        EventKind::Access(_) | EventKind::Remove(_) | EventKind::Modify(ModifyKind::Metadata(_)) => false,
        EventKind::Any | EventKind::Other | EventKind::Create(_) | EventKind::Modify(_) => true,
    };
    written && (event.paths.is_empty() || event.paths.iter().any(|p| p.file_name() == Some(log)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write as _;

    #[tokio::test]
    async fn growth_of_the_log_wakes_and_nothing_else_does() {
        let dir = tempfile::tempdir().unwrap();
        let database = dir.path().join("loket.db");
        std::fs::write(dir.path().join("loket.db-wal"), "").unwrap();
        let wake = Wake::on(&database);
        let mut woken = wake.watch();
        std::fs::read(dir.path().join("loket.db-wal")).unwrap();
        std::fs::write(dir.path().join("engine.pid"), "1").unwrap();
        let mut log = std::fs::File::options().append(true).open(dir.path().join("loket.db-wal")).unwrap();
        assert!(!woken.has_changed().unwrap());
        log.write_all(b"frame").unwrap();
        let limit = Duration::from_secs(10);
        tokio::time::timeout(limit, woken.changed()).await.expect("a commit wakes").unwrap();
    }
}

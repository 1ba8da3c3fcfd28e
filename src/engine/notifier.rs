//! Wakes readers when something was committed, by this process or by another one on the same store.
//!
//! Idle means zero wake-ups: the operating system reports when the store's notification file is written, which is after
//! a commit can be read. Only where it cannot (no watches left, a file system without them) is the file polled.

use notify::event::{EventKind, ModifyKind};
use notify::{RecursiveMode, Watcher as _};
use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};
use std::time::Duration;
use tokio::sync::watch;

use super::engine_status::FILE as STATUS_FILE;
use crate::store::notify_path;

/// How often the file is polled where the system cannot report changes.
const POLL: Duration = Duration::from_millis(150);

/// Notifies of commits. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Notifier {
    sender: Arc<watch::Sender<u64>>,
    files: Arc<Files>,
}

/// The files through which other processes notify.
struct Files {
    /// `None` where no other process is.
    database: Option<PathBuf>,
    /// From the first reader on, for it also wakes up for every write to the store's log.
    watcher: OnceLock<Option<Box<dyn notify::Watcher + Send + Sync>>>,
}

impl Notifier {
    /// Watches the notification file of the database at `database`, and the engine's status beside it, as soon as
    /// somebody reads.
    pub(crate) fn on(database: &Path) -> Self {
        Notifier::new(Some(database.to_owned()))
    }

    /// Notifies of this process's commits only.
    pub(crate) fn of_process() -> Self {
        Notifier::new(None)
    }

    fn new(database: Option<PathBuf>) -> Self {
        let files = Files { database, watcher: OnceLock::new() };
        Notifier { sender: Arc::new(watch::Sender::new(0)), files: Arc::new(files) }
    }

    /// Wakes every reader in this process.
    pub(crate) fn notify(&self) {
        self.sender.send_modify(|n| *n = n.wrapping_add(1));
    }

    /// Becomes changed after every commit. Several commits may be one change.
    pub(crate) fn watch(&self) -> watch::Receiver<u64> {
        self.files
            .watcher
            .get_or_init(|| self.files.database.as_deref().and_then(|path| watch_file(path, &self.sender)));
        self.sender.subscribe()
    }
}

fn watch_file(database: &Path, sender: &Arc<watch::Sender<u64>>) -> Option<Box<dyn notify::Watcher + Send + Sync>> {
    let handler = {
        let (sender, file) = (sender.clone(), notify_path(database));
        move |event: notify::Result<notify::Event>| {
            if event.is_ok_and(|e| is_commit(&e, file.file_name()) || is_commit(&e, Some(OsStr::new(STATUS_FILE)))) {
                sender.send_modify(|n| *n = n.wrapping_add(1));
            }
        }
    };
    // The directory is watched rather than the file, which may not exist yet.
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

/// Reading the file, opening it and setting its mode are no commit. File names are compared, for the system may report
/// another form of the same path.
fn is_commit(event: &notify::Event, file: Option<&OsStr>) -> bool {
    let written = match event.kind {
        EventKind::Access(_) | EventKind::Remove(_) | EventKind::Modify(ModifyKind::Metadata(_)) => false,
        EventKind::Any | EventKind::Other | EventKind::Create(_) | EventKind::Modify(_) => true,
    };
    written && (event.paths.is_empty() || event.paths.iter().any(|p| p.file_name() == file))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::AccountName;
    use crate::store::Store;

    #[tokio::test]
    async fn a_commit_of_another_handle_always_wakes_and_nothing_else_does() {
        let dir = tempfile::tempdir().unwrap();
        let (store, other) = (Store::open(dir.path()).unwrap(), Store::open(dir.path()).unwrap());
        let notifier = Notifier::on(store.path());
        let mut changes = notifier.watch();
        std::fs::read(dir.path().join("loket.db")).unwrap();
        std::fs::write(dir.path().join("engine.pid"), "1").unwrap();
        other.flush().await.unwrap();
        assert!(!changes.has_changed().unwrap());
        for n in 0..50 {
            let before = store.last_seq().unwrap();
            changes.borrow_and_update();
            let name = AccountName::new(&format!("toko-{n}")).unwrap();
            let pending = other.ensure_account(&name, "chatera", "token");
            // One commit may be reported twice, but the last report must not come before the commit can be read.
            let seen = async {
                while store.last_seq().unwrap() == before {
                    changes.changed().await.unwrap();
                }
            };
            tokio::time::timeout(Duration::from_secs(10), seen).await.expect("a commit wakes");
            pending.await.unwrap();
        }
    }
}

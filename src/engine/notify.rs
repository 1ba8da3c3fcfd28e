//! Wakes readers when something was committed, by this process or by another one on the same store.
//!
//! Idle means zero wake-ups: the operating system tells when the store's bell was rung, which is after a commit
//! can be read. Only where it cannot (no watches left, a file system without them) is the bell looked at several
//! times a second.

use std::ffi::OsStr;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use notify::event::{EventKind, ModifyKind};
use notify::{RecursiveMode, Watcher as _};
use tokio::sync::watch;

use crate::store::notify_path;

/// How often a store is looked at where the system cannot tell of changes.
const POLL: Duration = Duration::from_millis(150);

/// Tells of commits. Cheap to clone.
#[derive(Clone)]
pub struct Notifier {
    sender: Arc<watch::Sender<u64>>,
    _watcher: Arc<Option<Box<dyn notify::Watcher + Send + Sync>>>,
}

impl Notifier {
    /// Listens to the bell of the database at `database`.
    pub fn on(database: &Path) -> Self {
        let sender = Arc::new(watch::Sender::new(0));
        let watcher = listen(database, &sender);
        Notifier { sender, _watcher: Arc::new(watcher) }
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

fn listen(database: &Path, sender: &Arc<watch::Sender<u64>>) -> Option<Box<dyn notify::Watcher + Send + Sync>> {
    let handler = {
        let (sender, bell) = (sender.clone(), notify_path(database));
        move |event: notify::Result<notify::Event>| {
            if event.is_ok_and(|e| tells_of_a_commit(&e, bell.file_name())) {
                sender.send_modify(|n| *n = n.wrapping_add(1));
            }
        }
    };
    // The directory is watched rather than the bell, which may not be there yet.
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
fn tells_of_a_commit(event: &notify::Event, bell: Option<&OsStr>) -> bool {
    let written = match event.kind {
        EventKind::Access(_) | EventKind::Remove(_) | EventKind::Modify(ModifyKind::Metadata(_)) => false,
        EventKind::Any | EventKind::Other | EventKind::Create(_) | EventKind::Modify(_) => true,
    };
    written && (event.paths.is_empty() || event.paths.iter().any(|p| p.file_name() == bell))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::AccountName;
    use crate::store::Store;

    #[tokio::test]
    async fn a_commit_of_another_handle_always_wakes_and_nothing_else_does() {
        let dir = tempfile::tempdir().unwrap();
        let (here, elsewhere) = (Store::open(dir.path()).unwrap(), Store::open(dir.path()).unwrap());
        let wake = Notifier::on(here.path());
        let mut woken = wake.watch();
        std::fs::read(dir.path().join("loket.db")).unwrap();
        std::fs::write(dir.path().join("engine.pid"), "1").unwrap();
        elsewhere.flush().await.unwrap();
        assert!(!woken.has_changed().unwrap());
        for n in 0..50 {
            let before = here.last_seq().unwrap();
            woken.borrow_and_update();
            let name = AccountName::new(&format!("toko-{n}")).unwrap();
            let pending = elsewhere.ensure_account(&name, "chatera", "token");
            // One ring may be told twice; but the last one must not come before there is something to see.
            let seen = async {
                while here.last_seq().unwrap() == before {
                    woken.changed().await.unwrap();
                }
            };
            tokio::time::timeout(Duration::from_secs(10), seen).await.expect("a commit wakes");
            pending.await.unwrap();
        }
    }
}

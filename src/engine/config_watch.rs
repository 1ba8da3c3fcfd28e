//! Takes a changed configuration file over while the program runs.
//!
//! Invariant: idle, it does nothing; the operating system says when the file's directory changes. Only where it cannot
//! is the file looked at now and then.

use std::collections::BTreeSet;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use notify::event::{EventKind, ModifyKind};
use notify::{RecursiveMode, Watcher as _};
use tokio::sync::Notify;

use super::client::Client;
use crate::config::fingerprint;

/// Editors write a file in several steps; it is read when they are over.
const SETTLE: Duration = Duration::from_millis(250);
/// How often the file is looked at where the system cannot report changes.
const POLL: Duration = Duration::from_secs(5);

/// Takes over every change of the configuration file, and reads it again when `reload` is notified. Works until it is
/// aborted.
pub(crate) async fn run(client: Client, reload: Arc<Notify>) {
    let file = client.config_file().to_owned();
    let changed = Arc::new(Notify::new());
    let mut directories = Directories::new(&file, &changed);
    let mut seen = client.settings().fingerprint;
    loop {
        let complete = directories.watch();
        // Between the last look and the watching the file may have changed.
        let asked = fingerprint(&file) == seen
            && tokio::select! {
                () = changed.notified() => false,
                () = reload.notified() => true,
                () = tokio::time::sleep(POLL), if !complete => false,
            };
        if !asked {
            tokio::time::sleep(SETTLE).await;
        }
        let now = fingerprint(&file);
        if asked || now != seen {
            seen = now;
            let client = client.clone();
            match tokio::task::spawn_blocking(move || client.reload()).await {
                Ok(Ok(())) => {}
                Ok(Err(error)) => tracing::error!(%error, "a changed configuration is not in force: the store failed"),
                Err(_) => tracing::error!("a changed configuration is not in force: reading it stopped on a defect"),
            }
        }
    }
}

/// The directories whose changes may be the file's: its own, that of the file behind a link, and while one does not
/// exist the nearest above it.
struct Directories {
    file: PathBuf,
    watcher: Option<notify::RecommendedWatcher>,
    watched: BTreeSet<PathBuf>,
}

impl Directories {
    fn new(file: &Path, changed: &Arc<Notify>) -> Self {
        let (changed, own) = (Arc::clone(changed), file.to_owned());
        let handler = move |event: notify::Result<notify::Event>| {
            if event.is_ok_and(|event| may_concern(&event, &own)) {
                changed.notify_one();
            }
        };
        let watcher = notify::recommended_watcher(handler).ok();
        Directories { file: file.to_owned(), watcher, watched: BTreeSet::new() }
    }

    /// Watches what is not watched yet; returns whether every change will be reported.
    fn watch(&mut self) -> bool {
        let Some(watcher) = &mut self.watcher else { return false };
        let behind = std::fs::canonicalize(&self.file).ok();
        let nearest = |file: &Path| file.ancestors().skip(1).find(|above| above.is_dir()).map(Path::to_owned);
        let wanted: BTreeSet<PathBuf> =
            [Some(self.file.as_path()), behind.as_deref()].into_iter().flatten().filter_map(nearest).collect();
        for old in self.watched.difference(&wanted) {
            // A directory that is gone is watched no more anyway.
            drop(watcher.unwatch(old));
        }
        let before = std::mem::take(&mut self.watched);
        for directory in &wanted {
            // A directory that was replaced has the same path and is another one.
            let known = before.contains(directory) && directory.is_dir();
            if known || watcher.watch(directory, RecursiveMode::NonRecursive).is_ok() {
                self.watched.insert(directory.clone());
            }
        }
        !wanted.is_empty() && self.watched == wanted
    }
}

/// Whether an event may be a change of the file: of its name, of the name behind a link, or of a directory above it.
fn may_concern(event: &notify::Event, file: &Path) -> bool {
    if matches!(event.kind, EventKind::Access(_) | EventKind::Modify(ModifyKind::Metadata(_))) {
        return false;
    }
    let behind = std::fs::canonicalize(file).ok();
    let mut names: BTreeSet<OsString> = file.iter().map(OsString::from).collect();
    names.extend(behind.iter().filter_map(|path| path.file_name()).map(OsString::from));
    // Orchestrators replace a link of this name beside the file.
    names.insert("..data".into());
    event.paths.is_empty() || event.paths.iter().any(|path| path.file_name().is_some_and(|name| names.contains(name)))
}

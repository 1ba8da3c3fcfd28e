//! Says when files may have changed.
//!
//! Invariant: idle, it does nothing; the operating system says when a file's directory changes. Only where it cannot
//! are the files looked at now and then.

use std::collections::BTreeSet;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use notify::event::{EventKind, ModifyKind};
use notify::{RecursiveMode, Watcher as _};
use tokio::sync::Notify;

/// Editors write a file in several steps; it is read when they are over.
pub(crate) const SETTLE: Duration = Duration::from_millis(250);
/// How often the files are to be looked at where the system cannot report changes.
const POLL: Duration = Duration::from_secs(5);

/// A watch over some files, which need not exist.
pub(crate) struct FileWatch {
    directories: Directories,
    changed: Arc<Notify>,
    /// Every change will be reported.
    complete: bool,
}

impl FileWatch {
    /// A watch that begins with [`FileWatch::renew`].
    pub(crate) fn new(files: Vec<PathBuf>) -> Self {
        let changed = Arc::new(Notify::new());
        FileWatch { directories: Directories::new(files, &changed), changed, complete: false }
    }

    /// Watches the directories as they are now. What changed before is to be looked at after this.
    pub(crate) fn renew(&mut self) {
        self.complete = self.directories.watch();
    }

    /// Waits until one of the files may have changed.
    pub(crate) async fn changed(&self) {
        tokio::select! {
            () = self.changed.notified() => {}
            () = tokio::time::sleep(POLL), if !self.complete => {}
        }
    }
}

/// The directories whose changes may be a file's: its own, that of the file behind a link, and while one does not
/// exist the nearest above it.
struct Directories {
    files: Vec<PathBuf>,
    watcher: Option<notify::RecommendedWatcher>,
    watched: BTreeSet<PathBuf>,
}

impl Directories {
    fn new(files: Vec<PathBuf>, changed: &Arc<Notify>) -> Self {
        let (changed, own) = (Arc::clone(changed), files.clone());
        let handler = move |event: notify::Result<notify::Event>| {
            if event.is_ok_and(|event| own.iter().any(|file| may_concern(&event, file))) {
                changed.notify_one();
            }
        };
        let watcher = notify::recommended_watcher(handler).ok();
        Directories { files, watcher, watched: BTreeSet::new() }
    }

    /// Watches what is not watched yet; returns whether every change will be reported.
    fn watch(&mut self) -> bool {
        let Some(watcher) = &mut self.watcher else { return false };
        let nearest = |file: &Path| file.ancestors().skip(1).find(|above| above.is_dir()).map(Path::to_owned);
        let behind = self.files.iter().filter_map(|file| std::fs::canonicalize(file).ok());
        let wanted: BTreeSet<PathBuf> =
            self.files.iter().cloned().chain(behind).filter_map(|file| nearest(&file)).collect();
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

//! Looks at files and folders of this machine, on a thread that may block.

use std::collections::BTreeSet;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::time::UNIX_EPOCH;

use directories::{BaseDirs, UserDirs};

use crate::domain::file_paths::{several, whole};
use crate::domain::{Folder, FolderEntry, FoundFile, Timestamp};
use crate::engine::client::inspect_file;

/// The most entries of a folder that are offered: the newest.
const ENTRIES: usize = 2000;
/// The most files that are offered before a folder is chosen.
const RECENT: usize = 200;
/// The folders in the home directory in which people keep what they send.
const USUAL: &[&str] = &["Downloads", "Unduhan", "Pictures", "Gambar", "Documents", "Dokumen", "Desktop"];
/// The most files that one text names.
const FILES: usize = 20;

/// The files that a typed or dropped text names: the whole of it as one path where there is such a file, else each path
/// in it.
pub(super) fn named(text: &str) -> Vec<FoundFile> {
    let look = |given: &str| {
        let path = absolute(given);
        let name = path.file_name().map_or_else(|| given.to_owned(), |name| name.to_string_lossy().into_owned());
        FoundFile { name, file: inspect_file(&path) }
    };
    let one = whole(text);
    if absolute(&one).is_file() {
        return vec![look(&one)];
    }
    match &several(text)[..] {
        [] => vec![look(&one)],
        paths => paths.iter().take(FILES).map(|path| look(path)).collect(),
    }
}

/// A path with `~` for the home directory.
fn absolute(given: &str) -> PathBuf {
    let below_home = if given == "~" { Some("") } else { given.strip_prefix("~/") };
    match (below_home, BaseDirs::new()) {
        (Some(rest), Some(dirs)) => dirs.home_dir().join(rest),
        _ => PathBuf::from(given),
    }
}

/// What lies in a folder, the newest first; without one, the newest files of the usual folders, then the folders of the
/// home directory. The error is in the system's words.
pub(super) fn folder(path: Option<&Path>) -> Result<Folder, String> {
    let Some(path) = path else { return recent() };
    let mut entries = entries(path).map_err(|error| error.to_string())?;
    sort(&mut entries, ENTRIES);
    Ok(Folder { path: Some(path.to_owned()), parent: path.parent().map(Path::to_owned), entries })
}

fn recent() -> Result<Folder, String> {
    let Some(user) = UserDirs::new() else { return Ok(Folder::default()) };
    let home = user.home_dir();
    let set = [user.download_dir(), user.picture_dir(), user.document_dir(), user.desktop_dir()];
    // A system without settings for them has them by these names.
    let named = USUAL.iter().map(|name| home.join(name));
    let usual: BTreeSet<PathBuf> = set.into_iter().flatten().map(Path::to_owned).chain(named).collect();
    let (mut files, mut folders) = (Vec::new(), Vec::new());
    for entry in entries(home).map_err(|error| error.to_string())? {
        if entry.is_folder { &mut folders } else { &mut files }.push(entry);
    }
    // Where nothing else is set, they are the home directory itself.
    for path in usual.iter().filter(|path| *path != home) {
        // One that is not there or may not be read has nothing to offer.
        files.extend(entries(path).unwrap_or_default().into_iter().filter(|entry| !entry.is_folder));
    }
    sort(&mut files, RECENT);
    sort(&mut folders, RECENT);
    files.append(&mut folders);
    Ok(Folder { path: None, parent: None, entries: files })
}

/// The visible files and folders in a folder, in no order.
fn entries(path: &Path) -> io::Result<Vec<FolderEntry>> {
    let read = fs::read_dir(path)?.flatten().filter_map(|entry| {
        let name = entry.file_name().to_string_lossy().into_owned();
        // What a link leads to is meant; one that leads nowhere is left out.
        let found = fs::metadata(entry.path()).ok().filter(|found| found.is_file() || found.is_dir())?;
        let modified = found.modified().ok().and_then(|at| at.duration_since(UNIX_EPOCH).ok()).unwrap_or_default();
        let modified = Timestamp(i64::try_from(modified.as_millis()).unwrap_or_default());
        let (is_folder, size) = (found.is_dir(), found.len());
        (!name.starts_with('.')).then(|| FolderEntry { name, path: entry.path(), is_folder, size, modified })
    });
    Ok(read.collect())
}

/// The newest first, at most `limit`.
fn sort(entries: &mut Vec<FolderEntry>, limit: usize) {
    entries.sort_by(|a, b| b.modified.cmp(&a.modified).then_with(|| a.name.cmp(&b.name)));
    entries.truncate(limit);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_offers_what_is_visible_the_newest_first() {
        let dir = tempfile::tempdir().unwrap();
        for (name, age) in [("lama.pdf", 3000), ("baru.jpg", 10), (".rahasia", 1)] {
            let file = fs::File::create(dir.path().join(name)).unwrap();
            file.set_modified(UNIX_EPOCH + std::time::Duration::from_secs(1_700_000_000 - age)).unwrap();
        }
        fs::create_dir(dir.path().join("Foto")).unwrap();
        let read = folder(Some(dir.path())).unwrap();
        let names: Vec<_> = read.entries.iter().map(|entry| (entry.name.as_str(), entry.is_folder)).collect();
        assert_eq!(names, [("Foto", true), ("baru.jpg", false), ("lama.pdf", false)]);
        assert_eq!(read.parent.as_deref(), dir.path().parent());
        assert!(folder(Some(&dir.path().join("nothing"))).is_err());
    }
}

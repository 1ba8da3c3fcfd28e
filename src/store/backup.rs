//! A copy of the whole store while it is in use.
//!
//! Invariant: a file with the wanted name is a whole copy that was checked, or it is not there.

use std::fs::{self, File};
use std::path::{Path, PathBuf};

use rusqlite::Connection;

use super::database::{DbError, DbResult, RunSql, Store, StoreError, connect, open_copy, open_unfinished};
use super::media;
use super::open::{create_file, file_error};

/// What a copy holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BackupSummary {
    pub messages: u64,
    pub conversations: u64,
    /// Customers' files that were copied, equal ones once.
    pub files: u64,
    /// The size of the file.
    pub bytes: u64,
}

impl Store {
    /// Copies everything that is committed now, files included, to a new file, readable by its owner alone; a data directory with that
    /// file as its database is the same store. Other processes go on reading and writing meanwhile. Blocks: the whole
    /// store is read and written, and the copy is read once more to check it.
    ///
    /// Fails where the file exists.
    pub fn backup(&self, file: &Path) -> Result<BackupSummary, StoreError> {
        if file.symlink_metadata().is_ok() {
            return Err(exists(file));
        }
        let unfinished = Unfinished(temporary_name(file));
        create_new(&unfinished.0).map_err(|error| file_error(&unfinished.0, &error))?;
        copy(self.path(), &unfinished.0).map_err(|error| error.at(&unfinished.0))?;
        let added = open_unfinished(&unfinished.0).and_then(|mut copy| media::add_files(&mut copy, self.path()));
        let files = added.map_err(|error| error.at(&unfinished.0))?;
        let summary = check(&unfinished.0).map_err(|error| error.at(&unfinished.0))?;
        publish(&unfinished.0, file)?;
        Ok(BackupSummary { files, ..summary })
    }
}

/// Copies a database that is about to be upgraded, in place of an earlier copy of that name. Blocks.
pub(super) fn copy_before_upgrade(from: &Path, file: &Path) -> Result<(), StoreError> {
    let unfinished = Unfinished(temporary_name(file));
    create_new(&unfinished.0).map_err(|error| file_error(&unfinished.0, &error))?;
    copy(from, &unfinished.0).map_err(|error| error.at(&unfinished.0))?;
    fs::rename(&unfinished.0, file).and_then(|()| sync_directory(file)).map_err(|error| file_error(file, &error))
}

/// A copy that has no name of its own yet; deleted on drop.
struct Unfinished(PathBuf);

impl Drop for Unfinished {
    fn drop(&mut self) {
        // Nothing is left to delete after success.
        let _ = fs::remove_file(&self.0);
        let mut journal = self.0.clone().into_os_string();
        journal.push("-journal");
        let _ = fs::remove_file(journal);
    }
}

/// A name in the same directory, so that the copy gets its own name in one step.
fn temporary_name(file: &Path) -> PathBuf {
    let name = file.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    file.with_file_name(format!(".{name}.{}.part", std::process::id()))
}

fn create_new(path: &Path) -> std::io::Result<()> {
    // What a process with this id has left behind when it was killed.
    match fs::remove_file(path) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(error),
        _ => create_file(path),
    }
}

/// Writes the copy: `VACUUM INTO` reads one state of the store, however long it takes, and keeps every id.
fn copy(from: &Path, to: &Path) -> DbResult<()> {
    let to = to.to_str().ok_or_else(|| DbError::Other("the name of the file must be UTF-8".to_owned()))?;
    let conn = connect(from)?;
    conn.execute("VACUUM INTO ?1", [to])?;
    Ok(())
}

/// Reads the whole copy, and counts what is in it.
fn check(path: &Path) -> DbResult<BackupSummary> {
    let conn = open_copy(path)?;
    let complaint: String = conn.one("PRAGMA quick_check(1)", [], |row| row.get(0))?;
    if complaint != "ok" {
        return Err(DbError::Other(format!("the copy is damaged: {complaint}")));
    }
    let messages = count(&conn, "SELECT count(*) FROM messages")?;
    let conversations = count(&conn, "SELECT count(*) FROM conversations")?;
    let bytes = fs::metadata(path).map(|metadata| metadata.len()).unwrap_or_default();
    Ok(BackupSummary { messages, conversations, files: 0, bytes })
}

fn count(conn: &Connection, sql: &str) -> DbResult<u64> {
    let count: i64 = conn.one(sql, [], |row| row.get(0))?;
    Ok(u64::try_from(count).unwrap_or_default())
}

/// Makes the copy durable and gives it its name, unless something has that name by now.
fn publish(unfinished: &Path, file: &Path) -> Result<(), StoreError> {
    let failed = |error: std::io::Error| file_error(file, &error);
    File::open(unfinished).and_then(|copy| copy.sync_all()).map_err(failed)?;
    match fs::hard_link(unfinished, file) {
        Ok(()) => {}
        Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => return Err(exists(file)),
        // A file system without links (FAT on a stick).
        Err(_) => fs::rename(unfinished, file).map_err(failed)?,
    }
    sync_directory(file).map_err(failed)
}

#[cfg(unix)]
fn sync_directory(file: &Path) -> std::io::Result<()> {
    let directory = file.parent().filter(|parent| !parent.as_os_str().is_empty());
    File::open(directory.unwrap_or(Path::new(".")))?.sync_all()
}

#[cfg(not(unix))]
#[expect(clippy::unnecessary_wraps, reason = "the signature is the same everywhere")]
fn sync_directory(_: &Path) -> std::io::Result<()> {
    Ok(())
}

fn exists(file: &Path) -> StoreError {
    StoreError::Unusable { path: file.to_owned(), reason: "it exists already".to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::FILE;

    #[test]
    fn a_copy_that_fails_leaves_nothing_behind() {
        let dir = tempfile::tempdir().unwrap();
        let store = Store::open(dir.path()).unwrap();
        let target = tempfile::tempdir().unwrap();
        assert!(store.backup(&target.path().join("no/such/directory.db")).is_err());
        let taken = target.path().join("taken.db");
        fs::write(&taken, "mine").unwrap();
        assert!(matches!(store.backup(&taken), Err(StoreError::Unusable { reason, .. }) if reason.contains("exists")));
        assert_eq!(fs::read(&taken).unwrap(), b"mine");
        // The name was taken while the copy was made.
        assert!(publish(&dir.path().join(FILE), &taken).is_err());
        assert_eq!(fs::read(&taken).unwrap(), b"mine");
        assert_eq!(fs::read_dir(target.path()).unwrap().count(), 1);
    }

    #[test]
    fn a_damaged_copy_is_refused() {
        let dir = tempfile::tempdir().unwrap();
        let store = Store::open(dir.path()).unwrap();
        let file = dir.path().join("copy.db");
        store.backup(&file).unwrap();
        let mut bytes = fs::read(&file).unwrap();
        let middle = bytes.len() / 2;
        for byte in bytes.iter_mut().skip(middle).take(20_000) {
            *byte ^= 0x5a;
        }
        fs::write(&file, bytes).unwrap();
        assert!(check(&file).is_err());
    }
}

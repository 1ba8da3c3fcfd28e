//! Removing files that no message has any more, and what crashes left.

use std::fs;
use std::io;
use std::path::Path;
use std::time::{Duration, UNIX_EPOCH};

use super::directory::{hash_of, part_name};
use super::fetching::UNFINISHED;
use crate::domain::{MessageId, StoreError, Timestamp};
use crate::store::database::{DbError, Pending, RunSql, Store};
use crate::store::row::sql_limit;

/// At most `?1` files whose last message is gone.
pub(super) const LEFTOVERS: &str = "SELECT name FROM media_leftovers WHERE name > '' ORDER BY name LIMIT ?1";
/// Files that are removed in one write.
const SLICE: usize = 50;
/// How old a temporary file must be before it counts as left behind: another process may be writing it.
const STALE: Duration = Duration::from_secs(3600);

/// How many files there are, by what has become of them.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct MediaCounts {
    /// Files, equal ones once.
    pub files: u64,
    pub bytes: u64,
    /// Messages whose file is still to be fetched.
    pub waiting: u64,
    pub failed: u64,
    pub refused: u64,
}

impl Store {
    /// Removes files whose last message is gone from the directory. Blocks.
    pub(crate) fn remove_media_leftovers(&self) -> Result<(), StoreError> {
        loop {
            let names: Vec<String> = self.read(|conn| conn.all(LEFTOVERS, [sql_limit(SLICE)], |row| row.get(0)))?;
            if names.is_empty() {
                return Ok(());
            }
            self.remove_unused(names).wait()?;
        }
    }

    /// Removes those of the files that no message has, under the database's lock.
    fn remove_unused(&self, names: Vec<String>) -> Pending<()> {
        let directory = self.media_directory();
        self.write(move |tx| {
            for name in &names {
                if !tx.any("SELECT 1 FROM media_files WHERE sha256 = ?1", [hash_of(name)])? {
                    directory.remove(name).map_err(|error| DbError::File(directory.path(name), error))?;
                }
                tx.run("DELETE FROM media_leftovers WHERE name = ?1", [name])?;
            }
            Ok(())
        })
    }

    /// Removes everything from the directory that no message has: leftovers, files that a crash left without a row, and
    /// parts that nobody will go on with. Blocks, for as long as it takes to read the directory.
    pub(crate) fn sweep_media(&self, now: Timestamp) -> Result<(), StoreError> {
        self.remove_media_leftovers()?;
        let mut unused = Vec::new();
        for name in self.media_directory().names() {
            let sql = "SELECT 1 FROM media_files WHERE sha256 = ?1";
            if !self.read(|conn| conn.any(sql, [hash_of(&name)]))? {
                unused.push(name);
            }
            if unused.len() == SLICE {
                self.remove_unused(std::mem::take(&mut unused)).wait()?;
            }
        }
        if !unused.is_empty() {
            self.remove_unused(unused).wait()?;
        }
        self.sweep_parts(now)
    }

    fn sweep_parts(&self, now: Timestamp) -> Result<(), StoreError> {
        let directory = self.media_directory().parts_path();
        for part in fs::read_dir(&directory).into_iter().flatten().flatten() {
            let name = part.file_name();
            let Some(name) = name.to_str() else { continue };
            let message = name.split('.').next().and_then(|id| id.parse().ok()).map(MessageId);
            let stays = match message {
                Some(message) => {
                    name.starts_with(&part_name(message)) && self.read(|conn| conn.any(UNFINISHED, [message.0]))?
                }
                None => !is_stale(&part, now),
            };
            if !stays {
                remove(&part.path()).map_err(|error| DbError::File(part.path(), error).at(self.path()))?;
            }
        }
        Ok(())
    }

    /// How many files there are. Reads both tables of files.
    pub(crate) fn media_counts(&self) -> Result<MediaCounts, StoreError> {
        let number = |count: i64| u64::try_from(count).unwrap_or_default();
        self.read(|conn| {
            let sql = "SELECT count(*), coalesce(sum(size), 0) FROM media_files";
            let (files, bytes) = conn.one(sql, [], |row| Ok((row.get(0)?, row.get(1)?)))?;
            let mut counts = MediaCounts { files: number(files), bytes: number(bytes), ..MediaCounts::default() };
            let sql = "SELECT state, count(*) FROM message_media GROUP BY state";
            for (state, count) in conn.all(sql, [], |row| Ok((row.get::<_, String>(0)?, row.get(1)?)))? {
                match state.as_str() {
                    "waiting" => counts.waiting = number(count),
                    "failed" => counts.failed = number(count),
                    "refused" => counts.refused = number(count),
                    _ => {}
                }
            }
            Ok(counts)
        })
    }
}

/// Whether a temporary file is left behind by a process that died.
fn is_stale(part: &fs::DirEntry, now: Timestamp) -> bool {
    let modified = part.metadata().and_then(|found| found.modified()).ok();
    let written = modified.and_then(|at| at.duration_since(UNIX_EPOCH).ok()).unwrap_or_default();
    now.since(Timestamp(0)) > written.saturating_add(STALE)
}

fn remove(path: &Path) -> io::Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

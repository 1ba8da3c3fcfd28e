//! Brings a database of an older version up to date, after a copy of it was made.
//!
//! Invariant: the copy is whole before anything is changed, and the database is of the old version or of the new one,
//! never between.

use std::fs;
use std::path::Path;

use super::backup::copy_before_upgrade;
use super::database::{DbError, Store, StoreError, connect};
use super::migrate;
use super::open::FILE;

/// What the names of the copies begin with; the version follows to which the database was brought.
const COPY: &str = "loket.db.before-v";

impl Store {
    /// Migrates `dir/loket.db`, which exists, to this version's schema. A copy of it as it was is kept beside it, in place
    /// of the one of an earlier upgrade. The caller holds the engine's lock, so that nobody who knows only the old schema
    /// writes to it. Blocks.
    pub fn upgrade(dir: &Path) -> Result<(), StoreError> {
        let path = dir.join(FILE);
        let fail = |error: DbError| error.at(&path);
        let mut conn = connect(&path).map_err(fail)?;
        let (found, latest) = migrate::versions(&conn).map_err(fail)?;
        if found < latest {
            let name = format!("{COPY}{latest}");
            copy_before_upgrade(&path, &dir.join(&name))?;
            migrate::migrate(&mut conn, &path)?;
            remove_other_copies(dir, &name);
        }
        Ok(())
    }
}

/// Removes the copies of earlier upgrades; one that stays only takes room.
fn remove_other_copies(dir: &Path, newest: &str) {
    for entry in fs::read_dir(dir).into_iter().flatten().flatten() {
        if entry.file_name().to_str().is_some_and(|name| name.starts_with(COPY) && name != newest) {
            let _ = fs::remove_file(entry.path());
        }
    }
}

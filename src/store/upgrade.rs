//! Brings a database of an older version up to date, after a copy of it was made.
//!
//! Invariant: the copy is whole before anything is changed, and the database is of the old version or of the new one,
//! never between.

use std::fs;
use std::io;
use std::path::Path;

use super::backup::copy_before_upgrade;
use super::database::{DbError, Store, StoreError, connect};
use super::migrate;
use super::open::{FILE, file_error};

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
            // One that stays only takes room.
            drop(remove_copies(dir, |copy| copy != name));
        }
        Ok(())
    }

    /// Whether `dir` holds a database of an older version, which is upgraded when it is opened.
    pub(crate) fn needs_upgrade(dir: &Path) -> bool {
        let path = dir.join(FILE);
        // What cannot be opened is reported when it is opened in earnest.
        path.is_file()
            && connect(&path)
                .and_then(|conn| migrate::versions(&conn))
                .is_ok_and(|(found, latest)| (1..latest).contains(&found))
    }

    /// Removes the copies that upgrades have left beside the database, for they hold what is to be forgotten.
    pub(crate) fn remove_upgrade_copies(&self) -> Result<(), StoreError> {
        let dir = self.path().parent().unwrap_or(Path::new(""));
        remove_copies(dir, |_| true).map_err(|error| file_error(dir, &error))
    }
}

/// Removes the copies of upgrades that `which` names.
fn remove_copies(dir: &Path, which: impl Fn(&str) -> bool) -> io::Result<()> {
    for entry in fs::read_dir(dir)? {
        let entry = entry?;
        if entry.file_name().to_str().is_some_and(|name| name.starts_with(COPY) && which(name)) {
            fs::remove_file(entry.path())?;
        }
    }
    Ok(())
}

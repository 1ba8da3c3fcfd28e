//! Files inside a copy of the database, so that one file is a whole copy; a store that is opened with such a copy puts
//! them back into the directory.
//!
//! Invariant: putting them back may be interrupted at any moment; the next start goes on.

use std::fs::File;
use std::io::{self, Read as _, Write as _};
use std::path::Path;

use rusqlite::Connection;

use super::directory::{MediaDirectory, file_name};
use crate::files;
use crate::store::database::{DbError, DbResult, RunSql};

/// The table of a copy that holds the bytes of files, in the order of its rows.
const TABLE: &str = "CREATE TABLE media_blobs (id INTEGER PRIMARY KEY, name TEXT NOT NULL, bytes BLOB NOT NULL); \
    CREATE INDEX media_blobs_name ON media_blobs (name, id);";
/// Bytes of a file in one row.
const ROW: usize = 1 << 20;

/// Adds every file of the directory beside the database at `from` to a copy of that database; returns how many. One
/// that was removed meanwhile is left out.
pub(crate) fn add_files(copy: &mut Connection, from: &Path) -> DbResult<u64> {
    let directory = MediaDirectory::beside(from);
    let sql = "SELECT sha256, extension FROM media_files ORDER BY sha256";
    let names: Vec<String> =
        copy.all(sql, [], |row| Ok(file_name(&row.get::<_, String>(0)?, &row.get::<_, String>(1)?)))?;
    if names.is_empty() {
        return Ok(0);
    }
    copy.execute_batch(TABLE)?;
    let mut count = 0;
    for name in &names {
        let path = directory.path(name);
        let tx = copy.transaction()?;
        match add_file(&tx, name, &path) {
            Ok(()) => count += 1,
            Err(DbError::File(_, error)) if error.kind() == io::ErrorKind::NotFound => continue,
            Err(error) => return Err(error),
        }
        tx.commit()?;
    }
    Ok(count)
}

fn add_file(copy: &Connection, name: &str, path: &Path) -> DbResult<()> {
    let failed = |error| DbError::File(path.to_owned(), error);
    let mut file = File::open(path).map_err(failed)?;
    loop {
        let mut bytes = Vec::with_capacity(ROW);
        let row = u64::try_from(ROW).unwrap_or(u64::MAX);
        io::Read::by_ref(&mut file).take(row).read_to_end(&mut bytes).map_err(failed)?;
        if bytes.is_empty() {
            return Ok(());
        }
        copy.run("INSERT INTO media_blobs (name, bytes) VALUES (?1, ?2)", rusqlite::params![name, bytes])?;
    }
}

/// Puts the files that a copy holds into the directory beside it, and takes them out of the database.
pub(crate) fn put_back(conn: &Connection, database: &Path) -> DbResult<()> {
    if !conn.any("SELECT 1 FROM sqlite_master WHERE name = 'media_blobs'", [])? {
        return Ok(());
    }
    let directory = MediaDirectory::beside(database);
    let next = "SELECT name FROM media_blobs ORDER BY name LIMIT 1";
    while let Some(name) = conn.first(next, [], |row| row.get::<_, String>(0))? {
        put_file_back(conn, &directory, &name)?;
        conn.run("DELETE FROM media_blobs WHERE name = ?1", [&name])?;
    }
    conn.flush_prepared_statement_cache();
    Ok(conn.execute_batch("DROP TABLE IF EXISTS media_blobs")?)
}

fn put_file_back(conn: &Connection, directory: &MediaDirectory, name: &str) -> DbResult<()> {
    let path = directory.path(name);
    let failed = |error| DbError::File(path.clone(), error);
    if !MediaDirectory::is_name(name) {
        // Not of our making: nothing in a copy decides where a file is written.
        return Ok(());
    }
    // Several processes may open the same copy at once.
    let part = directory.parts().map_err(failed)?.join(format!("new-{}-{name}.part", std::process::id()));
    drop(std::fs::remove_file(&part));
    let mut file = files::create(&part).map_err(failed)?;
    let mut statement = conn.prepare("SELECT bytes FROM media_blobs WHERE name = ?1 ORDER BY id")?;
    let mut rows = statement.query([name])?;
    while let Some(row) = rows.next()? {
        file.write_all(row.get_ref(0)?.as_blob().unwrap_or_default()).map_err(failed)?;
    }
    file.sync_all().map_err(failed)?;
    directory.put(&part, name).map_err(failed)
}

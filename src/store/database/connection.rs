//! SQLite connections and their settings.
//!
//! Invariant: no other file opens the database.

use rusqlite::config::DbConfig;
use rusqlite::{Connection, ErrorCode, OpenFlags};
use std::path::Path;
use std::time::Duration;

use super::error::DbResult;

/// How long a write waits for another process to release the write lock before it fails.
const BUSY_TIMEOUT: Duration = Duration::from_secs(5);
/// Prepared statements cached per connection; more than there are in all.
const CACHED_STATEMENTS: usize = 192;
/// Pages that the writer keeps in memory, in KiB: those of the indexes that every message changes.
const WRITER_CACHE: u32 = 8000;
/// Pages that a reader keeps in memory, in KiB. A process has several readers, and what is read again soon is in the
/// system's own cache of files.
const READER_CACHE: u32 = 1500;

/// Opens an existing file for reading and writing.
pub(crate) fn connect(path: &Path) -> DbResult<Connection> {
    connect_with(path, WRITER_CACHE)
}

#[expect(clippy::disallowed_methods, reason = "this is the file that opens the database")]
fn connect_with(path: &Path, cache: u32) -> DbResult<Connection> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let conn = Connection::open_with_flags(path, flags)?;
    conn.busy_timeout(BUSY_TIMEOUT)?;
    conn.set_prepared_statement_cache_capacity(CACHED_STATEMENTS);
    // One plan for each text, whatever the values: else SQLite plans many texts anew for every execution, because a value
    // might allow a partial index, and that is most of the work of a write.
    conn.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
    enable_wal(&conn)?;
    // `secure_delete = FAST` overwrites what is deleted inside a page, at no cost in reads and writes. `journal_size_limit` truncates the log again after one large commit has grown it. On macOS `fsync` leaves data in
    // the drive's own cache; `fullfsync` does not, and is ignored elsewhere.
    conn.execute_batch(
        "PRAGMA synchronous = FULL; PRAGMA fullfsync = ON; PRAGMA checkpoint_fullfsync = ON; \
         PRAGMA secure_delete = FAST; PRAGMA foreign_keys = ON; \
         PRAGMA temp_store = MEMORY; PRAGMA journal_size_limit = 67108864;",
    )?;
    conn.pragma_update(None, "cache_size", -i64::from(cache))?;
    Ok(conn)
}

/// Opens a copy of the store to check it: its file is only read, and nothing is created beside it.
#[expect(clippy::disallowed_methods, reason = "this is the file that opens the database")]
pub(crate) fn open_copy(path: &Path) -> DbResult<Connection> {
    Ok(Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX)?)
}

/// Opens a copy of the store to add to it, before it has a name: no log stands beside it then.
#[expect(clippy::disallowed_methods, reason = "this is the file that opens the database")]
pub(crate) fn open_unfinished(path: &Path) -> DbResult<Connection> {
    Ok(Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX)?)
}

/// Opens a connection that cannot write.
pub(crate) fn connect_read_only(path: &Path) -> DbResult<Connection> {
    let conn = connect_with(path, READER_CACHE)?;
    conn.execute_batch("PRAGMA query_only = ON")?;
    Ok(conn)
}

/// Turns the write-ahead log on; the setting is stored in the file. On a new file this takes an exclusive lock that
/// SQLite's busy timeout does not cover, so processes started together on an empty directory retry here.
fn enable_wal(conn: &Connection) -> DbResult<()> {
    const PAUSE: Duration = Duration::from_millis(5);
    let mut waited = Duration::ZERO;
    loop {
        match conn.execute_batch("PRAGMA journal_mode = WAL") {
            Err(error) if is_busy(&error) && waited < BUSY_TIMEOUT => {
                std::thread::sleep(PAUSE);
                waited += PAUSE;
            }
            result => return Ok(result?),
        }
    }
}

fn is_busy(error: &rusqlite::Error) -> bool {
    matches!(error.sqlite_error_code(), Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked))
}

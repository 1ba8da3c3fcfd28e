//! Opening the store: the directory, the file, the schema and the writer thread.
//!
//! Invariant: the database and its logs are readable by their owner alone.

use super::database::{CommitHooks, DbError, Jobs, Store, StoreError, connect};
use super::{media, migrate, notify, writer};
use crate::files::{self, Access, close_directory, create_directory};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError, mpsc};

use rusqlite::Connection;

/// The database's file name in the data directory.
pub const FILE: &str = "loket.db";

impl Store {
    /// Opens `dir/loket.db`. Creates the directory (mode 0700) and the file (0600) if they are missing. A database of an
    /// older version is left alone and reported: see [`Store::upgrade`].
    ///
    /// An existing directory that other users can look into is closed to them if it is ours and Loket's alone, else
    /// refused.
    pub fn open(dir: &Path) -> Result<Store, StoreError> {
        let (conn, path) = open_file(dir)?;
        let hooks = Arc::new(CommitHooks::default());
        let notified = Arc::clone(&path);
        hooks.add(Box::new(move || notify::notify(&notified)));
        let (jobs, queue) = mpsc::channel();
        let thread = {
            let (hooks, path) = (Arc::clone(&hooks), Arc::clone(&path));
            std::thread::Builder::new()
                .name("store".to_owned())
                .spawn(move || writer::run(conn, queue, hooks, path))
                .map_err(|error| StoreError::Failed(error.to_string()))?
        };
        Ok(Store::new(path, hooks, Jobs::Queue(jobs), Some(thread)))
    }

    /// A store for simulations: every write runs on its caller's thread, and nothing waits for the disk.
    pub(crate) fn open_inline(dir: &Path) -> Result<Store, StoreError> {
        let (conn, path) = open_file(dir)?;
        conn.execute_batch("PRAGMA synchronous = OFF").map_err(|error| DbError::from(error).at(&path))?;
        let hooks = Arc::new(CommitHooks::default());
        let jobs = {
            let (conn, hooks, path) = (Mutex::new(conn), Arc::clone(&hooks), Arc::clone(&path));
            Jobs::Inline(Box::new(move |job| {
                let conn = conn.lock().unwrap_or_else(PoisonError::into_inner);
                writer::run_inline(&conn, job, &hooks, &path);
            }))
        };
        Ok(Store::new(path, hooks, jobs, None))
    }
}

/// Opens the writing connection of a database of this version, or of a new one.
fn open_file(dir: &Path) -> Result<(Connection, Arc<PathBuf>), StoreError> {
    create_directory(dir).and_then(|()| close_directory(dir, FILE)).map_err(|error| unusable(dir, &error))?;
    let path = dir.join(FILE);
    create_file(&path).map_err(|error| file_error(&path, &error))?;
    let mut conn = connect(&path).map_err(|error: DbError| error.at(&path))?;
    match migrate::versions(&conn).map_err(|error| error.at(&path))? {
        (found @ 1.., known) if found < known => return Err(StoreError::Outdated { found, known }),
        _ => migrate::migrate(&mut conn, &path)?,
    }
    media::put_back(&conn, &path).map_err(|error| error.at(&path))?;
    Ok((conn, Arc::new(path)))
}

/// Creates the file before SQLite does, so that its mode does not depend on the umask. SQLite gives its log and
/// shared memory the mode of the file.
#[cfg(unix)]
pub(super) fn create_file(path: &Path) -> std::io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    files::open(path, Access::Append)?;
    // These are not opened: closing one would drop the locks that SQLite has on it in this process.
    for suffix in ["-wal", "-shm"] {
        let mut name = path.as_os_str().to_owned();
        name.push(suffix);
        match fs::metadata(&name) {
            Ok(metadata) if metadata.permissions().mode() & 0o777 != 0o600 => {
                fs::set_permissions(&name, fs::Permissions::from_mode(0o600))?;
            }
            _ => {}
        }
    }
    Ok(())
}

#[cfg(not(unix))]
pub(super) fn create_file(path: &Path) -> std::io::Result<()> {
    files::open(path, Access::Append).map(drop)
}

fn unusable(path: &Path, error: &std::io::Error) -> StoreError {
    StoreError::Unusable { path: path.to_owned(), reason: error.to_string() }
}

/// The error of a file that cannot be created, written or read.
pub(super) fn file_error(path: &Path, error: &std::io::Error) -> StoreError {
    if error.kind() == std::io::ErrorKind::StorageFull { StoreError::Full } else { unusable(path, error) }
}

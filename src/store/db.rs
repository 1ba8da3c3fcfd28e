//! The handle on the database: opening, reading connections, the writer's queue.
//!
//! Invariant: no other file opens the database, and nothing here scans it.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{self, Sender};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

use rusqlite::{Connection, ErrorCode, OpenFlags};

use super::error::{Fault, StoreError, Work};
use super::writer::{self, Hooks, Job, Pending, Task, Tx};
use super::{FILE, migrate, notify};

/// How long another process may hold the write lock before a write fails.
const BUSY: Duration = Duration::from_secs(5);
/// Reading connections that are kept open.
const READERS: usize = 4;
/// Prepared statements kept per connection; there are fewer in all.
const STATEMENTS: usize = 192;

/// A handle on the store. Cheap to clone; the last one that is dropped finishes what has been asked for.
#[derive(Debug, Clone)]
pub struct Store {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    path: Arc<PathBuf>,
    readers: Mutex<Vec<Connection>>,
    hooks: Arc<Hooks>,
    jobs: Option<Sender<Box<dyn Job>>>,
    thread: Option<JoinHandle<()>>,
}

impl Store {
    /// Opens `dir/loket.db`, or makes it: the directory with mode 0700, the files with 0600. Brings an older
    /// schema up to date.
    ///
    /// The mode of a directory that exists is left alone: it may be one that others use.
    pub fn open(dir: &Path) -> Result<Store, StoreError> {
        make_dir(dir).map_err(|error| unusable(dir, &error))?;
        let path = dir.join(FILE);
        make_file(&path).map_err(|error| of_io(&path, &error))?;
        let fail = |fault: Fault| fault.at(&path);
        let mut conn = connect(&path).map_err(fail)?;
        migrate::migrate(&mut conn, &path)?;
        let path = Arc::new(path);
        let hooks = Arc::new(Hooks::default());
        let rung = Arc::clone(&path);
        hooks.add(Box::new(move || notify::ring(&rung)));
        let (jobs, queue) = mpsc::channel();
        let thread = {
            let (hooks, path) = (Arc::clone(&hooks), Arc::clone(&path));
            std::thread::Builder::new()
                .name("store".to_owned())
                .spawn(move || writer::serve(conn, queue, hooks, path))
                .map_err(|error| StoreError::Failed(error.to_string()))?
        };
        let inner = Inner { path, readers: Mutex::default(), hooks, jobs: Some(jobs), thread: Some(thread) };
        Ok(Store { inner: Arc::new(inner) })
    }

    /// The database's file. [`notify_path`](super::notify_path) it is modified after every commit of any process.
    pub fn path(&self) -> &Path {
        &self.inner.path
    }

    /// Reads through the whole file and returns what is wrong with it; empty when all is well. Slow; for `doctor`.
    pub fn check(&self) -> Result<Vec<String>, StoreError> {
        self.read(|conn| {
            let mut statement = conn.prepare("PRAGMA quick_check(20)")?;
            let words = statement.query_map([], |row| row.get::<_, String>(0))?.collect::<Result<Vec<_>, _>>()?;
            Ok(words.into_iter().filter(|word| word != "ok").collect())
        })
    }

    /// Adds a function that is called after each commit of this process that changed something, on the
    /// writer's thread. It must return at once and must not own a [`Store`].
    pub fn on_commit(&self, hook: Box<dyn Fn() + Send + Sync>) {
        self.inner.hooks.add(hook);
    }

    /// Answers when everything asked for before is durable; with it, whether the store can write now.
    pub fn flush(&self) -> Pending<()> {
        self.write(|tx| {
            // A statement that needs the disk, so that a full one is noticed.
            tx.conn.prepare_cached("UPDATE totals SET probes = probes + 1")?.execute([])?;
            Ok(())
        })
    }

    /// Does a piece of work on a reading connection.
    pub(super) fn read<T>(&self, work: impl FnOnce(&Connection) -> Work<T>) -> Result<T, StoreError> {
        let idle = self.readers().pop();
        let conn = match idle {
            Some(conn) => conn,
            None => reader(&self.inner.path).map_err(|fault| fault.at(&self.inner.path))?,
        };
        let answer = work(&conn).map_err(|fault| fault.at(&self.inner.path));
        let mut readers = self.readers();
        if readers.len() < READERS {
            readers.push(conn);
        }
        answer
    }

    /// Queues a piece of work for the writer.
    pub(super) fn write<T, F>(&self, work: F) -> Pending<T>
    where
        T: Send + 'static,
        F: FnOnce(&Tx<'_>) -> Work<T> + Send + 'static,
    {
        let (reply, pending) = Pending::new();
        let task = Task::new(work, reply, Arc::clone(&self.inner.path));
        if let Some(jobs) = &self.inner.jobs {
            // A thread that has ended drops the task, and with it the answer's sender: the answer is `Closed`.
            let _ = jobs.send(Box::new(task));
        }
        pending
    }

    fn readers(&self) -> std::sync::MutexGuard<'_, Vec<Connection>> {
        self.inner.readers.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Inner {
    fn drop(&mut self) {
        self.jobs = None;
        if let Some(thread) = self.thread.take() {
            // The thread itself drops the last handle only when a hook owned one; it cannot wait for itself.
            if thread.thread().id() != std::thread::current().id() {
                let _ = thread.join();
            }
        }
    }
}

#[expect(clippy::disallowed_methods, reason = "this is the file that opens the database")]
fn connect(path: &Path) -> Work<Connection> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let conn = Connection::open_with_flags(path, flags)?;
    conn.busy_timeout(BUSY)?;
    conn.set_prepared_statement_cache_capacity(STATEMENTS);
    write_ahead(&conn)?;
    // `journal_size_limit` gives the space of a log back that one large commit made long.
    conn.execute_batch(
        "PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON; PRAGMA temp_store = MEMORY; \
         PRAGMA cache_size = -16000; PRAGMA journal_size_limit = 67108864;",
    )?;
    Ok(conn)
}

/// Turns the write-ahead log on, which stays so. On a new file this needs the file alone, and SQLite does not
/// wait for that by itself: programs that are started together on an empty directory would refuse each other.
fn write_ahead(conn: &Connection) -> Work<()> {
    const PAUSE: Duration = Duration::from_millis(5);
    let mut waited = Duration::ZERO;
    loop {
        match conn.execute_batch("PRAGMA journal_mode = WAL") {
            Err(error) if is_busy(&error) && waited < BUSY => {
                std::thread::sleep(PAUSE);
                waited += PAUSE;
            }
            done => return Ok(done?),
        }
    }
}

fn is_busy(error: &rusqlite::Error) -> bool {
    matches!(error.sqlite_error_code(), Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked))
}

fn reader(path: &Path) -> Work<Connection> {
    let conn = connect(path)?;
    conn.execute_batch("PRAGMA query_only = ON")?;
    Ok(conn)
}

#[cfg(unix)]
fn make_dir(dir: &Path) -> std::io::Result<()> {
    use std::os::unix::fs::DirBuilderExt;
    fs::DirBuilder::new().recursive(true).mode(0o700).create(dir)
}

#[cfg(not(unix))]
fn make_dir(dir: &Path) -> std::io::Result<()> {
    fs::create_dir_all(dir)
}

/// Makes the file before SQLite does, so that its mode does not hang on the umask. SQLite gives its log and
/// shared memory the mode of the file.
#[cfg(unix)]
fn make_file(path: &Path) -> std::io::Result<()> {
    use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
    fs::OpenOptions::new().read(true).append(true).create(true).mode(0o600).open(path)?;
    for suffix in ["", "-wal", "-shm"] {
        let mut name = path.as_os_str().to_owned();
        name.push(suffix);
        match fs::metadata(&name) {
            Ok(found) if found.permissions().mode() & 0o777 != 0o600 => {
                fs::set_permissions(&name, fs::Permissions::from_mode(0o600))?;
            }
            _ => {}
        }
    }
    Ok(())
}

#[cfg(not(unix))]
fn make_file(path: &Path) -> std::io::Result<()> {
    fs::OpenOptions::new().read(true).append(true).create(true).open(path).map(|_| ())
}

fn unusable(path: &Path, error: &std::io::Error) -> StoreError {
    StoreError::Unusable { path: path.to_owned(), reason: error.to_string() }
}

fn of_io(path: &Path, error: &std::io::Error) -> StoreError {
    if error.kind() == std::io::ErrorKind::StorageFull { StoreError::Full } else { unusable(path, error) }
}

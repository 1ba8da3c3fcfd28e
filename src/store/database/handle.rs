//! The handle on the database: a pool of reading connections and the queue to the writer thread.
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::mpsc::Sender;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;

use rusqlite::Connection;

use super::connection::connect_read_only;
use super::error::{DbResult, StoreError};
use super::pending::{AfterCommit, Job, Pending, Write};
use super::sql::RunSql;
use super::tx::Tx;

/// Idle reading connections that are kept open.
const MAX_IDLE_READERS: usize = 3;

/// A handle on the store. Cheap to clone; dropping the last one waits until every queued write is done.
#[derive(Debug, Clone)]
pub struct Store {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    path: Arc<PathBuf>,
    readers: Mutex<Vec<Connection>>,
    hooks: Arc<CommitHooks>,
    event_hooks: Arc<CommitHooks>,
    jobs: Option<Jobs>,
    thread: Option<JoinHandle<()>>,
}

/// How queued writes reach the writing connection.
pub(crate) enum Jobs {
    /// To the writer thread.
    Queue(Sender<Box<dyn Job>>),
    /// To a function that runs them on the caller's thread, one commit each.
    Inline(Box<dyn Fn(Box<dyn Job>) + Send + Sync>),
}

impl std::fmt::Debug for Jobs {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Jobs")
    }
}

impl Store {
    /// A handle on the database at `path`; `thread` is the writer thread, if there is one.
    pub(crate) fn new(path: Arc<PathBuf>, hooks: Arc<CommitHooks>, jobs: Jobs, thread: Option<JoinHandle<()>>) -> Self {
        let event_hooks = Arc::default();
        let inner = Inner { path, readers: Mutex::default(), hooks, event_hooks, jobs: Some(jobs), thread };
        Store { inner: Arc::new(inner) }
    }

    /// The database's file. The file at its `notify_path` is written after every commit of any
    /// process.
    pub fn path(&self) -> &Path {
        &self.inner.path
    }

    /// Reads the whole file and returns SQLite's complaints about it, at most 20; empty when it is sound. Slow.
    pub fn check(&self) -> Result<Vec<String>, StoreError> {
        self.read(|conn| {
            let mut statement = conn.prepare("PRAGMA quick_check(20)")?;
            let lines = statement.query_map([], |row| row.get::<_, String>(0))?.collect::<Result<Vec<_>, _>>()?;
            Ok(lines.into_iter().filter(|line| line != "ok").collect())
        })
    }

    /// Adds a function that is called on the writer's thread after each commit of this process that changed
    /// something. It must return at once and must not own a [`Store`].
    pub(crate) fn on_commit(&self, hook: Box<dyn Fn() + Send + Sync>) {
        self.inner.hooks.add(hook);
    }

    /// Adds a function that is called on the writer's thread once an event that waits to be interpreted is durable,
    /// whether or not its sender still waits for an answer. The same limits as for [`Store::on_commit`] apply.
    pub(crate) fn on_event(&self, hook: Box<dyn Fn() + Send + Sync>) {
        self.inner.event_hooks.add(hook);
    }

    /// The functions to call when an event waits to be interpreted.
    pub(crate) fn event_hooks(&self) -> Arc<CommitHooks> {
        Arc::clone(&self.inner.event_hooks)
    }

    /// Resolves once every write queued before is durable. An error says that the store cannot write.
    pub fn flush(&self) -> Pending<()> {
        self.write(|tx| {
            // A statement that needs the disk, so that a full one is noticed.
            tx.run("UPDATE totals SET probes = probes + 1", [])?;
            Ok(())
        })
    }

    /// Runs queries on a reading connection.
    pub(crate) fn read<T>(&self, query: impl FnOnce(&Connection) -> DbResult<T>) -> Result<T, StoreError> {
        let idle = self.readers().pop();
        let conn = match idle {
            Some(conn) => conn,
            None => connect_read_only(&self.inner.path).map_err(|error| error.at(&self.inner.path))?,
        };
        let result = query(&conn).map_err(|error| error.at(&self.inner.path));
        let mut readers = self.readers();
        if readers.len() < MAX_IDLE_READERS {
            readers.push(conn);
        }
        result
    }

    /// Queues a write for the writer's thread and returns at once.
    pub(crate) fn write<T, F>(&self, closure: F) -> Pending<T>
    where
        T: Send + 'static,
        F: FnOnce(&Tx<'_>) -> DbResult<T> + Send + 'static,
    {
        self.write_then(closure, None)
    }

    /// Queues a write; `after` is called with its result once that is durable.
    pub(crate) fn write_then<T, F>(&self, closure: F, after: Option<AfterCommit<T>>) -> Pending<T>
    where
        T: Send + 'static,
        F: FnOnce(&Tx<'_>) -> DbResult<T> + Send + 'static,
    {
        let (reply, pending) = Pending::new();
        let write = Box::new(Write::new(closure, reply, Arc::clone(&self.inner.path)).then(after));
        match &self.inner.jobs {
            // When the writer thread has ended this drops `reply`, and `pending` resolves to `Closed`.
            Some(Jobs::Queue(jobs)) => drop(jobs.send(write)),
            Some(Jobs::Inline(run)) => {
                run(write);
                return pending.yielding();
            }
            None => {}
        }
        pending
    }

    fn readers(&self) -> MutexGuard<'_, Vec<Connection>> {
        self.inner.readers.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Inner {
    fn drop(&mut self) {
        self.jobs = None;
        if let Some(thread) = self.thread.take() {
            // The writer thread drops the last handle only when a hook owned one; it cannot join itself.
            if thread.thread().id() != std::thread::current().id() {
                let _ = thread.join();
            }
        }
    }
}

/// Functions that are called after each commit with changes.
#[derive(Default)]
pub(crate) struct CommitHooks(Mutex<Vec<Arc<dyn Fn() + Send + Sync>>>);

impl CommitHooks {
    /// Adds a function to call after every later commit.
    pub(crate) fn add(&self, hook: Box<dyn Fn() + Send + Sync>) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(Arc::from(hook));
    }

    /// Calls all functions in the order in which they were added.
    pub(crate) fn call(&self) {
        let hooks = self.0.lock().unwrap_or_else(PoisonError::into_inner).clone();
        for hook in hooks {
            // A panicking hook is a defect of its owner and no reason to stop writing.
            let _ = catch_unwind(AssertUnwindSafe(|| hook()));
        }
    }
}

impl std::fmt::Debug for CommitHooks {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("CommitHooks")
    }
}

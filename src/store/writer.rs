//! The writer thread: it owns the only writing connection of this process and commits what has queued up
//! together.
//!
//! Invariant: nobody is answered before the commit that holds his work is durable, and no piece of work that
//! fails takes another one with it.

use std::any::Any;
use std::cell::{Cell, RefCell};
use std::future::Future;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;
use std::pin::{Pin, pin};
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, Wake, Waker};
use std::thread::Thread;
use std::time::Duration;

use rusqlite::Connection;
use tokio::sync::oneshot;

use super::error::{Fault, StoreError, Work};
use super::{changes, search};
use crate::domain::ChangeKind;

/// At most so many pieces of work share a commit.
const GROUP_MAX: usize = 256;
/// The full-text index is filled when nothing was asked for so long.
const IDLE: Duration = Duration::from_millis(250);
/// …or when so many texts are waiting, so that a steady stream cannot starve it.
const BACKLOG_MAX: usize = 4096;

/// A write that is answered after its group was committed durably. Await it, or [`Pending::wait`] for it; the
/// work is done either way, also when this is dropped.
#[derive(Debug)]
#[must_use = "the answer tells whether it is durable"]
pub struct Pending<T>(oneshot::Receiver<Result<T, StoreError>>);

impl<T> Pending<T> {
    /// An answer with the place where it is to be put.
    pub(super) fn new() -> (oneshot::Sender<Result<T, StoreError>>, Self) {
        let (sender, receiver) = oneshot::channel();
        (sender, Pending(receiver))
    }

    /// Blocks this thread until the answer is there.
    pub fn wait(self) -> Result<T, StoreError> {
        // Not `blocking_recv`: that panics on a thread that belongs to a runtime.
        let waker = Waker::from(Arc::new(Unpark(std::thread::current())));
        let mut context = Context::from_waker(&waker);
        let mut pending = pin!(self);
        loop {
            match pending.as_mut().poll(&mut context) {
                Poll::Ready(answer) => return answer,
                Poll::Pending => std::thread::park(),
            }
        }
    }
}

impl<T> Future for Pending<T> {
    type Output = Result<T, StoreError>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        Pin::new(&mut self.0).poll(context).map(|answer| answer.unwrap_or(Err(StoreError::Closed)))
    }
}

struct Unpark(Thread);

impl Wake for Unpark {
    fn wake(self: Arc<Self>) {
        self.0.unpark();
    }
}

/// What a piece of work writes through: the connection inside its transaction, and the changes that it makes.
pub(super) struct Tx<'c> {
    /// The writing connection.
    pub(super) conn: &'c Connection,
    changes: RefCell<Vec<ChangeKind>>,
    texts: Cell<usize>,
}

impl<'c> Tx<'c> {
    fn new(conn: &'c Connection) -> Self {
        Tx { conn, changes: RefCell::default(), texts: Cell::new(0) }
    }

    /// Notes a change; each is written once at the end of the work.
    pub(super) fn changed(&self, change: ChangeKind) {
        let mut changes = self.changes.borrow_mut();
        if !changes.contains(&change) {
            changes.push(change);
        }
    }

    /// Notes that a text waits for the full-text index.
    pub(super) fn text_waits(&self) {
        self.texts.set(self.texts.get() + 1);
    }
}

/// A piece of work in the queue.
pub(super) trait Job: Send {
    /// Does the work; the answer is kept. `Err` when it is to be rolled back.
    fn run(&mut self, tx: &Tx<'_>) -> Result<(), ()>;
    /// Replaces the kept answer by a failure.
    fn fail(&mut self, error: Fault);
    /// SQLite's code of the kept failure.
    fn code(&self) -> Option<i32>;
    /// Answers: what was kept, or the failure of the group.
    fn reply(self: Box<Self>, group: Result<(), StoreError>);
}

/// A closure with the place for its answer.
pub(super) struct Task<T, F> {
    work: Option<F>,
    answer: Option<Work<T>>,
    reply: oneshot::Sender<Result<T, StoreError>>,
    path: Arc<PathBuf>,
}

impl<T, F> Task<T, F> {
    pub(super) fn new(work: F, reply: oneshot::Sender<Result<T, StoreError>>, path: Arc<PathBuf>) -> Self {
        Task { work: Some(work), answer: None, reply, path }
    }
}

impl<T, F> Job for Task<T, F>
where
    T: Send,
    F: FnOnce(&Tx<'_>) -> Work<T> + Send,
{
    fn run(&mut self, tx: &Tx<'_>) -> Result<(), ()> {
        let answer = self.work.take().map(|work| work(tx));
        let done = matches!(answer, Some(Ok(_)));
        self.answer = answer;
        if done { Ok(()) } else { Err(()) }
    }

    fn fail(&mut self, error: Fault) {
        self.answer = Some(Err(error));
    }

    fn code(&self) -> Option<i32> {
        match &self.answer {
            Some(Err(Fault::Sql(error))) => error.sqlite_error().map(|error| error.extended_code),
            _ => None,
        }
    }

    fn reply(self: Box<Self>, group: Result<(), StoreError>) {
        let answer = match (group, self.answer) {
            // Its own failure tells more than the group's.
            (_, Some(Err(fault))) => Err(fault.at(&self.path)),
            (Err(error), _) => Err(error),
            (Ok(()), Some(Ok(value))) => Ok(value),
            (Ok(()), None) => Err(StoreError::Closed),
        };
        // Whoever asked may have gone; the work is done all the same.
        let _ = self.reply.send(answer);
    }
}

/// Functions that are called after each commit with changes.
#[derive(Default)]
pub(super) struct Hooks(Mutex<Vec<Arc<dyn Fn() + Send + Sync>>>);

impl Hooks {
    pub(super) fn add(&self, hook: Box<dyn Fn() + Send + Sync>) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(Arc::from(hook));
    }

    fn call(&self) {
        let hooks = self.0.lock().unwrap_or_else(PoisonError::into_inner).clone();
        for hook in hooks {
            // A panicking hook is a defect of its owner and no reason to stop writing.
            let _ = catch_unwind(AssertUnwindSafe(|| hook()));
        }
    }
}

impl std::fmt::Debug for Hooks {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Hooks")
    }
}

/// The thread's body; ends when the last sender is gone and the queue is empty.
#[expect(clippy::needless_pass_by_value, reason = "the thread owns what it works with")]
pub(super) fn serve(conn: Connection, jobs: Receiver<Box<dyn Job>>, hooks: Arc<Hooks>, path: Arc<PathBuf>) {
    let mut backlog = search::has_backlog(&conn).map_or(0, usize::from);
    loop {
        if backlog >= BACKLOG_MAX {
            backlog = search::index_batch(&conn).unwrap_or(0);
        }
        let first = if backlog == 0 {
            jobs.recv().map_err(|_| RecvTimeoutError::Disconnected)
        } else {
            jobs.recv_timeout(IDLE)
        };
        let mut group = match first {
            Ok(job) => vec![job],
            Err(RecvTimeoutError::Timeout) => {
                // On failure (a full disk) it is tried again after the next commit, not in a circle.
                backlog = search::index_batch(&conn).unwrap_or(0);
                continue;
            }
            Err(RecvTimeoutError::Disconnected) => return,
        };
        group.extend(jobs.try_iter().take(GROUP_MAX - 1));
        let done = commit(&conn, &mut group).map_err(|fault| fault.at(&path));
        let outcome = done.as_ref().map(|_| ()).map_err(Clone::clone);
        for job in group {
            job.reply(outcome.clone());
        }
        if let Ok(written) = done {
            backlog += written.texts;
            if written.changes {
                hooks.call();
            }
        }
    }
}

#[derive(Default)]
struct Written {
    changes: bool,
    texts: usize,
}

/// Runs a group in one transaction, each piece in a savepoint. An error means that nothing of it was written.
fn commit(conn: &Connection, group: &mut [Box<dyn Job>]) -> Work<Written> {
    conn.execute_batch("BEGIN IMMEDIATE")?;
    let mut written = Written::default();
    for job in group.iter_mut() {
        match in_savepoint(conn, job.as_mut(), &mut written) {
            Ok(()) => {}
            Err(error) => {
                let _ = conn.execute_batch("ROLLBACK");
                return Err(error);
            }
        }
    }
    if let Err(error) = conn.execute_batch("COMMIT") {
        if !conn.is_autocommit() {
            let _ = conn.execute_batch("ROLLBACK");
        }
        return Err(error.into());
    }
    Ok(written)
}

/// Runs one piece of work. An error here is the whole transaction's.
fn in_savepoint(conn: &Connection, job: &mut dyn Job, written: &mut Written) -> Work<()> {
    conn.execute_batch("SAVEPOINT work")?;
    let tx = Tx::new(conn);
    let done = match catch_unwind(AssertUnwindSafe(|| job.run(&tx))) {
        Ok(done) => done,
        Err(panic) => {
            job.fail(Fault::Other(panic_words(panic.as_ref())));
            Err(())
        }
    };
    if conn.is_autocommit() {
        // SQLite has rolled everything back by itself (a full disk, an I/O error).
        let code = job.code().unwrap_or(rusqlite::ffi::SQLITE_IOERR);
        return Err(Fault::Sql(rusqlite::Error::SqliteFailure(rusqlite::ffi::Error::new(code), None)));
    }
    let noted = tx.changes.take();
    let done = done.and_then(|()| changes::append(conn, &noted).map_err(|fault| job.fail(fault)));
    if done.is_err() {
        conn.execute_batch("ROLLBACK TO work; RELEASE work")?;
        return Ok(());
    }
    conn.execute_batch("RELEASE work")?;
    written.changes |= !noted.is_empty();
    written.texts += tx.texts.get();
    Ok(())
}

fn panic_words(panic: &(dyn Any + Send)) -> String {
    let words = panic.downcast_ref::<&str>().map(|w| (*w).to_owned());
    let words = words.or_else(|| panic.downcast_ref::<String>().cloned());
    format!("a defect stopped this piece of work: {}", words.unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::sync::mpsc;

    use super::*;
    use crate::domain::{AccountName, ConversationId, Timestamp};
    use crate::store::{FILE, Store};

    fn note(tx: &Tx<'_>, text: &str) -> Work<()> {
        tx.conn.execute("INSERT INTO imports (account, import, row, outcome) VALUES ('a', ?1, 1, '')", [text])?;
        tx.changed(ChangeKind::ConversationChanged { conversation: ConversationId(1) });
        Ok(())
    }

    fn noted(store: &Store) -> Vec<String> {
        let sql = "SELECT import FROM imports ORDER BY import";
        let read = |conn: &Connection| {
            let mut statement = conn.prepare(sql)?;
            Ok(statement.query_map([], |row| row.get(0))?.collect::<Result<Vec<String>, _>>()?)
        };
        store.read(read).unwrap()
    }

    /// Holds the writer until the sender is dropped, so that what is queued meanwhile makes one group.
    fn hold(store: &Store) -> mpsc::Sender<()> {
        let (sender, receiver) = mpsc::channel::<()>();
        let (held, wait) = mpsc::channel();
        drop(store.write(move |_| {
            let _ = held.send(());
            let _ = receiver.recv();
            Ok(())
        }));
        wait.recv().unwrap();
        sender
    }

    #[test]
    fn what_queues_up_shares_a_commit_and_a_failure_stays_alone() {
        let dir = tempfile::tempdir().unwrap();
        let store = Store::open(dir.path()).unwrap();
        let commits = Arc::new(AtomicUsize::new(0));
        let counter = Arc::clone(&commits);
        store.on_commit(Box::new(move || {
            counter.fetch_add(1, Ordering::SeqCst);
        }));
        let held = hold(&store);
        let good = store.write(|tx| note(tx, "1"));
        let bad: Pending<()> = store.write(|tx| {
            note(tx, "2")?;
            Err(Fault::NotFound)
        });
        let twice = store.write(|tx| note(tx, "1"));
        let defect: Pending<()> = store.write(|tx| {
            note(tx, "3")?;
            panic!("a defect")
        });
        let last = store.write(|tx| note(tx, "4"));
        drop(held);
        assert_eq!(good.wait(), Ok(()));
        assert_eq!(bad.wait(), Err(StoreError::NotFound));
        assert!(matches!(twice.wait(), Err(StoreError::Failed(_))));
        assert!(matches!(defect.wait(), Err(StoreError::Failed(words)) if words.contains("a defect")));
        assert_eq!(last.wait(), Ok(()));
        assert_eq!(noted(&store), ["1", "4"]);
        // Hooks are called after the answers.
        store.write(|_| Ok(())).wait().unwrap();
        assert_eq!(commits.load(Ordering::SeqCst), 1);
        assert_eq!(store.changes_since(crate::domain::Seq(0), 10).unwrap().len(), 2);
    }

    #[test]
    fn a_full_disk_is_said_and_the_store_goes_on_when_there_is_room() {
        let dir = tempfile::tempdir().unwrap();
        let store = Store::open(dir.path()).unwrap();
        let pages = |limit: &'static str| {
            store.write(move |tx| {
                // Answers with the limit that holds then.
                tx.conn.query_row(&format!("PRAGMA max_page_count = {limit}"), [], |row| row.get::<_, i64>(0))?;
                Ok(())
            })
        };
        pages("1").wait().unwrap();
        let event = || {
            let mut event = crate::store::NewEvent {
                account: AccountName::new("a").unwrap(),
                key: "k".to_owned(),
                within: None,
                ack: false,
                received_at: Timestamp(1),
                headers: Vec::new(),
                body: Vec::new(),
            };
            event.body = vec![0; 1 << 20];
            event
        };
        assert_eq!(store.append_event(event()).wait(), Err(StoreError::Full));
        assert_eq!(store.append_event(event()).wait(), Err(StoreError::Full));
        assert!(store.uninterpreted(&[event().account], 10).unwrap().is_empty(), "reading goes on");
        pages("1000000").wait().unwrap();
        assert!(!store.append_event(event()).wait().unwrap().duplicate);
        assert_eq!(store.uninterpreted(&[event().account], 10).unwrap().len(), 1);
    }

    #[test]
    fn a_copy_taken_in_the_middle_holds_all_that_was_answered_and_nothing_else() {
        let dir = tempfile::tempdir().unwrap();
        let store = Store::open(dir.path()).unwrap();
        for text in ["1", "2", "3"] {
            store.write(|tx| note(tx, text)).wait().unwrap();
        }
        let (sender, receiver) = mpsc::channel::<()>();
        let (held, wait) = mpsc::channel();
        let half = store.write(move |tx| {
            // More than the page cache holds, so that pages of an open transaction are in the log.
            tx.conn.execute("INSERT INTO imports VALUES ('a', 'half', 1, hex(zeroblob(20000000)))", [])?;
            let _ = held.send(());
            let _ = receiver.recv();
            Ok(())
        });
        wait.recv().unwrap();
        let copy = tempfile::tempdir().unwrap();
        for suffix in ["", "-wal"] {
            let name = format!("{FILE}{suffix}");
            std::fs::copy(dir.path().join(&name), copy.path().join(&name)).unwrap();
        }
        assert!(std::fs::metadata(copy.path().join(format!("{FILE}-wal"))).unwrap().len() > 10_000_000);
        let after = Store::open(copy.path()).unwrap();
        assert_eq!(noted(&after), ["1", "2", "3"]);
        assert_eq!(after.check().unwrap(), [""; 0]);
        drop(sender);
        half.wait().unwrap();
        assert_eq!(noted(&store).len(), 4);
    }

    #[test]
    fn the_text_index_is_filled_when_the_queue_is_idle() {
        let dir = tempfile::tempdir().unwrap();
        let store = Store::open(dir.path()).unwrap();
        store
            .write(|tx| {
                tx.conn.execute_batch(
                    "INSERT INTO conversations (account, channel, peer, last_order, last_at) \
                     VALUES ('a', 'whatsapp', '1', 1, 1); \
                     INSERT INTO messages (conversation, account, order_ms, at, direction, author, author_name, kind, \
                     text, status) VALUES (1, 'a', 1, 1, 'in', 'contact', '', 'text', 'halo', 'received');",
                )?;
                search::enlist(tx, crate::domain::MessageId(1))
            })
            .wait()
            .unwrap();
        // Nobody asks the writer for anything from here on.
        let limit = std::time::Instant::now() + Duration::from_secs(20);
        while store.read(search::has_backlog).unwrap() {
            assert!(std::time::Instant::now() < limit, "the index was never filled");
            std::thread::yield_now();
        }
        assert_eq!(store.search("halo", None, 5).unwrap().len(), 1);
    }
}

//! The writer thread: it owns the only writing connection of this process and commits queued writes in groups.
//!
//! Invariant: a write is answered only after the commit that holds it is durable, and a write that fails does not
//! take others with it.

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::time::Duration;

use rusqlite::Connection;

use super::changes;
use super::database::{CommitHooks, DbError, DbResult, Job, Tx};
use super::search::index;

/// Writes that share a commit, at most.
const GROUP_MAX: usize = 256;
/// The search index is filled once nothing has been queued for this long.
const IDLE: Duration = Duration::from_millis(250);
/// The search index is also filled once this many texts wait, so that steady traffic cannot starve it.
const BACKLOG_MAX: usize = 4096;

/// The thread's body. Ends when the last sender is gone and the queue is empty.
#[expect(clippy::needless_pass_by_value, reason = "the thread owns what it works with")]
pub(super) fn run(conn: Connection, jobs: Receiver<Box<dyn Job>>, hooks: Arc<CommitHooks>, path: Arc<PathBuf>) {
    let mut backlog = index::has_backlog(&conn).map_or(0, usize::from);
    loop {
        if backlog >= BACKLOG_MAX {
            backlog = index::index_batch(&conn).unwrap_or(0);
        }
        let first = if backlog == 0 {
            jobs.recv().map_err(|_| RecvTimeoutError::Disconnected)
        } else {
            jobs.recv_timeout(IDLE)
        };
        let mut group = match first {
            Ok(job) => vec![job],
            Err(RecvTimeoutError::Timeout) => {
                // After an error (a full disk) the next attempt is after the next commit, not in a busy loop.
                backlog = index::index_batch(&conn).unwrap_or(0);
                continue;
            }
            Err(RecvTimeoutError::Disconnected) => return,
        };
        group.extend(jobs.try_iter().take(GROUP_MAX - 1));
        let committed = commit(&conn, &mut group).map_err(|error| error.at(&path));
        let result = committed.as_ref().map(|_| ()).map_err(Clone::clone);
        for job in group {
            job.reply(result.clone());
        }
        if let Ok(summary) = committed {
            backlog += summary.unindexed;
            if summary.has_changes {
                hooks.call();
            }
        }
    }
}

/// Runs one write on the caller's thread, with a commit and an indexing pass of its own.
pub(super) fn run_inline(conn: &Connection, job: Box<dyn Job>, hooks: &CommitHooks, path: &Path) {
    let mut group = [job];
    let committed = commit(conn, &mut group).map_err(|error| error.at(path));
    let result = committed.as_ref().map(|_| ()).map_err(Clone::clone);
    for job in group {
        job.reply(result.clone());
    }
    if let Ok(summary) = committed {
        if summary.unindexed > 0 {
            drop(index::index_batch(conn));
        }
        if summary.has_changes {
            hooks.call();
        }
    }
}

#[derive(Default)]
struct CommitSummary {
    has_changes: bool,
    /// Texts that were added to the search backlog.
    unindexed: usize,
}

/// Runs a group in one transaction, each write in a savepoint. An error means that nothing was written.
fn commit(conn: &Connection, group: &mut [Box<dyn Job>]) -> DbResult<CommitSummary> {
    conn.execute_batch("BEGIN IMMEDIATE")?;
    let mut summary = CommitSummary::default();
    for job in group.iter_mut() {
        if let Err(error) = run_in_savepoint(conn, job.as_mut(), &mut summary) {
            let _ = conn.execute_batch("ROLLBACK");
            return Err(error);
        }
    }
    if let Err(error) = conn.execute_batch("COMMIT") {
        if !conn.is_autocommit() {
            let _ = conn.execute_batch("ROLLBACK");
        }
        return Err(error.into());
    }
    Ok(summary)
}

/// Runs one write. An error ends the whole transaction; the write's own failure is kept in the job.
fn run_in_savepoint(conn: &Connection, job: &mut dyn Job, summary: &mut CommitSummary) -> DbResult<()> {
    conn.execute_batch("SAVEPOINT write")?;
    let tx = Tx::new(conn);
    let result = catch_unwind(AssertUnwindSafe(|| job.run(&tx))).unwrap_or_else(|panic| {
        job.fail(DbError::Other(panic_message(panic.as_ref())));
        Err(())
    });
    if conn.is_autocommit() {
        // SQLite has rolled everything back by itself (a full disk, an I/O error).
        let code = job.sqlite_code().unwrap_or(rusqlite::ffi::SQLITE_IOERR);
        return Err(DbError::Sql(rusqlite::Error::SqliteFailure(rusqlite::ffi::Error::new(code), None)));
    }
    let (changes, unindexed) = tx.into_records();
    let result = result.and_then(|()| changes::append(conn, &changes).map_err(|error| job.fail(error)));
    if result.is_err() {
        conn.execute_batch("ROLLBACK TO write; RELEASE write")?;
        return Ok(());
    }
    conn.execute_batch("RELEASE write")?;
    summary.has_changes |= !changes.is_empty();
    summary.unindexed += unindexed;
    Ok(())
}

fn panic_message(panic: &(dyn Any + Send)) -> String {
    let message = panic.downcast_ref::<&str>().map(|message| (*message).to_owned());
    let message = message.or_else(|| panic.downcast_ref::<String>().cloned());
    format!("a defect stopped this write: {}", message.unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::sync::mpsc;

    use super::*;
    use crate::domain::{AccountName, ChangeKind, ConversationId, MessageId, Seq, Timestamp};
    use crate::store::{FILE, NewEvent, Pending, Store, StoreError};

    fn insert(tx: &Tx<'_>, text: &str) -> DbResult<()> {
        tx.conn.execute("INSERT INTO imports (account, import, row, outcome) VALUES ('a', ?1, 1, '')", [text])?;
        tx.record_change(ChangeKind::ConversationChanged { conversation: ConversationId(1) });
        Ok(())
    }

    fn inserted(store: &Store) -> Vec<String> {
        let sql = "SELECT import FROM imports ORDER BY import";
        let query = |conn: &Connection| {
            let mut statement = conn.prepare(sql)?;
            Ok(statement.query_map([], |row| row.get(0))?.collect::<Result<Vec<String>, _>>()?)
        };
        store.read(query).unwrap()
    }

    /// Blocks the writer until the sender is dropped, so that what is queued meanwhile makes one group.
    fn block_writer(store: &Store) -> mpsc::Sender<()> {
        let (sender, receiver) = mpsc::channel::<()>();
        let (blocked, is_blocked) = mpsc::channel();
        drop(store.write(move |_| {
            let _ = blocked.send(());
            let _ = receiver.recv();
            Ok(())
        }));
        is_blocked.recv().unwrap();
        sender
    }

    #[test]
    fn queued_writes_share_a_commit_and_a_failed_one_fails_alone() {
        let dir = tempfile::tempdir().unwrap();
        let store = Store::open(dir.path()).unwrap();
        let commits = Arc::new(AtomicUsize::new(0));
        let counter = Arc::clone(&commits);
        store.on_commit(Box::new(move || {
            counter.fetch_add(1, Ordering::SeqCst);
        }));
        let blocked = block_writer(&store);
        let good = store.write(|tx| insert(tx, "1"));
        let bad: Pending<()> = store.write(|tx| {
            insert(tx, "2")?;
            Err(DbError::NotFound)
        });
        let twice = store.write(|tx| insert(tx, "1"));
        let panicking: Pending<()> = store.write(|tx| {
            insert(tx, "3")?;
            panic!("a defect")
        });
        let last = store.write(|tx| insert(tx, "4"));
        drop(blocked);
        assert_eq!(good.wait(), Ok(()));
        assert_eq!(bad.wait(), Err(StoreError::NotFound));
        assert!(matches!(twice.wait(), Err(StoreError::Failed(_))));
        assert!(matches!(panicking.wait(), Err(StoreError::Failed(reason)) if reason.contains("a defect")));
        assert_eq!(last.wait(), Ok(()));
        assert_eq!(inserted(&store), ["1", "4"]);
        // Hooks are called after the replies.
        store.write(|_| Ok(())).wait().unwrap();
        assert_eq!(commits.load(Ordering::SeqCst), 1);
        assert_eq!(store.changes_since(Seq(0), 10).unwrap().len(), 2);
    }

    #[test]
    fn a_full_disk_is_reported_and_writing_resumes_when_there_is_room() {
        let dir = tempfile::tempdir().unwrap();
        let store = Store::open(dir.path()).unwrap();
        let limit_pages = |limit: &'static str| {
            store.write(move |tx| {
                // The pragma returns the limit that is then in force.
                tx.conn.query_row(&format!("PRAGMA max_page_count = {limit}"), [], |row| row.get::<_, i64>(0))?;
                Ok(())
            })
        };
        limit_pages("1").wait().unwrap();
        let event = || NewEvent {
            account: AccountName::new("a").unwrap(),
            key: "k".to_owned(),
            within: None,
            ack: false,
            received_at: Timestamp(1),
            headers: Vec::new(),
            body: vec![0; 1 << 20],
        };
        assert_eq!(store.append_event(event()).wait(), Err(StoreError::Full));
        assert_eq!(store.append_event(event()).wait(), Err(StoreError::Full));
        assert!(store.uninterpreted(&[event().account], 10).unwrap().is_empty(), "reading still works");
        limit_pages("1000000").wait().unwrap();
        assert!(!store.append_event(event()).wait().unwrap().duplicate);
        assert_eq!(store.uninterpreted(&[event().account], 10).unwrap().len(), 1);
    }

    #[test]
    fn a_copy_of_the_files_holds_every_acknowledged_write_and_nothing_else() {
        let dir = tempfile::tempdir().unwrap();
        let store = Store::open(dir.path()).unwrap();
        for text in ["1", "2", "3"] {
            store.write(|tx| insert(tx, text)).wait().unwrap();
        }
        let (sender, receiver) = mpsc::channel::<()>();
        let (blocked, is_blocked) = mpsc::channel();
        let unfinished = store.write(move |tx| {
            // More than the page cache holds, so that pages of an open transaction are in the log.
            tx.conn.execute("INSERT INTO imports VALUES ('a', 'unfinished', 1, hex(zeroblob(20000000)))", [])?;
            let _ = blocked.send(());
            let _ = receiver.recv();
            Ok(())
        });
        is_blocked.recv().unwrap();
        let copy = tempfile::tempdir().unwrap();
        for suffix in ["", "-wal"] {
            let name = format!("{FILE}{suffix}");
            std::fs::copy(dir.path().join(&name), copy.path().join(&name)).unwrap();
        }
        assert!(std::fs::metadata(copy.path().join(format!("{FILE}-wal"))).unwrap().len() > 10_000_000);
        let restored = Store::open(copy.path()).unwrap();
        assert_eq!(inserted(&restored), ["1", "2", "3"]);
        assert_eq!(restored.check().unwrap(), [""; 0]);
        drop(sender);
        unfinished.wait().unwrap();
        assert_eq!(inserted(&store).len(), 4);
    }

    #[test]
    fn the_search_index_is_filled_while_the_queue_is_idle() {
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
                index::add_to_backlog(tx, MessageId(1))
            })
            .wait()
            .unwrap();
        // Nothing is queued from here on.
        let limit = std::time::Instant::now() + Duration::from_secs(20);
        while store.read(index::has_backlog).unwrap() {
            assert!(std::time::Instant::now() < limit, "the index was never filled");
            std::thread::yield_now();
        }
        assert_eq!(store.search("halo", None, 5).unwrap().len(), 1);
    }
}

//! The writer thread: it owns the only writing connection of this process and commits queued writes in groups.
//!
//! Invariant: a write is answered only after the commit that holds it is durable, and a write that fails does not
//! take others with it.

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, TryRecvError};
use std::time::{Duration, Instant};

use rusqlite::Connection;

use super::changes;
use super::database::{CommitHooks, DbError, DbResult, Job, Tx};
use super::search::index::{self, Indexer};

/// Writes that share a commit, at most.
const GROUP_MAX: usize = 256;
/// How long a closing store goes on filling the search index: enough for what a command has written. The rest is left
/// to the next process.
const CLOSING: Duration = Duration::from_millis(200);

/// The thread's body. Ends when the last sender is gone and the queue is empty.
///
/// The search index is filled in between: a short slice after each group, and slice after slice while nothing is
/// queued.
#[expect(clippy::needless_pass_by_value, reason = "the thread owns what it works with")]
pub(super) fn run(conn: Connection, jobs: Receiver<Box<dyn Job>>, hooks: Arc<CommitHooks>, path: Arc<PathBuf>) {
    let mut indexer = Indexer::default();
    // After an error (a full disk) the next attempt is after the next commit, not in a busy loop.
    let mut backlog = index::has_backlog(&conn).unwrap_or(false);
    loop {
        let first = if backlog { jobs.try_recv() } else { jobs.recv().map_err(|_| TryRecvError::Disconnected) };
        let mut group = match first {
            Ok(job) => vec![job],
            Err(TryRecvError::Empty) => {
                backlog = indexer.slice(&conn, true).unwrap_or(false);
                continue;
            }
            Err(TryRecvError::Disconnected) => break,
        };
        group.extend(jobs.try_iter().take(GROUP_MAX - 1));
        let committed = commit(&conn, &mut group).map_err(|error| error.at(&path));
        let result = committed.as_ref().map(|_| ()).map_err(Clone::clone);
        for job in group {
            job.reply(result.clone());
        }
        if let Ok(has_changes) = committed {
            if has_changes {
                hooks.call();
            }
            backlog = index::has_backlog(&conn).unwrap_or(false) && indexer.slice(&conn, false).unwrap_or(false);
        }
    }
    let closing = Instant::now();
    while backlog && closing.elapsed() < CLOSING {
        backlog = indexer.slice(&conn, false).unwrap_or(false);
    }
}

/// Runs one write on the caller's thread, with a commit of its own. The search index is left as it is.
pub(super) fn run_inline(conn: &Connection, job: Box<dyn Job>, hooks: &CommitHooks, path: &Path) {
    let mut group = [job];
    let committed = commit(conn, &mut group).map_err(|error| error.at(path));
    let result = committed.as_ref().map(|_| ()).map_err(Clone::clone);
    for job in group {
        job.reply(result.clone());
    }
    if committed == Ok(true) {
        hooks.call();
    }
}

/// Runs a group in one transaction, each write in a savepoint. Returns whether it recorded changes; an error means that
/// nothing was written.
fn commit(conn: &Connection, group: &mut [Box<dyn Job>]) -> DbResult<bool> {
    conn.execute_batch("BEGIN IMMEDIATE")?;
    let mut has_changes = false;
    // One write alone needs no savepoint: what it fails with undoes the transaction. A savepoint keeps a copy of every
    // page that is changed, which takes ever longer in a large write (an import).
    let alone = group.len() == 1;
    for job in group.iter_mut() {
        match run_job(conn, job.as_mut(), alone) {
            Ok(changed) => has_changes |= changed,
            Err(error) => {
                let _ = conn.execute_batch("ROLLBACK");
                return Err(error);
            }
        }
    }
    if conn.is_autocommit() {
        return Ok(false);
    }
    if let Err(error) = conn.execute_batch("COMMIT") {
        if !conn.is_autocommit() {
            let _ = conn.execute_batch("ROLLBACK");
        }
        return Err(error.into());
    }
    Ok(has_changes)
}

/// Runs one write; returns whether it recorded changes. An error ends the whole transaction; the write's own failure is
/// kept in the job and undoes what it has written: to its savepoint, or, `alone`, the transaction.
fn run_job(conn: &Connection, job: &mut dyn Job, alone: bool) -> DbResult<bool> {
    if !alone {
        conn.execute_batch("SAVEPOINT write")?;
    }
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
    let changes = tx.into_changes();
    let result = result.and_then(|()| changes::append(conn, &changes).map_err(|error| job.fail(error)));
    if result.is_err() {
        conn.execute_batch(if alone { "ROLLBACK" } else { "ROLLBACK TO write; RELEASE write" })?;
        return Ok(false);
    }
    if !alone {
        conn.execute_batch("RELEASE write")?;
    }
    Ok(!changes.is_empty())
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
    use crate::domain::{
        AccountName, ChangeKind, ConversationId, MessageId, SearchResults, SearchText, Seq, Timestamp, phone,
    };
    use crate::store::database::RunSql as _;
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
        assert_eq!(search(&store, "halo").messages.len(), 1);
    }

    fn search(store: &Store, text: &str) -> SearchResults {
        store.search(&SearchText::new(text, phone::INDONESIA), None, 5).unwrap()
    }

    /// Adds texts without indexing them.
    fn insert_unindexed(tx: &Tx<'_>, count: i64) -> DbResult<()> {
        tx.conn.execute_batch(
            "INSERT INTO conversations (account, channel, peer, last_order, last_at) VALUES ('a', 'whatsapp', '1', 1, 1)",
        )?;
        let sql = "WITH RECURSIVE n (n) AS (VALUES (1) UNION ALL SELECT n + 1 FROM n WHERE n < ?1) \
                   INSERT INTO messages (conversation, account, order_ms, at, direction, author, author_name, kind, \
                   text, status) SELECT 1, 'a', n, n, 'in', 'contact', '', 'text', 'pesanan nomor' || n, 'received' \
                   FROM n";
        tx.run(sql, [count])?;
        tx.run("INSERT INTO search_backlog SELECT id FROM messages", [])?;
        Ok(())
    }

    #[test]
    fn the_search_index_is_filled_while_writes_never_pause() {
        let dir = tempfile::tempdir().unwrap();
        let store = Store::open(dir.path()).unwrap();
        let mut next = store.write(|tx| insert_unindexed(tx, 3000));
        let mut left = Vec::new();
        for n in 0..2000 {
            // The queue is never empty: the next write is queued before the one before is durable.
            let after = store.write(move |tx| insert(tx, &n.to_string()));
            next.wait().unwrap();
            next = after;
            left.push(store.read(index::backlog).unwrap());
            if left.last() == Some(&0) {
                break;
            }
        }
        next.wait().unwrap();
        assert_eq!(left.last(), Some(&0), "no progress: {:?}", left.iter().rev().take(5).collect::<Vec<_>>());
        assert!(left.first().is_some_and(|left| *left > 1000), "one slice is short");
        assert_eq!(search(&store, "nomor1").unindexed, 0);
    }

    #[test]
    fn a_search_says_how_many_texts_it_could_not_see_and_finds_the_newest() {
        let dir = tempfile::tempdir().unwrap();
        let store = Store::open(dir.path()).unwrap();
        store.write(|tx| insert_unindexed(tx, 60_000)).wait().unwrap();
        let found = search(&store, "nomor60000");
        assert_eq!(found.messages.len(), 1, "the newest texts are indexed first");
        assert!(found.unindexed > 0, "a search hides that it is incomplete");
        let limit = Instant::now() + Duration::from_secs(60);
        while search(&store, "nomor1").unindexed > 0 {
            assert!(Instant::now() < limit, "the index was never filled");
        }
        assert_eq!(search(&store, "nomor7").messages.len(), 5);
    }

    #[test]
    fn a_closing_store_leaves_no_text_of_a_short_command_unindexed() {
        let dir = tempfile::tempdir().unwrap();
        let store = Store::open(dir.path()).unwrap();
        let blocked = block_writer(&store);
        drop(store.write(|tx| insert_unindexed(tx, 100)));
        let path = store.path().to_owned();
        drop(blocked);
        drop(store);
        let conn = crate::store::database::connect(&path).unwrap();
        assert_eq!(index::backlog(&conn).unwrap(), 0);
    }
}

//! Files, schema versions, several processes at once, and dropping the handle.

use super::kit::{Kit, account, at, claimant, event, new, raw_connection};
use loket::domain::{MessageId, SearchText, Seq, phone};
use loket::store::{Claim, FILE, Store, StoreError};
use std::collections::HashSet;

/// The migrations, by which each version made its schema.
const MIGRATIONS: [&str; 3] = [
    include_str!("../../src/store/schema/1.sql"),
    include_str!("../../src/store/schema/2_search.sql"),
    include_str!("../../src/store/schema/3_totals.sql"),
];

/// Creates a database of schema version `version` with a conversation of two messages.
fn create_version(dir: &std::path::Path, version: u32) {
    let conn = raw_connection(dir);
    for sql in MIGRATIONS.iter().take(version as usize) {
        conn.execute_batch(sql).unwrap();
    }
    conn.pragma_update(None, "user_version", version).unwrap();
    if version == 0 {
        return;
    }
    conn.execute_batch(
        "INSERT INTO conversations (account, channel, peer, last_order, last_message, last_at, last_text, unread, \
         waiting_since) VALUES ('toko', 'whatsapp', '628111111111', 2, 2, 2, 'kedua', 2, 1); \
         INSERT INTO peers VALUES ('toko', 'whatsapp', '628111111111', 1); \
         INSERT INTO messages (conversation, account, order_ms, at, direction, author, author_name, kind, text, \
         status, unread) VALUES (1, 'toko', 1, 1, 'in', 'contact', '', 'text', 'pertama', 'received', 1), \
         (1, 'toko', 2, 2, 'in', 'contact', '', 'text', 'kedua', 'received', 1);",
    )
    .unwrap();
    if version >= 2 {
        conn.execute_batch("INSERT INTO search_backlog SELECT id FROM messages").unwrap();
    }
}

/// The version of a database that this program creates.
fn newest_version() -> u32 {
    let dir = tempfile::tempdir().unwrap();
    drop(Store::open(dir.path()).unwrap());
    raw_connection(dir.path()).pragma_query_value(None, "user_version", |row| row.get(0)).unwrap()
}

#[test]
fn every_old_schema_is_migrated_with_its_data() {
    for version in 0..=3 {
        let dir = tempfile::tempdir().unwrap();
        create_version(dir.path(), version);
        if version > 0 {
            let known = newest_version();
            assert_eq!(Store::open(dir.path()).unwrap_err(), StoreError::Outdated { found: version, known });
            Store::upgrade(dir.path()).unwrap();
            let copy = tempfile::tempdir().unwrap();
            std::fs::copy(dir.path().join(format!("loket.db.before-v{known}")), copy.path().join(FILE)).unwrap();
            let copied: u32 =
                raw_connection(copy.path()).pragma_query_value(None, "user_version", |row| row.get(0)).unwrap();
            assert_eq!(copied, version);
        }
        let store = Store::open(dir.path()).unwrap();
        if version > 0 {
            let conversation = store.find_conversation(&account("toko"), None, "628111111111").unwrap().unwrap();
            assert_eq!((conversation.unread, conversation.last_text.as_str()), (2, "kedua"));
            let counts = store.counts().unwrap();
            assert_eq!((counts.unread_messages, counts.waiting, counts.total), (2, 1, 1), "version {version}");
            assert_eq!(
                store.search(&SearchText::new("pertama", phone::INDONESIA), None, 5).unwrap().messages.len(),
                1,
                "version {version}"
            );
        }
        store.enqueue(new(&account("toko"), "628111111111", "halo"), at(0)).wait().unwrap();
        assert_eq!(store.check().unwrap(), [""; 0]);
        drop(store);
        let version: u32 =
            raw_connection(dir.path()).pragma_query_value(None, "user_version", |row| row.get(0)).unwrap();
        assert_eq!(version, newest_version());
    }
}

#[test]
fn a_newer_database_is_refused_and_left_alone() {
    let dir = tempfile::tempdir().unwrap();
    drop(Store::open(dir.path()).unwrap());
    raw_connection(dir.path()).pragma_update(None, "user_version", 99).unwrap();
    let error = Store::open(dir.path()).unwrap_err();
    assert_eq!(error, StoreError::TooNew { found: 99, known: newest_version() });
    assert!(error.to_string().contains("99"));
    let version: u32 = raw_connection(dir.path()).pragma_query_value(None, "user_version", |row| row.get(0)).unwrap();
    assert_eq!(version, 99);
}

#[test]
fn a_file_that_is_no_database_is_reported_with_its_path() {
    let dir = tempfile::tempdir().unwrap();
    std::fs::write(dir.path().join(FILE), "not a database, just a long enough text to have a header ".repeat(40))
        .unwrap();
    match Store::open(dir.path()) {
        Err(StoreError::Unusable { path, .. }) => assert_eq!(path, dir.path().join(FILE)),
        other => panic!("{other:?}"),
    }
    let file = tempfile::NamedTempFile::new().unwrap();
    assert!(matches!(Store::open(file.path()), Err(StoreError::Unusable { .. })));
}

#[cfg(unix)]
#[test]
fn the_files_are_readable_by_their_owner_only() {
    use std::os::unix::fs::PermissionsExt;
    let outer = tempfile::tempdir().unwrap();
    let dir = outer.path().join("new").join("data");
    let store = Store::open(&dir).unwrap();
    store.enqueue(new(&account("toko"), "628111111111", "halo"), at(0)).wait().unwrap();
    let mode = |path: &std::path::Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&dir), 0o700);
    for suffix in ["", "-wal", "-shm"] {
        assert_eq!(mode(&dir.join(format!("{FILE}{suffix}"))), 0o600, "{suffix}");
    }
    // A mode that somebody widened is narrowed again.
    std::fs::set_permissions(store.path(), std::fs::Permissions::from_mode(0o644)).unwrap();
    let _second = Store::open(&dir).unwrap();
    assert_eq!(mode(&dir.join(FILE)), 0o600);
}

#[test]
fn dropping_the_last_handle_finishes_queued_writes() {
    let kit = Kit::new();
    let account = kit.account.clone();
    for n in 0..300 {
        drop(kit.store.enqueue(new(&account, "628111111111", &n.to_string()), at(n)));
    }
    let Kit { dir, store, .. } = kit;
    let second = store.clone();
    drop(store);
    drop(second.enqueue(new(&account, "628111111111", "last"), at(999)));
    drop(second);
    let store = Store::open(dir.path()).unwrap();
    let newest = store.account_messages(&account, None, 1000).unwrap();
    assert_eq!(newest.len(), 301);
    assert_eq!(newest.last().unwrap().text, "last");
}

#[test]
fn a_handle_that_is_never_dropped_loses_no_acknowledged_write() {
    let kit = Kit::new();
    let message = kit.sent(at(0), "628111111111", "hi", Some("r1"));
    let Kit { dir, store, .. } = kit;
    std::mem::forget(store);
    let again = Store::open(dir.path()).unwrap();
    assert_eq!(again.message(message.id).unwrap().unwrap().remote_id.as_deref(), Some("r1"));
}

#[test]
fn two_processes_write_and_lease_the_same_file_at_once() {
    let kit = Kit::new();
    let account = kit.account.clone();
    let second = Store::open(kit.dir.path()).unwrap();
    let stores = [kit.store.clone(), second];
    std::thread::scope(|scope| {
        for (process, store) in stores.iter().enumerate() {
            let account = account.clone();
            scope.spawn(move || {
                for n in 0..60 {
                    // Both append the same events; one of them is first.
                    let _ = store.append_event(event(&account, &format!("shared-{n}"), at(0))).wait().unwrap();
                    let peer = format!("62811111{process}{n:03}");
                    store.enqueue(new(&account, &peer, "halo"), at(n)).wait().unwrap();
                }
            });
        }
    });
    assert_eq!(kit.store.uninterpreted(std::slice::from_ref(&kit.account), 1000).unwrap().len(), 60);
    let all = kit.store.account_messages(&account, None, 1000).unwrap();
    assert_eq!(all.len(), 120);
    let leased: Vec<MessageId> = std::thread::scope(|scope| {
        let workers: Vec<_> = stores
            .iter()
            .map(|store| {
                let account = account.clone();
                scope.spawn(move || {
                    let lease = || match store.claim_due(&claimant(&account), at(100)).wait().unwrap() {
                        Claim::Leased(lease) => Some(lease.message),
                        Claim::Nothing | Claim::Wait(_) => None,
                    };
                    std::iter::from_fn(lease).collect::<Vec<_>>()
                })
            })
            .collect();
        workers.into_iter().flat_map(|worker| worker.join().unwrap()).collect()
    });
    assert_eq!(leased.len(), 120);
    assert_eq!(leased.iter().collect::<HashSet<_>>().len(), 120, "nothing was leased twice");
    // Both see the same sequence, without a gap and without a double.
    let changes = |store: &Store| store.changes_since(Seq(0), 10_000).unwrap();
    assert_eq!(changes(&stores[0]), changes(&stores[1]));
    let numbers: Vec<i64> = changes(&stores[0]).iter().map(|change| change.seq.0).collect();
    assert!(numbers.windows(2).all(|pair| pair[0] < pair[1]));
    assert_eq!(numbers.last().copied(), Some(stores[1].last_seq().unwrap().0));
}

#[test]
fn a_new_database_can_be_opened_by_many_at_once() {
    for _ in 0..5 {
        let dir = tempfile::tempdir().unwrap();
        std::thread::scope(|scope| {
            for n in 0..6 {
                let path = dir.path();
                scope.spawn(move || {
                    let store = Store::open(path).unwrap();
                    store.enqueue(new(&account("toko"), "628111111111", "hi"), at(n)).wait().unwrap();
                });
            }
        });
        let store = Store::open(dir.path()).unwrap();
        assert_eq!(store.account_messages(&account("toko"), None, 10).unwrap().len(), 6);
    }
}

#[test]
fn a_write_waits_for_the_lock() {
    let kit = Kit::new();
    let other = raw_connection(kit.dir.path());
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    let pending = kit.store.enqueue(new(&kit.account, "628111111111", "hi"), at(0));
    assert_eq!(kit.store.counts().unwrap().total, 0, "reading does not wait");
    other.execute_batch("COMMIT").unwrap();
    assert_eq!(pending.wait().unwrap().text, "hi");
}

#[test]
fn a_pending_write_can_be_awaited_and_waited_for_inside_a_runtime() {
    let kit = Kit::new();
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    runtime.block_on(async {
        let first = kit.store.enqueue(new(&kit.account, "628111111111", "a"), at(0)).await.unwrap();
        let second = kit.store.enqueue(new(&kit.account, "628111111111", "b"), at(0)).wait().unwrap();
        assert_eq!(first.conversation, second.conversation);
        kit.store.flush().await.unwrap();
    });
}

#[test]
fn pruned_changes_free_no_sequence_numbers() {
    let kit = Kit::new();
    kit.customer(at(0), "628111111111", "hi");
    let last = kit.store.last_seq().unwrap();
    let oldest = || kit.store.changes_since(Seq(0), 1).unwrap().first().map(|change| change.seq);
    assert_eq!(oldest(), Some(Seq(1)));
    kit.store.prune_changes(1, 1000).wait().unwrap();
    assert_eq!(oldest(), Some(last));
    kit.store.prune_changes(0, 1000).wait().unwrap();
    assert_eq!((kit.store.last_seq().unwrap(), oldest()), (last, None));
    kit.customer(at(1), "628111111111", "hi");
    let after = kit.store.changes_since(last, 100).unwrap();
    assert_eq!(after[0].seq, Seq(last.0 + 1));
}

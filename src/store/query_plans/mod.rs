//! No query that a screen or a webhook waits for reads a table from end to end: neither those that are named here nor
//! any that runs while a store is used as the engine and the screen use it, whatever SQLite knows of the data's size.

mod usage;

use std::fmt::Write as _;

use crate::domain::conversation::{ConversationFilter, ConversationOrder, ConversationRange};
use crate::domain::{AccountName, ConversationState};
use crate::store::conversations::{actions, find, list, summary};
use crate::store::customers;
use crate::store::database::{Store, connect, recorded};
use crate::store::inbound::{edit, message, rules};
use crate::store::media;
use crate::store::messages::{order, page};
use crate::store::outbox::{claim, scheduled, unacknowledged};
use crate::store::search::filtered::{OF_ACCOUNT, OF_CONVERSATION, OF_TEXT};
use crate::store::search::query::SEARCH;
use crate::store::{audit, changes, contacts, expire, journal, receipts, requests, templates, transcriptions};
use rusqlite::Connection;

use self::usage::{filter_words, use_store};

const QUERIES: &[&str] = &[
    audit::NEWEST,
    page::CONVERSATION_BEFORE,
    page::CONVERSATION_AFTER,
    page::ACCOUNT_BEFORE,
    claim::NEXT,
    claim::NEXT_OF_CONVERSATION,
    claim::NEXT_DUE,
    claim::NEXT_DUE_OF_CONVERSATION,
    claim::BOUND,
    claim::ENDED,
    scheduled::NEXT_SCHEDULED,
    scheduled::DUE,
    find::LAST_ANSWER_BY,
    templates::BODIES,
    page::QUOTE,
    OF_ACCOUNT,
    OF_CONVERSATION,
    contacts::BY_PHONE,
    contacts::BY_REMOTE_ID,
    requests::PAUSE,
    requests::RESUMED,
    requests::USED,
    requests::NTH_NEWEST,
    requests::FORGET,
    list::NEXT_UNREAD[0],
    list::NEXT_UNREAD[1],
    list::NEXT_WAITING,
    actions::FIRST_UNREAD,
    actions::MARK_SEEN,
    summary::COUNT_UNREAD,
    summary::LAST_ANSWER,
    summary::FIRST_UNANSWERED,
    receipts::apply::CANDIDATES,
    receipts::apply::BY_ALIAS,
    receipts::apply::WITHOUT_RECIPIENT,
    receipts::apply::PROVEN,
    receipts::evidence::EVIDENCE,
    receipts::evidence::ATTEMPTED,
    receipts::evidence::GUESS,
    receipts::evidence::GUESSED_IDS,
    receipts::unmatched::FOR_PEER,
    receipts::unmatched::ELSEWHERE,
    unacknowledged::LAST_ACKNOWLEDGED,
    unacknowledged::FIRST_UNACKNOWLEDGED,
    message::BY_REMOTE_ID,
    journal::BY_KEY,
    journal::UNINTERPRETED,
    journal::NOT_UNDERSTOOD,
    journal::PRUNE,
    changes::PRUNE,
    expire::OLD,
    expire::NEXT_ACCOUNT,
    expire::OLD_UNREAD,
    edit::BY_ANY_REMOTE_ID,
    edit::EARLY,
    order::PLACES,
    customers::read::COUNT,
    customers::read::FIRST,
    customers::read::MEDIA,
    customers::read::NOTES,
    customers::read::TEXTS,
    transcriptions::NEXT,
    transcriptions::DUE,
    rules::COUNT_OF_RULE,
    rules::COUNT_OF_RULES,
];

fn plan(conn: &Connection, sql: &str) -> Vec<String> {
    let mut statement = conn.prepare(&format!("EXPLAIN QUERY PLAN {sql}")).unwrap();
    // The plan does not depend on the values; unbound ones are null.
    let steps = statement.raw_query().mapped(|row| row.get::<_, String>(3)).collect::<Result<Vec<_>, _>>();
    steps.unwrap()
}

/// The conversation list with every combination of filters.
fn lists() -> Vec<String> {
    let mut all = Vec::new();
    for account in [None, AccountName::new("a")] {
        for state in [None, Some(ConversationState::Open)] {
            for unread in [false, true] {
                for order in [ConversationOrder::Activity, ConversationOrder::Queue] {
                    for words in filter_words() {
                        let filter = ConversationFilter { account: account.clone(), unread, state, order, ..words };
                        for range in [ConversationRange::Top, ConversationRange::Bottom] {
                            all.push(list::page_sql(&filter, range).0);
                        }
                    }
                }
            }
        }
    }
    all
}

#[test]
fn every_frequent_query_uses_an_index() {
    let dir = tempfile::tempdir().unwrap();
    let store = Store::open(dir.path()).unwrap();
    let lists = lists();
    store
        .read(|conn| {
            for sql in QUERIES.iter().chain(media::QUERIES).copied().chain(lists.iter().map(String::as_str)) {
                for step in plan(conn, sql) {
                    let by_index = step.starts_with("SEARCH")
                        || step.contains("CORRELATED")
                        || step.contains("SUBQUERY")
                        || step.contains("LIST SUBQUERY")
                        || step.contains("json_each")
                        // A limited number of rows.
                        || step.ends_with(" newest")
                        || step.contains("BLOOM FILTER")
                        || step.contains("USING INDEX conversations_waiting")
                        || step.contains("USING INDEX conversations_unread");
                    assert!(by_index, "{step}\n{sql}");
                    assert!(!step.contains("TEMP B-TREE"), "{step}\n{sql}");
                }
            }
            Ok(())
        })
        .unwrap();
}

#[test]
fn a_search_reads_the_search_index_in_its_own_order() {
    let dir = tempfile::tempdir().unwrap();
    let store = Store::open(dir.path()).unwrap();
    store
        .read(|conn| {
            for sql in [SEARCH, OF_TEXT] {
                let steps = plan(conn, sql);
                assert!(steps.iter().all(|s| !s.contains("SCAN m") && !s.contains("TEMP B-TREE")), "{steps:?}");
            }
            Ok(())
        })
        .unwrap();
}

/// Tables that grow with the years.
const BIG: &[&str] = &[
    "messages",
    "m",
    "events",
    "conversations",
    "c",
    "peers",
    "wire_ids",
    "orphan_receipts",
    "early_edits",
    "outbox",
    "o",
    "attempts",
    "contacts",
    "changes",
    "search_backlog",
];

/// Texts that may read much, and why.
const EXCEPTIONS: &[(&str, &str)] = &[
    ("SELECT count(*) FROM (SELECT 1 FROM events", "counts up to a limit, for doctor"),
    ("SELECT 1 FROM search_backlog LIMIT 1", "reads one row"),
    (
        "SELECT message FROM (SELECT message FROM search_backlog",
        "the end of the backlog, up to a limit, and sorts that",
    ),
    ("SELECT message, owner FROM outbox WHERE owner IS NOT NULL", "once at the start; the outbox is what waits"),
    ("SELECT conversation, agent, writing FROM presence", "a row for each open screen"),
    ("UPDATE conversations SET last_order = max(last_order, m.order_ms)", "m is the one newest message"),
    ("WITH RECURSIVE sets (labels)", "each of at most 2,000 sets of labels is found by index; their labels are sorted"),
    ("SELECT o.remote_id, o.status", "sorts the receipts of one message, or of the last ten minutes"),
];

/// Makes SQLite believe that the store is that of a shop with years of messages on three accounts.
fn pretend_large(conn: &Connection) {
    conn.execute_batch("ANALYZE; DELETE FROM sqlite_stat1;").unwrap();
    let indexes: Vec<(String, String)> = {
        let mut statement =
            conn.prepare("SELECT tbl_name, name FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL").unwrap();
        let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?))).unwrap();
        rows.collect::<Result<_, _>>().unwrap()
    };
    for (table, index) in indexes {
        let columns: Vec<Option<String>> = {
            let mut statement = conn.prepare(&format!("SELECT name FROM pragma_index_info('{index}')")).unwrap();
            let rows = statement.query_map([], |row| row.get(0)).unwrap();
            rows.collect::<Result<_, _>>().unwrap()
        };
        let mut rows = 1_000_000;
        let mut stat = rows.to_string();
        for column in columns {
            let equal = match column.as_deref() {
                Some("account" | "state" | "channel") => 300_000,
                Some("conversation") => 500,
                _ => 1,
            };
            rows = rows.min(equal);
            write!(stat, " {rows}").unwrap();
        }
        conn.execute("INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES (?1, ?2, ?3)", [&table, &index, &stat]).unwrap();
    }
    conn.execute_batch("ANALYZE sqlite_schema").unwrap();
}

/// Why a step of a plan reads too much.
fn complaint(step: &str) -> Option<&'static str> {
    let scanned = step.strip_prefix("SCAN ").and_then(|rest| rest.split(' ').next());
    let partial =
        ["events_turn", "events_unknown", "conversations_unread", "conversations_waiting", "conversations_wake"];
    if scanned.is_some_and(|table| BIG.contains(&table)) && !partial.iter().any(|index| step.contains(index)) {
        return Some("reads a whole table");
    }
    let of_account = ["messages_account (account=?)", "events_key (account=?)", "messages_remote (account=?)"];
    if of_account.iter().any(|index| step.ends_with(index)) {
        return Some("reads everything of an account");
    }
    step.contains("TEMP B-TREE").then_some("sorts")
}

#[test]
fn what_runs_reads_no_table_from_end_to_end_in_a_store_of_any_size() {
    let dir = tempfile::tempdir().unwrap();
    let store = Store::open(dir.path()).unwrap();
    use_store(&store);
    let texts = recorded::texts(store.path());
    assert!(texts.len() > 100, "{}", texts.len());
    let path = store.path().to_owned();
    drop(store);
    for large in [false, true] {
        if large {
            pretend_large(&connect(&path).unwrap());
        }
        let conn = connect(&path).unwrap();
        let mut complaints = Vec::new();
        for sql in &texts {
            if sql.starts_with("PRAGMA") || EXCEPTIONS.iter().any(|(text, _)| sql.starts_with(text)) {
                continue;
            }
            for step in plan(&conn, sql) {
                complaints.extend(complaint(&step).map(|why| format!("{why}: {step}\n  {sql}")));
            }
        }
        assert!(complaints.is_empty(), "large: {large}\n{}", complaints.join("\n"));
    }
}

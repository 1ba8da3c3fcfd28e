//! No query that a screen or a webhook waits for reads a table from end to end.

use super::conversations::{actions, list, summary};
use super::database::Store;
use super::inbound::message;
use super::messages::page;
use super::outbox::{claim, unacknowledged};
use super::search::query::SEARCH;
use super::{journal, receipts, requests};
use crate::domain::conversation::ConversationFilter;
use crate::domain::{AccountName, ConversationState};
use rusqlite::Connection;

const QUERIES: &[&str] = &[
    page::CONVERSATION_BEFORE,
    page::CONVERSATION_AFTER,
    page::ACCOUNT_BEFORE,
    claim::NEXT,
    claim::NEXT_OF_CONVERSATION,
    claim::NEXT_DUE,
    claim::NEXT_DUE_OF_CONVERSATION,
    claim::BOUND,
    claim::ENDED,
    requests::PAUSE,
    requests::RESUMED,
    requests::USED,
    requests::NTH_NEWEST,
    requests::FORGET,
    list::NEXT_UNREAD[0],
    list::NEXT_UNREAD[1],
    actions::FIRST_UNREAD,
    actions::MARK_SEEN,
    summary::COUNT_UNREAD,
    summary::LAST_ANSWER,
    summary::FIRST_UNANSWERED,
    receipts::CANDIDATES,
    unacknowledged::LAST_ACKNOWLEDGED,
    unacknowledged::FIRST_UNACKNOWLEDGED,
    message::BY_REMOTE_ID,
    journal::BY_KEY,
    journal::UNINTERPRETED,
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
                let filter = ConversationFilter { account: account.clone(), unread, state, text: None };
                all.push(list::page_sql(&filter, None).0);
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
            for sql in QUERIES.iter().copied().chain(lists.iter().map(String::as_str)) {
                for step in plan(conn, sql) {
                    let by_index = step.starts_with("SEARCH")
                        || step.contains("CORRELATED")
                        || step.contains("events_waiting")
                        || step.contains("LIST SUBQUERY")
                        || step.contains("json_each")
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
            let steps = plan(conn, SEARCH);
            assert!(steps.iter().all(|step| !step.contains("SCAN m") && !step.contains("TEMP B-TREE")), "{steps:?}");
            Ok(())
        })
        .unwrap();
}

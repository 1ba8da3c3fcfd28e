//! No query that a screen or a webhook waits for reads a table from end to end.

use rusqlite::Connection;

use super::db::Store;
use super::{conversations, messages, outbox, receipts, search, silence, standing};
use crate::domain::conversation::ConversationFilter;
use crate::domain::{AccountName, ConversationState};

fn plan(conn: &Connection, sql: &str) -> Vec<String> {
    let mut statement = conn.prepare(&format!("EXPLAIN QUERY PLAN {sql}")).unwrap();
    // The plan does not hang on the values; unbound ones are null.
    let rows = statement.raw_query().mapped(|row| row.get::<_, String>(3)).collect::<Result<Vec<_>, _>>();
    rows.unwrap()
}

fn lists() -> Vec<String> {
    let account = AccountName::new("a");
    let mut all = Vec::new();
    for account in [None, account] {
        for state in [None, Some(ConversationState::Open)] {
            for unread in [false, true] {
                let filter = ConversationFilter { account: account.clone(), unread, state, text: None };
                all.push(conversations::page_sql(&filter, None).0);
            }
        }
    }
    all
}

#[test]
fn every_query_of_the_daily_path_is_by_index() {
    let dir = tempfile::tempdir().unwrap();
    let store = Store::open(dir.path()).unwrap();
    let mut queries = lists();
    queries.extend([true, false].map(|forward| messages::page_sql("conversation", forward)));
    queries.push(messages::page_sql("account", false));
    queries.extend([true, false].map(outbox::claim_sql));
    queries.extend([true, false].map(outbox::next_due_sql));
    queries.extend(conversations::NEXT_UNREAD.map(ToOwned::to_owned));
    let fixed = [
        conversations::FIRST_UNREAD,
        conversations::COUNT_UNREAD,
        standing::ANSWERED,
        standing::ASKED,
        receipts::CANDIDATES,
        silence::HEARD_OF,
        silence::SILENT,
        "UPDATE messages SET unread = 0 WHERE conversation = ?1 AND unread = 1 AND id <= ?2",
        "SELECT id FROM messages WHERE account = ?1 AND remote_id = ?2 AND direction = 'in' LIMIT 1",
        "SELECT id FROM events WHERE state = 0 ORDER BY id LIMIT ?1",
        "SELECT id FROM events WHERE account = ?1 AND key = ?2 AND received_at BETWEEN ?3 AND ?4 \
         ORDER BY received_at LIMIT 1",
    ];
    queries.extend(fixed.map(ToOwned::to_owned));
    store
        .read(|conn| {
            for sql in &queries {
                for step in plan(conn, sql) {
                    let by_index = step.starts_with("SEARCH")
                        || step.contains("CORRELATED")
                        || step.contains("events_waiting")
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
fn a_search_reads_the_text_index_in_its_own_order() {
    let dir = tempfile::tempdir().unwrap();
    let store = Store::open(dir.path()).unwrap();
    store
        .read(|conn| {
            let steps = plan(conn, &search::search_sql());
            assert!(steps.iter().all(|step| !step.contains("SCAN m") && !step.contains("TEMP B-TREE")), "{steps:?}");
            Ok(())
        })
        .unwrap();
}

//! No query that a screen or a webhook waits for reads a table from end to end: neither those that are named here nor
//! any that runs while a store is used as the engine and the screen use it, whatever SQLite knows of the data's size.

use std::fmt::Write as _;
use std::time::Duration;

use super::conversations::{actions, find, list, summary};
use super::customers;
use super::database::{Store, connect, recorded};
use super::inbound::{edit, message, rules};
use super::media;
use super::messages::{order, page};
use super::outbox::{claim, scheduled, unacknowledged};
use super::search::filtered::{OF_ACCOUNT, OF_CONVERSATION, OF_TEXT};
use super::search::query::SEARCH;
use super::{
    Abandoned, AttemptOutcome, Claim, Claimant, LeaseOwner, NewEvent, NewMessage, RequestLimit, RuleReply, Rules,
    changes, contacts, expire, journal, receipts, requests, templates,
};
use crate::domain::conversation::{ConversationFilter, ConversationOrder, ConversationRange};
use crate::domain::inbound::{InboundMessage, Peer, Receipt, Writer};
use crate::domain::message::{MessageKey, MessageRange};
use crate::domain::window::WindowRule;
use crate::domain::{
    AccountName, Author, AuthorKind, Channel, Content, ConversationId, ConversationState, CustomerField, Direction,
    Failure, Inbound, Message, MessageId, Note, OpenConversation, Outgoing, Recipient, SendOptions, Seq, SessionState,
    Status, Timestamp,
};
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
    rules::COUNT_OF_RULE,
    rules::COUNT_OF_RULES,
];

fn plan(conn: &Connection, sql: &str) -> Vec<String> {
    let mut statement = conn.prepare(&format!("EXPLAIN QUERY PLAN {sql}")).unwrap();
    // The plan does not depend on the values; unbound ones are null.
    let steps = statement.raw_query().mapped(|row| row.get::<_, String>(3)).collect::<Result<Vec<_>, _>>();
    steps.unwrap()
}

/// What else a filter can ask for: nothing, each by itself, and all together.
fn filter_words() -> Vec<ConversationFilter> {
    let none = ConversationFilter::default;
    vec![
        none(),
        ConversationFilter { channel: Some(Channel::Telegram), labels: vec!["vip".to_owned()], ..none() },
        ConversationFilter { assignee: Some("Sari".to_owned()), ..none() },
        ConversationFilter { unassigned: true, waiting: true, ..none() },
        ConversationFilter { after: Some(Timestamp(1)), before: Some(Timestamp(9)), ..none() },
        ConversationFilter {
            channel: Some(Channel::Telegram),
            labels: vec!["vip".to_owned(), "komplain".to_owned()],
            assignee: Some("Sari".to_owned()),
            waiting: true,
            after: Some(Timestamp(1)),
            before: Some(Timestamp(9)),
            ..none()
        },
    ]
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

/// Uses a store as the engine and the screen do.
fn use_store(store: &Store) {
    let account = AccountName::new("toko").unwrap();
    let at = |seconds: i64| Timestamp(1_700_000_000_000 + seconds * 1000);
    let person = || Peer::person("628111111111");
    store.ensure_account(&account, "any", "token").wait().unwrap();
    let owner = LeaseOwner::new("test", 1);
    let mut key = 0;
    let mut apply = |seconds: i64, reports: Vec<Inbound>| {
        key += 1;
        let event = NewEvent {
            account: account.clone(),
            key: key.to_string(),
            within: (key % 2 == 0).then(|| Duration::from_secs(5)),
            ack: false,
            received_at: at(seconds),
            headers: Vec::new(),
            body: b"{}".to_vec(),
        };
        let id = store.append_event(event.clone()).wait().unwrap().id;
        assert!(store.append_event(event).wait().unwrap().duplicate);
        assert_eq!(store.uninterpreted(std::slice::from_ref(&account), 10).unwrap().len(), 1);
        let find = |_: &Message, _: &str| {
            let author = Author { kind: AuthorKind::Rule, name: "info".to_owned() };
            let contents = vec![Content::Text { body: "otomatis".to_owned() }];
            Some(RuleReply { author, contents, unless_after: Some(Timestamp(0)) })
        };
        let rules = Rules { now: at(seconds), in_webhook: None, find: Box::new(find) };
        let scope = (Channel::WhatsApp, WindowRule::Day);
        store.apply_event_with(id, &account, scope, reports, Some(rules)).wait().unwrap().messages
    };
    let text = |id: &str, direction| InboundMessage {
        remote_id: Some(id.to_owned()),
        unique: true,
        direction,
        ..InboundMessage::text(person(), "halo semua")
    };
    let by = || Writer::customer(person());
    let receipt = |id: &str, may_infer| Receipt {
        remote_id: id.to_owned(),
        status: Status::Delivered,
        failure: None,
        recipient: Some("628111111111".to_owned()),
        may_infer,
        at: None,
    };
    let first = apply(0, vec![Inbound::Message(Box::new(text("m1", Direction::In)))]).remove(0);
    let conversation = first.conversation;
    for inbound in [
        Inbound::Message(Box::new(text("m1", Direction::In))),
        Inbound::Message(Box::new(text("e1", Direction::Out))),
        Inbound::Edited { remote_id: "m1".to_owned(), text: "baru".to_owned(), by: by() },
        Inbound::Revoked { remote_id: "m9".to_owned(), by: by() },
        Inbound::Message(Box::new(text("m9", Direction::In))),
        Inbound::Receipt(receipt("?", true)),
        Inbound::Receipt(receipt("??", false)),
        Inbound::Named { channel: None, peer: person(), name: "Budi".to_owned() },
        Inbound::Moved { channel: None, from: person(), to: Peer::person("628222222222") },
        Inbound::Session { state: SessionState::Connected, detail: String::new() },
        Inbound::Unknown { event: "message.poll".to_owned() },
    ] {
        apply(20, vec![inbound]);
    }
    let new = NewMessage {
        account: account.clone(),
        outgoing: Outgoing {
            channel: Channel::WhatsApp,
            to: Recipient { peer: "628111111111".to_owned(), group: false },
            content: Content::Text { body: "ya".to_owned() },
            quote: None,
        },
        author: Author { kind: AuthorKind::Agent, name: "Sari".to_owned() },
        name: None,
        window: WindowRule::Day,
        options: SendOptions::default(),
    };
    let limit = RequestLimit { per_minute: 600, counts_queries: true };
    let claimant = Claimant { account: account.clone(), only: None, owner, limit };
    let outcomes = [
        AttemptOutcome::Accepted { remote_id: Some("w1".to_owned()) },
        AttemptOutcome::Unsure { failure: Failure::new("timeout", "") },
    ];
    for (n, outcome) in (0..).zip(outcomes) {
        store.enqueue(new.clone(), at(30 + n)).wait().unwrap();
        while let Claim::Leased(lease) = store.claim_due(&claimant, at(40 + n)).wait().unwrap() {
            let message = store.finish_attempt(&lease, outcome.clone(), at(41 + n)).wait().unwrap();
            apply(42, vec![Inbound::Receipt(receipt("w1", true))]);
            if message.status == Status::Unsure {
                store.send_again(message.id, at(50)).wait().unwrap();
                store.cancel(message.id, at(51)).wait().unwrap();
            }
        }
    }
    schedule(store, new);
    use_screen(store, &account, conversation, first.id);
    store.recover_leases(Abandoned::All, at(60)).wait().unwrap();
    store.read_again(None, 10).wait().unwrap();
    store.prune_events(at(0), 10).wait().unwrap();
    store.prune_changes(5, 10).wait().unwrap();
    store.unacknowledged_since(&account, at(0)).unwrap();
}

/// A message that is to be sent later.
fn schedule(store: &Store, new: NewMessage) {
    let options = SendOptions { at: Some(Timestamp(70)), ..SendOptions::default() };
    store.enqueue(NewMessage { options, ..new }, Timestamp(60)).wait().unwrap();
    store.next_scheduled().unwrap();
    for message in store.queue_scheduled(Timestamp(70)).wait().unwrap() {
        store.cancel(message, Timestamp(71)).wait().unwrap();
    }
}

/// What a screen and the commands read and write.
fn use_screen(store: &Store, account: &AccountName, conversation: ConversationId, message: MessageId) {
    for sql in [MessageRange::Newest, MessageRange::Before(MessageKey { at: Timestamp(0), id: message })] {
        store.messages(conversation, sql, 10).unwrap();
    }
    store.account_messages(account, None, 10).unwrap();
    for unread in [false, true] {
        for of in [None, Some(account.clone())] {
            for state in [None, Some(ConversationState::Open)] {
                for order in [ConversationOrder::Activity, ConversationOrder::Queue] {
                    for words in filter_words() {
                        let filter = ConversationFilter { account: of.clone(), unread, state, order, ..words };
                        store.conversations(&filter, ConversationRange::Top, 10).unwrap();
                        store.conversations(&filter, ConversationRange::Bottom, 10).unwrap();
                        store.find_messages(&filter, 10, 100).unwrap();
                    }
                }
            }
        }
    }
    store.counts().unwrap();
    store.count_conversations(&filter_words()).unwrap();
    store.next_waiting(None).unwrap();
    store.next_waiting(Some(conversation)).unwrap();
    store.first_unread(conversation).unwrap();
    store.mark_seen(conversation, message).wait().unwrap();
    store.mark_unread(conversation).wait().unwrap();
    store.set_state(conversation, ConversationState::Snoozed, Some(Timestamp(1))).wait().unwrap();
    store.wake_snoozed(Timestamp(2)).wait().unwrap();
    store.next_wake().unwrap();
    store.set_labels(conversation, vec!["vip".to_owned()]).wait().unwrap();
    store.save_draft(conversation, "", "sedang", Timestamp(1)).wait().unwrap();
    store.open_draft(conversation, "Sari").unwrap();
    store.take(conversation, "Sari", Timestamp(1)).wait().unwrap();
    store.assign(conversation, None, "Sari", Timestamp(1)).wait().unwrap();
    store.edit_labels(conversation, vec!["baru".to_owned()], Vec::new()).wait().unwrap();
    store.add_note(conversation, Note::new("cek").unwrap(), "Sari", Timestamp(1)).wait().unwrap();
    let open = OpenConversation { conversation, writing: true };
    store.set_presence("1-a", "Sari", Some(open)).wait().unwrap();
    let mut shown = store.conversation(conversation).unwrap();
    store.add_drafts("Sari", shown.iter_mut()).unwrap();
    store.add_presence("2-b", shown.iter_mut()).unwrap();
    store.forget_screens(store.present_screens().unwrap()).wait().unwrap();
    store.last_answer(conversation).unwrap();
    store.changes_since(Seq(0), 10).unwrap();
    store.customer(conversation, &|_| Vec::new(), &|_| Vec::new()).unwrap();
    store.labels().unwrap();
    store.agents().unwrap();
    store.edit_customer(conversation, CustomerField::Custom("ukuran".to_owned()), "L").wait().unwrap();
    store.unknown_events(10).unwrap();
    store.count_events(10).unwrap();
}

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

//! `loket search` and `loket messages`: people are found by their numbers, and a search says what it cannot see yet.

use loket::domain::{AccountName, Channel, Inbound, InboundMessage, Peer, Timestamp, WindowRule};
use loket::store::{FILE, NewEvent, Store};
use rusqlite::Connection;

use crate::home::Home;

const START: i64 = 1_767_516_547_000;

/// Puts customers' messages into the store: number and text.
fn fill(home: &Home, messages: &[(&str, &str)]) {
    let store = Store::open(&home.path("data")).unwrap();
    let account = AccountName::new("toko").unwrap();
    store.ensure_account(&account, "chatera", "token").wait().unwrap();
    for (n, (peer, text)) in (1..).zip(messages) {
        let event = NewEvent {
            account: account.clone(),
            key: format!("event-{n}"),
            within: None,
            ack: false,
            received_at: Timestamp(START + n * 1000),
            headers: Vec::new(),
            body: b"{}".to_vec(),
        };
        let id = store.append_event(event).wait().unwrap().id;
        let message = InboundMessage {
            at: Some(Timestamp(START + n * 1000)),
            ..InboundMessage::text(Peer::person((*peer).to_owned()), (*text).to_owned())
        };
        let reports = vec![Inbound::Message(Box::new(message))];
        store.apply_event(id, &account, Channel::WhatsApp, WindowRule::None, reports).wait().unwrap();
    }
}

#[tokio::test]
async fn a_customer_is_found_by_a_number_as_it_is_shown_dialled_or_remembered() {
    let home = Home::with("");
    fill(&home, &[("628123400012", "mau pesan"), ("628555000111", "nomor teman saya 0812-3400-012")]);
    for number in ["08123400012", "+62 812-3400-012", "0812 3400", "+62812", "628123400012"] {
        let found = home.loket(&["search", "--json", "--", number]).await.expect(0).lines();
        let texts: Vec<_> = found.iter().map(|m| m["text"].as_str().unwrap()).collect();
        assert_eq!(texts, ["nomor teman saya 0812-3400-012", "mau pesan"], "{number}");
    }
    for number in ["08123400012", "+62 812-3400-012", "0812", "3400012", "628123400012"] {
        let found = home.loket(&["messages", "--account", "toko", "--peer", number, "--json"]).await.expect(0).lines();
        assert_eq!(found.len(), 1, "{number}");
        assert_eq!(found[0]["text"], "mau pesan", "{number}");
    }
    let several = home.loket(&["messages", "--account", "toko", "--peer", "08"]).await.expect(2);
    assert!(several.err.contains("628123400012") && several.err.contains("628555000111"), "{several:?}");
    home.loket(&["messages", "--account", "toko", "--peer", "0899"]).await.expect(0);
}

#[tokio::test]
async fn a_search_says_on_standard_error_that_texts_are_not_indexed_yet() {
    let home = Home::with("");
    fill(&home, &[("628123400012", "mau pesan")]);
    #[expect(clippy::disallowed_methods, reason = "no command fills the search backlog")]
    let conn = Connection::open(home.path("data").join(FILE)).unwrap();
    conn.execute_batch(
        "WITH RECURSIVE n (n) AS (VALUES (2) UNION ALL SELECT n + 1 FROM n WHERE n < 200000)
         INSERT INTO messages (conversation, account, order_ms, at, direction, author, author_name, kind, text, status)
         SELECT 1, 'toko', n, n, 'in', 'contact', '', 'text', 'pesanan nomor' || n, 'received' FROM n;
         INSERT OR IGNORE INTO search_backlog SELECT id FROM messages WHERE text <> '';",
    )
    .unwrap();
    let found = home.loket(&["search", "nomor200000", "--json"]).await.expect(0);
    assert_eq!(found.lines().len(), 1, "the newest texts are indexed first");
    assert!(found.err.contains("still indexing, 1"), "{found:?}");
    conn.execute_batch("DELETE FROM search_backlog").unwrap();
    let found = home.loket(&["search", "nomor200000", "--json"]).await.expect(0);
    assert!(found.err.is_empty(), "{found:?}");
}

#[tokio::test]
async fn words_with_a_colon_narrow_a_search_and_a_wrong_one_is_named() {
    let home = Home::with("");
    fill(&home, &[("628123400012", "mau pesan"), ("628555000111", "pesan dua"), ("628555000111", "halo")]);
    for (query, texts) in [
        ("pesan from:0812", vec!["mau pesan"]),
        ("pesan is:waiting account:toko", vec!["pesan dua", "mau pesan"]),
        ("from:0855", vec!["halo", "pesan dua"]),
        ("pesan label:vip", vec![]),
        ("pesan before:2020-01-01", vec![]),
        ("pesan after:2020-01-01 channel:whatsapp is:unread is:unassigned", vec!["pesan dua", "mau pesan"]),
        ("pes ", vec![]),
    ] {
        let found = home.loket(&["search", "--json", query]).await.expect(0).lines();
        assert_eq!(found.iter().map(|m| m["text"].as_str().unwrap()).collect::<Vec<_>>(), texts, "{query}");
    }
    for (query, sentence) in [
        ("lable:vip pesan", "lable:vip: no such word"),
        ("pesan after:besok", "after:besok: not a day such as 2026-11-30"),
        ("account:nope pesan", "nope"),
    ] {
        let refused = home.loket(&["search", query]).await.expect(2);
        assert!(refused.err.contains(sentence), "{refused:?}");
    }
    let refused = home.loket(&["search", "lable:vip", "--locale", "id"]).await.expect(2);
    assert!(refused.err.contains("lable:vip: kata ini tidak dikenal"), "{refused:?}");
    let help = home.loket(&["search", "--help"]).await.expect(0);
    for word in ["from:", "account:", "channel:", "label:", "assignee:", "is:waiting", "before:", "after:"] {
        assert!(help.out.contains(word), "{word}: {help:?}");
    }
}

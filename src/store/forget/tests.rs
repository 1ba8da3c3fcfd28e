//! Nothing of a forgotten person is in any table, whatever tables there are.

use std::collections::BTreeSet;
use std::sync::Arc;

use rusqlite::Connection;
use rusqlite::types::ValueRef;

use super::{EventChange, ForgetStep};
use crate::domain::window::WindowRule;
use crate::domain::{
    AccountName, Author, AuthorKind, Channel, Contact, Content, EventId, Inbound, InboundMessage, Outgoing, Peer,
    Receipt, Recipient, SendOptions, Status, Timestamp, Writer,
};
use crate::store::{MessageRange, NewEvent, NewMediaLink, NewMessage, Store};

const PERSON: &str = "628123456789";
const GROUP: &str = "120363041234567890";
const SECRET: &str = "zamrud";

fn account() -> AccountName {
    AccountName::new("toko").unwrap()
}

fn apply(store: &Store, key: &str, reports: Vec<Inbound>) {
    let event = NewEvent {
        account: account(),
        key: key.to_owned(),
        within: None,
        ack: false,
        received_at: Timestamp(1_700_000_000_000),
        headers: Vec::new(),
        body: b"{}".to_vec(),
    };
    let id = store.append_event(event).wait().unwrap().id;
    store.apply_event(id, &account(), Channel::WhatsApp, WindowRule::None, reports).wait().unwrap();
}

fn text(peer: Peer, id: &str, text: &str) -> InboundMessage {
    InboundMessage { remote_id: Some(id.to_owned()), ..InboundMessage::text(peer, text) }
}

/// A store in which a person has left a trace everywhere.
fn fill(store: &Store) {
    let person = || Peer { id: PERSON.to_owned(), group: false, aliases: vec!["ID.zamrud".to_owned()] };
    store.ensure_account(&account(), "any", "token").wait().unwrap();
    apply(store, "1", vec![Inbound::Message(Box::new(text(person(), "r-1", SECRET)))]);
    let in_group = InboundMessage {
        member: Some((PERSON.to_owned(), SECRET.to_owned())),
        ..text(Peer::group(GROUP), "r-2", SECRET)
    };
    apply(store, "2", vec![Inbound::Message(Box::new(text(Peer::group(GROUP), "r-3", "rapat")))]);
    apply(store, "3", vec![Inbound::Message(Box::new(in_group))]);
    let receipt = Receipt {
        remote_id: "r-9".to_owned(),
        status: Status::Delivered,
        failure: None,
        recipient: Some(PERSON.to_owned()),
        may_infer: true,
        at: None,
    };
    let by = Writer::customer(person());
    apply(
        store,
        "4",
        vec![
            Inbound::Receipt(receipt),
            Inbound::Edited { remote_id: "r-8".to_owned(), text: SECRET.to_owned(), by },
            Inbound::Named { channel: None, peer: person(), name: SECRET.to_owned() },
        ],
    );
    let conversation = store.find_conversation(&account(), None, PERSON).unwrap().unwrap().id;
    store.save_draft(conversation, "Sari", SECRET, Timestamp(1)).wait().unwrap();
    store.save_begun_note(conversation, "Sari", SECRET, Timestamp(1)).wait().unwrap();
    let answered = store.messages(conversation, MessageRange::Newest, 1).unwrap();
    store.save_draft_quote(conversation, "Sari", answered.first().map(|message| message.id)).wait().unwrap();
    for message in answered.iter().map(|message| message.id) {
        let link = NewMediaLink { token: "t".into(), message, name: SECRET.into(), mime: "image/png".into() };
        store.open_media_link(link, Timestamp(1)).wait().unwrap();
    }
    store.edit_labels(conversation, vec![SECRET.to_owned()], Vec::new(), "Sari", Timestamp(1)).wait().unwrap();
    let contact = Contact {
        account: None,
        remote_id: Some("k-zamrud".to_owned()),
        phone: Some(PERSON.to_owned()),
        name: Some(SECRET.to_owned()),
        email: Some("zamrud@example.com".to_owned()),
        tags: vec![SECRET.to_owned()],
        custom_fields: serde_json::Map::new(),
    };
    store.upsert_contacts(&account(), vec![contact]).wait().unwrap();
    store.record_import(&account(), "file", 1, &format!("{PERSON} is wrong")).wait().unwrap();
    let new = NewMessage {
        account: account(),
        outgoing: Outgoing {
            channel: Channel::WhatsApp,
            to: Recipient { peer: PERSON.to_owned(), group: false },
            content: Content::Text { body: SECRET.to_owned() },
            quote: None,
        },
        author: Author { kind: AuthorKind::Agent, name: "Sari".to_owned() },
        name: None,
        window: WindowRule::None,
        options: SendOptions::default(),
    };
    store.enqueue(new, Timestamp(1)).wait().unwrap();
}

/// The values of every table that a person or gateway may read, with the tables' names; the search index is left out.
fn values(conn: &Connection) -> Vec<(String, String)> {
    let sql = "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'search%' \
               AND name NOT LIKE 'sqlite%'";
    let tables: Vec<String> =
        conn.prepare(sql).unwrap().query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect();
    let mut values = Vec::new();
    for table in tables {
        let mut statement = conn.prepare(&format!("SELECT * FROM {table}")).unwrap();
        let columns = statement.column_count();
        let mut rows = statement.query([]).unwrap();
        while let Some(row) = rows.next().unwrap() {
            for column in 0..columns {
                if let ValueRef::Text(bytes) | ValueRef::Blob(bytes) = row.get_ref(column).unwrap() {
                    values.push((table.clone(), String::from_utf8_lossy(bytes).into_owned()));
                }
            }
        }
    }
    values
}

fn traces(store: &Store) -> BTreeSet<String> {
    let read = store.read(|conn| Ok(values(conn))).unwrap();
    let is_trace = |value: &str| value.contains(PERSON) || value.contains("zamrud") || value.contains("r-9");
    read.into_iter().filter(|(_, value)| is_trace(value)).map(|(table, _)| table).collect()
}

#[test]
fn no_table_keeps_a_trace() {
    let dir = tempfile::tempdir().unwrap();
    let store = Store::open(dir.path()).unwrap();
    fill(&store);
    assert!(traces(&store).len() >= 8, "the test has lost its point: {:?}", traces(&store));
    let person = store.find_person(&account(), &[PERSON.to_owned()]).unwrap().unwrap();
    assert_eq!((person.messages, person.conversations.len(), person.contacts.len()), (3, 1, 1));
    assert_eq!(store.find_person(&account(), &["628999".to_owned()]).unwrap(), None);
    let now = Timestamp(2);
    while store.forget_messages(&person, now, 1).wait().unwrap() != ForgetStep::Done(0) {}
    store.forget_remote_ids(&account(), person.remote_ids.iter().cloned().collect()).wait().unwrap();
    let judge = Arc::new(|_: &_, _| EventChange::Empty);
    let step = store.forget_person(&account(), person.ids.clone(), EventId(0), judge, now).wait().unwrap();
    assert_eq!(step, ForgetStep::Done(4));
    assert!(store.erase_deleted().unwrap());
    assert_eq!(traces(&store), BTreeSet::new());
    assert_eq!(store.check().unwrap(), [""; 0]);
    for file in std::fs::read_dir(dir.path()).unwrap() {
        let bytes = std::fs::read(file.unwrap().path()).unwrap();
        for needle in [PERSON, SECRET] {
            assert!(!bytes.windows(needle.len()).any(|window| window == needle.as_bytes()), "{needle}");
        }
    }
    let group = store.find_conversation(&account(), None, GROUP).unwrap().unwrap();
    assert_eq!((group.last_text.as_str(), group.unread), ("rapat", 1), "the group is recounted");
    assert_eq!(store.counts().unwrap().total, 1);
}

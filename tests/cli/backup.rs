//! `loket export` and `loket import`: out and back without loss.

use std::time::Duration;

use loket::domain::{
    AccountName, Author, AuthorKind, Channel, Content, ConversationState, Outgoing, Recipient, Timestamp, WindowRule,
};
use loket::store::{NewMessage, Store};
use serde_json::{Value, json};

use crate::home::Home;

const DAY: i64 = 1_767_516_547_000;

fn line(id: i64, change: &Value) -> Value {
    let mut line = json!({
        "id": id.to_string(), "conversation": "7", "account": "toko", "channel": "whatsapp", "peer": "628111111111",
        "direction": "in", "author": {"kind": "contact", "name": "Budi"}, "kind": "text", "text": "halo", "media": null,
        "payload": null, "remote_id": format!("wamid.{id}"), "status": "received", "error": null,
        "at": "2026-01-04T08:49:07Z",
        "about": {"name": "Budi \u{1b}[31m", "group": false, "state": "resolved", "labels": ["vip"],
                  "aliases": ["628111111111", "ID.abc"], "window": "24h"},
    });
    for (key, value) in change.as_object().unwrap() {
        line[key] = value.clone();
    }
    line
}

fn sample() -> Vec<Value> {
    let group = json!({"name": "Tim", "group": true, "state": "open", "labels": [],
                       "aliases": ["120363041234567890"], "window": "none"});
    vec![
        line(3, &json!({})),
        line(4, &json!({"remote_id": null, "text": "ya"})),
        line(5, &json!({"remote_id": null, "text": "ya"})),
        line(
            6,
            &json!({"kind": "image", "text": "", "order": "2026-01-04T08:49:07.999Z",
            "media": {"url": "https://x/y.jpg", "mime": "image/jpeg", "name": "a\nb", "size": 12, "remote_id": null},
            "payload": {"forwarded": true, "coordinates": "-6.2000000"}}),
        ),
        line(
            8,
            &json!({"direction": "out", "author": {"kind": "agent", "name": "Sari"}, "status": "failed",
            "error": {"code": "131047", "message": "closed"}, "text": "jawab", "at": "2026-01-04T09:00:00.25Z"}),
        ),
        line(9, &json!({"conversation": "8", "peer": "120363041234567890", "about": group})),
    ]
}

fn file(home: &Home, lines: &[Value]) -> String {
    home.file("in.jsonl", &lines.iter().fold(String::new(), |text, line| text + &line.to_string() + "\n"))
}

#[tokio::test]
async fn what_is_imported_is_exported_again_and_importing_it_twice_adds_nothing() {
    let home = Home::with("");
    let sample = sample();
    let path = file(&home, &sample);
    let imported = home.loket(&["import", &path, "--json"]).await.expect(0);
    assert_eq!(imported.last(), json!({"added": 6, "known": 0}));
    let exported = home.loket(&["export"]).await.expect(0);
    assert_eq!(exported.lines(), sample);
    assert!(!exported.out.contains('\u{1b}'));
    let again = home.loket(&["import", &path, "--json"]).await.expect(0);
    assert_eq!(again.last(), json!({"added": 0, "known": 6}));

    let other = Home::with("");
    let path = other.file("out.jsonl", &exported.out);
    other.loket(&["import", &path]).await.expect(0);
    assert_eq!(other.loket(&["export"]).await.expect(0).out, exported.out);
    let listed = other.loket(&["conversations", "--json"]).await.expect(0).lines();
    let group = listed.iter().find(|c| c["id"] == "8").unwrap();
    assert_eq!((&group["group"], &group["name"], &group["unread"]), (&json!(true), &json!("Tim"), &json!(0)));
    let found = other.loket(&["messages", "--conversation", "7", "--json"]).await.expect(0).lines();
    assert_eq!(found.len(), 5);
}

#[tokio::test]
async fn equal_messages_far_apart_in_a_file_stay_two() {
    let home = Home::with("");
    let equal = json!({"remote_id": null, "text": "ok"});
    let mut lines = vec![line(1, &equal)];
    lines.extend((2..700).map(|id| line(id, &json!({}))));
    lines.push(line(700, &equal));
    let path = file(&home, &lines);
    assert_eq!(home.loket(&["import", &path, "--json"]).await.expect(0).last(), json!({"added": 700, "known": 0}));
    assert_eq!(home.loket(&["import", &path, "--json"]).await.expect(0).last(), json!({"added": 0, "known": 700}));
    let out = home.loket(&["export"]).await.expect(0).lines();
    assert_eq!(out, lines);
}

#[tokio::test]
async fn an_import_does_not_change_the_facts_of_an_existing_conversation() {
    let home = Home::with("");
    let open = json!({"name": "Pak Budi", "group": false, "state": "open", "labels": ["lama"],
                      "aliases": ["628111111111"], "window": "none"});
    let path = file(&home, &[line(1, &json!({"about": open, "text": "lama"}))]);
    home.loket(&["import", &path]).await.expect(0);
    let path = file(&home, &[line(2, &json!({}))]);
    home.loket(&["import", &path]).await.expect(0);
    let listed = home.loket(&["conversations", "--json"]).await.expect(0).lines();
    assert_eq!(listed.len(), 1);
    let facts = (&listed[0]["name"], &listed[0]["state"], &listed[0]["labels"]);
    assert_eq!(facts, (&json!("Pak Budi"), &json!("open"), &json!(["lama"])));
}

#[tokio::test]
async fn a_message_that_was_still_to_be_sent_is_not_sent_from_its_copy() {
    let home = Home::with("");
    {
        let store = Store::open(&home.path("data")).unwrap();
        let outgoing = Outgoing {
            channel: Channel::WhatsApp,
            to: Recipient { peer: "628111111111".into(), group: false },
            content: Content::Text { body: "nanti".into() },
        };
        let new = NewMessage {
            account: AccountName::new("toko").unwrap(),
            outgoing,
            author: Author { kind: AuthorKind::Agent, name: "Sari".into() },
            name: None,
            window: WindowRule::None,
        };
        let message = store.enqueue(new, Timestamp(DAY)).wait().unwrap();
        let until = Timestamp(DAY).plus(Duration::from_secs(60));
        store.set_state(message.conversation, ConversationState::Snoozed, Some(until)).wait().unwrap();
    }
    let exported = home.loket(&["export"]).await.expect(0);
    assert_eq!(exported.lines()[0]["status"], "queued");
    let other = Home::with("");
    let path = other.file("out.jsonl", &exported.out);
    other.loket(&["import", &path]).await.expect(0);
    let copy = other.loket(&["export"]).await.expect(0).lines().remove(0);
    assert_eq!((&copy["status"], &copy["error"]["code"]), (&json!("unsure"), &json!("interrupted")));
    assert_eq!(copy["about"], exported.lines()[0]["about"]);
    assert_eq!(copy["about"]["until"], DAY + 60_000);
}

#[tokio::test]
async fn a_bad_line_is_named_and_leaves_nothing_behind() {
    let home = Home::with("");
    for (change, word) in [
        (json!({"kind": "smell"}), "kind"),
        (json!({"at": "yesterday"}), "at"),
        (json!({"account": "Toko Satu"}), "account"),
        (json!({"status": "sent"}), "status"),
        (json!({"id": 5}), "expected a string"),
    ] {
        let path = file(&home, &[line(1, &json!({})), line(2, &change)]);
        let refused = home.loket(&["import", &path]).await.expect(2);
        assert!(refused.err.contains("line 2") && refused.err.contains(word), "{word}: {refused:?}");
    }
    assert!(home.loket(&["export"]).await.expect(0).out.is_empty());
    home.loket(&["import", "/no/such.jsonl"]).await.expect(2);
}

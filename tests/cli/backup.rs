//! `loket export`, `loket import` and `loket backup`: out and back without loss.

use std::time::Duration;

use loket::domain::{
    AccountName, Author, AuthorKind, Channel, Content, ConversationState, Inbound, InboundMessage, MessageId,
    MessageRange, Outgoing, Peer, Recipient, SendOptions, Status, Timestamp, WindowRule,
};
use loket::store::{NewEvent, NewMessage, Store};
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
            "media": {"url": "https://x/y.jpg", "mime": "image/jpeg", "name": "a b", "size": 12, "remote_id": null,
                      "state": "waiting", "file": null, "sha256": null, "error": null},
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
async fn an_imported_message_of_a_customer_opens_the_window() {
    let account = "[[account]]\nname = \"toko\"\nprovider = \"cetar\"\nmode = \"meta\"\napi_key = \"k\"\n";
    let home = Home::with(account);
    let mut message = line(3, &json!({"at": "2026-01-04T08:49:07Z"}));
    message.as_object_mut().unwrap().remove("about");
    home.loket(&["import", &file(&home, &[message])]).await.expect(0);
    let conversations = home.loket(&["--json", "conversations"]).await.expect(0);
    let conversation: Value = serde_json::from_str(conversations.out.lines().next().unwrap()).unwrap();
    assert_eq!(conversation["window_until"], "2026-01-05T08:49:07Z", "{conversation}");
}

#[tokio::test]
async fn the_window_of_what_was_imported_is_that_of_the_accounts_present_settings() {
    let account = "[[account]]\nname = \"toko\"\nprovider = \"cetar\"\nmode = \"meta\"\napi_key = \"k\"\n";
    let home = Home::with(&format!("{account}window = \"none\"\n"));
    let mut message = line(3, &json!({"at": "2026-01-04T08:49:07Z"}));
    message.as_object_mut().unwrap().remove("about");
    home.loket(&["import", &file(&home, &[message])]).await.expect(0);
    let until = async || {
        let conversations = home.loket(&["--json", "conversations"]).await.expect(0);
        serde_json::from_str::<Value>(conversations.out.lines().next().unwrap()).unwrap()["window_until"].clone()
    };
    assert_eq!(until().await, Value::Null);
    home.configure(account);
    assert_eq!(until().await, "2026-01-05T08:49:07Z", "the customer has written, and it is known when");
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
            quote: None,
        };
        let new = NewMessage {
            account: AccountName::new("toko").unwrap(),
            outgoing,
            author: Author { kind: AuthorKind::Agent, name: "Sari".into() },
            name: None,
            window: WindowRule::None,
            options: SendOptions::default(),
        };
        let message = store.enqueue(new, Timestamp(DAY)).wait().unwrap();
        let until = Timestamp(DAY).plus(Duration::from_secs(60));
        store
            .set_state(message.conversation, ConversationState::Snoozed, Some(until), "Sari", Timestamp(1))
            .wait()
            .unwrap();
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

#[tokio::test]
async fn unread_counts_and_read_marks_survive_an_export_and_an_import() {
    let home = Home::with("");
    let account = AccountName::new("toko").unwrap();
    {
        let store = Store::open(&home.path("data")).unwrap();
        store.ensure_account(&account, "chatera", "token").wait().unwrap();
        for (n, peer) in (1..).zip(["628111111111", "628222222222", "628111111111", "628333333333", "628111111111"]) {
            receive(&store, &account, n, peer);
        }
        let id = |peer: &str| store.find_conversation(&account, None, peer).unwrap().unwrap().id;
        // Seen up to the first message; seen whole; seen whole and marked unread again; nothing seen.
        store.mark_seen(id("628111111111"), MessageId(1)).wait().unwrap();
        store.mark_seen(id("628222222222"), MessageId(5)).wait().unwrap();
        store.mark_seen(id("628333333333"), MessageId(5)).wait().unwrap();
        store.mark_unread(id("628333333333"), "Sari", Timestamp(1)).wait().unwrap();
        let outgoing = Outgoing {
            channel: Channel::WhatsApp,
            to: Recipient { peer: "628444444444".into(), group: false },
            content: Content::Location { latitude: "-6.2".into(), longitude: "106.8".into(), caption: None },
            quote: None,
        };
        let author = Author { kind: AuthorKind::Agent, name: "Sari".into() };
        let new = NewMessage {
            account: account.clone(),
            outgoing,
            author,
            name: None,
            window: WindowRule::None,
            options: SendOptions::default(),
        };
        store.enqueue(new, Timestamp(DAY)).wait().unwrap();
        // A conversation that was marked unread, and in which no message of the customer is.
        store.mark_unread(id("628444444444"), "Sari", Timestamp(1)).wait().unwrap();
    }
    let exported = home.loket(&["export"]).await.expect(0);
    let other = Home::with("");
    let path = other.file("out.jsonl", &exported.out);
    other.loket(&["import", &path]).await.expect(0);
    let list = ["conversations", "--json"];
    let (before, after) = (home.loket(&list).await.expect(0).lines(), other.loket(&list).await.expect(0).lines());
    let unread = |lines: &[Value]| lines.iter().map(|c| (c["peer"].clone(), c["unread"].clone())).collect::<Vec<_>>();
    assert_eq!(unread(&after), unread(&before));
    assert!(unread(&before).contains(&(json!("628111111111"), json!(2))), "{before:?}");
    assert!(unread(&before).contains(&(json!("628444444444"), json!(1))), "{before:?}");
    // The marks are those of the same messages: what is seen up to the third is not unread any more.
    let store = Store::open(&other.path("data")).unwrap();
    let id = store.find_conversation(&account, None, "628111111111").unwrap().unwrap().id;
    assert_eq!(store.first_unread(id).unwrap().unwrap().id, MessageId(3));
    store.mark_seen(id, MessageId(3)).wait().unwrap();
    assert_eq!(store.conversation(id).unwrap().unwrap().unread, 1);
    // What is not plain text can still be sent again.
    let out = store.find_conversation(&account, None, "628444444444").unwrap().unwrap().id;
    let message = store.messages(out, MessageRange::Newest, 1).unwrap().remove(0);
    assert_eq!(message.status, Status::Unsure);
    store.send_again(message.id, Timestamp(DAY + 1)).wait().unwrap();
}

/// Receives a customer's message.
fn receive(store: &Store, account: &AccountName, n: i64, peer: &str) {
    let at = Timestamp(DAY + n * 1000);
    let event = NewEvent {
        account: account.clone(),
        key: n.to_string(),
        within: None,
        ack: false,
        received_at: at,
        headers: Vec::new(),
        body: b"{}".to_vec(),
    };
    let id = store.append_event(event).wait().unwrap().id;
    let text = InboundMessage::text(Peer::person(peer.to_owned()), format!("pesan {n}"));
    let reports = vec![Inbound::Message(Box::new(InboundMessage { at: Some(at), ..text }))];
    store.apply_event(id, account, Channel::WhatsApp, WindowRule::None, reports).wait().unwrap();
}

#[tokio::test]
async fn an_import_beside_a_running_engine_is_whole_and_other_writes_come_through() {
    let home = Home::with("[listener]\nbind = \"127.0.0.1:0\"\n");
    let mut engine = home.command(&["serve"]).stderr(std::process::Stdio::null()).spawn().unwrap();
    let mut first = String::new();
    let mut out = tokio::io::BufReader::new(engine.stdout.take().unwrap());
    tokio::io::AsyncBufReadExt::read_line(&mut out, &mut first).await.unwrap();
    assert!(first.starts_with("listening on "), "{first}");
    let lines: Vec<Value> = (1..6000).map(|id| line(id, &json!({}))).collect();
    let path = file(&home, &lines);
    let store = Store::open(&home.path("data")).unwrap();
    // What cannot be written within the store's own limit of five seconds fails.
    let writing = tokio::task::spawn_blocking(move || (0..50).try_for_each(|_| store.flush().wait()));
    let imported = home.loket(&["import", &path, "--json"]).await;
    writing.await.unwrap().unwrap();
    assert_eq!(imported.expect(0).last(), json!({"added": 5999, "known": 0}));
    assert_eq!(home.loket(&["export"]).await.expect(0).lines(), lines);
    engine.kill().await.unwrap();
}

#[tokio::test]
async fn a_backup_beside_a_running_engine_is_a_store_with_everything() {
    let home = Home::with("[listener]\nbind = \"127.0.0.1:0\"\n");
    let path = file(&home, &sample());
    home.loket(&["import", &path]).await.expect(0);
    let mut engine = home.command(&["serve"]).stderr(std::process::Stdio::null()).spawn().unwrap();
    let mut line = String::new();
    let mut out = tokio::io::BufReader::new(engine.stdout.take().unwrap());
    tokio::io::AsyncBufReadExt::read_line(&mut out, &mut line).await.unwrap();
    assert!(line.starts_with("listening on "), "{line}");
    // The engine's process, as far as the store is concerned: another one that writes meanwhile.
    let store = Store::open(&home.path("data")).unwrap();
    let account = AccountName::new("toko").unwrap();
    store.ensure_account(&account, "chatera", "token").wait().unwrap();
    receive(&store, &account, 1, "628777777777");
    let copies = home.path("copies");
    std::fs::create_dir(&copies).unwrap();
    let copy = copies.join("loket.db");
    let name = copy.to_str().unwrap();
    let made = home.loket(&["backup", name, "--json"]).await.expect(0);
    let summary = made.last();
    assert_eq!((made.out.lines().count(), &summary["messages"], &summary["conversations"]), (1, &json!(7), &json!(3)));
    assert_eq!(
        (summary["file"].as_str(), summary["bytes"].as_u64()),
        (Some(name), Some(std::fs::metadata(&copy).unwrap().len()))
    );
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        assert_eq!(std::fs::metadata(&copy).unwrap().permissions().mode() & 0o777, 0o600);
    }
    // One file: nothing unfinished, no log.
    assert_eq!(std::fs::read_dir(&copies).unwrap().count(), 1);
    let before = std::fs::read(&copy).unwrap();
    let refused = home.loket(&["backup", name]).await.expect(2);
    assert!(refused.err.contains("exists"), "{refused:?}");
    assert_eq!(std::fs::read(&copy).unwrap(), before);
    home.loket(&["backup", home.path("no/such/copy.db").to_str().unwrap()]).await.expect(1);
    engine.kill().await.unwrap();

    let restored = Home::with("");
    std::fs::create_dir(restored.path("data")).unwrap();
    std::fs::copy(&copy, restored.path("data").join("loket.db")).unwrap();
    for command in [["export", "--json"], ["conversations", "--json"]] {
        let (restored_state, own) = (restored.loket(&command).await.expect(0), home.loket(&command).await.expect(0));
        assert_eq!(restored_state.out, own.out, "{command:?}");
    }
    let found = restored.loket(&["search", "jawab", "--json"]).await.expect(0);
    assert_eq!((found.lines().len(), found.err.as_str()), (1, ""));
    // A restored store goes on where the copy was made: ids are not used twice.
    let store = Store::open(&restored.path("data")).unwrap();
    receive(&store, &account, 2, "628777777777");
    assert_eq!(store.counts().unwrap().unread_messages, 2);
    let line = home.loket(&["backup", home.path("second.db").to_str().unwrap()]).await.expect(0).out;
    assert!(line.contains("7 messages of 3 conversations"), "{line}");
}

//! `loket conversation`, `--agent`, `send --anyway` and `send --at`: what several agents do on one store.

use loket::domain::{AccountName, Channel, Inbound, InboundMessage, Peer, Timestamp, WindowRule};
use loket::store::{NewEvent, Store};
use serde_json::{Value, json};

use crate::fake_gateway::{fake_gateway, json as respond};
use crate::home::Home;

fn now() -> Timestamp {
    Timestamp(jiff::Timestamp::now().as_millisecond())
}

/// A customer has written to the account "toko" at `at`.
fn receive(home: &Home, at: Timestamp) {
    let store = Store::open(&home.path("data")).unwrap();
    let account = AccountName::new("toko").unwrap();
    store.ensure_account(&account, "chatera", "token").wait().unwrap();
    let event = NewEvent {
        account: account.clone(),
        key: at.rfc3339(),
        within: None,
        ack: false,
        received_at: at,
        headers: Vec::new(),
        body: b"{}".to_vec(),
    };
    let id = store.append_event(event).wait().unwrap().id;
    let message = InboundMessage { at: Some(at), ..InboundMessage::text(Peer::person("628123400012"), "Halo kak") };
    let reports = vec![Inbound::Message(Box::new(message))];
    store.apply_event(id, &account, Channel::WhatsApp, WindowRule::Day, reports).wait().unwrap();
}

/// A home whose customer has just written.
fn home() -> Home {
    let home = Home::with("agent = \"Sari\"\n");
    receive(&home, now());
    home
}

/// Runs a command that must end with 0 and print one JSON object.
async fn json_of(home: &Home, args: &[&str]) -> Value {
    let lines = home.loket(&[&["--json"], args].concat()).await.expect(0).lines();
    let [line] = &lines[..] else { panic!("{args:?}: {lines:?}") };
    line.clone()
}

#[tokio::test]
async fn a_conversation_is_taken_by_one_agent_and_assigned_by_any() {
    let home = home();
    let shown = json_of(&home, &["conversation", "1", "show"]).await;
    assert_eq!(
        (&shown["assignee"], &shown["snoozed_until"], &shown["labels"]),
        (&Value::Null, &Value::Null, &json!([]))
    );
    assert_eq!(json_of(&home, &["conversation", "1", "take"]).await["assignee"], "Sari");
    for args in [vec!["conversation", "1", "take", "Budi"], vec!["--agent", "Tono", "conversation", "1", "take"]] {
        let refused = home.loket(&args).await.expect(1);
        assert!(refused.err.contains("Sari") && refused.out.is_empty(), "{refused:?}");
    }
    assert_eq!(json_of(&home, &["conversation", "1", "assign", "Budi"]).await["assignee"], "Budi");
    assert_eq!(json_of(&home, &["conversation", "1", "assign"]).await["assignee"], "Sari");
    assert_eq!(json_of(&home, &["conversation", "1", "unassign"]).await["assignee"], Value::Null);
    let plain = home.loket(&["conversation", "1", "take", "Budi"]).await.expect(0);
    assert!(plain.out.contains("@Budi"), "{plain:?}");
    let unknown = home.loket(&["--locale", "id", "conversation", "99", "show"]).await.expect(2);
    assert!(unknown.err.contains("Tidak ada percakapan 99"), "{unknown:?}");
    home.loket(&["conversation", "1", "assign", " "]).await.expect(2);
    let shown = json_of(&home, &["conversation", "1", "show"]).await;
    let acts: Vec<_> = shown["audit"].as_array().unwrap().iter().map(|e| (&e["action"], &e["value"])).collect();
    let (assigned, sari, budi) = (json!("assigned"), json!("Sari"), json!("Budi"));
    assert_eq!(
        acts,
        [
            (&assigned, &sari),
            (&assigned, &budi),
            (&assigned, &sari),
            (&json!("unassigned"), &Value::Null),
            (&assigned, &budi)
        ]
    );
    let first = &shown["audit"][0];
    assert_eq!((&first["agent"], &first["origin"], &first["address"]), (&sari, &json!("command"), &Value::Null));
    assert!(first["at"].as_str().unwrap().parse::<jiff::Timestamp>().is_ok(), "{first}");
    let plain = home.loket(&["--locale", "id", "conversation", "1", "show"]).await.expect(0);
    assert!(plain.out.contains("diberikan ke Budi") && plain.out.lines().count() == 6, "{plain:?}");
}

#[tokio::test]
async fn labels_notes_and_states_are_changed_by_scripts() {
    let home = home();
    let labels = json_of(&home, &["conversation", "1", "label", "+komplain", "+baru"]).await;
    assert_eq!(labels["labels"], json!(["baru", "komplain"]));
    let help = home.loket(&["conversation", "1", "label", "--help"]).await.expect(0);
    assert!(help.out.contains("Usage: loket conversation <ID> label"), "{help:?}");
    // An option behind the labels is still an option.
    let changed = home.loket(&["conversation", "1", "label", "-baru", "+vip", "--json"]).await.expect(0).last();
    assert_eq!(changed["labels"], json!(["komplain", "vip"]));
    for wrong in ["vip", "+", "--vip"] {
        let refused = home.loket(&["conversation", "1", "label", wrong]).await.expect(2);
        assert!(refused.err.contains("+LABEL"), "{refused:?}");
    }
    let note = json_of(&home, &["conversation", "1", "note", "Cek resi dulu"]).await;
    assert_eq!(
        (&note["kind"], &note["direction"], &note["text"]),
        (&json!("note"), &json!("internal"), &json!("Cek resi dulu"))
    );
    assert_eq!(note["author"], json!({"kind": "agent", "name": "Sari"}));
    home.loket(&["conversation", "1", "note", " "]).await.expect(2);
    let state = async |args: &[&str]| {
        let shown = json_of(&home, &[&["conversation", "1"], args].concat()).await;
        (shown["state"].as_str().unwrap().to_owned(), shown["snoozed_until"].clone(), shown["unread"].clone())
    };
    assert_eq!(state(&["read"]).await, ("open".to_owned(), Value::Null, json!(0)), "a note is not unread");
    assert_eq!(state(&["unread"]).await.2, 1);
    let (snoozed, until, _) = state(&["snooze", "besok", "08:00"]).await;
    assert!(snoozed == "snoozed" && until.as_str().unwrap().parse::<jiff::Timestamp>().is_ok(), "{until}");
    assert_eq!(state(&["snooze", "2099-11-30 08:00"]).await.0, "snoozed");
    assert_eq!(state(&["snooze", "reply"]).await, ("snoozed".to_owned(), Value::Null, json!(1)));
    assert_eq!(state(&["resolve"]).await.0, "resolved");
    assert_eq!(state(&["reopen"]).await.0, "open");
    for wrong in ["nanti", "2020-01-01 08:00"] {
        let refused = home.loket(&["conversation", "1", "snooze", wrong]).await.expect(2);
        assert!(refused.err.contains(wrong), "{refused:?}");
    }
}

#[tokio::test]
async fn the_agent_who_acts_is_named_by_flag_environment_configuration_or_user() {
    let home = home();
    let author = async |args: &[&str], variables: &[(&str, &str)]| {
        let mut command = home.command(&[&["--json"], args, &["conversation", "1", "note", "catatan"]].concat());
        command.envs(variables.iter().copied());
        home.run(command, "").await.expect(0).last()["author"]["name"].as_str().unwrap().to_owned()
    };
    assert_eq!(author(&["--agent", "Budi"], &[("LOKET_AGENT", "Tono")]).await, "Budi");
    assert_eq!(author(&[], &[("LOKET_AGENT", "Tono"), ("USER", "toko")]).await, "Tono");
    assert_eq!(author(&[], &[("USER", "toko")]).await, "Sari");
    home.configure("");
    assert_eq!(author(&[], &[("USER", "toko")]).await, "toko");
    let long = home.loket(&["--agent", &"x".repeat(65), "conversations"]).await.expect(2);
    assert!(long.err.contains("--agent"), "{long:?}");
}

/// A home with an account "toko" whose window is 24 hours, at a gateway that accepts everything.
async fn home_with_gateway(more: &str) -> Home {
    let accepted = json!({"success": true, "data": {"messageId": "m-1", "id": "m-1", "status": "sent"}});
    let url = fake_gateway(move |_| respond(200, &accepted)).await;
    Home::with(&format!(
        "agent = \"Sari\"\n{more}\n[[account]]\nname = \"toko\"\nprovider = \"chatera\"\nbase_url = \"{url}/v1\"\n\
         api_key = \"k\"\nwindow = \"24h\"\n"
    ))
}

const SEND: [&str; 5] = ["send", "--account", "toko", "--to", "628123400012"];

#[tokio::test]
async fn a_colleague_who_has_just_answered_and_a_closed_window_are_ignored_only_if_asked_for() {
    let home = home_with_gateway("").await;
    let send = async |args: &[&str]| home.loket(&[&SEND, args].concat()).await;
    // Nothing is known of this customer.
    assert!(send(&["--text", "Halo"]).await.expect(2).err.contains("toko"));
    send(&["--text", "Halo", "--anyway"]).await.expect(0);
    receive(&home, now());
    send(&["--text", "Halo lagi"]).await.expect(0);
    let refused = send(&["--text", "Saya bantu", "--agent", "Budi"]).await.expect(2);
    assert!(refused.err.contains("Sari"), "{refused:?}");
    send(&["--text", "Saya bantu", "--agent", "Budi", "--anyway"]).await.expect(0);
}

#[tokio::test]
async fn a_message_is_sent_at_its_time_and_not_into_a_closed_window() {
    let home = home_with_gateway("agent_prefix = true").await;
    receive(&home, now());
    let send = async |args: &[&str]| home.loket(&[&["--json"], &SEND[..], args].concat()).await;
    let later = send(&["--text", "Kami buka", "--at", "2h"]).await.expect(3);
    assert!(later.last()["scheduled_at"].is_string() && later.last()["status"] == "queued", "{later:?}");
    assert_eq!(later.last()["text"], "*Sari*\nKami buka", "agent_prefix");
    assert!(later.err.contains(':'), "{later:?}");
    let closed = send(&["--text", "Kami buka", "--at", "3d"]).await.expect(2);
    assert!(closed.err.contains("24-hour"), "{closed:?}");
    send(&["--text", "Kami buka", "--at", "3d", "--anyway"]).await.expect(3);
    for wrong in ["reply", "nanti", "2020-01-01 08:00"] {
        assert!(send(&["--text", "x", "--at", wrong]).await.expect(2).err.contains(wrong));
    }
    // Meanwhile other messages go out, and nobody waits for the scheduled ones.
    assert_eq!(send(&["--text", "Sebentar"]).await.expect(0).last()["status"], "sent");
}

//! Meta's fields beside `messages`: calls, histories, warnings of the account, preferences and names all reach a person.
use crate::kit::{Dialect, Home, RunningEngine, account, events, wait_until};
use serde_json::{Value, json};

const CUSTOMER: &str = "6281234567890";
/// The account's own number, as `events::meta` names it.
const OWN: &str = "6281100000000";

/// A rule that would answer every message.
const ANSWER_ALL: &str = "[[account.rule]]\nmatch = \"any\"\nreply = [ { text = \"OTOMATIS\" } ]\n";

fn home() -> Home {
    Home::new(&account("meta", Dialect::CetarMeta, "http://127.0.0.1:9", ""))
}

fn post(engine: &RunningEngine, field: &str, value: &Value) {
    let mut body = events::meta(value);
    body["entry"][0]["changes"][0]["field"] = json!(field);
    let response = engine.post("meta", &Dialect::CetarMeta.signed(&body));
    assert_eq!(response.status, 200, "{field}: {response:?}");
}

fn contacts() -> Value {
    json!([{"profile": {"name": "Budi"}, "wa_id": CUSTOMER}])
}

fn text(id: &str, from: &str, at: u64, text: &str) -> Value {
    json!({"from": from, "id": id, "timestamp": at.to_string(), "type": "text", "text": {"body": text}})
}

#[test]
fn a_missed_call_is_one_row_that_waits_for_us() {
    let home = home();
    let engine = home.serve();
    let call = |event: &str, further: Value| {
        let mut call = json!({"id": "wacid.1", "from": CUSTOMER, "to": OWN, "event": event,
            "timestamp": events::seconds().to_string(), "direction": "USER_INITIATED"});
        call.as_object_mut().unwrap().extend(further.as_object().unwrap().clone());
        json!({"contacts": contacts(), "calls": [call]})
    };
    post(&engine, "calls", &call("connect", json!({"session": {"sdp_type": "offer", "sdp": "v=0"}})));
    home.until_messages("meta", "the call", |m| m.iter().any(|m| m["payload"]["state"] == "ringing"));
    post(&engine, "calls", &call("terminate", json!({"status": "FAILED"})));
    let messages = home.until_messages("meta", "its end", |m| m.iter().any(|m| m["payload"]["state"] == "missed"));
    let [message] = &messages[..] else { panic!("{messages:?}") };
    assert_eq!(
        (&message["kind"], &message["direction"], &message["peer"]),
        (&json!("call"), &json!("in"), &json!(CUSTOMER))
    );
    let conversation = &home.json(&["conversations"])[0];
    assert_eq!((&conversation["name"], &conversation["unread"]), (&json!("Budi"), &json!(1)));
    assert_ne!(conversation["waiting_since"], Value::Null);
}

#[test]
fn the_answers_of_a_form_are_read_and_found() {
    let home = home();
    let engine = home.serve();
    let answers = r#"{"flow_token":"RAHASIA-TOKEN","screen_0_Nama_lengkap_0":"Budi Santoso","ukuran":["M","XL"]}"#;
    post(
        &engine,
        "messages",
        &json!({"contacts": contacts(), "messages": [{"from": CUSTOMER, "id": "wamid.1",
            "timestamp": events::seconds().to_string(), "type": "interactive", "interactive": {"type": "nfm_reply",
            "nfm_reply": {"name": "flow", "body": "Sent", "response_json": answers}}}]}),
    );
    let messages = home.until_messages("meta", "the form", |m| !m.is_empty());
    assert_eq!(messages[0]["kind"], "form");
    assert_eq!(messages[0]["text"], "Nama lengkap: Budi Santoso\nukuran: M, XL");
    assert!(!messages[0].to_string().contains("RAHASIA-TOKEN"), "{}", messages[0]);
    wait_until("the search", || (home.json(&["search", "Santoso"]).len() == 1).then_some(()));
}

#[test]
fn a_history_is_imported_in_its_own_order_and_nobody_is_alarmed() {
    let home = Home::new(&account("meta", Dialect::CetarMeta, "http://127.0.0.1:9", ANSWER_ALL));
    let engine = home.serve();
    let long_ago = events::seconds() - 30 * 24 * 3600;
    let piece = |order: u64, messages: Value| {
        json!({"history": [{"metadata": {"phase": 0, "chunk_order": order, "progress": 55},
            "threads": [{"id": CUSTOMER, "messages": messages}]}]})
    };
    let mut ours = text("wamid.2", OWN, long_ago + 60, "Masih, Kak");
    ours["history_context"] = json!({"status": "READ"});
    let question = text("wamid.1", CUSTOMER, long_ago, "Masih ada?");
    let last = text("wamid.3", CUSTOMER, long_ago + 120, "Oke, besok ya");
    // The pieces come in any order, one of them twice.
    post(&engine, "history", &piece(2, json!([last, ours])));
    post(&engine, "history", &piece(1, json!([question, ours])));
    post(&engine, "history", &piece(3, json!([question, last])));
    let messages = home.until_messages("meta", "the history", |m| m.len() == 3 && m[1]["status"] == "read");
    let texts: Vec<_> = messages.iter().map(|m| m["text"].as_str().unwrap()).collect();
    assert_eq!(texts, ["Masih ada?", "Masih, Kak", "Oke, besok ya"]);
    let conversation = &home.json(&["conversations"])[0];
    assert_eq!((&conversation["unread"], &conversation["waiting_since"]), (&json!(0), &Value::Null));
    // A live message is answered, which shows that the history before it was not.
    post(&engine, "messages", &json!({"messages": [text("wamid.4", CUSTOMER, events::seconds(), "Halo lagi")]}));
    let messages = home.until_messages("meta", "the answer", |m| m.iter().any(|m| m["text"] == "OTOMATIS"));
    assert_eq!(messages.iter().filter(|m| m["text"] == "OTOMATIS").count(), 1, "{messages:?}");
    let conversation = &home.json(&["conversations"])[0];
    assert_eq!(conversation["unread"], 1);
    let waiting = conversation["waiting_since"].as_str().unwrap().parse::<jiff::Timestamp>().unwrap();
    assert!(waiting.as_second() > i64::try_from(long_ago + 1000).unwrap(), "nobody waits since the history: {waiting}");
}

#[test]
fn warnings_of_the_account_are_kept_and_said() {
    let home = home();
    let engine = home.serve();
    let account = || home.json(&["account", "list"]).remove(0);
    post(
        &engine,
        "phone_number_quality_update",
        &json!({"display_phone_number": OWN, "event": "FLAGGED", "current_limit": "TIER_1K"}),
    );
    wait_until("the warning", || (account()["notice"]["code"] == "quality_low").then_some(()));
    assert!(home.run(&["doctor"]).out.contains("quality_low"), "doctor says so");
    assert!(home.run(&["account", "show", "meta"]).out.contains("TIER_1K"));
    post(&engine, "phone_number_quality_update", &json!({"event": "UNFLAGGED", "current_limit": "TIER_1K"}));
    wait_until("the end of the warning", || (account()["notice"]["code"] == "quality_restored").then_some(()));
    assert!(!home.run(&["doctor"]).out.contains("WhatsApp says"));
    let ban = |state: &str| json!({"event": "DISABLED_UPDATE", "ban_info": {"waba_ban_state": state}});
    post(&engine, "account_update", &ban("DISABLE"));
    wait_until("the ban", || (account()["state"] == "banned").then_some(()));
    post(&engine, "account_update", &ban("REINSTATE"));
    wait_until("the end of the ban", || (account()["state"] == "connected").then_some(()));
}

#[test]
fn a_logged_out_account_that_brings_messages_is_logged_in() {
    let home = home();
    let engine = home.serve();
    let state = |wanted: &str| {
        wait_until(wanted, || (home.json(&["account", "list"])[0]["state"] == json!(wanted)).then_some(()));
    };
    let error = json!({"errors": [{"code": 0, "title": "AuthException"}]});
    post(&engine, "messages", &error);
    state("logged_out");
    post(&engine, "messages", &json!({"messages": [text("wamid.1", CUSTOMER, events::seconds(), "Halo")]}));
    state("unknown");
    post(&engine, "messages", &json!({"errors": [{"code": 190, "title": "expired"}]}));
    state("logged_out");
    post(
        &engine,
        "messages",
        &json!({"statuses": [{"id": "wamid.x", "status": "delivered", "recipient_id": CUSTOMER}]}),
    );
    state("unknown");
}

#[test]
fn preferences_names_and_welcomes_reach_the_conversation() {
    let home = home();
    let engine = home.serve();
    // The name of the phone's address book comes before the first message, which names nobody.
    post(
        &engine,
        "smb_app_state_sync",
        &json!({"state_sync": [{"type": "contact", "action": "add",
            "contact": {"full_name": "Bu Sari Reseller", "phone_number": CUSTOMER}}]}),
    );
    post(
        &engine,
        "messages",
        &json!({"messages": [{"from": CUSTOMER, "id": "wamid.w", "timestamp": events::seconds().to_string(), "type": "request_welcome"}]}),
    );
    home.until_messages("meta", "the notice", |m| m.iter().any(|m| m["payload"]["event"] == "conversation_opened"));
    let conversation = || home.json(&["conversations"]).remove(0);
    assert_eq!((&conversation()["name"], &conversation()["unread"]), (&json!("Bu Sari Reseller"), &json!(0)));
    for (value, stopped) in [("stop", json!(true)), ("resume", Value::Null)] {
        post(
            &engine,
            "user_preferences",
            &json!({"user_preferences": [{"wa_id": CUSTOMER, "detail": "User asked", "category": "marketing_messages",
                "value": value, "timestamp": events::seconds()}]}),
        );
        wait_until(value, || (conversation()["no_marketing"] == stopped).then_some(()));
    }
    let messages = home.messages("meta");
    let known: Vec<_> = messages.iter().map(|m| m["payload"]["event"].as_str().unwrap()).collect();
    assert_eq!(known, ["conversation_opened", "marketing_stopped", "marketing_resumed"]);
    assert!(messages.iter().all(|m| m["kind"] == "system" && m["author"]["kind"] == "system"));
}

#[test]
fn an_unknown_field_is_counted_by_its_name() {
    let home = home();
    let engine = home.serve();
    post(&engine, "field_of_the_future", &json!({"x": 1}));
    post(&engine, "message_template_status_update", &json!({"event": "APPROVED"}));
    wait_until("the count", || home.run(&["doctor"]).out.contains("field_of_the_future").then_some(()));
    assert!(home.run(&["doctor"]).out.contains("1 events were not understood"));
}

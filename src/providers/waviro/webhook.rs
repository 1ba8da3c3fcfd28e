//! WAVIRO's webhooks: keyword events with their key in the body, acknowledgements without any.
//!
//! Source: seed 003, providers.md 4.3 and 4.4. Invariant: nothing of a body is interpreted before its key was
//! compared, and the acknowledgement URL, which has no key, accepts acknowledgements only.

use serde_json::{Value, json};
use std::time::Duration;

use crate::domain::Inbound;
use crate::domain::inbound::{InboundMessage, Keyword, Peer, Receipt};
use crate::domain::phone::{PeerForm, peer_form};
use crate::providers::common::ack;
use crate::providers::common::json::first_text;
use crate::providers::common::lenient_json::{Damage, Reading};
use crate::providers::common::message::{read_event, unknown};
use crate::providers::signature::fingerprint;
use crate::providers::types::{Profile, Verdict, Webhook};

/// How long equal keyword events count as one delivery. They carry no id, and a customer may write the same again, so
/// it is short: a message shown twice is better than a message lost (providers.md 4.4, A8).
const DUPLICATE_WINDOW: Duration = Duration::from_secs(3);

/// What the key in a body proves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum KeyCheck {
    /// It is one of the account's keys.
    Valid,
    /// There is none, and none is required.
    NotRequired,
    Missing,
    Invalid,
}

/// Whether a webhook is genuine.
pub(super) fn verify(profile: &Profile, webhook: &Webhook) -> Verdict {
    if webhook.is_empty() {
        return Verdict::Ping;
    }
    let reading = webhook.read();
    // An acknowledgement carries no key: the token in its URL authenticates it (providers.md 4.3, A4).
    if webhook.ack {
        let acknowledgement = reading.and_then(|reading| acknowledgement(&reading.value));
        let key = acknowledgement.map_or_else(|| fingerprint(&webhook.body), |(id, ack)| format!("{id}:{ack}"));
        return Verdict::Genuine { key: format!("ack:{key}"), within: None };
    }
    let Some(Reading { value: body, damage }) = reading else { return Verdict::NotJson };
    let is_broken = damage == Some(Damage::Structure);
    match (check_key(profile, &body), is_broken) {
        (KeyCheck::Valid, true) => {
            let key = format!("body:{}", fingerprint(&webhook.body));
            Verdict::Genuine { key, within: Some(DUPLICATE_WINDOW) }
        }
        (KeyCheck::Valid | KeyCheck::NotRequired, false) => event_key(&body),
        // The key may be in the part that is missing.
        (KeyCheck::Missing | KeyCheck::NotRequired, true) => Verdict::NotJson,
        (KeyCheck::Missing, false) | (KeyCheck::Invalid, _) => Verdict::Unauthorised,
    }
}

fn event_key(body: &Value) -> Verdict {
    if let Some((id, ack)) = acknowledgement(body) {
        return Verdict::Genuine { key: format!("ack:{id}:{ack}"), within: None };
    }
    let content = json!([body.get("from"), body.get("keyword"), body.get("data")]).to_string();
    Verdict::Genuine { key: format!("keyword:{}", fingerprint(content.as_bytes())), within: Some(DUPLICATE_WINDOW) }
}

fn check_key(profile: &Profile, body: &Value) -> KeyCheck {
    if profile.verifying_secrets().next().is_none() {
        return KeyCheck::NotRequired;
    }
    match first_text(body, &["webhookkey"]) {
        // Every secret is compared, so that the time does not reveal which one matched.
        Some(key) if profile.verifying_secrets().fold(false, |found, secret| secret.matches(&key) | found) => {
            KeyCheck::Valid
        }
        Some(_) => KeyCheck::Invalid,
        None if profile.allow_unsigned => KeyCheck::NotRequired,
        None => KeyCheck::Missing,
    }
}

/// Reads a genuine webhook.
pub(super) fn interpret(webhook: &Webhook) -> Vec<Inbound> {
    read_event(webhook, |body| vec![event_inbound(webhook.ack, body)])
}

fn event_inbound(ack: bool, body: &Value) -> Inbound {
    if let Some((id, ack)) = acknowledgement(body) {
        return receipt(id, &ack);
    }
    if ack {
        return unknown("acknowledgement without msgid");
    }
    match keyword_message(body) {
        Some(message) => Inbound::Message(Box::new(message)),
        None => unknown("keyword event without keyword or sender"),
    }
}

/// The message id and the code of an acknowledgement; `None` when the body is no acknowledgement.
fn acknowledgement(body: &Value) -> Option<(String, String)> {
    if body.get("keyword").is_some() {
        return None;
    }
    Some((first_text(body, &["msgid"])?, first_text(body, &["ack"])?))
}

fn receipt(remote_id: String, code: &str) -> Inbound {
    if code == ack::PENDING {
        return Inbound::Nothing { event: "ack 0".to_owned() };
    }
    let Some((status, failure)) = ack::status(code) else {
        return Inbound::Unknown { event: format!("ack {}", code.chars().take(40).collect::<String>()) };
    };
    Inbound::Receipt(Receipt { remote_id, status, failure, recipient: None, may_infer: false, at: None })
}

fn keyword_message(body: &Value) -> Option<InboundMessage> {
    let word = first_text(body, &["keyword"])?;
    let data = body.get("data").unwrap_or(&Value::Null);
    let phone = first_text(data, &["nohp"]);
    let from = first_text(body, &["from"]).or_else(|| phone.clone())?;
    let (peer, member) = sender(&from, phone.as_deref());
    let fields: Vec<String> = match data {
        Value::Array(items) => items.iter().map(field_text).collect(),
        Value::String(one) => vec![one.clone()],
        _ => Vec::new(),
    };
    let name = first_text(data, &["nama"]);
    let mut message = InboundMessage::text(peer, original_text(&word, &fields));
    if message.peer.group {
        message.member = Some((member.unwrap_or_default(), name.unwrap_or_default()));
    } else {
        message.name = name;
    }
    message.payload = other_data(data);
    message.keyword = Some(Keyword { word, fields });
    Some(message)
}

/// The peer of the conversation, and in a group the member's number.
fn sender(from: &str, phone: Option<&str>) -> (Peer, Option<String>) {
    let phone = phone.map(peer_form).and_then(|form| match form {
        PeerForm::Phone(digits) => Some(digits),
        PeerForm::Group(_) | PeerForm::Opaque(_) => None,
    });
    match (peer_form(from), phone) {
        (PeerForm::Group(id), phone) => (Peer::group(id), phone),
        // A number in `data` beside a hidden id in `from`: the same person under two names.
        (PeerForm::Opaque(id), Some(digits)) => (Peer { id: digits, group: false, aliases: vec![id] }, None),
        (PeerForm::Phone(id), Some(digits)) if digits != id => (Peer { id, group: false, aliases: vec![digits] }, None),
        (PeerForm::Phone(id) | PeerForm::Opaque(id), _) => (Peer::person(id), None),
    }
}

fn field_text(item: &Value) -> String {
    match item {
        Value::String(text) => text.clone(),
        Value::Null => String::new(),
        other => other.to_string(),
    }
}

/// The text that the customer wrote, which the gateway split at each `#`.
fn original_text(word: &str, fields: &[String]) -> String {
    if fields.is_empty() {
        return word.to_owned();
    }
    format!("{}#{}", word.strip_suffix('#').unwrap_or(word), fields.join("#"))
}

/// The data of an object beside the name and number, which are fields of the message.
fn other_data(data: &Value) -> Option<Value> {
    let mut rest = data.as_object()?.clone();
    rest.shift_remove("nama");
    rest.shift_remove("nohp");
    (!rest.is_empty()).then(|| json!({"data": rest}))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{Secret, Status};
    use crate::providers::waviro::tests::profile;

    fn event(body: &Value) -> Webhook {
        Webhook { ack: false, headers: Vec::new(), body: body.to_string().into_bytes() }
    }

    fn ack(body: &str) -> Webhook {
        Webhook { ack: true, headers: Vec::new(), body: body.as_bytes().to_vec() }
    }

    fn key(webhook: &Webhook) -> (String, Option<Duration>) {
        let Verdict::Genuine { key, within } = verify(&profile(), webhook) else { panic!("not genuine") };
        (key, within)
    }

    fn message(body: &Value) -> InboundMessage {
        match interpret(&event(body)).pop() {
            Some(Inbound::Message(message)) => *message,
            other => panic!("no message: {other:?}"),
        }
    }

    #[test]
    fn the_key_in_the_body_authenticates_the_event() {
        let with = |key: Value| event(&json!({"keyword": "a", "data": [], "webhookkey": key, "from": "6281200000"}));
        let genuine =
            |profile: &Profile, webhook: &Webhook| matches!(verify(profile, webhook), Verdict::Genuine { .. });
        let mut profile = profile();
        assert!(genuine(&profile, &with(json!("kunci-webhook"))));
        for wrong in [json!("kunci-webhooK"), json!(""), json!(null), json!(7), json!(["kunci-webhook"])] {
            assert_eq!(verify(&profile, &with(wrong)), Verdict::Unauthorised);
        }
        assert_eq!(verify(&profile, &event(&json!([1]))), Verdict::Unauthorised);
        profile.webhook_secrets.push(Secret::new("kunci-lama"));
        assert!(genuine(&profile, &with(json!("kunci-lama"))));
        profile.allow_unsigned = true;
        assert!(genuine(&profile, &with(json!(null))));
        assert_eq!(verify(&profile, &with(json!("salah"))), Verdict::Unauthorised);
        profile.webhook_secrets = vec![Secret::new("")];
        profile.allow_unsigned = false;
        assert!(genuine(&profile, &with(json!(null))), "no secret is set, so the path token alone decides");
        assert!(genuine(&profile, &ack("{")), "acknowledgements are not signed");
        assert_eq!(verify(&profile, &ack(" \n")), Verdict::Ping);
    }

    #[test]
    fn the_acknowledgement_url_accepts_no_keyword_event() {
        let forged = Webhook { ack: true, ..event(&json!({"keyword": "halo", "data": {}, "from": "628120000000"})) };
        assert!(matches!(verify(&profile(), &forged), Verdict::Genuine { .. }));
        assert!(matches!(interpret(&forged).as_slice(), [Inbound::Unknown { .. }]));
    }

    #[test]
    fn equal_keyword_events_share_a_key_for_seconds_only() {
        let keyword = |word: &str| {
            event(
                &json!({"keyword": word, "data": {"nama": "A"}, "webhookkey": "kunci-webhook", "from": "628120000000"}),
            )
        };
        assert_eq!(key(&keyword("halo")), key(&keyword("halo")));
        assert_ne!(key(&keyword("halo")).0, key(&keyword("halo?")).0);
        assert_eq!(key(&keyword("halo")).1, Some(DUPLICATE_WINDOW));
        assert_eq!(key(&ack(r#"{"msgid":"3EB0","ack":3}"#)), ("ack:3EB0:3".to_owned(), None));
        assert_eq!(key(&ack(r#"{"msgid":"3EB0","ack":"3"}"#)).0, "ack:3EB0:3");
    }

    #[test]
    fn acknowledgements_become_receipts() {
        let status = |ack_code: &str| interpret(&ack(&format!(r#"{{"msgid":"3EB0","ack":{ack_code}}}"#))).pop();
        for (code, expected) in [
            ("1", Status::Sent),
            ("2", Status::Delivered),
            ("3", Status::Read),
            ("4", Status::Read),
            ("-1", Status::Failed),
            ("\"-1\"", Status::Failed),
            ("\"3\"", Status::Read),
        ] {
            let Some(Inbound::Receipt(receipt)) = status(code) else { panic!("no receipt for {code}") };
            assert_eq!((receipt.status, receipt.may_infer), (expected, false), "{code}");
            assert_eq!(receipt.failure.is_some(), expected == Status::Failed);
        }
        assert!(matches!(status("0"), Some(Inbound::Nothing { .. })));
        assert!(matches!(status("9"), Some(Inbound::Unknown { .. })));
        assert!(matches!(interpret(&ack("{}")).as_slice(), [Inbound::Unknown { .. }]));
    }

    #[test]
    fn a_keyword_with_fields_is_joined_to_the_original_text() {
        let parsed = message(&json!({"keyword": "penawaran#", "data": ["Jhon Doe", "x@y"], "from": "6282386000000"}));
        assert_eq!(parsed.text, "penawaran#Jhon Doe#x@y");
        assert_eq!(parsed.peer, Peer::person("6282386000000"));
        let keyword = parsed.keyword.unwrap();
        assert_eq!((keyword.word.as_str(), keyword.fields.len()), ("penawaran#", 2));
        assert_eq!(message(&json!({"keyword": "stok", "data": [7, null], "from": "1@lid"})).text, "stok#7#");
        assert_eq!(message(&json!({"keyword": "stok#", "data": [], "from": "1@lid"})).text, "stok#");
    }

    #[test]
    fn a_keyword_without_fields_names_the_customer() {
        let data = json!({"nama": "Jhon Doe", "nohp": "6282386000000"});
        let parsed = message(&json!({"keyword": "penawaran", "data": data, "from": "6282386000000"}));
        assert_eq!((parsed.text.as_str(), parsed.name.as_deref()), ("penawaran", Some("Jhon Doe")));
        assert_eq!((parsed.peer.aliases.len(), parsed.payload.as_ref()), (0, None));
        let hidden = message(&json!({"keyword": "penawaran", "data": data, "from": "998877@lid"}));
        assert_eq!((hidden.peer.id.as_str(), hidden.peer.aliases), ("6282386000000", vec!["998877@lid".to_owned()]));
        let more = json!({"nama": "A", "kota": "Pekanbaru"});
        let parsed = message(&json!({"keyword": "halo", "data": more, "from": "6282386000000"}));
        assert_eq!(parsed.payload, Some(json!({"data": {"kota": "Pekanbaru"}})));
        let group = message(&json!({"keyword": "halo", "data": data, "from": "120363000000000001@g.us"}));
        assert!(group.peer.group && group.name.is_none());
        assert_eq!(group.member, Some(("6282386000000".to_owned(), "Jhon Doe".to_owned())));
    }

    #[test]
    fn unreadable_events_are_unknown() {
        for body in [json!({}), json!([]), json!({"keyword": "x"}), json!({"from": "628120000000"}), json!("x")] {
            assert!(matches!(interpret(&event(&body)).as_slice(), [Inbound::Unknown { .. }]), "{body}");
        }
    }
}

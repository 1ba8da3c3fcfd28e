//! What WAVIRO posts: keyword webhooks with their key in the body, acknowledgements without any.
//!
//! Source: seed 003, providers.md 4.3 and 4.4. Invariant: nothing of a body is interpreted before its key was
//! compared, and nothing but an acknowledgement is taken from the acknowledgement URL, which has no key.

use std::time::Duration;

use serde_json::{Value, json};

use crate::domain::inbound::{InboundMessage, Keyword, Peer, Receipt};
use crate::domain::phone::{PeerForm, peer_form};
use crate::domain::{Failure, Inbound, Status};
use crate::providers::common::json::scalar;
use crate::providers::signature::fingerprint;
use crate::providers::types::Profile;
use crate::providers::types::Verdict;
use crate::providers::types::Webhook;

/// How long two equal keyword events are taken for one. They carry no id, and a customer may repeat himself, so
/// it is short: better a message twice than a message lost (providers.md 4.4, A8).
const REPEATED_WITHIN: Duration = Duration::from_secs(3);

/// Whether a webhook is genuine.
pub(crate) fn verify(profile: &Profile, webhook: &Webhook) -> Verdict {
    if webhook.body.iter().all(u8::is_ascii_whitespace) {
        return Verdict::Ping;
    }
    let Some(body) = webhook.value() else { return Verdict::NotJson };
    // An acknowledgement carries no key at all: the URL's token is what proves it (providers.md 4.3, A4).
    if !webhook.ack && !is_authorised(profile, &body) {
        return Verdict::Unauthorised;
    }
    match acknowledgement(&body) {
        Some((id, ack)) => Verdict::Genuine { key: format!("ack:{id}:{ack}"), within: None },
        None if webhook.ack => Verdict::Genuine { key: format!("ack:{}", fingerprint(&webhook.body)), within: None },
        None => {
            let said = json!([body.get("from"), body.get("keyword"), body.get("data")]).to_string();
            let key = format!("keyword:{}", fingerprint(said.as_bytes()));
            Verdict::Genuine { key, within: Some(REPEATED_WITHIN) }
        }
    }
}

fn is_authorised(profile: &Profile, body: &Value) -> bool {
    let secrets = || profile.webhook_secrets.iter().filter(|secret| !secret.is_empty());
    if secrets().next().is_none() {
        return true;
    }
    match body.get("webhookkey").and_then(scalar) {
        // Every secret is compared, so that time does not tell which one matched.
        Some(key) => secrets().fold(false, |found, secret| secret.matches(&key) | found),
        None => profile.allow_unsigned,
    }
}

/// What a genuine webhook claims.
pub(crate) fn interpret(webhook: &Webhook) -> Vec<Inbound> {
    let unknown = |event: &str| vec![Inbound::Unknown { event: event.to_owned() }];
    let Some(body) = webhook.value() else { return unknown("not JSON") };
    if let Some((id, ack)) = acknowledgement(&body) {
        return vec![receipt(id, &ack)];
    }
    if webhook.ack {
        return unknown("acknowledgement without msgid");
    }
    match keyword_message(&body) {
        Some(message) => vec![Inbound::Message(Box::new(message))],
        None => unknown("keyword event without keyword or sender"),
    }
}

/// The message id and the code of an acknowledgement; `None` when the body is something else.
fn acknowledgement(body: &Value) -> Option<(String, String)> {
    if body.get("keyword").is_some() {
        return None;
    }
    Some((scalar(body.get("msgid")?)?, scalar(body.get("ack")?)?))
}

/// The codes are those of whatsapp-web.js (providers.md 4.1): −1 error, 0 pending, 1 sent, 2 delivered, 3 read,
/// 4 played.
fn receipt(remote_id: String, ack: &str) -> Inbound {
    let (status, failure) = match ack {
        "-1" => (Status::Failed, Some(Failure::new("ack_error", ""))),
        // Pending is less than what the gateway's own answer to the send has told us.
        "0" => return Inbound::Nothing { event: "ack 0".to_owned() },
        "1" => (Status::Sent, None),
        "2" => (Status::Delivered, None),
        "3" | "4" => (Status::Read, None),
        _ => return Inbound::Unknown { event: format!("ack {}", ack.chars().take(40).collect::<String>()) },
    };
    Inbound::Receipt(Receipt { remote_id, status, failure, recipient: None, may_infer: false, at: None })
}

fn keyword_message(body: &Value) -> Option<InboundMessage> {
    let word = scalar(body.get("keyword")?)?;
    let data = body.get("data").unwrap_or(&Value::Null);
    let phone = data.get("nohp").and_then(scalar);
    let from = body.get("from").and_then(scalar).or_else(|| phone.clone())?;
    let (peer, member) = sender(&from, phone.as_deref());
    let fields: Vec<String> = match data {
        Value::Array(items) => items.iter().map(field).collect(),
        Value::String(one) => vec![one.clone()],
        _ => Vec::new(),
    };
    let name = data.get("nama").and_then(scalar);
    let mut message = InboundMessage::text(peer, as_written(&word, &fields));
    if message.peer.group {
        message.member = Some((member.unwrap_or_default(), name.unwrap_or_default()));
    } else {
        message.name = name;
    }
    message.payload = further(data);
    message.keyword = Some(Keyword { word, fields });
    Some(message)
}

/// The conversation's other side, and in a group the member's number.
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

fn field(item: &Value) -> String {
    match item {
        Value::String(text) => text.clone(),
        Value::Null => String::new(),
        other => other.to_string(),
    }
}

/// The customer's text as he wrote it: the gateway took it apart at each `#`.
fn as_written(word: &str, fields: &[String]) -> String {
    if fields.is_empty() {
        return word.to_owned();
    }
    format!("{}#{}", word.strip_suffix('#').unwrap_or(word), fields.join("#"))
}

/// What else stands in an object; the name and number have places of their own.
fn further(data: &Value) -> Option<Value> {
    let mut rest = data.as_object()?.clone();
    rest.shift_remove("nama");
    rest.shift_remove("nohp");
    (!rest.is_empty()).then(|| json!({"data": rest}))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::Secret;
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
    fn the_key_in_the_body_decides_before_anything_is_read() {
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
        assert_eq!(verify(&profile, &ack("{")), Verdict::NotJson);
        assert_eq!(verify(&profile, &ack(" \n")), Verdict::Ping);
    }

    #[test]
    fn the_acknowledgement_url_is_no_way_around_the_key() {
        let forged = Webhook { ack: true, ..event(&json!({"keyword": "halo", "data": {}, "from": "628120000000"})) };
        assert!(matches!(verify(&profile(), &forged), Verdict::Genuine { .. }));
        assert!(matches!(interpret(&forged).as_slice(), [Inbound::Unknown { .. }]));
    }

    #[test]
    fn equal_keyword_events_are_one_only_for_seconds() {
        let said = |word: &str| {
            event(
                &json!({"keyword": word, "data": {"nama": "A"}, "webhookkey": "kunci-webhook", "from": "628120000000"}),
            )
        };
        assert_eq!(key(&said("halo")), key(&said("halo")));
        assert_ne!(key(&said("halo")).0, key(&said("halo?")).0);
        assert_eq!(key(&said("halo")).1, Some(REPEATED_WITHIN));
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
    fn a_keyword_with_fields_is_shown_as_it_was_written() {
        let heard = message(&json!({"keyword": "penawaran#", "data": ["Jhon Doe", "x@y"], "from": "6282386000000"}));
        assert_eq!(heard.text, "penawaran#Jhon Doe#x@y");
        assert_eq!(heard.peer, Peer::person("6282386000000"));
        let keyword = heard.keyword.unwrap();
        assert_eq!((keyword.word.as_str(), keyword.fields.len()), ("penawaran#", 2));
        assert_eq!(message(&json!({"keyword": "stok", "data": [7, null], "from": "1@lid"})).text, "stok#7#");
        assert_eq!(message(&json!({"keyword": "stok#", "data": [], "from": "1@lid"})).text, "stok#");
    }

    #[test]
    fn a_keyword_without_fields_names_the_customer() {
        let data = json!({"nama": "Jhon Doe", "nohp": "6282386000000"});
        let heard = message(&json!({"keyword": "penawaran", "data": data, "from": "6282386000000"}));
        assert_eq!((heard.text.as_str(), heard.name.as_deref()), ("penawaran", Some("Jhon Doe")));
        assert_eq!((heard.peer.aliases.len(), heard.payload.as_ref()), (0, None));
        let hidden = message(&json!({"keyword": "penawaran", "data": data, "from": "998877@lid"}));
        assert_eq!((hidden.peer.id.as_str(), hidden.peer.aliases), ("6282386000000", vec!["998877@lid".to_owned()]));
        let more = json!({"nama": "A", "kota": "Pekanbaru"});
        let heard = message(&json!({"keyword": "halo", "data": more, "from": "6282386000000"}));
        assert_eq!(heard.payload, Some(json!({"data": {"kota": "Pekanbaru"}})));
        let group = message(&json!({"keyword": "halo", "data": data, "from": "120363000000000001@g.us"}));
        assert!(group.peer.group && group.name.is_none());
        assert_eq!(group.member, Some(("6282386000000".to_owned(), "Jhon Doe".to_owned())));
    }

    #[test]
    fn what_cannot_be_read_is_unknown_and_never_nothing() {
        for body in [json!({}), json!([]), json!({"keyword": "x"}), json!({"from": "628120000000"}), json!("x")] {
            assert!(matches!(interpret(&event(&body)).as_slice(), [Inbound::Unknown { .. }]), "{body}");
        }
    }
}

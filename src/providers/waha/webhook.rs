//! WAHA's webhooks: events of a session, signed with HMAC-SHA512 over the raw body.
//!
//! Source: waha.devlike.pro/docs/how-to/events (HMAC authentication, Event payload, Events). Invariant: nothing of a
//! body is read before its signature was compared, and no event of another session is taken for this account's.

use super::ids::{MessageId, peer, person, session};
use super::{actions, message};
use crate::domain::inbound::Receipt;
use crate::domain::{Inbound, Secret, SessionState, Status, Timestamp};
use crate::providers::common::ack;
use crate::providers::common::json::{first_text, first_text_at};
use crate::providers::common::message::read_event;
use crate::providers::signature::{self, fingerprint, hex_mac, matches_any};
use crate::providers::types::{Profile, Verdict, Webhook};
use hmac::Hmac;
use serde_json::Value;
use sha2::Sha512;

/// The signature of a body in lower-case hex, as in `X-Webhook-Hmac`.
pub(super) fn signature(secret: &Secret, body: &[u8]) -> String {
    hex_mac::<Hmac<Sha512>>(secret, &[body])
}

/// Whether a webhook is genuine.
pub(super) fn verify(profile: &Profile, webhook: &Webhook) -> Verdict {
    let signed = match webhook.header("x-webhook-hmac") {
        _ if profile.verifying_secrets().next().is_none() => false,
        Some(signature) if is_signed(profile, webhook, signature) => true,
        None if webhook.is_empty() || profile.allow_unsigned => false,
        _ => return Verdict::Unauthorised,
    };
    if webhook.is_empty() {
        return Verdict::Ping;
    }
    signature::genuine(webhook, signed, |body| key(body, webhook))
}

fn is_signed(profile: &Profile, webhook: &Webhook, signature: &str) -> bool {
    let algorithm = webhook.header("x-webhook-hmac-algorithm").unwrap_or("sha512").trim();
    let Ok(signature) = hex::decode(signature.trim()) else { return false };
    algorithm.eq_ignore_ascii_case("sha512")
        && matches_any::<Hmac<Sha512>>(&profile.webhook_secrets, &[&webhook.body], &signature)
}

/// The event's id. Older versions give none: then the message id with the event and its stage, which repeated
/// deliveries of one event share (providers.md A8).
fn key(body: &Value, webhook: &Webhook) -> String {
    let text = |pointer: &str| first_text_at(body, &[pointer]).unwrap_or_default();
    if let Some(id) = first_text(body, &["id"]) {
        return id;
    }
    match text("/payload/id").as_str() {
        "" => format!("body:{}", fingerprint(&webhook.body)),
        id => format!("{}:{}:{id}:{}", text("/session"), text("/event"), text("/payload/ack")),
    }
}

/// Reads a genuine webhook.
pub(super) fn interpret(profile: &Profile, webhook: &Webhook, arrival: Timestamp) -> Vec<Inbound> {
    read_event(webhook, |body| event_inbound(profile, body, arrival))
}

fn event_inbound(profile: &Profile, body: &Value, arrival: Timestamp) -> Vec<Inbound> {
    let unknown = |event: &str| vec![Inbound::Unknown { event: event.to_owned() }];
    let Some(event) = body.get("event").and_then(Value::as_str) else { return unknown("no event name") };
    // A server-wide webhook brings the events of every session; they belong to other accounts.
    if body.get("session").and_then(Value::as_str).is_some_and(|other| other != session(profile)) {
        return vec![Inbound::Nothing { event: format!("{} of another session", shorten(event)) }];
    }
    let payload = body.get("payload").unwrap_or(&Value::Null);
    let inbound = match event {
        "message" | "message.any" => message::message(profile, payload, arrival),
        "message.reaction" => actions::reaction(payload, arrival),
        "poll.vote" => actions::vote(payload, arrival),
        "event.response" => actions::event_response(payload, arrival),
        "call.received" => actions::call("ringing", payload, arrival),
        "call.accepted" => actions::call("ended", payload, arrival),
        // Also sent when the caller gave up.
        "call.rejected" => actions::call("missed", payload, arrival),
        "message.ack" | "message.ack.group" => receipt(payload),
        "message.edited" => edited(payload),
        "message.revoked" => revoked(payload),
        "session.status" => session_state(payload),
        "group.v2.join" | "group.v2.update" => group_name(payload),
        // Of no consequence for an inbox, or reported by another event as well. `message.waiting` announces a message
        // that comes again, whole, under the same id.
        "message.waiting" | "poll.vote.failed" | "event.response.failed" | "state.change" | "engine.event" => {
            nothing(event)
        }
        _ if ["group.", "presence.", "chat.", "label."].iter().any(|family| event.starts_with(family)) => {
            nothing(event)
        }
        _ => None,
    };
    inbound.unwrap_or_else(|| unknown(&shorten(event)))
}

fn shorten(event: &str) -> String {
    event.chars().take(60).collect()
}

#[expect(clippy::unnecessary_wraps, reason = "one of the arms of `interpret`, which may find nothing")]
fn nothing(event: &str) -> Option<Vec<Inbound>> {
    Some(vec![Inbound::Nothing { event: shorten(event) }])
}

/// `ackName` repeats `ack` in words: ERROR, PENDING, SERVER, DEVICE, READ, PLAYED.
fn receipt(payload: &Value) -> Option<Vec<Inbound>> {
    let id = MessageId::parse(&first_text(payload, &["id"])?);
    let own = id.is_own().or_else(|| payload.get("fromMe").and_then(Value::as_bool));
    if own == Some(false) {
        // That the phone's owner read a customer's message says nothing about ours.
        return nothing("acknowledgement of an incoming message");
    }
    let code = first_text(payload, &["ack", "ackName"])?;
    let code = ack::code(&code).unwrap_or(code);
    if code == ack::PENDING {
        return nothing("ack 0");
    }
    let (status, failure) = ack::status(&code)?;
    let recipient = id.chat().or_else(|| first_text(payload, &["from"])).and_then(|chat| peer(&chat));
    let of_member = payload.get("participant").is_some_and(Value::is_string);
    // One member of a group who read it is not the group.
    let status = match &recipient {
        Some(peer) if peer.group && of_member && status == Status::Read => Status::Delivered,
        _ => status,
    };
    Some(vec![Inbound::Receipt(Receipt {
        remote_id: id.id,
        status,
        failure,
        recipient: recipient.map(|peer| peer.id),
        may_infer: false,
        at: None,
    })])
}

fn edited(payload: &Value) -> Option<Vec<Inbound>> {
    let id = MessageId::parse(&first_text(payload, &["editedMessageId", "id"])?);
    let text = payload.get("body").and_then(Value::as_str)?.to_owned();
    let by = message::writer(payload)?;
    Some(vec![Inbound::Edited { remote_id: id.id, text, by }])
}

fn revoked(payload: &Value) -> Option<Vec<Inbound>> {
    let id = first_text_at(payload, &["/revokedMessageId", "/before/id", "/after/id"])?;
    // `after` is the notice of the deletion, `before` the message that is gone; either may be null.
    let by = ["after", "before"].iter().find_map(|key| message::writer(payload.get(key)?))?;
    Some(vec![Inbound::Revoked { remote_id: MessageId::parse(&id).id, by }])
}

fn session_state(payload: &Value) -> Option<Vec<Inbound>> {
    let status = payload.get("status").and_then(Value::as_str)?;
    let state = match status {
        "WORKING" => SessionState::Connected,
        "STARTING" => return nothing("session is starting"),
        // Stopped or failed: nothing goes in or out until somebody starts it or logs it in again.
        "SCAN_QR_CODE" | "STOPPED" | "FAILED" | "PASSKEY_REQUIRED" | "PASSKEY_CONFIRMATION_REQUIRED" => {
            SessionState::LoggedOut
        }
        _ => return None,
    };
    Some(vec![Inbound::Session { state, detail: status.to_owned() }])
}

fn group_name(payload: &Value) -> Option<Vec<Inbound>> {
    let id = first_text_at(payload, &["/group/id"])?;
    match first_text_at(payload, &["/group/subject"]) {
        Some(name) => Some(vec![Inbound::Named { channel: None, peer: person(&id, [])?, name }]),
        None => nothing("group without a name"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::inbound::{Peer, Writer};
    use crate::providers::waha::tests::profile;
    use serde_json::json;

    fn webhook(body: &Value) -> Webhook {
        Webhook { body: body.to_string().into_bytes(), ..Webhook::default() }
    }

    fn inbound(event: &str, payload: &Value) -> Vec<Inbound> {
        let body = json!({"id": "evt_1", "event": event, "session": "default", "payload": payload});
        interpret(&profile(), &webhook(&body), Timestamp::from_seconds(1_800_000_000))
    }

    #[test]
    fn the_documented_signature_is_valid_and_nothing_else() {
        let body = br#"{"event":"message","session":"default","engine":"WEBJS"}"#.to_vec();
        let documented = "208f8a55dde9e05519e898b10b89bf0d0b3b0fdf11fdbf09b6b90476301b98d8097c462b2b17a6ce93b6b47a136cf2e78a33a63f6752c2c1631777076153fa89";
        let with = |header: &str, algorithm: &str| Webhook {
            ack: false,
            headers: vec![
                ("x-webhook-hmac".into(), header.into()),
                ("x-webhook-hmac-algorithm".into(), algorithm.into()),
            ],
            body: body.clone(),
        };
        let genuine = |webhook: &Webhook| matches!(verify(&profile(), webhook), Verdict::Genuine { .. });
        assert!(genuine(&with(documented, "sha512")));
        assert!(genuine(&with(&documented.to_uppercase(), "SHA512")));
        for (header, algorithm) in [(documented, "sha256"), ("", "sha512"), ("00", "sha512"), ("é", "sha512")] {
            assert_eq!(verify(&profile(), &with(header, algorithm)), Verdict::Unauthorised, "{header} {algorithm}");
        }
        let mut changed = with(documented, "sha512");
        changed.body.push(b' ');
        assert_eq!(verify(&profile(), &changed), Verdict::Unauthorised);
    }

    #[test]
    fn an_unsigned_webhook_is_genuine_only_where_that_is_allowed() {
        let event = webhook(&json!({"event": "message"}));
        let mut profile = profile();
        assert_eq!(verify(&profile, &event), Verdict::Unauthorised);
        assert_eq!(verify(&profile, &Webhook::default()), Verdict::Ping);
        profile.allow_unsigned = true;
        assert!(matches!(verify(&profile, &event), Verdict::Genuine { .. }));
        profile.allow_unsigned = false;
        profile.webhook_secrets = vec![Secret::new("")];
        assert!(matches!(verify(&profile, &event), Verdict::Genuine { .. }));
        assert_eq!(verify(&profile, &Webhook { body: b"hello".to_vec(), ..event }), Verdict::NotJson);
    }

    #[test]
    fn the_key_is_the_events_id_or_made_of_its_content() {
        let key = |body: Value| match verify(&Profile { webhook_secrets: vec![], ..profile() }, &webhook(&body)) {
            Verdict::Genuine { key, within: None } => key,
            other => panic!("{other:?}"),
        };
        assert_eq!(key(json!({"id": "evt_01", "event": "message"})), "evt_01");
        let ack = |ack: i32| key(json!({"event": "message.ack", "session": "a", "payload": {"id": "x", "ack": ack}}));
        assert_eq!(ack(1), ack(1));
        assert_ne!(ack(1), ack(2));
        assert_ne!(key(json!({"event": "a"})), key(json!({"event": "b"})));
    }

    #[test]
    fn acknowledgements_of_ours_become_receipts_and_others_do_not() {
        let ack = |payload: Value| inbound("message.ack", &payload).pop().unwrap();
        let of = |code: Value| json!({"id": "true_628123000000@c.us_3EB0AA", "from": "628123000000@c.us", "ack": code});
        for (code, expected) in [
            (json!(1), Status::Sent),
            (json!(2), Status::Delivered),
            (json!("4"), Status::Read),
            (json!(-1), Status::Failed),
        ] {
            let Inbound::Receipt(receipt) = ack(of(code)) else { panic!("no receipt") };
            assert_eq!((receipt.remote_id.as_str(), receipt.status), ("3EB0AA", expected));
            assert_eq!(receipt.recipient.as_deref(), Some("628123000000"));
        }
        assert!(matches!(ack(of(json!(0))), Inbound::Nothing { .. }));
        assert!(matches!(ack(of(json!(9))), Inbound::Unknown { .. }));
        let theirs = json!({"id": "false_628123000000@c.us_AA", "ack": 3});
        assert!(matches!(ack(theirs), Inbound::Nothing { .. }));
        let named = json!({"id": "AA", "fromMe": true, "ackName": "READ"});
        assert!(matches!(ack(named), Inbound::Receipt(Receipt { status: Status::Read, .. })));
        let member = json!({"id": "true_120363000000000001@g.us_AA_9@lid", "participant": "9@lid", "ack": 3});
        assert!(matches!(ack(member), Inbound::Receipt(Receipt { status: Status::Delivered, .. })));
    }

    #[test]
    fn sessions_groups_edits_and_revocations_are_understood() {
        let session = |status: &str| inbound("session.status", &json!({"status": status})).pop().unwrap();
        let state = |state, detail: &str| Inbound::Session { state, detail: detail.into() };
        assert_eq!(session("WORKING"), state(SessionState::Connected, "WORKING"));
        assert_eq!(session("SCAN_QR_CODE"), state(SessionState::LoggedOut, "SCAN_QR_CODE"));
        assert!(matches!(session("NEW_WORD"), Inbound::Unknown { .. }));
        let edit = json!({"id": "false_628111111111@c.us_BB", "editedMessageId": "AA", "body": "Baru"});
        let by = Writer::customer(Peer::person("628111111111"));
        assert_eq!(
            inbound("message.edited", &edit),
            [Inbound::Edited { remote_id: "AA".into(), text: "Baru".into(), by: by.clone() }]
        );
        let revoke = json!({"after": {"id": "false_628111111111@c.us_BB"}, "revokedMessageId": "AA", "before": null});
        let revoked = Inbound::Revoked { remote_id: "AA".into(), by };
        assert_eq!(inbound("message.revoked", &revoke), std::slice::from_ref(&revoked));
        let older = json!({"after": {"id": "false_628111111111@c.us_AA"}, "before": null});
        assert_eq!(inbound("message.revoked", &older), [revoked]);
        let in_group = json!({"id": "false_120363000000000001@g.us_BB_628222222222@c.us", "editedMessageId": "AA",
            "body": "Baru"});
        let of_member = inbound("message.edited", &in_group);
        let [Inbound::Edited { by, .. }] = of_member.as_slice() else { panic!("{of_member:?}") };
        assert_eq!((by.peer.clone(), by.member.as_deref()), (Peer::group("120363000000000001"), Some("628222222222")));
        let joined =
            inbound("group.v2.join", &json!({"group": {"id": "120363000000000001@g.us", "subject": "Reseller"}}));
        assert!(matches!(joined.as_slice(), [Inbound::Named { peer, name, .. }] if peer.group && name == "Reseller"));
    }

    #[test]
    fn every_event_is_interpreted() {
        for event in ["message", "message.ack", "message.edited", "poll.vote", "message.reaction", "call.received", "x"]
        {
            for payload in [json!(null), json!({}), json!([]), json!({"id": 5, "from": [], "body": {}})] {
                assert!(!inbound(event, &payload).is_empty(), "{event} {payload}");
            }
        }
        let other = json!({"event": "message", "session": "lain", "payload": {"id": "x", "from": "628123000000@c.us", "body": "y"}});
        let inbound = interpret(&profile(), &webhook(&other), Timestamp::default());
        assert!(matches!(inbound.as_slice(), [Inbound::Nothing { .. }]));
    }
}

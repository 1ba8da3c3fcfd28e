//! What WAHA posts: events of a session, signed with HMAC-SHA512 over the raw body.
//!
//! Source: waha.devlike.pro/docs/how-to/events (HMAC authentication, Event payload, Events). Invariant: nothing of a
//! body is read before its signature was compared, and no event of another session is taken for this account's.

use hmac::{Hmac, KeyInit, Mac};
use serde_json::Value;
use sha2::Sha512;

use super::chat::{message_name, peer, person};
use super::{message, session};
use crate::domain::inbound::Receipt;
use crate::domain::{Failure, Inbound, Secret, SessionState, Status, Timestamp};
use crate::providers::common::json::scalar;
use crate::providers::signature::fingerprint;
use crate::providers::types::Profile;
use crate::providers::types::Verdict;
use crate::providers::types::Webhook;

/// Lower-case hex of the HMAC-SHA512 over the body, as in `X-Webhook-Hmac`.
pub(crate) fn signature(secret: &Secret, body: &[u8]) -> String {
    hex::encode(keyed(secret, body).finalize().into_bytes())
}

fn keyed(secret: &Secret, body: &[u8]) -> Hmac<Sha512> {
    // HMAC takes keys of any length; the error type exists for other MACs.
    #[expect(clippy::expect_used, reason = "HMAC accepts every key length")]
    let mut mac = Hmac::<Sha512>::new_from_slice(secret.expose().as_bytes()).expect("HMAC accepts every key length");
    mac.update(body);
    mac
}

fn is_genuine(secrets: &[&Secret], webhook: &Webhook, claimed: &str) -> bool {
    let algorithm = webhook.header("x-webhook-hmac-algorithm").unwrap_or("sha512").trim();
    let Ok(claimed) = hex::decode(claimed.trim()) else { return false };
    // Every secret is tried, so that time does not tell which one matched.
    let found =
        secrets.iter().fold(false, |found, secret| keyed(secret, &webhook.body).verify_slice(&claimed).is_ok() | found);
    found && algorithm.eq_ignore_ascii_case("sha512")
}

/// Whether a webhook is genuine.
pub(crate) fn verify(profile: &Profile, webhook: &Webhook) -> Verdict {
    let secrets: Vec<_> = profile.webhook_secrets.iter().filter(|secret| !secret.is_empty()).collect();
    let empty = webhook.body.iter().all(u8::is_ascii_whitespace);
    let authorised = match webhook.header("x-webhook-hmac") {
        _ if secrets.is_empty() => true,
        Some(claimed) => is_genuine(&secrets, webhook, claimed),
        None => empty || profile.allow_unsigned,
    };
    if !authorised {
        return Verdict::Unauthorised;
    }
    if empty {
        return Verdict::Ping;
    }
    webhook.value().map_or(Verdict::NotJson, |body| Verdict::Genuine { key: key(&body, webhook), within: None })
}

/// The event's own id. Older versions give none: the message id with the event and its stage serves then, which
/// the repeated delivery of one event shares (providers.md A8).
fn key(body: &Value, webhook: &Webhook) -> String {
    let text = |place: &str| body.pointer(place).and_then(scalar).unwrap_or_default();
    if let Some(id) = body.get("id").and_then(scalar) {
        return id;
    }
    match text("/payload/id").as_str() {
        "" => format!("body:{}", fingerprint(&webhook.body)),
        id => format!("{}:{}:{id}:{}", text("/session"), text("/event"), text("/payload/ack")),
    }
}

/// What a genuine webhook claims.
pub(crate) fn interpret(profile: &Profile, webhook: &Webhook, arrival: Timestamp) -> Vec<Inbound> {
    let unknown = |event: &str| vec![Inbound::Unknown { event: event.to_owned() }];
    let Some(body) = webhook.value() else { return unknown("not JSON") };
    let Some(event) = body.get("event").and_then(Value::as_str) else { return unknown("no event name") };
    // A server-wide webhook brings the events of every session; they belong to other accounts.
    if body.get("session").and_then(Value::as_str).is_some_and(|other| other != session(profile)) {
        return vec![Inbound::Nothing { event: format!("{} of another session", short(event)) }];
    }
    let payload = body.get("payload").unwrap_or(&Value::Null);
    let claims = match event {
        "message" | "message.any" => message::heard(profile, payload, arrival),
        "message.reaction" => message::reaction(payload, arrival),
        "poll.vote" => message::vote(payload, arrival),
        "message.ack" | "message.ack.group" => receipt(payload),
        "message.edited" => edited(payload),
        "message.revoked" => revoked(payload),
        "session.status" => status(payload),
        "group.v2.join" | "group.v2.update" => group_name(payload),
        // Of no consequence for an inbox, or told by another event as well. `message.waiting` announces a message
        // that comes again, whole, under the same id.
        "message.waiting"
        | "poll.vote.failed"
        | "event.response"
        | "event.response.failed"
        | "state.change"
        | "engine.event" => nothing(event),
        _ if ["group.", "presence.", "chat.", "label.", "call."].iter().any(|family| event.starts_with(family)) => {
            nothing(event)
        }
        _ => None,
    };
    claims.unwrap_or_else(|| unknown(&short(event)))
}

fn short(event: &str) -> String {
    event.chars().take(60).collect()
}

#[expect(clippy::unnecessary_wraps, reason = "one of the arms of `interpret`, which may find nothing")]
fn nothing(event: &str) -> Option<Vec<Inbound>> {
    Some(vec![Inbound::Nothing { event: short(event) }])
}

/// `ackName` repeats `ack` in words: ERROR, PENDING, SERVER, DEVICE, READ, PLAYED.
fn receipt(payload: &Value) -> Option<Vec<Inbound>> {
    let name = message_name(&scalar(payload.get("id")?)?);
    let own = name.place.as_ref().map(|(own, _)| *own).or_else(|| payload.get("fromMe").and_then(Value::as_bool));
    if own == Some(false) {
        // That the phone's owner read a customer's message says nothing about ours.
        return nothing("acknowledgement of an incoming message");
    }
    let word = payload.get("ackName").and_then(Value::as_str).unwrap_or_default();
    let ack = payload.get("ack").and_then(scalar).unwrap_or_else(|| word.to_owned());
    let (status, failure) = match ack.as_str() {
        "-1" | "ERROR" => (Status::Failed, Some(Failure::new("ack_error", ""))),
        "0" | "PENDING" => return nothing("ack 0"),
        "1" | "SERVER" => (Status::Sent, None),
        "2" | "DEVICE" => (Status::Delivered, None),
        "3" | "4" | "READ" | "PLAYED" => (Status::Read, None),
        _ => return None,
    };
    let chat = name.place.map(|(_, chat)| chat).or_else(|| payload.get("from").and_then(scalar));
    let recipient = chat.as_deref().and_then(peer);
    let of_member = payload.get("participant").is_some_and(Value::is_string);
    // One member of a group who read it is not the group.
    let status = match &recipient {
        Some(peer) if peer.group && of_member && status == Status::Read => Status::Delivered,
        _ => status,
    };
    Some(vec![Inbound::Receipt(Receipt {
        remote_id: name.id,
        status,
        failure,
        recipient: recipient.map(|peer| peer.id),
        may_infer: false,
        at: None,
    })])
}

fn edited(payload: &Value) -> Option<Vec<Inbound>> {
    let id = payload.get("editedMessageId").and_then(scalar).or_else(|| payload.get("id").and_then(scalar))?;
    let text = payload.get("body").and_then(Value::as_str)?.to_owned();
    Some(vec![Inbound::Edited { remote_id: message_name(&id).id, text }])
}

fn revoked(payload: &Value) -> Option<Vec<Inbound>> {
    let places = ["/revokedMessageId", "/before/id", "/after/id"];
    let id = places.iter().filter_map(|place| payload.pointer(place)).find_map(scalar)?;
    Some(vec![Inbound::Revoked { remote_id: message_name(&id).id }])
}

fn status(payload: &Value) -> Option<Vec<Inbound>> {
    let word = payload.get("status").and_then(Value::as_str)?;
    let state = match word {
        "WORKING" => SessionState::Connected,
        "STARTING" => return nothing("session is starting"),
        // Stopped or failed: nothing goes in or out until somebody starts it or logs it in again.
        "SCAN_QR_CODE" | "STOPPED" | "FAILED" | "PASSKEY_REQUIRED" | "PASSKEY_CONFIRMATION_REQUIRED" => {
            SessionState::LoggedOut
        }
        _ => return None,
    };
    Some(vec![Inbound::Session { state, detail: word.to_owned() }])
}

fn group_name(payload: &Value) -> Option<Vec<Inbound>> {
    let id = payload.pointer("/group/id").and_then(scalar)?;
    match payload.pointer("/group/subject").and_then(scalar) {
        Some(name) => Some(vec![Inbound::Named { channel: None, peer: person(&id, [])?, name }]),
        None => nothing("group without a name"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::providers::waha::tests::profile;
    use serde_json::json;

    fn hook(body: &Value) -> Webhook {
        Webhook { body: body.to_string().into_bytes(), ..Webhook::default() }
    }

    fn claims(event: &str, payload: &Value) -> Vec<Inbound> {
        let body = json!({"id": "evt_1", "event": event, "session": "default", "payload": payload});
        interpret(&profile(), &hook(&body), Timestamp::from_seconds(1_800_000_000))
    }

    #[test]
    fn the_documented_signature_holds_and_nothing_else_does() {
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
    fn without_a_signature_only_those_who_allow_it_are_served() {
        let event = hook(&json!({"event": "message"}));
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
    fn events_are_known_by_their_id_or_by_what_they_tell() {
        let key = |body: Value| match verify(&Profile { webhook_secrets: vec![], ..profile() }, &hook(&body)) {
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
        let ack = |payload: Value| claims("message.ack", &payload).pop().unwrap();
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
        let session = |status: &str| claims("session.status", &json!({"status": status})).pop().unwrap();
        let state = |state, detail: &str| Inbound::Session { state, detail: detail.into() };
        assert_eq!(session("WORKING"), state(SessionState::Connected, "WORKING"));
        assert_eq!(session("SCAN_QR_CODE"), state(SessionState::LoggedOut, "SCAN_QR_CODE"));
        assert!(matches!(session("NEW_WORD"), Inbound::Unknown { .. }));
        let edit = json!({"id": "false_1@c.us_BB", "editedMessageId": "AA", "body": "Baru"});
        assert_eq!(claims("message.edited", &edit), [Inbound::Edited { remote_id: "AA".into(), text: "Baru".into() }]);
        let revoke = json!({"after": {"id": "false_1@c.us_BB"}, "revokedMessageId": "AA", "before": null});
        assert_eq!(claims("message.revoked", &revoke), [Inbound::Revoked { remote_id: "AA".into() }]);
        let older = json!({"after": {"id": "false_1@c.us_AA"}, "before": null});
        assert_eq!(claims("message.revoked", &older), [Inbound::Revoked { remote_id: "AA".into() }]);
        let joined =
            claims("group.v2.join", &json!({"group": {"id": "120363000000000001@g.us", "subject": "Reseller"}}));
        assert!(matches!(joined.as_slice(), [Inbound::Named { peer, name, .. }] if peer.group && name == "Reseller"));
    }

    #[test]
    fn every_event_is_answered_with_at_least_one_claim() {
        for event in ["message", "message.ack", "message.edited", "poll.vote", "message.reaction", "call.received", "x"]
        {
            for payload in [json!(null), json!({}), json!([]), json!({"id": 5, "from": [], "body": {}})] {
                assert!(!claims(event, &payload).is_empty(), "{event} {payload}");
            }
        }
        let other = json!({"event": "message", "session": "lain", "payload": {"id": "x", "from": "628123000000@c.us", "body": "y"}});
        let claims = interpret(&profile(), &hook(&other), Timestamp::default());
        assert!(matches!(claims.as_slice(), [Inbound::Nothing { .. }]));
    }
}

//! The events that WAHA would post, signed as it signs them: the other half of its other side.
//!
//! Source: waha.devlike.pro/docs/how-to/events. Invariant: no field stands here that the page (or an engine's
//! `_data`) does not have, so that what is heard in a rehearsal can be heard in earnest.

use serde_json::{Map, Value, json};

use super::chat::chat_id;
use super::send::vcard;
use super::session;
use super::webhook::signature;
use crate::domain::inbound::{InboundMessage, Peer, Receipt};
use crate::domain::{Direction, Inbound, Kind, Recipient, SessionState, Status, Timestamp};
use crate::providers::types::Profile;
use crate::providers::types::Webhook;

/// The simulated phone's own chat id.
pub(crate) const OWN_ID: &str = "6283100000000@c.us";

/// The webhook that tells a claim; `None` when there is no such event.
pub(crate) fn event(profile: &Profile, claim: &Inbound, now: Timestamp, serial: u64) -> Option<Webhook> {
    let (event, payload) = match claim {
        Inbound::Message(message) => message_event(message)?,
        Inbound::Receipt(receipt) => ("message.ack", ack(receipt)?),
        Inbound::Edited { remote_id, text } => {
            ("message.edited", json!({"id": own(remote_id), "editedMessageId": remote_id, "body": text}))
        }
        Inbound::Revoked { remote_id } => {
            ("message.revoked", json!({"after": {"id": own(remote_id)}, "revokedMessageId": remote_id, "before": null}))
        }
        Inbound::Session { state, .. } => ("session.status", status(*state)?),
        Inbound::Named { peer, name, .. } if peer.group => {
            ("group.v2.update", json!({"group": {"id": chat(peer), "subject": name}, "timestamp": now.seconds()}))
        }
        Inbound::Named { .. } | Inbound::Moved { .. } | Inbound::Nothing { .. } | Inbound::Unknown { .. } => {
            return None;
        }
    };
    let body = json!({
        "id": format!("evt_{serial:026}"), "timestamp": now.millis(), "event": event, "session": session(profile),
        "me": {"id": OWN_ID, "pushName": "~"}, "payload": payload,
        "engine": "NOWEB", "environment": {"version": "2025.1.1", "engine": "NOWEB", "tier": "CORE"},
    });
    let body = body.to_string().into_bytes();
    let mut headers = vec![
        ("content-type".to_owned(), "application/json".to_owned()),
        ("x-webhook-request-id".to_owned(), format!("{serial:026}")),
        ("x-webhook-timestamp".to_owned(), now.millis().to_string()),
    ];
    if let Some(secret) = profile.webhook_secrets.first() {
        headers.push(("x-webhook-hmac".to_owned(), signature(secret, &body)));
        headers.push(("x-webhook-hmac-algorithm".to_owned(), "sha512".to_owned()));
    }
    Some(Webhook { ack: false, headers, body })
}

fn chat(peer: &Peer) -> String {
    chat_id(&Recipient { peer: peer.id.clone(), group: peer.group })
}

/// An action has an id of its own; only the edited or revoked one is used.
fn own(remote_id: &str) -> String {
    format!("false_0@c.us_{remote_id}")
}

fn message_event(message: &InboundMessage) -> Option<(&'static str, Value)> {
    let mut payload = envelope(message);
    if message.kind == Kind::Reaction {
        let target = given(message, "message").as_str().map(|id| format!("true_{}_{id}", chat(&message.peer)));
        put(&mut payload, "reaction", json!({"text": given(message, "emoji"), "messageId": target}));
        return Some(("message.reaction", Value::Object(payload)));
    }
    put(&mut payload, "body", json!(message.text));
    put(&mut payload, "hasMedia", json!(message.media.is_some()));
    if let Some(id) = given(message, "reply_to").as_str() {
        put(&mut payload, "replyTo", json!({"id": id}));
    }
    match message.kind {
        Kind::Text => {}
        Kind::Image | Kind::Video | Kind::Audio | Kind::Document | Kind::Sticker => {
            let media = message.media.clone().unwrap_or_default();
            let media = json!({"url": media.url, "mimetype": media.mime, "filename": media.name, "error": null});
            put(&mut payload, "media", media);
        }
        Kind::Location => {
            let mut place = Map::new();
            for key in ["latitude", "longitude", "name", "address"] {
                put(&mut place, key, given(message, key));
            }
            put(&mut payload, "location", Value::Object(place));
        }
        Kind::Contacts => put(&mut payload, "vCards", json!(vcards(&given(message, "contacts")))),
        _ => return None,
    }
    Some((if message.direction == Direction::Out { "message.any" } else { "message" }, Value::Object(payload)))
}

/// What every message has: id, time, chat, writer, and the engine's own object with names and kind.
fn envelope(message: &InboundMessage) -> Map<String, Value> {
    let own = message.direction == Direction::Out;
    let chat = chat(&message.peer);
    let mut payload = Map::new();
    if let Some(id) = &message.remote_id {
        put(&mut payload, "id", json!(format!("{own}_{chat}_{id}")));
    }
    put(&mut payload, "timestamp", seconds(message.at));
    put(&mut payload, "from", json!(chat));
    put(&mut payload, "fromMe", json!(own));
    if let Some((id, _)) = &message.member {
        put(&mut payload, "participant", json!(chat_id(&Recipient { peer: id.clone(), group: false })));
    }
    let mut engine = Map::new();
    let name = message.member.as_ref().map(|(_, name)| name.clone()).or_else(|| message.name.clone());
    put(&mut engine, "pushName", json!(name));
    // The sender's number or LID, whichever `from` is not.
    let other = message.peer.aliases.first().map(|id| chat_id(&Recipient { peer: id.clone(), group: false }));
    put(&mut engine, "key", json!({"remoteJidAlt": other}));
    if let Some(kind) = engine_key(message.kind) {
        put(&mut engine, "message", json!({kind: {}}));
    }
    put(&mut payload, "_data", Value::Object(engine));
    payload
}

fn put(map: &mut Map<String, Value>, key: &str, value: Value) {
    map.insert(key.to_owned(), value);
}

fn given(message: &InboundMessage, key: &str) -> Value {
    message.payload.as_ref().and_then(|payload| payload.get(key)).cloned().unwrap_or_default()
}

/// Seconds, with a fraction only where there is one.
fn seconds(at: Option<Timestamp>) -> Value {
    match at {
        None => Value::Null,
        Some(at) if at.millis() % 1000 == 0 => json!(at.seconds()),
        Some(at) => json!(format!("{}.{:03}", at.seconds(), at.millis().rem_euclid(1000))),
    }
}

/// The key under which the engine keeps a message of a kind.
fn engine_key(kind: Kind) -> Option<&'static str> {
    Some(match kind {
        Kind::Image => "imageMessage",
        Kind::Video => "videoMessage",
        Kind::Audio => "audioMessage",
        Kind::Document => "documentMessage",
        Kind::Sticker => "stickerMessage",
        _ => return None,
    })
}

fn vcards(contacts: &Value) -> Vec<String> {
    let contacts = contacts.as_array().into_iter().flatten();
    contacts
        .map(|contact| {
            let name = contact.get("name").and_then(Value::as_str).unwrap_or_default();
            let numbers = contact.get("numbers").and_then(Value::as_array).into_iter().flatten();
            vcard(name, &numbers.filter_map(Value::as_str).map(str::to_owned).collect::<Vec<_>>())
        })
        .collect()
}

fn ack(receipt: &Receipt) -> Option<Value> {
    let (ack, word) = match receipt.status {
        Status::Failed => (-1, "ERROR"),
        Status::Sent => (1, "SERVER"),
        Status::Delivered => (2, "DEVICE"),
        Status::Read => (3, "READ"),
        Status::Received | Status::Queued | Status::Sending | Status::Unsure => return None,
    };
    // Without a recipient the id stands bare, as `fromMe` says the rest.
    let id = match receipt.recipient.as_deref() {
        Some(peer) => {
            let group = crate::domain::phone::looks_like_group(peer);
            let chat = chat_id(&Recipient { peer: peer.to_owned(), group });
            format!("true_{chat}_{}", receipt.remote_id)
        }
        None => receipt.remote_id.clone(),
    };
    Some(json!({"id": id, "participant": null, "fromMe": true, "ack": ack, "ackName": word}))
}

fn status(state: SessionState) -> Option<Value> {
    let word = match state {
        SessionState::Connected => "WORKING",
        SessionState::LoggedOut => "SCAN_QR_CODE",
        _ => return None,
    };
    Some(json!({"name": "default", "status": word, "data": null}))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::Media;
    use crate::providers::provider::Provider;
    use crate::providers::types::Verdict;
    use crate::providers::waha::Waha;
    use crate::providers::waha::tests::profile;

    fn heard(claim: &Inbound) -> Inbound {
        let now = Timestamp::from_seconds(1_780_000_000);
        let webhook = event(&profile(), claim, now, 7).unwrap_or_else(|| panic!("not told: {claim:?}"));
        let Verdict::Genuine { key, .. } = Waha.verify(&profile(), &webhook, now) else { panic!("not genuine") };
        assert!(key.starts_with("evt_") && key.ends_with('7'));
        let mut claims = Waha.interpret(&profile(), &webhook, now);
        assert_eq!(claims.len(), 1);
        claims.remove(0)
    }

    fn message(kind: Kind, payload: Option<Value>, media: Option<Media>) -> InboundMessage {
        let mut message = InboundMessage::text(Peer::person("628123456789"), "Halo kak");
        message.name = Some("Siti".into());
        message.remote_id = Some("3EB0AA".into());
        message.unique = true;
        message.at = Some(Timestamp::from_seconds(1_779_999_990));
        (message.kind, message.payload, message.media) = (kind, payload, media);
        message
    }

    #[test]
    fn what_is_told_is_heard_whole() {
        let media = Media {
            url: Some("https://waha.example.com/api/files/x.bin".into()),
            mime: Some("image/webp".into()),
            name: Some("x.bin".into()),
            ..Media::default()
        };
        let mut messages: Vec<_> = [Kind::Image, Kind::Document, Kind::Sticker]
            .into_iter()
            .map(|kind| message(kind, None, Some(media.clone())))
            .collect();
        messages.push(message(Kind::Text, Some(json!({"reply_to": "3EB0BB"})), None));
        messages.push(message(Kind::Location, Some(json!({"latitude": "-6.200", "longitude": "106.80"})), None));
        let cards = json!({"contacts": [{"name": "Budi", "numbers": ["628124000000"]}]});
        messages.push(message(Kind::Contacts, Some(cards), None));
        let mut echo = message(Kind::Text, None, None);
        (echo.direction, echo.name) = (Direction::Out, None);
        messages.push(echo);
        let mut grouped = message(Kind::Text, None, None);
        grouped.peer = Peer::group("120363000000000001");
        (grouped.member, grouped.name) = (Some(("628123456789".into(), "Siti".into())), None);
        messages.push(grouped);
        let mut hidden = message(Kind::Text, None, None);
        hidden.peer.aliases.push("9988776655@lid".into());
        hidden.at = Some(Timestamp(1_779_999_990_250));
        messages.push(hidden);
        let mut reaction = message(Kind::Reaction, Some(json!({"message": "3EB0BB", "emoji": "🙏"})), None);
        (reaction.text, reaction.unique) = ("🙏".into(), false);
        messages.push(reaction);
        for message in messages {
            let claim = Inbound::Message(Box::new(message));
            assert_eq!(heard(&claim), claim);
        }
    }

    #[test]
    fn receipts_sessions_and_names_are_heard_as_told() {
        let receipt = |status, recipient: Option<&str>| {
            Inbound::Receipt(Receipt {
                remote_id: "3EB0AA".into(),
                status,
                failure: (status == Status::Failed).then(|| crate::domain::Failure::new("ack_error", "")),
                recipient: recipient.map(Into::into),
                may_infer: false,
                at: None,
            })
        };
        for claim in [
            receipt(Status::Sent, None),
            receipt(Status::Delivered, Some("628123456789")),
            receipt(Status::Read, Some("120363000000000001")),
            receipt(Status::Failed, Some("9988776655@lid")),
            Inbound::Edited { remote_id: "3EB0AA".into(), text: "Baru".into() },
            Inbound::Revoked { remote_id: "3EB0AA".into() },
            Inbound::Session { state: SessionState::Connected, detail: "WORKING".into() },
            Inbound::Named { channel: None, peer: Peer::group("120363000000000001"), name: "Reseller".into() },
        ] {
            assert_eq!(heard(&claim), claim);
        }
        let renamed = Inbound::Named { channel: None, peer: Peer::person("628123456789"), name: "Siti".into() };
        assert_eq!(event(&profile(), &renamed, Timestamp::default(), 1), None);
    }
}

//! The webhooks that WAHA's simulator posts, signed as WAHA signs them.
//!
//! Source: waha.devlike.pro/docs/how-to/events. Invariant: there is no field that the page (or an engine's `_data`)
//! does not have, so that what can be read from the simulator can be read from a real server.
use super::ids::{DEFAULT_SESSION, peer_chat_id, session};
use super::webhook::signature;
use crate::domain::inbound::{InboundMessage, Peer, Receipt, Writer};
use crate::domain::phone::looks_like_group;
use crate::domain::{Direction, Inbound, Kind, SessionState, Timestamp};
use crate::providers::common::ack;
use crate::providers::common::contact_card::write_vcard;
use crate::providers::types::{Profile, Webhook};
use serde_json::{Map, Value, json};

/// The simulated phone's own chat id.
pub(super) const OWN_ID: &str = "6283100000000@c.us";

/// The webhook that reports `inbound`; `None` when WAHA has no such event.
pub(super) fn webhook(profile: &Profile, inbound: &Inbound, now: Timestamp, serial: u64) -> Option<Webhook> {
    let (event, payload) = match inbound {
        Inbound::Message(message) => message_event(message)?,
        Inbound::Receipt(receipt) => ("message.ack", acknowledgement(receipt)?),
        Inbound::Edited { remote_id, text, by } => {
            ("message.edited", json!({"id": action_id(remote_id, by), "editedMessageId": remote_id, "body": text}))
        }
        Inbound::Revoked { remote_id, by } => (
            "message.revoked",
            json!({"after": {"id": action_id(remote_id, by)}, "revokedMessageId": remote_id, "before": null}),
        ),
        Inbound::Session { state, .. } => ("session.status", session_status(*state)?),
        Inbound::Named { peer, name, .. } if peer.group => {
            ("group.v2.update", json!({"group": {"id": chat(peer), "subject": name}, "timestamp": now.seconds()}))
        }
        Inbound::Marketing { .. }
        | Inbound::Notice(_)
        | Inbound::Named { .. }
        | Inbound::Moved { .. }
        | Inbound::Nothing { .. }
        | Inbound::Unknown { .. } => {
            return None;
        }
    };
    let body = json!({
        "id": format!("evt_{serial:026}"), "timestamp": now.millis(), "event": event, "session": session(profile),
        "me": {"id": OWN_ID, "pushName": "~"}, "payload": payload,
        "engine": "NOWEB", "environment": {"version": "2025.1.1", "engine": "NOWEB", "tier": "CORE"},
    });
    let mut webhook = Webhook::json(false, &body);
    let mut add_header = |name: &str, value: String| webhook.headers.push((name.to_owned(), value));
    add_header("x-webhook-request-id", format!("{serial:026}"));
    add_header("x-webhook-timestamp", now.millis().to_string());
    if let Some(secret) = profile.webhook_secrets.first() {
        add_header("x-webhook-hmac", signature(secret, body.to_string().as_bytes()));
        add_header("x-webhook-hmac-algorithm", "sha512".to_owned());
    }
    Some(webhook)
}

fn chat(peer: &Peer) -> String {
    peer_chat_id(&peer.id, peer.group)
}

/// The id of an edit or revocation itself, which says whose it is.
fn action_id(remote_id: &str, by: &Writer) -> String {
    let own = by.direction == Some(Direction::Out);
    let member = by.member.as_ref().map(|id| format!("_{}", peer_chat_id(id, false))).unwrap_or_default();
    format!("{own}_{}_{remote_id}A{member}", chat(&by.peer))
}

fn message_event(message: &InboundMessage) -> Option<(&'static str, Value)> {
    let mut payload = envelope(message);
    if message.kind == Kind::Reaction {
        let target = payload_field(message, "message").as_str().map(|id| format!("true_{}_{id}", chat(&message.peer)));
        put(&mut payload, "reaction", json!({"text": payload_field(message, "emoji"), "messageId": target}));
        return Some(("message.reaction", Value::Object(payload)));
    }
    put(&mut payload, "body", json!(message.text));
    put(&mut payload, "hasMedia", json!(message.media.is_some()));
    if let Some(id) = payload_field(message, "reply_to").as_str() {
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
            let mut location = Map::new();
            for key in ["latitude", "longitude", "name", "address"] {
                put(&mut location, key, payload_field(message, key));
            }
            put(&mut payload, "location", Value::Object(location));
        }
        Kind::Contacts => put(&mut payload, "vCards", json!(vcards(&payload_field(message, "contacts")))),
        _ => return None,
    }
    Some((if message.direction == Direction::Out { "message.any" } else { "message" }, Value::Object(payload)))
}

/// The fields of every message: id, time, chat, sender, and the engine's own object with names and kind.
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
        put(&mut payload, "participant", json!(peer_chat_id(id, false)));
    }
    let mut engine = Map::new();
    let name = message.member.as_ref().map(|(_, name)| name.clone()).or_else(|| message.name.clone());
    put(&mut engine, "pushName", json!(name));
    // The sender's number or LID, whichever `from` is not.
    let other = message.peer.aliases.first().map(|id| peer_chat_id(id, false));
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

fn payload_field(message: &InboundMessage, key: &str) -> Value {
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
            write_vcard(name, &numbers.filter_map(Value::as_str).map(str::to_owned).collect::<Vec<_>>())
        })
        .collect()
}

fn acknowledgement(receipt: &Receipt) -> Option<Value> {
    let (ack, name) = ack::for_status(receipt.status)?;
    // Without a recipient the id is its last part alone, as `fromMe` says the rest.
    let id = match receipt.recipient.as_deref() {
        Some(peer) => format!("true_{}_{}", peer_chat_id(peer, looks_like_group(peer)), receipt.remote_id),
        None => receipt.remote_id.clone(),
    };
    Some(json!({"id": id, "participant": null, "fromMe": true, "ack": ack, "ackName": name}))
}

fn session_status(state: SessionState) -> Option<Value> {
    let status = match state {
        SessionState::Connected => "WORKING",
        SessionState::LoggedOut => "SCAN_QR_CODE",
        _ => return None,
    };
    Some(json!({"name": DEFAULT_SESSION, "status": status, "data": null}))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{Media, Status};
    use crate::providers::provider::Provider;
    use crate::providers::types::Verdict;
    use crate::providers::waha::Waha;
    use crate::providers::waha::tests::profile;

    fn interpret(inbound: &Inbound) -> Inbound {
        let now = Timestamp::from_seconds(1_780_000_000);
        let webhook = webhook(&profile(), inbound, now, 7).unwrap_or_else(|| panic!("no event: {inbound:?}"));
        let Verdict::Genuine { key, .. } = Waha.verify(&profile(), &webhook, now) else { panic!("not genuine") };
        assert!(key.starts_with("evt_") && key.ends_with('7'));
        let mut inbound = Waha.interpret(&profile(), &webhook, now);
        assert_eq!(inbound.len(), 1);
        inbound.remove(0)
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
    fn messages_are_interpreted_as_they_were_written() {
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
            let inbound = Inbound::Message(Box::new(message));
            assert_eq!(interpret(&inbound), inbound);
        }
    }

    #[test]
    fn receipts_sessions_and_names_are_interpreted_as_they_were_written() {
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
        let by = Writer::customer(Peer::person("628123456789"));
        let in_group =
            Writer { member: Some("628123456789".into()), ..Writer::customer(Peer::group("120363000000000001")) };
        for inbound in [
            receipt(Status::Sent, None),
            receipt(Status::Delivered, Some("628123456789")),
            receipt(Status::Read, Some("120363000000000001")),
            receipt(Status::Failed, Some("9988776655@lid")),
            Inbound::Edited { remote_id: "3EB0AA".into(), text: "Baru".into(), by: by.clone() },
            Inbound::Revoked { remote_id: "3EB0AA".into(), by: in_group },
            Inbound::Session { state: SessionState::Connected, detail: "WORKING".into() },
            Inbound::Named { channel: None, peer: Peer::group("120363000000000001"), name: "Reseller".into() },
        ] {
            assert_eq!(interpret(&inbound), inbound);
        }
        let renamed = Inbound::Named { channel: None, peer: Peer::person("628123456789"), name: "Siti".into() };
        assert_eq!(webhook(&profile(), &renamed, Timestamp::default(), 1), None);
    }
}

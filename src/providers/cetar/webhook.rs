//! Webhooks: Cetar's own events of linked phones and Telegram, and Meta's events as Meta wrote them; both may
//! be posted to the same URL.
//!
//! Invariant: nothing is read as a receipt or a session's state that the vendor's page does not describe; it
//! stays in the journal as not understood.
//!
//! Sources: seeds/002, "Webhooks (Terima Pesan)"; providers.md section 3.4 and section 9, A3, A5, A8, A13.

use super::manifest::MANIFEST;
use crate::domain::{Channel, Direction, Inbound, Timestamp};
use crate::providers::common::body;
use crate::providers::common::json::{first_field, first_text};
use crate::providers::common::message::{FurtherIds, Header, nothing, read_event, unknown, with_bodies};
use crate::providers::common::sender::SenderIds;
use crate::providers::meta::envelope;
use crate::providers::signature;
use crate::providers::types::{Profile, Verdict, Webhook};
use serde_json::{Value, json};
use std::time::Duration;

/// Headers that may hold a signature, for the page names none (providers.md A3).
const SIGNATURE_HEADERS: &[&str] =
    &["x-hub-signature-256", "x-cetar-signature", "x-reply-signature", "x-webhook-signature", "x-signature"];

/// The one event that the page describes.
const RECEIVED: &str = "message.received";

/// How long equal bytes are the same event when they hold neither an id nor a time.
const REPEATED_WITHIN: Duration = Duration::from_secs(3);

/// Longest event key, in bytes; a longer one is replaced by its hash.
const KEY_MAX: usize = 256;

/// Whether the raw bytes are genuine. Without a secret the URL's token is all that protects the account. One of
/// several signatures suffices: Meta's own may have survived the forwarding beside Cetar's.
pub(super) fn verify(profile: &Profile, webhook: &Webhook) -> Verdict {
    let check = signature::check_body(profile, webhook, SIGNATURE_HEADERS);
    let mut within = Some(REPEATED_WITHIN);
    let verdict = signature::verdict(profile, webhook, (check, MANIFEST.signs_webhooks), |body| {
        let (key, duration) = event_key(body, &webhook.body);
        within = duration;
        key
    });
    match verdict {
        Verdict::Genuine { key, .. } => Verdict::Genuine { key, within },
        other => other,
    }
}

/// The key that deliveries of one event share, and for how long it is valid where the event has neither id nor
/// time (providers.md A8).
fn event_key(body: &Value, bytes: &[u8]) -> (String, Option<Duration>) {
    let fingerprint = signature::fingerprint(bytes);
    if envelope::is_envelope(body) {
        // A batch is delivered again as a whole; its messages and statuses have their own wamids.
        return (format!("meta:{fingerprint}"), None);
    }
    let data = body.get("data").unwrap_or(&Value::Null);
    let field = |object: &Value, name: &str| first_text(object, &[name]).unwrap_or_default();
    let received = body.get("event").and_then(Value::as_str) == Some(RECEIVED);
    if let (true, Some(id)) = (received, first_text(data, &["message_id"])) {
        // Telegram counts its messages anew in every chat, so channel and sender are part of the key.
        let id = json!([field(body, "channel"), field(body, "session_id"), field(data, "from"), id]).to_string();
        let id = if id.len() > KEY_MAX { signature::fingerprint(id.as_bytes()) } else { id };
        return (format!("received:{id}"), None);
    }
    let timed = [data, body].into_iter().any(|object| first_text(object, &["timestamp"]).is_some());
    (format!("body:{fingerprint}"), (!timed).then_some(REPEATED_WITHIN))
}

/// What a genuine webhook reports. `arrival` is when it came.
pub(super) fn interpret(profile: &Profile, webhook: &Webhook, arrival: Timestamp) -> Vec<Inbound> {
    read_event(webhook, |event| event_inbound(profile, webhook, event, arrival))
}

fn event_inbound(profile: &Profile, webhook: &Webhook, event: &Value, arrival: Timestamp) -> Vec<Inbound> {
    if envelope::is_envelope(event) {
        return envelope::interpret(event, arrival);
    }
    match event.get("event").and_then(Value::as_str) {
        Some(RECEIVED) => received(profile, event, arrival).unwrap_or_else(|reason| vec![unknown(&reason)]),
        // A signed ping is an event like others; an unsigned one never comes this far.
        Some(name) if signature::is_ping(webhook) => vec![nothing(name)],
        Some(name) => vec![unknown(name)],
        None => vec![unknown("event without a name")],
    }
}

/// The messages of a `message.received` event, or why it cannot be read.
fn received(profile: &Profile, event: &Value, arrival: Timestamp) -> Result<Vec<Inbound>, String> {
    let data = event.get("data").filter(|d| d.is_object()).ok_or("message.received without data")?;
    let name = first_text(event, &["channel"]).or_else(|| first_text(data, &["channel"]));
    let channel = match name.as_deref().map(str::parse::<Channel>) {
        Some(Ok(channel)) => channel,
        None => profile.channel,
        // Read as another channel, replies would go to somebody else.
        Some(Err(_)) => return Err(format!("message.received on {}", name.unwrap_or_default())),
    };
    let time = [data, event].into_iter().find_map(|object| first_field(object, &["timestamp"]));
    let header = Header {
        channel: Some(channel),
        names: SenderIds {
            ids: first_text(data, &["from"]).into_iter().collect(),
            gateway_ids: Vec::new(),
            name: first_text(data, &["sender_name", "pushName"]),
        },
        direction: Direction::In,
        remote_id: first_text(data, &["message_id"]),
        // Telegram's own ids are small numbers, unique in their chat only.
        unique: channel == Channel::WhatsApp,
        at: time.and_then(|time| Timestamp::from_gateway(time, arrival)),
    };
    let mut message = header.message(channel, data).ok_or("message.received without sender")?;
    if message.peer.group {
        message.name = first_text(data, &["group_name", "groupName"]);
    }
    let kind = first_text(data, &["type"]);
    let bodies = body::read(kind.as_deref(), &[data], &profile.base_url);
    Ok(with_bodies(&message, bodies, FurtherIds::Absent))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::inbound::{InboundMessage, Peer};
    use crate::domain::{Kind, Secret};
    use crate::providers::sample;
    use proptest::prelude::*;

    const ARRIVAL: Timestamp = Timestamp::from_seconds(1_800_000_000);

    fn webhook(body: &Value) -> Webhook {
        Webhook { body: body.to_string().into_bytes(), ..Webhook::default() }
    }

    fn sample(data: Value) -> Value {
        let mut whole = json!({"message_id": "msg_987654321", "from": "6281234567890", "sender_name": "Budi Santoso",
            "type": "text", "text": "Halo", "media_url": null, "button_id": null, "timestamp": 1_709_650_000});
        if let (Some(whole), Value::Object(data)) = (whole.as_object_mut(), data) {
            whole.extend(data);
        }
        json!({"event": "message.received", "channel": "whatsapp", "session_id": "SESSION_12345", "data": whole})
    }

    fn interpreted(body: &Value) -> Vec<Inbound> {
        interpret(&sample::default_profile("cetar", "unofficial"), &webhook(body), ARRIVAL)
    }

    fn single(body: &Value) -> InboundMessage {
        match interpreted(body).as_slice() {
            [Inbound::Message(found)] => *found.clone(),
            other => panic!("{other:?}"),
        }
    }

    fn key(body: &Value) -> String {
        match verify(&sample::default_profile("cetar", "unofficial"), &webhook(body)) {
            Verdict::Genuine { key, within: None } => key,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn equal_messages_have_equal_keys_and_different_ones_do_not() {
        let mut again = sample(json!({}));
        again["retry"] = json!(1);
        assert_eq!(key(&sample(json!({}))), key(&again));
        let mut status = sample(json!({}));
        status["event"] = json!("message.status");
        let others = [
            sample(json!({"message_id": "msg_2"})),
            sample(json!({"from": "628999"})),
            sample(json!({"message_id": null})),
            status,
            json!({"object": "whatsapp_business_account", "entry": []}),
        ];
        for (index, other) in others.iter().enumerate() {
            assert_ne!(key(&sample(json!({}))), key(other));
            assert!(others.iter().skip(index + 1).all(|later| key(later) != key(other)));
        }
        let bare = verify(&sample::default_profile("cetar", "unofficial"), &webhook(&json!({"event": "x"})));
        assert!(matches!(bare, Verdict::Genuine { within: Some(_), .. }));
    }

    #[test]
    fn a_secret_requires_a_matching_signature() {
        let secret = Secret::new("rahasia");
        let mut profile = sample::default_profile("cetar", "meta");
        profile.webhook_secrets = vec![secret.clone()];
        let body = json!({"object": "whatsapp_business_account", "entry": []});
        let with = |name: &str, value: &str| {
            let mut webhook = webhook(&body);
            webhook.headers.push((name.to_owned(), value.to_owned()));
            webhook
        };
        let good = signature::hex_signature(&secret, &[body.to_string().as_bytes()]);
        for name in SIGNATURE_HEADERS {
            assert!(matches!(verify(&profile, &with(name, &format!("sha256={good}"))), Verdict::Genuine { .. }));
            assert_eq!(verify(&profile, &with(name, "sha256=00")), Verdict::Unauthorised);
        }
        let mut two = with("x-hub-signature-256", "sha256=00");
        two.headers.push(("x-cetar-signature".into(), good));
        assert!(matches!(verify(&profile, &two), Verdict::Genuine { .. }));
        assert_eq!(verify(&profile, &webhook(&body)), Verdict::Unauthorised);
        profile.allow_unsigned = true;
        assert!(matches!(verify(&profile, &webhook(&body)), Verdict::Genuine { .. }));
        assert_eq!(verify(&profile, &with("x-signature", "sha256=00")), Verdict::Unauthorised);
    }

    #[test]
    fn pings_need_no_signature_and_noise_is_kept_without_one() {
        let mut profile = sample::default_profile("cetar", "unofficial");
        profile.webhook_secrets = vec![Secret::new("rahasia")];
        let ping = webhook(&json!({"event": "verification_ping", "timestamp": 1}));
        assert_eq!(verify(&profile, &ping), Verdict::Ping);
        assert_eq!(verify(&profile, &Webhook::default()), Verdict::Ping);
        let noise = Webhook { body: b"<html>".to_vec(), ..Webhook::default() };
        assert_eq!(verify(&profile, &noise), Verdict::Unauthorised);
        let kept = verify(&sample::default_profile("cetar", "unofficial"), &noise);
        assert!(matches!(kept, Verdict::Genuine { within: Some(_), .. }), "{kept:?}");
    }

    #[test]
    fn every_field_of_the_pages_sample_is_read() {
        let found = single(&sample(json!({})));
        let expected = InboundMessage {
            channel: Some(Channel::WhatsApp),
            name: Some("Budi Santoso".into()),
            remote_id: Some("msg_987654321".into()),
            unique: true,
            at: Some(Timestamp::from_seconds(1_709_650_000)),
            ..InboundMessage::text(Peer::person("6281234567890"), "Halo")
        };
        assert_eq!(found, expected);
    }

    #[test]
    fn presses_media_groups_and_telegram_are_read() {
        let pressed = single(&sample(json!({"button_id": "AMBIL_PROMO", "text": "Ya, Ambil!"})));
        assert_eq!((pressed.kind, pressed.text.as_str()), (Kind::Choice, "Ya, Ambil!"));
        assert_eq!(pressed.payload, Some(json!({"id": "AMBIL_PROMO", "title": "Ya, Ambil!"})));
        let picture = single(&sample(json!({"type": "image", "media_url": "https://a.id/x.jpg"})));
        assert_eq!((picture.kind, picture.text.as_str()), (Kind::Image, "Halo"));
        assert_eq!(picture.media.and_then(|m| m.url).as_deref(), Some("https://a.id/x.jpg"));
        let group = single(&sample(json!({"from": "120363041234567890@g.us", "participant": "6281234567890@c.us"})));
        assert_eq!(group.peer, Peer::group("120363041234567890"));
        assert_eq!((group.name, group.member), (None, Some(("6281234567890".into(), "Budi Santoso".into()))));
        let mut telegram = sample(json!({"from": 8_123_456_789_u64, "message_id": 17}));
        telegram["channel"] = json!("telegram");
        let telegram = single(&telegram);
        assert_eq!((telegram.channel, telegram.peer.id.as_str()), (Some(Channel::Telegram), "8123456789"));
        assert_eq!((telegram.remote_id.as_deref(), telegram.unique), (Some("17"), false));
    }

    #[test]
    fn what_is_not_understood_is_unsupported_or_unknown() {
        let poll = single(&sample(json!({"type": "poll", "text": null, "options": ["a"]})));
        assert_eq!((poll.kind, poll.payload.unwrap()["options"].clone()), (Kind::Unsupported, json!(["a"])));
        let mut fax = sample(json!({}));
        fax["channel"] = json!("fax");
        for body in [
            json!({"event": "session.status", "data": {"status": "connected"}}),
            json!({"event": "message.received"}),
            sample(json!({"from": null})),
            fax,
            json!({"object": "page", "entry": []}),
            json!([1]),
        ] {
            assert!(matches!(interpreted(&body).as_slice(), [Inbound::Unknown { .. }]), "{body}");
        }
    }

    proptest! {
        #[test]
        fn arbitrary_json_never_panics(body in sample::json(), data in sample::json()) {
            for body in [body, sample(data.clone()), json!({"event": "message.received", "data": data})] {
                verify(&sample::default_profile("cetar", "unofficial"), &webhook(&body));
                prop_assert!(!interpreted(&body).is_empty());
            }
        }
    }
}

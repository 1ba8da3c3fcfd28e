//! Webhooks: an event that a gateway's simulator writes is genuine under the right secret only, is interpreted as
//! it was written, and has a key that is the same for every delivery of it.

use crate::profiles::{NOW, every_mode};
use crate::{fixture_json, samples};
use loket::domain::phone::peer_form;
use loket::domain::{Inbound, InboundMessage, Kind, Secret};
use loket::providers::{Profile, Provider, Verdict, Webhook, registry};

const SECRET: &str = "whsec_rahasia_0123456789abcdef";

fn accounts() -> Vec<(&'static dyn Provider, Profile)> {
    let all = registry::ALL.iter().flat_map(|p| every_mode(*p).into_iter().map(|profile| (*p, profile)));
    all.map(|(p, profile)| (p, with_secrets(&profile, &[SECRET]))).collect()
}

fn with_secrets(profile: &Profile, secrets: &[&str]) -> Profile {
    Profile { webhook_secrets: secrets.iter().map(|s| Secret::new(s)).collect(), ..profile.clone() }
}

/// Every event that a gateway's simulator can write, with what it reports.
fn for_each_event(mut check: impl FnMut(&'static dyn Provider, &Profile, &Inbound, &Webhook)) {
    for (provider, profile) in accounts() {
        let samples = samples::inbound_events(&provider.capabilities(&profile));
        let mut events = 0;
        for (serial, inbound) in (1_u64..).zip(&samples) {
            if let Some(webhook) = provider.simulator().webhook(&profile, inbound, NOW, serial) {
                events += 1;
                check(provider, &profile, inbound, &webhook);
            }
        }
        assert!(events > 0, "{} has no events", provider.manifest().id);
    }
}

/// Whether a signature over the bytes authenticates this webhook, rather than a key in the body or only the
/// token in the path.
fn is_signed(provider: &dyn Provider, webhook: &Webhook) -> bool {
    provider.manifest().signs_webhooks && !webhook.ack && !holds_secret(webhook)
}

fn holds_secret(webhook: &Webhook) -> bool {
    String::from_utf8_lossy(&webhook.body).contains(SECRET)
}

fn is_authenticated(provider: &dyn Provider, webhook: &Webhook) -> bool {
    is_signed(provider, webhook) || holds_secret(webhook)
}

fn is_genuine(provider: &dyn Provider, profile: &Profile, webhook: &Webhook) -> bool {
    matches!(provider.verify(profile, webhook, NOW), Verdict::Genuine { .. })
}

#[test]
fn an_event_is_genuine_under_its_secret_and_the_previous_one() {
    for_each_event(|provider, profile, inbound, webhook| {
        let id = provider.manifest().id;
        assert!(is_genuine(provider, &with_secrets(profile, &[]), webhook), "{id} without a secret: {inbound:?}");
        if !provider.manifest().signs_webhooks {
            return;
        }
        assert!(is_genuine(provider, profile, webhook), "{id}: {inbound:?}");
        assert!(is_genuine(provider, &with_secrets(profile, &["baru", SECRET]), webhook), "{id} previous: {inbound:?}");
    });
}

#[test]
fn an_event_under_another_secret_is_unauthorised() {
    for_each_event(|provider, profile, inbound, webhook| {
        if !is_authenticated(provider, webhook) {
            return;
        }
        let other = with_secrets(profile, &["lain"]);
        assert_eq!(provider.verify(&other, webhook, NOW), Verdict::Unauthorised, "{inbound:?}");
        let lenient = Profile { allow_unsigned: true, ..other };
        assert_eq!(provider.verify(&lenient, webhook, NOW), Verdict::Unauthorised, "{inbound:?}");
    });
}

#[test]
fn a_flipped_byte_is_unauthorised() {
    for_each_event(|provider, profile, inbound, webhook| {
        if !is_authenticated(provider, webhook) {
            return;
        }
        let start = String::from_utf8_lossy(&webhook.body).find(SECRET).unwrap_or(0);
        let length = if holds_secret(webhook) { SECRET.len() } else { webhook.body.len() };
        for at in (start..start + length).step_by((length / 16).max(1)) {
            let mut forged = webhook.clone();
            forged.body[at] ^= 1;
            assert_eq!(provider.verify(profile, &forged, NOW), Verdict::Unauthorised, "byte {at}: {inbound:?}");
        }
    });
}

#[test]
fn a_stripped_signature_is_unauthorised_unless_allowed() {
    for_each_event(|provider, profile, inbound, webhook| {
        if !is_signed(provider, webhook) {
            return;
        }
        let bare = Webhook { headers: Vec::new(), ..webhook.clone() };
        assert_eq!(provider.verify(profile, &bare, NOW), Verdict::Unauthorised, "{inbound:?}");
        let lenient = Profile { allow_unsigned: true, ..profile.clone() };
        assert!(is_genuine(provider, &lenient, &bare), "{inbound:?}");
    });
}

#[test]
fn an_empty_body_is_a_ping_and_unproven_noise_is_no_json() {
    for (provider, profile) in accounts() {
        let id = provider.manifest().id;
        let open = with_secrets(&profile, &[]);
        let unsigned = |body: &[u8]| Webhook { ack: false, headers: vec![], body: body.to_vec() };
        assert_eq!(provider.verify(&open, &unsigned(b""), NOW), Verdict::Ping, "{id}");
        assert_eq!(provider.verify(&profile, &unsigned(b""), NOW), Verdict::Ping, "{id}");
        // Where a gateway never signs, the token in the path is all the proof there is: what is posted there is kept.
        let noise = provider.verify(&open, &unsigned(b"halo"), NOW);
        if provider.manifest().signs_webhooks {
            assert_eq!(noise, Verdict::NotJson, "{id}");
        } else {
            assert!(matches!(noise, Verdict::Genuine { .. }), "{id}: {noise:?}");
        }
    }
}

/// Whether `interpreted` is what the event was written from, in all that every gateway must report.
fn is_same(written: &Inbound, interpreted: &Inbound) -> bool {
    match (written, interpreted) {
        (Inbound::Message(written), Inbound::Message(read)) => is_same_message(written, read),
        (Inbound::Receipt(written), Inbound::Receipt(read)) => {
            // The reason of a failure is in the gateway's own words, where it has one at all.
            written.remote_id == read.remote_id && written.status == read.status
        }
        (Inbound::Session { state: written, .. }, Inbound::Session { state: read, .. }) => written == read,
        (Inbound::Named { peer, name, .. }, Inbound::Named { peer: read_peer, name: read_name, .. }) => {
            peer.id == read_peer.id && name == read_name
        }
        (Inbound::Edited { remote_id, text, by }, Inbound::Edited { remote_id: id, text: read, by: writer }) => {
            (remote_id, text, &by.peer.id, by.direction) == (id, read, &writer.peer.id, writer.direction)
        }
        (Inbound::Revoked { remote_id, by }, Inbound::Revoked { remote_id: id, by: writer }) => {
            (remote_id, &by.peer.id, by.direction) == (id, &writer.peer.id, writer.direction)
        }
        (Inbound::Moved { from, to, .. }, Inbound::Moved { from: f, to: t, .. }) => from.id == f.id && to.id == t.id,
        _ => false,
    }
}

fn is_same_message(written: &InboundMessage, read: &InboundMessage) -> bool {
    let url = |m: &InboundMessage| m.media.as_ref().and_then(|media| media.url.clone());
    // Some gateways report a choice as the text of its label and a sticker as an image.
    let flattened = matches!((written.kind, read.kind), (Kind::Choice, Kind::Text) | (Kind::Sticker, Kind::Image));
    peer_form(&written.peer.id) == peer_form(&read.peer.id)
        && written.peer.group == read.peer.group
        && written.direction == read.direction
        && written.text == read.text
        && (written.kind == read.kind || flattened)
        && (url(read).is_none() || url(written) == url(read))
        && (read.payload.is_none() || written.payload.is_none() || written.payload == read.payload)
        && (read.name.is_none() || written.name == read.name)
        && (written.remote_id.is_none() || written.remote_id == read.remote_id || read.remote_id.is_none())
}

#[test]
fn every_event_is_interpreted_as_it_was_written() {
    for_each_event(|provider, profile, inbound, webhook| {
        let id = provider.manifest().id;
        let interpreted = provider.interpret(profile, webhook, NOW);
        let spelled: Vec<_> = interpreted.iter().map(fixture_json::inbound).collect();
        let same = interpreted.iter().find(|read| is_same(inbound, read));
        let written = fixture_json::inbound(inbound);
        let same = same.unwrap_or_else(|| panic!("{id}\n   written     {written}\n   interpreted {spelled:?}"));
        // What the gateway reported once it reports again, to the last field.
        let again = provider.simulator().webhook(profile, same, NOW, 9_999).expect("an event that was written before");
        let again = provider.interpret(profile, &again, NOW);
        let spelled: Vec<_> = again.iter().map(fixture_json::inbound).collect();
        assert!(again.contains(same), "{id}\n   first {}\n   then  {spelled:?}", fixture_json::inbound(same));
    });
}

#[test]
fn every_gateway_reports_a_customers_text_on_every_channel() {
    for (provider, profile) in accounts() {
        for channel in provider.capabilities(&profile).channels {
            let written = samples::customer_text(*channel, "Halo kak");
            let event = provider.simulator().webhook(&profile, &written, NOW, 1);
            let id = provider.manifest().id;
            let interpreted = provider.interpret(&profile, &event.unwrap_or_else(|| panic!("{id} {channel}")), NOW);
            assert!(interpreted.iter().any(|read| is_same(&written, read)), "{id} {channel}: {interpreted:?}");
            let has_channel = interpreted
                .iter()
                .any(|read| matches!(read, Inbound::Message(m) if m.channel.unwrap_or(profile.channel) == *channel));
            assert!(has_channel, "{id} {channel}: {interpreted:?}");
        }
    }
}

fn key(provider: &dyn Provider, profile: &Profile, webhook: &Webhook) -> String {
    match provider.verify(&with_secrets(profile, &[]), webhook, NOW) {
        Verdict::Genuine { key, .. } => key,
        other => panic!("{}: {other:?}", provider.manifest().id),
    }
}

#[test]
fn equal_deliveries_have_equal_keys_and_different_events_different_ones() {
    for (provider, profile) in accounts() {
        let mut keys: Vec<(String, String)> = Vec::new();
        let texts = ["Halo", "halo", "Halo "].map(|t| samples::customer_text(profile.channel, t));
        for (serial, inbound) in (1_u64..).zip(texts.into_iter().chain(samples::receipts().into_iter().take(4))) {
            let Some(webhook) = provider.simulator().webhook(&profile, &inbound, NOW, serial) else { continue };
            let key = key(provider, &profile, &webhook);
            assert!(!key.is_empty() && key == self::key(provider, &profile, &webhook.clone()));
            let later = NOW.plus(std::time::Duration::from_secs(2));
            let again = provider.verify(&with_secrets(&profile, &[]), &webhook, later);
            assert!(matches!(again, Verdict::Genuine { key: again, .. } if again == key), "a key that depends on time");
            keys.push((key, format!("{inbound:?}")));
        }
        for (index, (key, inbound)) in keys.iter().enumerate() {
            let twin = keys.iter().skip(index + 1).find(|(other, _)| other == key);
            assert!(twin.is_none(), "{}: {inbound} and {twin:?} have one key {key}", provider.manifest().id);
        }
    }
}

#[test]
fn the_same_text_sent_twice_is_two_events_where_events_have_ids() {
    for (provider, profile) in accounts() {
        let inbound = samples::customer_text(profile.channel, "ok");
        let [first, second] =
            [1, 2].map(|serial| provider.simulator().webhook(&profile, &inbound, NOW, serial).unwrap());
        let within = match provider.verify(&with_secrets(&profile, &[]), &first, NOW) {
            Verdict::Genuine { within, .. } => within,
            other => panic!("{other:?}"),
        };
        let (first, second) = (key(provider, &profile, &first), key(provider, &profile, &second));
        assert!(within.is_some() || first != second, "{}: {first}", provider.manifest().id);
    }
}

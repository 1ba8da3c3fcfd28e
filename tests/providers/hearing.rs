//! The way in: what a gateway's other side tells is genuine under the right secret only, is claimed as it was
//! told, and is known by a key that stays the same for the same event.

use loket::domain::phone::peer_form;
use loket::domain::{Inbound, Kind, Secret};
use loket::providers::{Profile, Provider, Verdict, Webhook, registry};

use crate::profiles::{self, NOW};
use crate::{fixture_json, samples};

const SECRET: &str = "whsec_rahasia_0123456789abcdef";

fn everyone() -> Vec<(&'static dyn Provider, Profile)> {
    let all = registry::ALL.iter().flat_map(|p| profiles::every_mode(*p).into_iter().map(|profile| (*p, profile)));
    all.map(|(p, profile)| (p, with_secrets(&profile, &[SECRET]))).collect()
}

fn with_secrets(profile: &Profile, secrets: &[&str]) -> Profile {
    Profile { webhook_secrets: secrets.iter().map(|s| Secret::new(s)).collect(), ..profile.clone() }
}

/// Every event that a gateway tells, with what it was to tell.
fn each(mut check: impl FnMut(&'static dyn Provider, &Profile, &Inbound, &Webhook)) {
    for (provider, profile) in everyone() {
        let claims = samples::inbound_events(&provider.capabilities(&profile));
        let mut told = 0;
        for (serial, claim) in (1_u64..).zip(&claims) {
            if let Some(webhook) = provider.simulator().webhook(&profile, claim, NOW, serial) {
                told += 1;
                check(provider, &profile, claim, &webhook);
            }
        }
        assert!(told > 0, "{} tells nothing", provider.manifest().id);
    }
}

/// Whether the gateway proves this webhook by a signature over its bytes, rather than by a key in the body or
/// by the path's token alone.
fn is_signed(provider: &dyn Provider, webhook: &Webhook) -> bool {
    provider.manifest().signs_webhooks && !webhook.ack && !holds_secret(webhook)
}

fn holds_secret(webhook: &Webhook) -> bool {
    String::from_utf8_lossy(&webhook.body).contains(SECRET)
}

fn is_proven(provider: &dyn Provider, webhook: &Webhook) -> bool {
    is_signed(provider, webhook) || holds_secret(webhook)
}

fn genuine(provider: &dyn Provider, profile: &Profile, webhook: &Webhook) -> bool {
    matches!(provider.verify(profile, webhook, NOW), Verdict::Genuine { .. })
}

#[test]
fn an_event_is_genuine_under_its_secret_and_the_previous_one() {
    each(|provider, profile, claim, webhook| {
        let id = provider.manifest().id;
        assert!(genuine(provider, &with_secrets(profile, &[]), webhook), "{id} without a secret: {claim:?}");
        if !provider.manifest().signs_webhooks {
            return;
        }
        assert!(genuine(provider, profile, webhook), "{id}: {claim:?}");
        assert!(genuine(provider, &with_secrets(profile, &["baru", SECRET]), webhook), "{id} previous: {claim:?}");
    });
}

#[test]
fn an_event_under_another_secret_is_unauthorised() {
    each(|provider, profile, claim, webhook| {
        if !is_proven(provider, webhook) {
            return;
        }
        let theirs = with_secrets(profile, &["lain"]);
        assert_eq!(provider.verify(&theirs, webhook, NOW), Verdict::Unauthorised, "{claim:?}");
        let lenient = Profile { allow_unsigned: true, ..theirs };
        assert_eq!(provider.verify(&lenient, webhook, NOW), Verdict::Unauthorised, "{claim:?}");
    });
}

#[test]
fn a_flipped_byte_is_unauthorised() {
    each(|provider, profile, claim, webhook| {
        if !is_proven(provider, webhook) {
            return;
        }
        let start = String::from_utf8_lossy(&webhook.body).find(SECRET).unwrap_or(0);
        let length = if holds_secret(webhook) { SECRET.len() } else { webhook.body.len() };
        for at in (start..start + length).step_by((length / 16).max(1)) {
            let mut forged = webhook.clone();
            forged.body[at] ^= 1;
            assert_eq!(provider.verify(profile, &forged, NOW), Verdict::Unauthorised, "byte {at}: {claim:?}");
        }
    });
}

#[test]
fn a_stripped_signature_is_unauthorised_unless_allowed() {
    each(|provider, profile, claim, webhook| {
        if !is_signed(provider, webhook) {
            return;
        }
        let bare = Webhook { headers: Vec::new(), ..webhook.clone() };
        assert_eq!(provider.verify(profile, &bare, NOW), Verdict::Unauthorised, "{claim:?}");
        let lenient = Profile { allow_unsigned: true, ..profile.clone() };
        assert!(genuine(provider, &lenient, &bare), "{claim:?}");
    });
}

#[test]
fn an_empty_body_is_a_ping_and_noise_is_no_json() {
    for (provider, profile) in everyone() {
        let id = provider.manifest().id;
        let open = with_secrets(&profile, &[]);
        let of = |body: &[u8]| Webhook { ack: false, headers: vec![], body: body.to_vec() };
        assert_eq!(provider.verify(&open, &of(b""), NOW), Verdict::Ping, "{id}");
        assert_eq!(provider.verify(&profile, &of(b""), NOW), Verdict::Ping, "{id}");
        assert_eq!(provider.verify(&open, &of(b"halo"), NOW), Verdict::NotJson, "{id}");
    }
}

/// Whether `heard` is what `told` was to tell, in all that every gateway must carry.
fn is_same(told: &Inbound, heard: &Inbound) -> bool {
    match (told, heard) {
        (Inbound::Message(told), Inbound::Message(heard)) => {
            let link =
                |m: &loket::domain::inbound::InboundMessage| m.media.as_ref().and_then(|media| media.url.clone());
            // A gateway that flattens tells a choice by its label and a sticker as a picture.
            let flattened =
                matches!((told.kind, heard.kind), (Kind::Choice, Kind::Text) | (Kind::Sticker, Kind::Image));
            peer_form(&told.peer.id) == peer_form(&heard.peer.id)
                && told.peer.group == heard.peer.group
                && told.direction == heard.direction
                && told.text == heard.text
                && (told.kind == heard.kind || flattened)
                && (link(heard).is_none() || link(told) == link(heard))
                && (heard.payload.is_none() || told.payload.is_none() || told.payload == heard.payload)
                && (heard.name.is_none() || told.name == heard.name)
                && (told.remote_id.is_none() || told.remote_id == heard.remote_id || heard.remote_id.is_none())
        }
        (Inbound::Receipt(told), Inbound::Receipt(heard)) => {
            // Why a message failed is told in the gateway's own words, where it is told at all.
            told.remote_id == heard.remote_id && told.status == heard.status
        }
        (Inbound::Session { state: told, .. }, Inbound::Session { state: heard, .. }) => told == heard,
        (Inbound::Named { peer: told, name: told_name, .. }, Inbound::Named { peer: heard, name: heard_name, .. }) => {
            told.id == heard.id && told_name == heard_name
        }
        (Inbound::Edited { .. }, Inbound::Edited { .. }) | (Inbound::Revoked { .. }, Inbound::Revoked { .. }) => {
            told == heard
        }
        (Inbound::Moved { from, to, .. }, Inbound::Moved { from: f, to: t, .. }) => from.id == f.id && to.id == t.id,
        _ => false,
    }
}

#[test]
fn what_is_told_is_claimed_again() {
    each(|provider, profile, claim, webhook| {
        let id = provider.manifest().id;
        let heard = provider.interpret(profile, webhook, NOW);
        let spelled: Vec<_> = heard.iter().map(fixture_json::inbound).collect();
        let same = heard.iter().find(|heard| is_same(claim, heard));
        let same =
            same.unwrap_or_else(|| panic!("{id}\n   told  {}\n   heard {spelled:?}", fixture_json::inbound(claim)));
        // What the gateway carried once it carries again, to the last field.
        let again = provider.simulator().webhook(profile, same, NOW, 9_999).expect("an event that was told before");
        let again = provider.interpret(profile, &again, NOW);
        let again_spelled: Vec<_> = again.iter().map(fixture_json::inbound).collect();
        assert!(again.contains(same), "{id}\n   first {}\n   then  {again_spelled:?}", fixture_json::inbound(same));
    });
}

#[test]
fn a_customers_text_is_told_by_every_gateway_on_every_channel() {
    for (provider, profile) in everyone() {
        for channel in provider.capabilities(&profile).channels {
            let claim = samples::customer_text(*channel, "Halo kak");
            let event = provider.simulator().webhook(&profile, &claim, NOW, 1);
            let id = provider.manifest().id;
            let heard = provider.interpret(&profile, &event.unwrap_or_else(|| panic!("{id} {channel}")), NOW);
            assert!(heard.iter().any(|heard| is_same(&claim, heard)), "{id} {channel}: {heard:?}");
            let named = heard
                .iter()
                .any(|h| matches!(h, Inbound::Message(m) if m.channel.unwrap_or(profile.channel) == *channel));
            assert!(named, "{id} {channel}: {heard:?}");
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
    for (provider, profile) in everyone() {
        let mut keys: Vec<(String, String)> = Vec::new();
        let texts = ["Halo", "halo", "Halo "].map(|t| samples::customer_text(profile.channel, t));
        for (serial, claim) in (1_u64..).zip(texts.into_iter().chain(samples::receipts().into_iter().take(4))) {
            let Some(webhook) = provider.simulator().webhook(&profile, &claim, NOW, serial) else { continue };
            let key = key(provider, &profile, &webhook);
            assert!(!key.is_empty() && key == self::key(provider, &profile, &webhook.clone()));
            let later = NOW.plus(std::time::Duration::from_secs(2));
            let again = provider.verify(&with_secrets(&profile, &[]), &webhook, later);
            assert!(matches!(again, Verdict::Genuine { key: again, .. } if again == key), "a key that depends on time");
            keys.push((key, format!("{claim:?}")));
        }
        for (at, (key, claim)) in keys.iter().enumerate() {
            let twin = keys.iter().skip(at + 1).find(|(other, _)| other == key);
            assert!(twin.is_none(), "{}: {claim} and {twin:?} have one key {key}", provider.manifest().id);
        }
    }
}

#[test]
fn the_same_words_said_twice_are_two_events_where_events_have_ids() {
    for (provider, profile) in everyone() {
        let claim = samples::customer_text(profile.channel, "ok");
        let [first, second] = [1, 2].map(|serial| provider.simulator().webhook(&profile, &claim, NOW, serial).unwrap());
        let within = match provider.verify(&with_secrets(&profile, &[]), &first, NOW) {
            Verdict::Genuine { within, .. } => within,
            other => panic!("{other:?}"),
        };
        let (first, second) = (key(provider, &profile, &first), key(provider, &profile, &second));
        assert!(within.is_some() || first != second, "{}: {first}", provider.manifest().id);
    }
}

//! Hostile input: no bytes cause a panic, no event is lost, no unauthenticated event is genuine.

use crate::profiles::{self, NOW};
use crate::{fixtures, samples};
use loket::domain::{Inbound, InboundMessage, Peer};
use loket::providers::{Method, Request, Response, Verdict, Webhook, registry};
use proptest::prelude::*;
use serde_json::{Map, Value, json};
use std::sync::LazyLock;

/// The bodies of all fixtures' webhooks, with the field names and scalars in them.
struct Vocabulary {
    bodies: Vec<Value>,
    names: Vec<String>,
    scalars: Vec<Value>,
}

static VOCABULARY: LazyLock<Vocabulary> = LazyLock::new(|| {
    let webhooks = fixtures::all().into_iter().filter_map(|case| case.webhook());
    let bodies: Vec<Value> = webhooks.filter_map(|webhook| serde_json::from_slice(&webhook.body).ok()).collect();
    let (mut names, mut scalars) = (Vec::new(), Vec::new());
    for body in &bodies {
        collect(body, &mut names, &mut scalars);
    }
    for unusual in
        ["", " ", "\u{0}", "\u{1b}[2J", "\u{202e}", "é", "-", "@g.us", "@lid", "{", "[]", "#", "9999999999999999999"]
    {
        scalars.push(Value::from(unusual));
    }
    for unusual in
        [Value::Null, true.into(), (-1).into(), u64::MAX.into(), i64::MIN.into(), 1e300.into(), (-0.5).into()]
    {
        scalars.push(unusual);
    }
    names.sort();
    names.dedup();
    Vocabulary { bodies, names, scalars }
});

fn collect(value: &Value, names: &mut Vec<String>, scalars: &mut Vec<Value>) {
    match value {
        Value::Object(fields) => {
            for (name, field) in fields {
                names.push(name.clone());
                collect(field, names, scalars);
            }
        }
        Value::Array(items) => items.iter().for_each(|item| collect(item, names, scalars)),
        scalar => {
            if !scalars.contains(scalar) {
                scalars.push(scalar.clone());
            }
        }
    }
}

fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        4 => prop::sample::select(VOCABULARY.scalars.clone()),
        1 => any::<i64>().prop_map(Value::from),
        1 => any::<f64>().prop_map(Value::from),
        1 => any::<String>().prop_map(Value::from),
    ];
    leaf.prop_recursive(5, 48, 6, |inner| {
        let name = prop::sample::select(VOCABULARY.names.clone());
        prop_oneof![
            1 => prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            3 => prop::collection::vec((name, inner), 0..6)
                .prop_map(|fields| Value::Object(fields.into_iter().collect::<Map<_, _>>())),
        ]
    })
}

/// A documented body in which one value is replaced or null.
fn mutated() -> impl Strategy<Value = Value> {
    let body = prop::sample::select(VOCABULARY.bodies.clone());
    (body, any::<prop::sample::Index>(), prop::option::of(any_json())).prop_map(|(mut body, index, value)| {
        let mut left = index.index(count(&body));
        replace(&mut body, &mut left, value.as_ref());
        body
    })
}

fn count(value: &Value) -> usize {
    1 + match value {
        Value::Object(fields) => fields.values().map(count).sum(),
        Value::Array(items) => items.iter().map(count).sum(),
        _ => 0,
    }
}

/// Replaces the value that is `left` values ahead, in depth-first order; true once done.
fn replace(value: &mut Value, left: &mut usize, with: Option<&Value>) -> bool {
    if *left == 0 {
        *value = with.cloned().unwrap_or(Value::Null);
        return true;
    }
    *left -= 1;
    match value {
        Value::Object(fields) => fields.values_mut().any(|field| replace(field, left, with)),
        Value::Array(items) => items.iter_mut().any(|item| replace(item, left, with)),
        _ => false,
    }
}

fn check(body: Vec<u8>, ack: bool) -> Result<(), TestCaseError> {
    let webhook = Webhook { ack, headers: vec![("content-type".to_owned(), "application/json".to_owned())], body };
    for provider in registry::ALL {
        let id = provider.manifest().id;
        for profile in profiles::every_mode(*provider) {
            let inbound = provider.interpret(&profile, &webhook, NOW);
            prop_assert!(!inbound.is_empty(), "{} lost an event", id);
            let _ = provider.webhook_response(&webhook, &[]);
            let without_secret = provider.verify(&profile, &webhook, NOW);
            prop_assert!(
                !matches!(without_secret, Verdict::Unauthorised | Verdict::TooOld),
                "{}: {:?} without a secret",
                id,
                without_secret
            );
            let with_secret = loket::providers::Profile {
                webhook_secrets: vec![loket::domain::Secret::new("whsec_tak_tertebak")],
                ..profile
            };
            // Where a gateway signs no acknowledgements, the token in the path is all that authenticates them.
            if !ack {
                let verdict = provider.verify(&with_secret, &webhook, NOW);
                prop_assert!(!matches!(verdict, Verdict::Genuine { .. }), "{} accepted an unauthenticated event", id);
            }
        }
    }
    Ok(())
}

fn config(cases: u32) -> ProptestConfig {
    ProptestConfig { cases, failure_persistence: None, ..ProptestConfig::default() }
}

/// The place of the bytes that are varied.
const MARK: &str = "TANDA-TEKS";

/// Bytes within a JSON string: anything but what ends it, and escapes of every kind.
fn string_bytes() -> impl Strategy<Value = Vec<u8>> {
    let escape = "\\\\u[0-9a-fA-F]{4}|\\\\u[dD][89a-fA-F][0-9a-f]{2}|\\\\[\"\\\\/bfnrtx]|\\\\u[0-9a-f]{0,3}";
    let raw = prop::collection::vec(any::<u8>().prop_filter("ends the string", |b| !matches!(b, b'"' | b'\\')), 1..6);
    let part = prop_oneof![escape.prop_map(String::into_bytes), raw];
    prop::collection::vec(part, 0..8).prop_map(|parts| parts.concat())
}

/// Fields that JSON or its usual readers refuse, before all others.
fn odd_field() -> impl Strategy<Value = Vec<u8>> {
    let depth = (1_usize..300).prop_map(|depth| format!("\"x\":{}1{},", "[".repeat(depth), "]".repeat(depth)));
    let values =
        prop::sample::select(vec!["1e400", "-1e999", "NaN", "-Infinity", "undefined", "012", "True", "\"\n\""]);
    prop_oneof![Just(String::new()), depth, values.prop_map(|value| format!("\"x\":{value},"))]
        .prop_map(String::into_bytes)
}

fn replaced(body: &[u8], mark: &str, with: &[u8]) -> Vec<u8> {
    let at = body.windows(mark.len()).position(|part| part == mark.as_bytes()).expect("the mark");
    [&body[..at], with, &body[at + mark.len()..]].concat()
}

fn messages(inbound: &[Inbound]) -> Vec<&InboundMessage> {
    inbound.iter().filter_map(|i| if let Inbound::Message(message) = i { Some(&**message) } else { None }).collect()
}

proptest! {
    #![proptest_config(config(192))]

    #[test]
    fn a_broken_text_costs_no_neighbour(text in string_bytes(), field in odd_field(), bom: bool, count in 1_usize..5, at in 0_usize..5) {
        let at = at.min(count - 1);
        let items: Vec<Value> = (0..count)
            .map(|n| {
                let text = if n == at { MARK.to_owned() } else { format!("pesan {n}") };
                json!({"from": "628123456789", "id": format!("wamid.{n}"), "type": "text", "text": {"body": text}})
            })
            .collect();
        let body = json!({"object": "whatsapp_business_account", "entry": [{"changes": [
            {"field": "messages", "value": {"messages": items}}]}]});
        let body = replaced(body.to_string().as_bytes(), MARK, &text);
        let start: &[u8] = if bom { b"\xef\xbb\xbf{" } else { b"{" };
        let body = [start, &field, &body[1..]].concat();
        let meta = registry::find("cetar").expect("a gateway with Meta's events");
        let webhook = Webhook { ack: false, headers: Vec::new(), body };
        let profile = profiles::defaults(meta, Some("meta"));
        let verdict = meta.verify(&profile, &webhook, NOW);
        prop_assert!(matches!(verdict, Verdict::Genuine { .. }), "{:?}", verdict);
        let inbound = meta.interpret(&profile, &webhook, NOW);
        let rows = messages(&inbound);
        prop_assert_eq!(rows.len(), count, "{:?}", inbound);
        for (n, row) in rows.iter().enumerate().filter(|(n, _)| *n != at) {
            prop_assert_eq!(&row.text, &format!("pesan {n}"));
        }
    }

    #[test]
    fn a_broken_text_of_any_gateway_is_still_a_row(text in string_bytes(), serial in 1_u64..1000) {
        for provider in registry::ALL {
            for profile in profiles::every_mode(*provider) {
                let message = InboundMessage {
                    remote_id: Some("3EB0AA".to_owned()),
                    ..InboundMessage::text(Peer::person("628123456789"), MARK)
                };
                let inbound = Inbound::Message(Box::new(message));
                let id = provider.manifest().id;
                let Some(webhook) = provider.simulator().webhook(&profile, &inbound, NOW, serial) else { continue };
                // Never blank, or it would be a message without a text.
                let with = [b"x", text.as_slice()].concat();
                let webhook = Webhook { body: replaced(&webhook.body, MARK, &with), ..webhook };
                prop_assert!(matches!(provider.verify(&profile, &webhook, NOW), Verdict::Genuine { .. }), "{}", id);
                prop_assert_eq!(messages(&provider.interpret(&profile, &webhook, NOW)).len(), 1, "{}", id);
            }
        }
    }

    #[test]
    fn a_body_that_was_cut_off_keeps_what_came_before(keep in 0.0_f64..1.0) {
        let body = json!({"object": "whatsapp_business_account", "entry": [{"changes": [{"field": "messages", "value":
            {"messages": (0..8).map(|n| json!({"from": "628123456789", "id": format!("wamid.{n}"), "type": "text",
                "text": {"body": format!("pesan {n}")}})).collect::<Vec<_>>()}}]}]}).to_string();
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, clippy::cast_precision_loss, reason = "a part of a length")]
        let end = (body.len() as f64 * keep) as usize;
        let webhook = Webhook { ack: false, headers: Vec::new(), body: body.as_bytes()[..end].to_vec() };
        let meta = registry::find("cetar").expect("a gateway with Meta's events");
        let inbound = meta.interpret(&profiles::defaults(meta, Some("meta")), &webhook, NOW);
        let whole = String::from_utf8_lossy(&webhook.body).matches("\"}}").count();
        let texts: Vec<_> = messages(&inbound).iter().map(|m| m.text.clone()).collect();
        for n in 0..whole {
            prop_assert!(texts.contains(&format!("pesan {n}")), "{} of {:?}", n, inbound);
        }
        prop_assert!(inbound.iter().any(|i| matches!(i, Inbound::Unknown { .. })), "{:?}", inbound);
    }

    #[test]
    fn no_bytes_panic_or_are_lost(body in prop::collection::vec(any::<u8>(), 0..200), ack: bool) {
        check(body, ack)?;
    }

    #[test]
    fn no_json_panics_or_is_lost(body in any_json(), ack: bool) {
        check(body.to_string().into_bytes(), ack)?;
    }

    #[test]
    fn no_mutated_event_panics_or_is_lost(body in mutated(), ack: bool) {
        check(body.to_string().into_bytes(), ack)?;
    }

    #[test]
    fn no_forged_signature_is_genuine(value in "\\PC{0,90}", stamp in "\\PC{0,20}") {
        for provider in registry::ALL {
            let profile = loket::providers::Profile {
                webhook_secrets: vec![loket::domain::Secret::new("whsec_tak_tertebak")],
                ..profiles::defaults(*provider, None)
            };
            let names = ["x-chatera-signature", "x-cloudchat-signature", "x-hub-signature-256", "x-webhook-hmac"];
            let headers = names.iter().map(|name| ((*name).to_owned(), value.clone()));
            let headers = headers.chain([("x-chatera-timestamp".to_owned(), stamp.clone())]).collect();
            let webhook = Webhook { ack: false, headers, body: b"{\"event\":\"x\"}".to_vec() };
            let verdict = provider.verify(&profile, &webhook, NOW);
            prop_assert!(!matches!(verdict, Verdict::Genuine { .. }), "{}", provider.manifest().id);
        }
    }

    #[test]
    fn every_response_has_an_outcome(status in 100_u16..600, body in any_json(), raw: bool, noise: Vec<u8>) {
        let body = if raw { noise } else { body.to_string().into_bytes() };
        let response = Response { status, headers: vec![("retry-after".to_owned(), "x".to_owned())], body };
        for provider in registry::ALL {
            for profile in profiles::every_mode(*provider) {
                let can = provider.capabilities(&profile);
                for outgoing in samples::outgoings(&can).iter().take(3) {
                    let outcome = provider.read_send_response(&profile, outgoing, &response);
                    if let loket::providers::Outcome::Accepted { .. } = outcome {
                        prop_assert!((200..300).contains(&status), "{} accepted {}", provider.manifest().id, status);
                    }
                }
                for (query, _, _) in samples::queries(&can, &profile) {
                    let _ = provider.read_query_response(&profile, &query, &response);
                }
            }
        }
    }

    #[test]
    fn no_request_panics_a_simulator(path in "/[a-z/-]{0,30}", body in any_json(), get: bool) {
        for provider in registry::ALL {
            for profile in profiles::every_mode(*provider) {
                let can = provider.capabilities(&profile);
                let like = samples::outgoings(&can).into_iter().next().and_then(|o| provider.send_request(&profile, &o).ok());
                let like = like.expect("a request");
                let url = if path.len() % 2 == 0 { format!("{}{path}", profile.base_url) } else { like.url.clone() };
                let method = if get { Method::Get } else { Method::Post };
                let request = Request { method, url, body: Some(body.to_string().into_bytes()), ..like };
                let _ = provider.simulator().read_request(&profile, &request);
            }
        }
    }
}

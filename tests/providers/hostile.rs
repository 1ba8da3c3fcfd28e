//! Hostile input: no bytes cause a panic, no event is lost, no unauthenticated event is genuine.

use crate::profiles::{self, NOW};
use crate::{fixtures, samples};
use loket::providers::{Method, Request, Response, Verdict, Webhook, registry};
use proptest::prelude::*;
use serde_json::{Map, Value};
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

proptest! {
    #![proptest_config(config(192))]

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

//! Takes credentials out of a webhook before it is stored: they prove where it comes from, and are of no use later.
//!
//! Invariant: everything else of a body stays byte by byte, also where it is not quite JSON.

use std::borrow::Cow;

use crate::providers::types::Webhook;

/// What stands in place of a credential.
const REDACTED: &[u8] = b"\"***\"";
/// Members whose value is a credential, whichever gateway sends them; Evolution repeats its key in every event.
const MEMBERS: &[&str] = &["apikey", "api_key", "secretkey", "authorization"];
/// Parts of header names that tell of a credential. A signature is no secret, but with the body it is a pair that
/// proves the secret to whoever guesses it.
const HEADERS: &[&str] = &["token", "key", "secret", "auth", "signature", "hmac", "password", "cookie", "session"];

/// A webhook as it is stored: without credentials, and without headers that proxies add. `members`: further members of
/// the body that are credentials.
pub(crate) fn webhook(webhook: &Webhook, members: &[&str]) -> Webhook {
    let headers = webhook.headers.iter().filter(|(name, _)| is_stored(name)).cloned().collect();
    Webhook { ack: webhook.ack, headers, body: body(&webhook.body, members).into_owned() }
}

fn is_stored(name: &str) -> bool {
    let useful = name == "content-type" || name == "user-agent" || name.starts_with("x-");
    let forwarded = name.starts_with("x-forwarded") || name.starts_with("x-real");
    useful && !forwarded && !HEADERS.iter().any(|part| name.contains(part))
}

/// A body without the values of these members and of those that are credentials everywhere.
fn body<'a>(body: &'a [u8], members: &[&str]) -> Cow<'a, [u8]> {
    let mut redacted: Option<Vec<u8>> = None;
    let (mut at, mut copied) = (0, 0);
    while let Some(start) = find(body, at, |b| b == b'"') {
        at = end_of_string(body, start);
        let Some(colon) = find(body, at, |b| !b.is_ascii_whitespace()).filter(|i| body.get(*i) == Some(&b':')) else {
            continue;
        };
        if !is_credential(body.get(start..at).unwrap_or_default(), members) {
            continue;
        }
        let Some(value) = find(body, colon + 1, |b| !b.is_ascii_whitespace()) else { break };
        let end = match body.get(value) {
            Some(b'"') => end_of_string(body, value),
            // Nothing, or something with members of its own.
            Some(b'n' | b't' | b'f' | b'{' | b'[') | None => continue,
            Some(_) => {
                find(body, value, |b| matches!(b, b',' | b'}' | b']') || b.is_ascii_whitespace()).unwrap_or(body.len())
            }
        };
        let out = redacted.get_or_insert_with(|| Vec::with_capacity(body.len()));
        out.extend_from_slice(body.get(copied..value).unwrap_or_default());
        out.extend_from_slice(REDACTED);
        (at, copied) = (end, end);
    }
    match redacted {
        Some(mut out) => {
            out.extend_from_slice(body.get(copied..).unwrap_or_default());
            Cow::Owned(out)
        }
        None => Cow::Borrowed(body),
    }
}

/// The first place at or after `from` whose byte is wanted.
fn find(body: &[u8], from: usize, wanted: impl Fn(u8) -> bool) -> Option<usize> {
    body.iter().enumerate().skip(from).find(|(_, byte)| wanted(**byte)).map(|(at, _)| at)
}

/// Where the string that begins with the quote at `start` has ended; the body's end if it does not.
fn end_of_string(body: &[u8], start: usize) -> usize {
    let mut escaped = false;
    let end = body.iter().enumerate().skip(start + 1).find(|(_, byte)| {
        let ends = **byte == b'"' && !escaped;
        escaped = **byte == b'\\' && !escaped;
        ends
    });
    end.map_or(body.len(), |(at, _)| at + 1)
}

/// Whether a quoted name is that of a credential; it may be written with escapes.
fn is_credential(quoted: &[u8], members: &[&str]) -> bool {
    let Ok(name) = serde_json::from_slice::<String>(quoted) else { return false };
    MEMBERS.iter().chain(members).any(|member| member.eq_ignore_ascii_case(&name))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::{Value, json};

    fn redacted(text: &str) -> String {
        String::from_utf8(body(text.as_bytes(), &["webhookkey"]).into_owned()).unwrap()
    }

    #[test]
    fn only_the_values_of_credentials_are_replaced() {
        for (before, after) in [
            (r#"{"webhookkey": "ra\"ha\\","from":"628"}"#, r#"{"webhookkey": "***","from":"628"}"#),
            (r#"{"a":{"ApiKey":"x"},"b":[{"apikey" : "y" }]}"#, r#"{"a":{"ApiKey":"***"},"b":[{"apikey" : "***" }]}"#),
            (r#"{"webhookkey":123,"x":1}"#, r#"{"webhookkey":"***","x":1}"#),
            (r#"{"\u0077ebhookkey":"x"}"#, r#"{"\u0077ebhookkey":"***"}"#),
            (r#"{"webhookkey":"x","webhookkey":"y"}"#, r#"{"webhookkey":"***","webhookkey":"***"}"#),
            (r#"{"apikey":"cut off"#, r#"{"apikey":"***""#),
        ] {
            assert_eq!(redacted(before), after);
        }
        for same in [
            r#"{"text":"\"apikey\": \"x\"","keyword":"webhookkey"}"#,
            r#"["apikey","x"]"#,
            r#"{"apikey":null,"webhookkey":{"id":"x"}}"#,
            "",
            "\"",
            "\"apikey\"",
            "{\"apikey\":",
            "not json: apikey=x",
        ] {
            assert_eq!(redacted(same), same);
        }
    }

    #[test]
    fn headers_with_credentials_are_not_stored() {
        let names = [
            "content-type",
            "x-chatera-event",
            "x-request-id",
            "authorization",
            "x-api-key",
            "x-hub-signature-256",
            "x-webhook-hmac",
            "x-webhook-token",
            "x-forwarded-for",
            "x-auth",
            "cookie",
        ];
        let headers = names.iter().map(|name| ((*name).to_owned(), "v".to_owned())).collect();
        let stored = webhook(&Webhook { headers, ..Webhook::default() }, &[]);
        let left: Vec<_> = stored.headers.iter().map(|(name, _)| name.as_str()).collect();
        assert_eq!(left, ["content-type", "x-chatera-event", "x-request-id"]);
    }

    proptest! {
        #[test]
        fn bytes_without_credentials_are_unchanged(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
            prop_assert_eq!(&*body(&bytes, &[]), &bytes[..]);
        }

        #[test]
        fn json_stays_json_with_every_other_value(key in ".{0,12}", text in ".{0,40}", pretty: bool) {
            let value = json!({"a": {"apikey": key, "text": text}, "list": [{"x": text}, 1.5, null]});
            let written = if pretty { serde_json::to_string_pretty(&value) } else { serde_json::to_string(&value) };
            let mut wanted = value;
            wanted["a"]["apikey"] = json!("***");
            let read: Value = serde_json::from_str(&redacted(&written.unwrap())).unwrap();
            prop_assert_eq!(read, wanted);
        }
    }
}

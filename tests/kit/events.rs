//! What the gateways post, written from their documents, signed by an HMAC of our own calling.

use std::fmt::Write as _;
use std::time::{SystemTime, UNIX_EPOCH};

use hmac::{Hmac, KeyInit as _, Mac as _};
use serde_json::{Value, json};
use sha2::Sha256;

/// The signature key of every account.
pub(crate) const HOOK_SECRET: &str = "whsec_rahasia";
/// The webhook token of every account.
pub(crate) const TOKEN: &str = "0123456789abcdef0123456789abcdef";

/// A request to a webhook URL.
#[derive(Debug, Clone)]
pub(crate) struct Posted {
    /// Its headers.
    pub(crate) headers: Vec<(String, String)>,
    /// Its bytes.
    pub(crate) body: Vec<u8>,
}

/// The kinds of events, one for each way in which gateways speak.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Voice {
    Chatera,
    Cetar,
    CetarMeta,
    Waviro,
    CloudChat,
}

/// The path of an account's webhook URL.
pub(crate) fn hook_path(account: &str) -> String {
    format!("/webhooks/{account}/{TOKEN}")
}

/// An account for the configuration, with further lines.
pub(crate) fn account(name: &str, voice: Voice, base_url: &str, further: &str) -> String {
    let (provider, mode) = match voice {
        Voice::Chatera => ("chatera", ""),
        Voice::Cetar => ("cetar", "mode = \"unofficial\""),
        Voice::CetarMeta => ("cetar", "mode = \"meta\""),
        Voice::Waviro => ("waviro", ""),
        Voice::CloudChat => ("cloudchat", ""),
    };
    format!(
        "[[account]]\nname = \"{name}\"\nprovider = \"{provider}\"\n{mode}\nbase_url = \"{base_url}\"\n\
         api_key = \"sk_live_kunci\"\nwebhook_secret = \"{HOOK_SECRET}\"\nwebhook_token = \"{TOKEN}\"\n{further}\n"
    )
}

impl Voice {
    /// Every voice.
    pub(crate) const ALL: [Voice; 5] =
        [Voice::Chatera, Voice::Cetar, Voice::CetarMeta, Voice::Waviro, Voice::CloudChat];

    /// A good word for an account of this voice.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Voice::Chatera => "chatera",
            Voice::Cetar => "cetar",
            Voice::CetarMeta => "meta",
            Voice::Waviro => "waviro",
            Voice::CloudChat => "cloudchat",
        }
    }

    /// A customer's text, genuine. `id` names the message.
    pub(crate) fn says(self, id: &str, from: &str, text: &str) -> Posted {
        self.signed(&self.body(id, from, text))
    }

    /// The body of a customer's text.
    pub(crate) fn body(self, id: &str, from: &str, text: &str) -> Value {
        let at = seconds();
        match self {
            Voice::Chatera => chatera(
                "message.inbound",
                id,
                json!({
                    "messageId": id, "whatsappMessageId": format!("wamid.{id}"), "conversationId": format!("c-{from}"),
                    "contactId": format!("k-{from}"), "channelId": "ch-1", "direction": "inbound", "contentType": "text",
                    "content": {"text": text}, "sender": {"phone": format!("+{from}"), "name": "Budi"}
                }),
            ),
            Voice::Cetar => json!({
                "event": "message.received", "channel": "whatsapp", "session_id": "SESSION_12345",
                "data": {"message_id": id, "from": from, "sender_name": "Budi", "type": "text", "text": text,
                         "media_url": null, "button_id": null, "timestamp": at}
            }),
            Voice::CetarMeta => meta(&json!({
                "contacts": [{"profile": {"name": "Budi"}, "wa_id": from}],
                "messages": [{"from": from, "id": format!("wamid.{id}"), "timestamp": at.to_string(),
                              "type": "text", "text": {"body": text}}]
            })),
            Voice::Waviro => json!({
                "keyword": text, "data": {"nama": "Budi", "nohp": from}, "webhookkey": HOOK_SECRET, "from": from
            }),
            Voice::CloudChat => json!({
                "event": "message.received", "id": id, "timestamp": at, "channel": "whatsapp",
                "session_id": "uuid-session-001",
                "data": {"from": from, "pushName": "Budi", "text": text, "media": null}
            }),
        }
    }

    /// A body with the headers that prove it.
    pub(crate) fn signed(self, body: &Value) -> Posted {
        self.signed_at(body.to_string().as_bytes(), &seconds().to_string())
    }

    /// Bytes with the headers that prove them, as signed at a time (which only Chatera tells).
    pub(crate) fn signed_at(self, body: &[u8], at: &str) -> Posted {
        let mut headers = vec![("Content-Type".to_owned(), "application/json".to_owned())];
        let mut add = |name: &str, value: String| headers.push((name.to_owned(), value));
        match self {
            Voice::Chatera => {
                add("X-Chatera-Event", "message.inbound".to_owned());
                add("X-Chatera-Delivery-Id", format!("d-{}", sign(&[body])));
                add("X-Chatera-Timestamp", at.to_owned());
                add("X-Chatera-Signature", format!("sha256={}", sign(&[at.as_bytes(), b".", body])));
            }
            Voice::Cetar | Voice::CetarMeta => add("X-Hub-Signature-256", format!("sha256={}", sign(&[body]))),
            Voice::CloudChat => add("X-CloudChat-Signature", sign(&[body])),
            Voice::Waviro => {}
        }
        Posted { headers, body: body.to_vec() }
    }
}

pub(crate) fn chatera(event: &str, id: &str, mut data: Value) -> Value {
    data["timestamp"] = json!(iso());
    json!({"id": id, "event": event, "timestamp": iso(), "organization_id": "org-1", "data": data})
}

pub(crate) fn meta(further: &Value) -> Value {
    let mut value = json!({
        "messaging_product": "whatsapp",
        "metadata": {"display_phone_number": "6281100000000", "phone_number_id": "987"}
    });
    for (key, part) in further.as_object().unwrap() {
        value[key] = part.clone();
    }
    json!({"object": "whatsapp_business_account",
           "entry": [{"id": "WABA", "changes": [{"field": "messages", "value": value}]}]})
}

fn sign(parts: &[&[u8]]) -> String {
    let mut mac = Hmac::<Sha256>::new_from_slice(HOOK_SECRET.as_bytes()).unwrap();
    for part in parts {
        mac.update(part);
    }
    mac.finalize().into_bytes().iter().fold(String::new(), |mut hex, byte| {
        write!(hex, "{byte:02x}").unwrap();
        hex
    })
}

/// Seconds since 1970.
#[expect(clippy::disallowed_methods, reason = "the gateway's clock, not the program's")]
pub(crate) fn seconds() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs()
}

fn iso() -> String {
    jiff::Timestamp::from_second(i64::try_from(seconds()).unwrap()).unwrap().to_string()
}

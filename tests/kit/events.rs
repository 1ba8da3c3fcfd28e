//! Webhooks as the gateways' documents describe them, signed without the program's own code.

use hmac::{Hmac, KeyInit as _, Mac as _};
use serde_json::{Value, json};
use sha2::Sha256;
use std::fmt::Write as _;
use std::time::{SystemTime, UNIX_EPOCH};

/// The webhook secret of every account.
pub(crate) const WEBHOOK_SECRET: &str = "whsec_rahasia";
/// The webhook token of every account.
pub(crate) const TOKEN: &str = "0123456789abcdef0123456789abcdef";

/// The headers and body of a webhook.
#[derive(Debug, Clone)]
pub(crate) struct Webhook {
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
}

/// The kinds of webhooks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Dialect {
    Chatera,
    Cetar,
    CetarMeta,
    Waviro,
    CloudChat,
}

/// The path of an account's webhook URL.
pub(crate) fn webhook_path(account: &str) -> String {
    format!("/webhooks/{account}/{TOKEN}")
}

/// An account for the configuration, with further lines.
pub(crate) fn account(name: &str, dialect: Dialect, base_url: &str, further: &str) -> String {
    let (provider, mode) = match dialect {
        Dialect::Chatera => ("chatera", ""),
        Dialect::Cetar => ("cetar", "mode = \"unofficial\""),
        Dialect::CetarMeta => ("cetar", "mode = \"meta\""),
        Dialect::Waviro => ("waviro", ""),
        Dialect::CloudChat => ("cloudchat", ""),
    };
    format!(
        "[[account]]\nname = \"{name}\"\nprovider = \"{provider}\"\n{mode}\nbase_url = \"{base_url}\"\n\
         api_key = \"sk_live_kunci\"\nwebhook_secret = \"{WEBHOOK_SECRET}\"\nwebhook_token = \"{TOKEN}\"\n{further}\n"
    )
}

impl Dialect {
    pub(crate) const ALL: [Dialect; 5] =
        [Dialect::Chatera, Dialect::Cetar, Dialect::CetarMeta, Dialect::Waviro, Dialect::CloudChat];

    /// The name of an account of this dialect.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Dialect::Chatera => "chatera",
            Dialect::Cetar => "cetar",
            Dialect::CetarMeta => "meta",
            Dialect::Waviro => "waviro",
            Dialect::CloudChat => "cloudchat",
        }
    }

    /// A genuine webhook of a customer's text; `id` is the message's.
    pub(crate) fn text_event(self, id: &str, from: &str, text: &str) -> Webhook {
        self.signed(&self.body(id, from, text))
    }

    /// The body of a webhook of a customer's text.
    pub(crate) fn body(self, id: &str, from: &str, text: &str) -> Value {
        let at = seconds();
        match self {
            Dialect::Chatera => chatera(
                "message.inbound",
                id,
                json!({
                    "messageId": id, "whatsappMessageId": format!("wamid.{id}"), "conversationId": format!("c-{from}"),
                    "contactId": format!("k-{from}"), "channelId": "ch-1", "direction": "inbound", "contentType": "text",
                    "content": {"text": text}, "sender": {"phone": format!("+{from}"), "name": "Budi"}
                }),
            ),
            Dialect::Cetar => json!({
                "event": "message.received", "channel": "whatsapp", "session_id": "SESSION_12345",
                "data": {"message_id": id, "from": from, "sender_name": "Budi", "type": "text", "text": text,
                         "media_url": null, "button_id": null, "timestamp": at}
            }),
            Dialect::CetarMeta => meta(&json!({
                "contacts": [{"profile": {"name": "Budi"}, "wa_id": from}],
                "messages": [{"from": from, "id": format!("wamid.{id}"), "timestamp": at.to_string(),
                              "type": "text", "text": {"body": text}}]
            })),
            Dialect::Waviro => json!({
                "keyword": text, "data": {"nama": "Budi", "nohp": from}, "webhookkey": WEBHOOK_SECRET, "from": from
            }),
            Dialect::CloudChat => json!({
                "event": "message.received", "id": id, "timestamp": at, "channel": "whatsapp",
                "session_id": "uuid-session-001",
                "data": {"from": from, "pushName": "Budi", "text": text, "media": null}
            }),
        }
    }

    /// A webhook with this body and a valid signature.
    pub(crate) fn signed(self, body: &Value) -> Webhook {
        self.signed_at(body.to_string().as_bytes(), &seconds().to_string())
    }

    /// A webhook with these bytes and a valid signature of a time (which only Chatera sends).
    pub(crate) fn signed_at(self, body: &[u8], at: &str) -> Webhook {
        let mut headers = vec![("Content-Type".to_owned(), "application/json".to_owned())];
        let mut add = |name: &str, value: String| headers.push((name.to_owned(), value));
        match self {
            Dialect::Chatera => {
                add("X-Chatera-Event", "message.inbound".to_owned());
                add("X-Chatera-Delivery-Id", format!("d-{}", sign(&[body])));
                add("X-Chatera-Timestamp", at.to_owned());
                add("X-Chatera-Signature", format!("sha256={}", sign(&[at.as_bytes(), b".", body])));
            }
            Dialect::Cetar | Dialect::CetarMeta => add("X-Hub-Signature-256", format!("sha256={}", sign(&[body]))),
            Dialect::CloudChat => add("X-CloudChat-Signature", sign(&[body])),
            Dialect::Waviro => {}
        }
        Webhook { headers, body: body.to_vec() }
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
    let mut mac = Hmac::<Sha256>::new_from_slice(WEBHOOK_SECRET.as_bytes()).unwrap();
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

//! What the simulators of several gateways share: reading a request's key and JSON fields, answering a number
//! check, signing a webhook.
use serde_json::{Value, json};

use crate::domain::inbound::Receipt;
use crate::domain::{Channel, Content, Status};
use crate::providers::signature;
use crate::providers::simulator::GatewayRequest;
use crate::providers::types::{Profile, Request, Webhook};

/// The key of `Authorization: Bearer KEY`.
pub(crate) fn bearer_key(request: &Request) -> Option<&str> {
    request.header("authorization")?.strip_prefix("Bearer ")
}

/// The body of a request, if it is a JSON object.
pub(crate) fn json_object(request: &Request) -> Option<Value> {
    serde_json::from_slice(request.body.as_deref()?).ok().filter(Value::is_object)
}

/// A text field exactly as it was sent; `None` when it is missing, blank or not text.
pub(crate) fn text_field(object: &Value, name: &str) -> Option<String> {
    object.get(name)?.as_str().filter(|text| !text.trim().is_empty()).map(str::to_owned)
}

/// Whether a text is a phone number with its country code: 8 to 15 digits without `+` and without a leading 0.
pub(crate) fn is_phone_number(text: &str) -> bool {
    (8..=15).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit()) && !text.starts_with('0')
}

/// A request to send `content` to one person.
pub(crate) fn send_to_person(channel: Channel, to: String, content: Content) -> GatewayRequest {
    GatewayRequest::Send { channel, to, group: false, content, notify_url: None }
}

/// The status of a receipt as gateways write it; `None` for a status that no receipt reports.
pub(crate) fn receipt_status(receipt: &Receipt) -> Option<&'static str> {
    match receipt.status {
        Status::Sent | Status::Delivered | Status::Read | Status::Failed => Some(receipt.status.as_str()),
        Status::Received | Status::Queued | Status::Sending | Status::Unsure => None,
    }
}

/// The `data` in the response to a number check (seeds/002, "Cek Nomor WA").
pub(crate) fn number_check(phone: &str, registered: bool) -> Value {
    let jid = registered.then(|| format!("{phone}@s.whatsapp.net"));
    json!({"phone": phone, "jid": jid, "is_registered": registered})
}

/// A webhook with a JSON body, signed under the account's current secret when it has one: lower-case hex of the
/// HMAC over the body after `prefix`, in `header`.
pub(crate) fn signed_webhook(profile: &Profile, header: &str, prefix: &str, body: &Value) -> Webhook {
    let body = body.to_string().into_bytes();
    let mut headers = vec![("content-type".to_owned(), "application/json".to_owned())];
    if let Some(secret) = profile.webhook_secrets.iter().find(|secret| !secret.is_empty()) {
        headers.push((header.to_owned(), format!("{prefix}{}", signature::hex_signature(secret, &[&body]))));
    }
    Webhook { ack: false, headers, body }
}

//! Chatera's webhook: whether it is genuine, and what it reports.
//!
//! Invariant: no byte is parsed before its signature is checked.
//!
//! Source: providers.md 2.5 (public receivers that follow the vendor's webhook page), section 9 A2, A8, A13.

use std::time::Duration;

use serde_json::Value;

use super::content;
use super::manifest::MANIFEST;
use crate::domain::inbound::Receipt;
use crate::domain::{Channel, Direction, Failure, Inbound, Kind, Status, Timestamp};
use crate::providers::common::body::Body;
use crate::providers::common::json::{first_field, first_text, scalar};
use crate::providers::common::message::{self, FurtherIds, Header, nothing, unknown, with_bodies};
use crate::providers::common::response::failure_in;
use crate::providers::common::sender::SenderIds;
use crate::providers::signature::{self, SignatureCheck};
use crate::providers::types::{Profile, Verdict, Webhook};

/// How far the signed time may differ from ours (the public receivers' choice).
const SKEW_MAX: Duration = Duration::from_secs(300);

pub(super) fn verify(profile: &Profile, webhook: &Webhook, now: Timestamp) -> Verdict {
    let check = check_signature(profile, webhook, now);
    signature::verdict(profile, webhook, (check, MANIFEST.signs_webhooks), |body| key(webhook, body))
}

fn check_signature(profile: &Profile, webhook: &Webhook, now: Timestamp) -> SignatureCheck {
    let Some(signature) = webhook.header("x-chatera-signature").filter(|s| !s.trim().is_empty()) else {
        return SignatureCheck::Missing;
    };
    if let Some(stamp) = webhook.header("x-chatera-timestamp") {
        let parts: [&[u8]; 3] = [stamp.trim().as_bytes(), b".", &webhook.body];
        if signature::is_valid(&profile.webhook_secrets, &parts, signature) {
            let signed_at = Timestamp::from_gateway(&Value::from(stamp), now);
            let fresh =
                signed_at.is_some_and(|signed_at| now.since(signed_at) <= SKEW_MAX && signed_at.since(now) <= SKEW_MAX);
            return if fresh { SignatureCheck::Valid } else { SignatureCheck::TooOld };
        }
    }
    // The older form signs the body alone, without the time; the event's key stops a replay.
    signature::check_body(profile, webhook, &["x-chatera-signature"])
}

/// Delivery id with event and message id (A8): a delivery id alone must never drop a real message.
fn key(webhook: &Webhook, body: &Value) -> String {
    let event = event_name(webhook, body);
    let message = body.get("data").and_then(|data| first_text(data, &["messageId", "whatsappMessageId"]));
    let delivery = webhook.header("x-chatera-delivery-id").map(str::trim).filter(|id| !id.is_empty());
    let delivery = delivery.map(str::to_owned).or_else(|| first_text(body, &["id"]));
    match delivery {
        Some(delivery) => format!("{delivery}:{event}:{}", message.unwrap_or_default()),
        None => format!("{}:{event}", signature::fingerprint(&webhook.body)),
    }
}

fn event_name(webhook: &Webhook, body: &Value) -> String {
    let name = first_text(body, &["event", "type"]).or_else(|| webhook.header("x-chatera-event").map(str::to_owned));
    name.unwrap_or_default()
}

pub(super) fn interpret(profile: &Profile, webhook: &Webhook, arrival: Timestamp) -> Vec<Inbound> {
    message::read_event(webhook, |body| event_inbound(profile, webhook, body, arrival))
}

fn event_inbound(profile: &Profile, webhook: &Webhook, body: &Value, arrival: Timestamp) -> Vec<Inbound> {
    let name = event_name(webhook, body);
    // Receivers were seen that get the data at the root.
    let data = message::data(body);
    let event = Event { profile, data, at: message::time([data, body], arrival) };
    let inbound = match name.as_str() {
        "message.inbound" => event.messages(Direction::In),
        "message.sent" => event.echo_or_receipt(),
        "message.delivered" => event.receipt(Status::Delivered),
        "message.read" => event.receipt(Status::Read),
        "message.failed" => event.receipt(Status::Failed),
        "contact.created" | "contact.updated" => Some(event.contact_name().unwrap_or_else(|| vec![nothing(&name)])),
        "verification_ping" | "test.ping" => Some(vec![nothing(&name)]),
        // `conversation.assigned` is sent for automatic routing too, so it does not mean a person.
        _ if name.starts_with("conversation.") => Some(vec![nothing(&name)]),
        _ => Some(event.unsupported().unwrap_or_default().into_iter().chain([unknown(&name)]).collect()),
    };
    inbound.unwrap_or_else(|| vec![unknown(&name)])
}

struct Event<'a> {
    profile: &'a Profile,
    data: &'a Value,
    at: Option<Timestamp>,
}

impl Event<'_> {
    fn channel(&self) -> Option<Channel> {
        // Conversations are on WhatsApp, Instagram or Facebook (seed 001); few events name the channel.
        first_text(self.data, &["channel", "channelType", "platform"])?.to_ascii_lowercase().parse().ok()
    }

    fn header(&self, direction: Direction) -> Header {
        let field = |name: &str| first_text(self.data, &[name]);
        let ids = match direction {
            Direction::In => {
                [self.inner("sender", "phone"), field("from"), field("phone"), self.inner("contact", "phone")]
            }
            Direction::Out | Direction::Internal => {
                [field("phone"), field("to"), self.inner("recipient", "phone"), self.inner("sender", "phone")]
            }
        };
        Header {
            channel: self.channel(),
            names: SenderIds {
                ids: ids.into_iter().flatten().collect(),
                gateway_ids: [field("contactId"), self.inner("contact", "id")].into_iter().flatten().collect(),
                name: self.name(),
            },
            direction,
            remote_id: self.remote_id(),
            unique: true,
            at: self.at,
        }
    }

    fn inner(&self, object: &str, field: &str) -> Option<String> {
        first_text(self.data.get(object)?, &[field])
    }

    fn name(&self) -> Option<String> {
        let inner = ["sender", "contact"].into_iter().find_map(|object| self.inner(object, "name"));
        inner.or_else(|| first_text(self.data, &["name"]))
    }

    /// Receipts and responses to sends have a `messageId`; WhatsApp's own id is used only where it is missing.
    fn remote_id(&self) -> Option<String> {
        first_text(self.data, &["messageId", "whatsappMessageId"])
    }

    fn messages(&self, direction: Direction) -> Option<Vec<Inbound>> {
        let message = self.header(direction).message(self.profile.channel, self.data)?;
        let bodies = content::bodies(self.data, &self.profile.base_url);
        Some(with_bodies(&message, bodies, FurtherIds::Numbered))
    }

    /// `message.sent` reports what was sent, by whomever; without a recipient or content it is only a receipt.
    fn echo_or_receipt(&self) -> Option<Vec<Inbound>> {
        let echo = content::is_present(self.data).then(|| self.messages(Direction::Out)).flatten();
        echo.or_else(|| self.receipt(Status::Sent))
    }

    fn receipt(&self, status: Status) -> Option<Vec<Inbound>> {
        let receipt = Receipt {
            remote_id: self.remote_id()?,
            status,
            failure: (status == Status::Failed).then(|| self.failure()).flatten(),
            recipient: None,
            may_infer: false,
            at: self.at,
        };
        Some(vec![Inbound::Receipt(receipt)])
    }

    /// Where an event has the detail of a failure is not documented; all places of A15 are tried.
    fn failure(&self) -> Option<Failure> {
        let reason = first_field(self.data, &["reason", "failureReason", "failure_reason"]);
        failure_in(self.data).or_else(|| {
            let reason = reason?;
            failure_in(reason).or_else(|| scalar(reason).map(|text| Failure::new("failed", text)))
        })
    }

    fn contact_name(&self) -> Option<Vec<Inbound>> {
        let header = self.header(Direction::In);
        let peer = header.sender(self.profile.channel, self.data)?.peer;
        Some(vec![Inbound::Named { channel: header.channel, peer, name: header.names.name? }])
    }

    /// The message of an event of a later version that has both a sender and content.
    fn unsupported(&self) -> Option<Vec<Inbound>> {
        let is_outbound = first_text(self.data, &["direction"]).is_some_and(|d| d == "outbound");
        let direction = if is_outbound { Direction::Out } else { Direction::In };
        self.data.get("sender").filter(|_| content::is_present(self.data))?;
        let message = self.header(direction).message(self.profile.channel, self.data)?;
        let text = content::bodies(self.data, &self.profile.base_url).into_iter().next()?.text;
        let body = Body { kind: Kind::Unsupported, text, media: None, payload: Some(self.data.clone()) };
        Some(with_bodies(&message, vec![body], FurtherIds::Numbered))
    }
}

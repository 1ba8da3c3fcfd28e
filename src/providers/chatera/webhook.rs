//! Chatera's webhook: is it genuine, and what does it claim.
//!
//! Invariant: no byte is parsed before the signature was judged.
//!
//! Source: providers.md 2.5 (public receivers that follow the vendor's webhook page), section 9 A2, A8, A13.

use std::time::Duration;

use serde_json::Value;

use super::content;
use crate::domain::inbound::{InboundMessage, Receipt};
use crate::domain::{Channel, Direction, Failure, Inbound, Kind, Status, Timestamp};
use crate::providers::common::body::Body;
use crate::providers::common::json::scalar;
use crate::providers::common::json::{first_field, first_text};
use crate::providers::common::response::failure_in;
use crate::providers::common::sender;
use crate::providers::signature;
use crate::providers::signature::SignatureCheck;
use crate::providers::types::Profile;
use crate::providers::types::Verdict;
use crate::providers::types::Webhook;

/// How far the signed time may lie from ours (the public receivers' choice).
const SKEW: Duration = Duration::from_secs(300);

pub(crate) fn verify(profile: &Profile, webhook: &Webhook, now: Timestamp) -> Verdict {
    signature::verdict(profile, webhook, proof(profile, webhook, now), |body| key(webhook, body))
}

fn proof(profile: &Profile, webhook: &Webhook, now: Timestamp) -> SignatureCheck {
    let Some(signature) = webhook.header("x-chatera-signature").filter(|s| !s.trim().is_empty()) else {
        return SignatureCheck::Missing;
    };
    if let Some(stamp) = webhook.header("x-chatera-timestamp") {
        let parts: [&[u8]; 3] = [stamp.trim().as_bytes(), b".", &webhook.body];
        if signature::is_valid(&profile.webhook_secrets, &parts, signature) {
            let made = Timestamp::from_gateway(&Value::from(stamp), now);
            let fresh = made.is_some_and(|made| now.since(made) <= SKEW && made.since(now) <= SKEW);
            return if fresh { SignatureCheck::Valid } else { SignatureCheck::TooOld };
        }
    }
    // The older form signs the body alone, so it says nothing of time; the event's key stops a replay.
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
    let named = first_text(body, &["event", "type"]).or_else(|| webhook.header("x-chatera-event").map(str::to_owned));
    named.unwrap_or_default()
}

pub(crate) fn interpret(profile: &Profile, webhook: &Webhook, arrival: Timestamp) -> Vec<Inbound> {
    let Some(body) = webhook.value() else { return vec![Inbound::Unknown { event: "not JSON".to_owned() }] };
    let event = event_name(webhook, &body);
    // Receivers were seen that get the data at the root.
    let data = body.get("data").filter(|d| d.is_object()).unwrap_or(&body);
    let told = Told { profile, data, at: time(data, &body, arrival) };
    match event.as_str() {
        "message.inbound" => told.messages(Direction::In).unwrap_or_else(|| unknown(event)),
        "message.sent" => told.echo_or_receipt().unwrap_or_else(|| unknown(event)),
        "message.delivered" => told.receipt(Status::Delivered).unwrap_or_else(|| unknown(event)),
        "message.read" => told.receipt(Status::Read).unwrap_or_else(|| unknown(event)),
        "message.failed" => told.receipt(Status::Failed).unwrap_or_else(|| unknown(event)),
        "contact.created" | "contact.updated" => told.named().unwrap_or_else(|| nothing(event)),
        // `conversation.assigned` fires for automatic routing too, so it says nothing of a person.
        "verification_ping" | "test.ping" => nothing(event),
        _ if event.starts_with("conversation.") => nothing(event),
        _ => told.unsupported().into_iter().chain(unknown(event)).collect(),
    }
}

fn unknown(event: String) -> Vec<Inbound> {
    vec![Inbound::Unknown { event }]
}

fn nothing(event: String) -> Vec<Inbound> {
    vec![Inbound::Nothing { event }]
}

fn time(data: &Value, body: &Value, arrival: Timestamp) -> Option<Timestamp> {
    [data.get("timestamp"), body.get("timestamp")]
        .into_iter()
        .flatten()
        .find_map(|value| Timestamp::from_gateway(value, arrival))
}

/// An event's data with what surrounds it.
struct Told<'a> {
    profile: &'a Profile,
    data: &'a Value,
    at: Option<Timestamp>,
}

impl Told<'_> {
    fn channel(&self) -> Option<Channel> {
        // Every conversation of theirs runs on WhatsApp, Instagram or Facebook (seed 001); events name it seldom.
        first_text(self.data, &["channel", "channelType", "platform"])?.to_ascii_lowercase().parse().ok()
    }

    fn party(&self, direction: Direction) -> Option<sender::Sender> {
        let at = |object: &str, field: &str| self.data.get(object).and_then(|o| first_text(o, &[field]));
        let own = |field: &str| first_text(self.data, &[field]);
        let ids = match direction {
            Direction::In => [at("sender", "phone"), own("from"), own("phone"), at("contact", "phone")],
            Direction::Out => [own("phone"), own("to"), at("recipient", "phone"), at("sender", "phone")],
        };
        let names = sender::SenderIds {
            ids: ids.into_iter().flatten().collect(),
            gateway_ids: [own("contactId"), at("contact", "id")].into_iter().flatten().collect(),
            name: self.name(),
        };
        sender::read(self.channel().unwrap_or(self.profile.channel), &names, self.data)
    }

    fn name(&self) -> Option<String> {
        ["sender", "contact"]
            .into_iter()
            .find_map(|object| self.data.get(object).and_then(|o| first_text(o, &["name"])))
            .or_else(|| first_text(self.data, &["name"]))
    }

    /// Receipts and send answers carry `messageId`; WhatsApp's own id stands in only where it is missing.
    fn remote_id(&self) -> Option<String> {
        first_text(self.data, &["messageId", "whatsappMessageId"])
    }

    fn messages(&self, direction: Direction) -> Option<Vec<Inbound>> {
        let party = self.party(direction)?;
        let bodies = content::bodies(self.data, &self.profile.base_url);
        Some(bodies.into_iter().enumerate().map(|(at, body)| self.message(&party, direction, at, body)).collect())
    }

    fn message(&self, party: &sender::Sender, direction: Direction, at: usize, body: Body) -> Inbound {
        // One event with several files has one id; the further files are told apart by their place.
        let remote_id = self.remote_id().map(|id| if at == 0 { id } else { format!("{id}#{}", at + 1) });
        Inbound::Message(Box::new(InboundMessage {
            channel: self.channel(),
            peer: party.peer.clone(),
            direction,
            // In a group the sender's name is the member's; of an echo it is ours.
            name: (!party.peer.group && direction == Direction::In).then(|| self.name()).flatten(),
            member: party.member.clone(),
            unique: remote_id.is_some(),
            remote_id,
            kind: body.kind,
            text: body.text,
            media: body.media,
            payload: body.payload,
            at: self.at,
            keyword: None,
        }))
    }

    /// `message.sent` tells what was sent, by whomever; without a recipient or content it is only a receipt.
    fn echo_or_receipt(&self) -> Option<Vec<Inbound>> {
        if content::is_told(self.data)
            && let Some(messages) = self.messages(Direction::Out)
        {
            return Some(messages);
        }
        self.receipt(Status::Sent)
    }

    fn receipt(&self, status: Status) -> Option<Vec<Inbound>> {
        let failed = status == Status::Failed;
        let receipt = Receipt {
            remote_id: self.remote_id()?,
            status,
            failure: failed.then(|| self.failure()).flatten(),
            recipient: None,
            may_infer: false,
            at: self.at,
        };
        Some(vec![Inbound::Receipt(receipt)])
    }

    /// Where a failure's detail stands is in no document; all places of A15 are read.
    fn failure(&self) -> Option<Failure> {
        let reason = first_field(self.data, &["reason", "failureReason", "failure_reason"]);
        failure_in(self.data).or_else(|| {
            let reason = reason?;
            failure_in(reason).or_else(|| scalar(reason).map(|words| Failure::new("failed", words)))
        })
    }

    fn named(&self) -> Option<Vec<Inbound>> {
        let name = self.name()?;
        let peer = self.party(Direction::In)?.peer;
        Some(vec![Inbound::Named { channel: self.channel(), peer, name }])
    }

    /// An event of a later version in which somebody clearly says something.
    fn unsupported(&self) -> Option<Inbound> {
        let out = first_text(self.data, &["direction"]).is_some_and(|d| d == "outbound");
        let direction = if out { Direction::Out } else { Direction::In };
        self.data.get("sender").filter(|_| content::is_told(self.data))?;
        let party = self.party(direction)?;
        let text = content::bodies(self.data, &self.profile.base_url).into_iter().next()?.text;
        let body = Body { kind: Kind::Unsupported, text, media: None, payload: Some(self.data.clone()) };
        Some(self.message(&party, direction, 0, body))
    }
}

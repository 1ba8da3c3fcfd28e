//! CloudChat's webhook: whether it is genuine, and what it reports.
//!
//! Invariant: no byte is parsed before its signature is checked.
//!
//! Sources: seed 004, "Webhooks"; providers.md 5.2 for the events and fields beyond it, section 9 A1, A8, A13, A14.

use serde_json::Value;

use super::manifest::MANIFEST;
use crate::domain::inbound::Receipt;
use crate::domain::{Channel, Direction, Failure, Inbound, Kind, SessionState, Status, Timestamp};
use crate::providers::common::body::{self, Body};
use crate::providers::common::json::{first_text, scalar};
use crate::providers::common::message::{self, FurtherIds, Header, nothing, unknown, with_bodies};
use crate::providers::common::response::failure_in;
use crate::providers::common::sender::{self, SenderIds};
use crate::providers::signature;
use crate::providers::types::{Profile, Verdict, Webhook};

/// The page's header, and the one of the CRM with the same envelope.
const SIGNATURE_HEADERS: &[&str] = &["x-cloudchat-signature", "x-reply-signature"];

pub(super) fn verify(profile: &Profile, webhook: &Webhook) -> Verdict {
    let check = signature::check_body(profile, webhook, SIGNATURE_HEADERS);
    signature::verdict(profile, webhook, (check, MANIFEST.signs_webhooks), |body| key(webhook, body))
}

/// Event, session, id and hash of the data (A8), for an id alone is not unique. Without an id the whole body is
/// hashed, so that the same text sent twice is two events.
fn key(webhook: &Webhook, body: &Value) -> String {
    let field = |name: &str| first_text(body, &[name]).unwrap_or_default();
    let hash = match (body.get("id").and_then(scalar), body.get("data")) {
        (Some(_), Some(data)) => signature::fingerprint(data.to_string().as_bytes()),
        _ => signature::fingerprint(&webhook.body),
    };
    format!("{}:{}:{}:{hash}", field("event"), field("session_id"), field("id"))
}

pub(super) fn interpret(profile: &Profile, webhook: &Webhook, arrival: Timestamp) -> Vec<Inbound> {
    message::read_event(webhook, |body| event_inbound(profile, body, arrival))
}

fn event_inbound(profile: &Profile, body: &Value, arrival: Timestamp) -> Vec<Inbound> {
    let name = first_text(body, &["event"]).unwrap_or_default();
    let data = message::data(body);
    let event = Event { profile, body, data, at: message::time([data, body], arrival) };
    let inbound = match name.as_str() {
        "message.ack" => event.receipt(),
        "status.update" => event.session(),
        "verification_ping" | "test.ping" => Some(vec![nothing(&name)]),
        _ if name.starts_with("conversation.") => Some(vec![nothing(&name)]),
        _ if name.starts_with("contact.") => Some(event.contact_name().unwrap_or_else(|| vec![nothing(&name)])),
        "message.received" => event.messages(),
        // Organisation-level webhooks have messages under names that no document lists.
        _ if name.starts_with("message.") && data.get("message").is_some_and(Value::is_object) => event.messages(),
        _ => None,
    };
    inbound.unwrap_or_else(|| event.unsupported().unwrap_or_default().into_iter().chain([unknown(&name)]).collect())
}

/// The channel under any of its names.
fn parse_channel(name: &str) -> Option<Channel> {
    match name.to_ascii_lowercase().as_str() {
        "wa" | "whatsapp_official" | "whatsapp_unofficial" => Some(Channel::WhatsApp),
        "ig" => Some(Channel::Instagram),
        "fb" | "facebook" => Some(Channel::Messenger),
        name => name.parse().ok(),
    }
}

struct Event<'a> {
    profile: &'a Profile,
    body: &'a Value,
    data: &'a Value,
    at: Option<Timestamp>,
}

/// The message of an event, of either webhook level.
struct Message<'a> {
    header: Header,
    /// The gateway's name for the kind of content.
    content_type: Option<String>,
    /// Where text and media are searched for, the innermost object first.
    sources: Vec<&'a Value>,
}

impl<'a> Event<'a> {
    fn channel(&self) -> Option<Channel> {
        [self.data, self.body].into_iter().find_map(|object| parse_channel(&first_text(object, &["channel"])?))
    }

    fn message(&self) -> Message<'a> {
        match self.data.get("message").filter(|m| m.is_object()) {
            Some(message) => self.organisation_message(message),
            None => self.session_message(),
        }
    }

    /// `data` of seed 004 and of providers.md 5.2.
    fn session_message(&self) -> Message<'a> {
        let data = self.data;
        let direction = direction(data);
        let ids = match direction {
            // Not `phone`: in `status.update` that is our own number, which would make all customers one.
            Direction::In => {
                ["from", "senderPn", "sender_pn", "lid"].iter().filter_map(|n| first_text(data, &[n])).collect()
            }
            // Of a message of ours only the first of these can be the recipient.
            Direction::Out | Direction::Internal => {
                first_text(data, &["to", "recipient", "chatId", "chat_id", "from"]).into_iter().collect()
            }
        };
        let content_type = first_text(data, &["type"]);
        let inner = content_type.as_ref().and_then(|name| data.get(name)).filter(|v| v.is_object());
        // The envelope's id is WhatsApp's own when it is known, else `evt_…`, which names the event only.
        let envelope_id = first_text(self.body, &["id"]).filter(|id| !id.starts_with("evt_"));
        let channel = self.channel();
        let header = Header {
            channel,
            names: SenderIds {
                ids,
                gateway_ids: Vec::new(),
                name: first_text(data, &["pushName", "push_name", "sender_name", "name"]),
            },
            direction,
            remote_id: first_text(data, &["waMessageId", "message_id", "messageId", "id"]).or(envelope_id),
            // Telegram counts its messages anew in every chat (Bot API, "Message").
            unique: channel.unwrap_or(self.profile.channel) != Channel::Telegram,
            at: self.at,
        };
        Message { header, content_type, sources: inner.into_iter().chain([data]).collect() }
    }

    /// `{conversationId, message:{id,type,content,from_me}, contact:{id,phone}, channel}`.
    fn organisation_message(&self, message: &'a Value) -> Message<'a> {
        let content = message.get("content").filter(|c| !c.is_null());
        let content_type = first_text(message, &["type"]);
        let inner = content_type.as_ref().and_then(|name| content?.get(name)).filter(|v| v.is_object());
        let header = Header {
            channel: self.channel(),
            names: contact_names(self.data.get("contact").unwrap_or(&Value::Null)),
            direction: direction(message),
            remote_id: first_text(message, &["id"]),
            // The organisation's own id, unique on every channel.
            unique: true,
            at: self.at,
        };
        Message { header, content_type, sources: inner.into_iter().chain(content).chain([message]).collect() }
    }

    fn messages(&self) -> Option<Vec<Inbound>> {
        let Message { header, content_type, sources } = self.message();
        let message = header.message(self.profile.channel, self.data)?;
        let bodies = body::read(content_type.as_deref(), &sources, &self.profile.base_url);
        Some(with_bodies(&message, bodies, FurtherIds::Numbered))
    }

    /// `message.ack` names WhatsApp's id, while the response to a send has a number (A7).
    fn receipt(&self) -> Option<Vec<Inbound>> {
        let data = self.data;
        let status = match first_text(data, &["status", "ack"])?.to_ascii_lowercase().as_str() {
            "pending" | "queued" | "0" => return Some(vec![nothing("message.ack")]),
            "sent" | "server" | "1" => Status::Sent,
            "delivered" | "device" | "2" => Status::Delivered,
            "read" | "played" | "3" | "4" => Status::Read,
            "failed" | "error" | "-1" => Status::Failed,
            _ => return None,
        };
        let channel = self.channel().unwrap_or(self.profile.channel);
        let recipient = first_text(data, &["to", "recipient", "recipient_id", "chatId"]);
        let reason = || first_text(data, &["reason"]).map(|reason| Failure::new("failed", reason));
        Some(vec![Inbound::Receipt(Receipt {
            remote_id: first_text(data, &["id", "waMessageId", "messageId", "message_id"])?,
            status,
            failure: (status == Status::Failed).then(|| failure_in(data).or_else(reason)).flatten(),
            recipient: recipient.and_then(|id| sender::person(channel, &[id], &[])).map(|peer| peer.id),
            may_infer: true,
            at: self.at,
        })])
    }

    fn session(&self) -> Option<Vec<Inbound>> {
        let detail = first_text(self.data, &["status"])?;
        let session = first_text(self.body, &["session_id"]);
        if self.profile.session.is_some() && session.is_some() && self.profile.session != session {
            // Another device under the same key: its state is not this account's.
            return Some(vec![nothing("status.update")]);
        }
        let state = match detail.to_ascii_lowercase().as_str() {
            "connected" => SessionState::Connected,
            "disconnected" => SessionState::LoggedOut,
            // Indonesian for blocked, which here means banned by WhatsApp.
            "terblokir" | "banned" => SessionState::Banned,
            // "created" means that the session exists, not that a phone is linked.
            _ => SessionState::Unknown,
        };
        Some(vec![Inbound::Session { state, detail }])
    }

    fn contact_name(&self) -> Option<Vec<Inbound>> {
        let names = contact_names(self.data.get("contact").filter(|c| c.is_object()).unwrap_or(self.data));
        let channel = self.channel();
        let peer = sender::read(channel.unwrap_or(self.profile.channel), &names, self.data)?.peer;
        Some(vec![Inbound::Named { channel, peer, name: names.name? }])
    }

    /// The message of an event of a later version that has both a sender and a text.
    fn unsupported(&self) -> Option<Vec<Inbound>> {
        let Message { header, sources, .. } = self.message();
        let text = body::text_in(&sources)?;
        let message = header.message(self.profile.channel, self.data)?;
        let body = Body { kind: Kind::Unsupported, text, media: None, payload: Some(self.data.clone()) };
        Some(with_bodies(&message, vec![body], FurtherIds::Numbered))
    }
}

fn contact_names(contact: &Value) -> SenderIds {
    SenderIds {
        ids: first_text(contact, &["phone"]).into_iter().collect(),
        gateway_ids: first_text(contact, &["id"]).into_iter().collect(),
        name: first_text(contact, &["name", "pushName"]),
    }
}

fn direction(message: &Value) -> Direction {
    let is_ours = ["fromMe", "from_me"].iter().any(|name| message.get(*name) == Some(&Value::Bool(true)));
    if is_ours { Direction::Out } else { Direction::In }
}

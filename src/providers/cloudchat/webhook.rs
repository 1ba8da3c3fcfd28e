//! CloudChat's webhook: is it genuine, and what does it claim.
//!
//! Invariant: no byte is parsed before the signature was judged.
//!
//! Sources: seed 004, "Webhooks"; providers.md 5.2 for the events and fields beyond it, section 9 A1, A8, A13, A14.

use serde_json::Value;

use crate::domain::inbound::{InboundMessage, Receipt};
use crate::domain::{Channel, Direction, Failure, Inbound, Kind, SessionState, Status, Timestamp};
use crate::providers::common::body;
use crate::providers::common::body::Body;
use crate::providers::common::json::scalar;
use crate::providers::common::json::{first_field, first_text};
use crate::providers::common::response::failure_in;
use crate::providers::common::sender;
use crate::providers::signature;
use crate::providers::types::Profile;
use crate::providers::types::Verdict;
use crate::providers::types::Webhook;

/// The page's header, and the one of the CRM with the same envelope.
const SIGNATURES: &[&str] = &["x-cloudchat-signature", "x-reply-signature"];

pub(crate) fn verify(profile: &Profile, webhook: &Webhook) -> Verdict {
    let proof = signature::check_body(profile, webhook, SIGNATURES);
    signature::verdict(profile, webhook, proof, |body| key(webhook, body))
}

/// Event, session, id and hash of the data (A8), for an id alone is not unique. Without an id the whole body
/// is hashed, so that the same words said twice stay two events.
fn key(webhook: &Webhook, body: &Value) -> String {
    let field = |name: &str| first_text(body, &[name]).unwrap_or_default();
    let hashed = match (body.get("id").and_then(scalar), body.get("data")) {
        (Some(_), Some(data)) => signature::fingerprint(data.to_string().as_bytes()),
        _ => signature::fingerprint(&webhook.body),
    };
    format!("{}:{}:{}:{hashed}", field("event"), field("session_id"), field("id"))
}

pub(crate) fn interpret(profile: &Profile, webhook: &Webhook, arrival: Timestamp) -> Vec<Inbound> {
    let Some(body) = webhook.value() else { return vec![Inbound::Unknown { event: "not JSON".to_owned() }] };
    let event = first_text(&body, &["event"]).unwrap_or_default();
    let data = body.get("data").filter(|d| d.is_object()).unwrap_or(&body);
    let at = [data.get("timestamp"), body.get("timestamp")]
        .into_iter()
        .flatten()
        .find_map(|value| Timestamp::from_gateway(value, arrival));
    let told = Told { profile, body: &body, data, at };
    let read = match event.as_str() {
        "message.ack" => told.receipt(),
        "status.update" => told.session(),
        "verification_ping" | "test.ping" => Some(nothing(&event)),
        _ if event.starts_with("conversation.") => Some(nothing(&event)),
        _ if event.starts_with("contact.") => Some(told.named().unwrap_or_else(|| nothing(&event))),
        "message.received" => told.messages(),
        // Organisation-level webhooks have messages under names that no document lists.
        _ if event.starts_with("message.") && data.get("message").is_some_and(Value::is_object) => told.messages(),
        _ => None,
    };
    read.unwrap_or_else(|| {
        let unknown = Inbound::Unknown { event: event.clone() };
        told.unsupported().into_iter().chain([unknown]).collect()
    })
}

fn nothing(event: &str) -> Vec<Inbound> {
    vec![Inbound::Nothing { event: event.to_owned() }]
}

/// The channel that a word means.
fn channel_of(word: &str) -> Option<Channel> {
    match word.to_ascii_lowercase().as_str() {
        "wa" | "whatsapp_official" | "whatsapp_unofficial" => Some(Channel::WhatsApp),
        "ig" => Some(Channel::Instagram),
        "fb" | "facebook" => Some(Channel::Messenger),
        word => word.parse().ok(),
    }
}

/// An event with its data.
struct Told<'a> {
    profile: &'a Profile,
    body: &'a Value,
    data: &'a Value,
    at: Option<Timestamp>,
}

/// The message of an event, of either webhook level.
struct Letter<'a> {
    /// The object that holds the message's own fields.
    object: &'a Value,
    /// Where text and media are looked for.
    sources: Vec<&'a Value>,
    names: sender::SenderIds,
    direction: Direction,
    remote_id: Option<String>,
    /// The id is unique beyond its conversation.
    unique: bool,
}

impl<'a> Told<'a> {
    fn channel(&self) -> Option<Channel> {
        [self.data, self.body].into_iter().find_map(|object| channel_of(&first_text(object, &["channel"])?))
    }

    fn letter(&self) -> Letter<'a> {
        match self.data.get("message").filter(|m| m.is_object()) {
            Some(message) => self.organisation_letter(message),
            None => self.session_letter(),
        }
    }

    /// `data` of seed 004 and of providers.md 5.2.
    fn session_letter(&self) -> Letter<'a> {
        let data = self.data;
        let direction = direction(data);
        let senders: &[&str] = match direction {
            // Not `phone`: in `status.update` that is our own number, which would make all customers one.
            Direction::In => &["from", "senderPn", "sender_pn", "lid"],
            Direction::Out => &["to", "recipient", "chatId", "chat_id", "from"],
        };
        let inner = first_text(data, &["type"]).and_then(|word| data.get(&word)).filter(|v| v.is_object());
        // The envelope's id is WhatsApp's own when it is known, else `evt_…`, which names the event only.
        let envelope = first_text(self.body, &["id"]).filter(|id| !id.starts_with("evt_"));
        Letter {
            object: data,
            sources: inner.into_iter().chain([data]).collect(),
            names: sender::SenderIds {
                ids: match direction {
                    Direction::In => senders.iter().filter_map(|name| first_text(data, &[name])).collect(),
                    // Of our own message only the first name that is there can be the other side's.
                    Direction::Out => first_text(data, senders).into_iter().collect(),
                },
                gateway_ids: Vec::new(),
                name: first_text(data, &["pushName", "push_name", "sender_name", "name"]),
            },
            direction,
            remote_id: first_text(data, &["waMessageId", "message_id", "messageId", "id"]).or(envelope),
            // Telegram counts its messages anew in every chat (Bot API, "Message").
            unique: self.channel().unwrap_or(self.profile.channel) != Channel::Telegram,
        }
    }

    /// `{conversationId, message:{id,type,content,from_me}, contact:{id,phone}, channel}`.
    fn organisation_letter(&self, message: &'a Value) -> Letter<'a> {
        let contact = self.data.get("contact").unwrap_or(&Value::Null);
        let content = message.get("content").filter(|c| !c.is_null());
        let inner = first_text(message, &["type"]).and_then(|word| content?.get(&word)).filter(|v| v.is_object());
        Letter {
            object: message,
            sources: inner.into_iter().chain(content).chain([message]).collect(),
            names: sender::SenderIds {
                ids: first_text(contact, &["phone"]).into_iter().collect(),
                gateway_ids: first_text(contact, &["id"]).into_iter().collect(),
                name: first_text(contact, &["name", "pushName"]),
            },
            direction: direction(message),
            remote_id: first_text(message, &["id"]),
            // The organisation's own id, whatever the channel.
            unique: true,
        }
    }

    fn messages(&self) -> Option<Vec<Inbound>> {
        let letter = self.letter();
        let word = first_text(letter.object, &["type"]);
        let party = self.party(&letter)?;
        let bodies = body::read(word.as_deref(), &letter.sources, &self.profile.base_url);
        Some(bodies.into_iter().enumerate().map(|(at, body)| self.message(&letter, &party, at, body)).collect())
    }

    fn party(&self, letter: &Letter<'_>) -> Option<sender::Sender> {
        sender::read(self.channel().unwrap_or(self.profile.channel), &letter.names, self.data)
    }

    fn message(&self, letter: &Letter<'_>, party: &sender::Sender, at: usize, body: Body) -> Inbound {
        // One event with several files has one id; the further files are told apart by their place.
        let id = letter.remote_id.clone();
        let remote_id = id.map(|id| if at == 0 { id } else { format!("{id}#{}", at + 1) });
        let named = !party.peer.group && letter.direction == Direction::In;
        Inbound::Message(Box::new(InboundMessage {
            channel: self.channel(),
            peer: party.peer.clone(),
            direction: letter.direction,
            name: letter.names.name.clone().filter(|_| named),
            member: party.member.clone(),
            unique: letter.unique && remote_id.is_some(),
            remote_id,
            kind: body.kind,
            text: body.text,
            media: body.media,
            payload: body.payload,
            at: self.at,
            keyword: None,
        }))
    }

    /// `message.ack` names WhatsApp's id, while the answer to a send gave a number (A7).
    fn receipt(&self) -> Option<Vec<Inbound>> {
        let data = self.data;
        let word = first_text(data, &["status", "ack"])?.to_ascii_lowercase();
        let status = match word.as_str() {
            "pending" | "queued" | "0" => return Some(nothing("message.ack")),
            "sent" | "server" | "1" => Status::Sent,
            "delivered" | "device" | "2" => Status::Delivered,
            "read" | "played" | "3" | "4" => Status::Read,
            "failed" | "error" | "-1" => Status::Failed,
            _ => return None,
        };
        let channel = self.channel().unwrap_or(self.profile.channel);
        let recipient = first_text(data, &["to", "recipient", "recipient_id", "chatId"]);
        let reason = || first_text(data, &["reason"]).map(|words| Failure::new("failed", words));
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
        let word = first_text(self.data, &["status"])?;
        let session = first_field(self.body, &["session_id"]).and_then(scalar);
        if let (Some(ours), Some(theirs)) = (&self.profile.session, session)
            && *ours != theirs
        {
            // Another device under the same key: its state is not this account's.
            return Some(nothing("status.update"));
        }
        let state = match word.to_ascii_lowercase().as_str() {
            "connected" => SessionState::Connected,
            "disconnected" => SessionState::LoggedOut,
            // Indonesian for blocked, which here means banned by WhatsApp.
            "terblokir" | "banned" => SessionState::Banned,
            // "created" says that the session exists, not whether a phone is linked.
            _ => SessionState::Unknown,
        };
        Some(vec![Inbound::Session { state, detail: word }])
    }

    fn named(&self) -> Option<Vec<Inbound>> {
        let contact = self.data.get("contact").filter(|c| c.is_object()).unwrap_or(self.data);
        let names = sender::SenderIds {
            ids: first_text(contact, &["phone"]).into_iter().collect(),
            gateway_ids: first_text(contact, &["id"]).into_iter().collect(),
            name: first_text(contact, &["name", "pushName"]),
        };
        let peer = sender::read(self.channel().unwrap_or(self.profile.channel), &names, self.data)?.peer;
        Some(vec![Inbound::Named { channel: self.channel(), peer, name: names.name? }])
    }

    /// An event of a later version in which somebody clearly says something.
    fn unsupported(&self) -> Option<Inbound> {
        let letter = self.letter();
        let text = body::text_in(&letter.sources)?;
        let party = self.party(&letter)?;
        let body = Body { kind: Kind::Unsupported, text, media: None, payload: Some(self.data.clone()) };
        Some(self.message(&letter, &party, 0, body))
    }
}

fn direction(object: &Value) -> Direction {
    let ours = ["fromMe", "from_me"].iter().any(|name| object.get(*name) == Some(&Value::Bool(true)));
    if ours { Direction::Out } else { Direction::In }
}

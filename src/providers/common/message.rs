//! Inbound messages made of a header (everything but their content) and bodies, and other parts of interpreting
//! an event that gateways share.

use serde_json::Value;

use super::body::Body;
use crate::domain::inbound::InboundMessage;
use crate::domain::{Channel, Direction, Inbound, Timestamp};
use crate::providers::common::sender::{self, Sender, SenderIds};
use crate::providers::types::Webhook;

/// Everything that an event reports about a message but its content.
#[derive(Debug)]
pub(crate) struct Header {
    /// `None` where the event does not name it, which means the account's channel.
    pub(crate) channel: Option<Channel>,
    /// The person or group whose conversation it is.
    pub(crate) names: SenderIds,
    pub(crate) direction: Direction,
    pub(crate) remote_id: Option<String>,
    /// Whether `remote_id` is unique beyond its conversation.
    pub(crate) unique: bool,
    pub(crate) at: Option<Timestamp>,
}

impl Header {
    /// Who the message is from or, if it is ours, to. `data` is searched for the signs of a group.
    pub(crate) fn sender(&self, account_channel: Channel, data: &Value) -> Option<Sender> {
        sender::read(self.channel.unwrap_or(account_channel), &self.names, data)
    }

    /// The message without its content; `None` when the event names nobody.
    pub(crate) fn message(self, account_channel: Channel, data: &Value) -> Option<InboundMessage> {
        let sender = self.sender(account_channel, data)?;
        // In a group the sender's name is the member's; of a message of ours it is our own.
        let is_customers = !sender.peer.group && self.direction == Direction::In;
        Some(InboundMessage {
            channel: self.channel,
            direction: self.direction,
            name: self.names.name.filter(|_| is_customers),
            member: sender.member,
            unique: self.unique && self.remote_id.is_some(),
            remote_id: self.remote_id,
            at: self.at,
            ..InboundMessage::text(sender.peer, "")
        })
    }
}

/// The ids of the second and every further file of an event, which has one id for all of its files.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum FurtherIds {
    Absent,
    /// `ID#2` for the second file of the message `ID`.
    Numbered,
}

/// `message` once for each of its bodies. An id is one row in the inbox, so only the first body has the event's id.
pub(crate) fn with_bodies(message: &InboundMessage, bodies: Vec<Body>, further_ids: FurtherIds) -> Vec<Inbound> {
    let with_body = |(index, body): (usize, Body)| {
        let remote_id = match (index, further_ids, &message.remote_id) {
            (0, _, id) => id.clone(),
            (_, FurtherIds::Numbered, Some(id)) => Some(format!("{id}#{}", index + 1)),
            _ => None,
        };
        Inbound::Message(Box::new(InboundMessage {
            unique: message.unique && remote_id.is_some(),
            remote_id,
            kind: body.kind,
            text: body.text,
            media: body.media,
            payload: body.payload,
            ..message.clone()
        }))
    };
    bodies.into_iter().enumerate().map(with_body).collect()
}

/// What `interpret` makes of a webhook's body, as far as it can be read. A body that is not valid JSON counts as not
/// understood besides, because something of it may be missing.
pub(crate) fn read_event(webhook: &Webhook, interpret: impl FnOnce(&Value) -> Vec<Inbound>) -> Vec<Inbound> {
    let Some(reading) = webhook.read() else { return vec![unknown("not JSON")] };
    let mut inbound = interpret(&reading.value);
    if reading.damage.is_some() {
        inbound.push(unknown("not valid JSON"));
    }
    inbound
}

/// The object `data` of an event, or the event itself where the data is at its root.
pub(crate) fn data(event: &Value) -> &Value {
    event.get("data").filter(|data| data.is_object()).unwrap_or(event)
}

/// The first readable `timestamp` of several objects.
pub(crate) fn time(objects: [&Value; 2], arrival: Timestamp) -> Option<Timestamp> {
    objects.into_iter().find_map(|object| Timestamp::from_gateway(object.get("timestamp")?, arrival))
}

/// An event that this version does not understand.
pub(crate) fn unknown(event: &str) -> Inbound {
    Inbound::Unknown { event: event.to_owned() }
}

/// An event without consequence for an inbox.
pub(crate) fn nothing(event: &str) -> Inbound {
    Inbound::Nothing { event: event.to_owned() }
}

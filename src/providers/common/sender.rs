//! Who sent a message: a person under the best of their ids, or a group and the member who wrote in it.
//!
//! Source: providers.md section 9, A12 and A13, and section 8 item 9 (one person must stay one conversation).

use serde_json::Value;

use super::json::first_text;
use crate::domain::Channel;
use crate::domain::inbound::Peer;
use crate::domain::phone::{PeerForm, peer_form};

/// The person or group that a message belongs to, and who wrote it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Sender {
    /// The person or group whose conversation it is.
    pub peer: Peer,
    /// In a group: the id and name (possibly empty) of the member who wrote.
    pub member: Option<(String, String)>,
}

/// The ids and the name by which an event identifies its sender.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct SenderIds {
    /// Ids of the channel, best guess first: phone numbers in any form, LIDs, a group.
    pub(crate) ids: Vec<String>,
    /// Ids that only the gateway knows; digits in them are no phone number.
    pub(crate) gateway_ids: Vec<String>,
    pub name: Option<String>,
}

/// The sender of an event; `None` when the event names nobody. `data` is searched for signs of a group.
pub(crate) fn read(channel: Channel, ids: &SenderIds, data: &Value) -> Option<Sender> {
    let Some(group) = group_id(channel, &ids.ids, data) else {
        return Some(Sender { peer: person(channel, &ids.ids, &ids.gateway_ids)?, member: None });
    };
    let member = first_text(data, &["participant", "author", "member"])
        .or_else(|| ids.ids.iter().find(|id| bare_group_id(channel, id).is_none() && **id != group).cloned());
    let name = || ids.name.clone().unwrap_or_default();
    let member = member.and_then(|id| person(channel, &[id], &[])).map(|peer| (peer.id, name()));
    Some(Sender { peer: Peer::group(group), member })
}

/// The person with these ids of the channel and `gateway_ids`. On channels with phone numbers the first number is
/// the best id; the others become aliases.
pub(crate) fn person(channel: Channel, ids: &[String], gateway_ids: &[String]) -> Option<Peer> {
    let mut known: Vec<(bool, String)> = Vec::new();
    let channel_ids = ids.iter().map(|id| classify_id(channel, id));
    for (is_phone, id) in channel_ids.chain(gateway_ids.iter().map(|id| (false, id.trim().to_owned()))) {
        if !id.is_empty() && !known.iter().any(|(_, other)| *other == id) {
            known.push((is_phone, id));
        }
    }
    let best = known.iter().position(|(is_phone, _)| *is_phone).unwrap_or(0);
    if known.is_empty() {
        return None;
    }
    let (_, id) = known.remove(best);
    Some(Peer { id, group: false, aliases: known.into_iter().map(|(_, id)| id).collect() })
}

/// Whether an id is a phone number, and its normal form.
fn classify_id(channel: Channel, id: &str) -> (bool, String) {
    let id = id.trim();
    // A Telegram id may look like a phone number.
    if !channel.uses_phone_numbers() {
        return (false, id.to_owned());
    }
    match peer_form(&without_device(id)) {
        PeerForm::Phone(number) => (true, number),
        PeerForm::Group(id) | PeerForm::Opaque(id) => (false, id),
    }
}

/// Removes the device from a WhatsApp id: `628…:12@s.whatsapp.net` is the twelfth device of `628…@s.whatsapp.net`.
pub(crate) fn without_device(id: &str) -> String {
    match id.split_once('@') {
        Some((user, server @ ("s.whatsapp.net" | "c.us" | "lid"))) => {
            let user = user.split_once(':').map_or(user, |(user, _)| user);
            format!("{user}@{server}")
        }
        _ => id.to_owned(),
    }
}

fn group_id(channel: Channel, ids: &[String], data: &Value) -> Option<String> {
    if let Some(named) = first_text(data, &["group_id", "groupId"]) {
        return Some(bare_group_id(channel, &named).unwrap_or(named));
    }
    let chat = first_text(data, &["chat_id", "chatId", "remoteJid"]);
    if let Some(group) = chat.iter().chain(ids).find_map(|id| bare_group_id(channel, id)) {
        return Some(group);
    }
    let marked = ["isGroup", "is_group", "isGroupMsg"].iter().any(|key| data.get(*key) == Some(&Value::Bool(true)))
        || first_text(data, &["participant"]).is_some();
    marked.then(|| chat.or_else(|| ids.first().cloned())).flatten()
}

/// The id of a group without its suffix; `None` when the id is no group's.
fn bare_group_id(channel: Channel, id: &str) -> Option<String> {
    match channel {
        Channel::WhatsApp => match peer_form(id) {
            PeerForm::Group(group) => Some(group),
            _ => None,
        },
        // Telegram counts groups below zero (Bot API, "Chat").
        Channel::Telegram => (id.len() > 1 && id.starts_with('-')).then(|| id.to_owned()),
        Channel::Instagram | Channel::Messenger => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn read_sender(channel: Channel, ids: &[&str], data: &Value) -> Option<Sender> {
        let ids = ids.iter().map(|id| (*id).to_owned()).collect();
        read(channel, &SenderIds { ids, gateway_ids: vec![], name: Some("Budi".into()) }, data)
    }

    #[test]
    fn a_number_is_the_best_id_and_the_rest_are_aliases() {
        let sender = read_sender(
            Channel::WhatsApp,
            &["8877@lid", "+62 812-3456-789", "628123456789:3@s.whatsapp.net"],
            &json!({}),
        );
        let peer = Peer { id: "628123456789".into(), group: false, aliases: vec!["8877@lid".into()] };
        assert_eq!(sender, Some(Sender { peer, member: None }));
        assert_eq!(read_sender(Channel::WhatsApp, &["", " "], &json!({})), None);
    }

    #[test]
    fn an_id_of_the_gateway_is_never_a_phone_number() {
        let peer = person(Channel::WhatsApp, &["8877@lid".into()], &["62812345678".into()]).unwrap();
        assert_eq!((peer.id.as_str(), peer.aliases), ("8877@lid", vec!["62812345678".to_owned()]));
    }

    #[test]
    fn a_telegram_id_is_never_read_as_a_phone_number() {
        let sender = read_sender(Channel::Telegram, &["8123456789"], &json!({}));
        assert_eq!(sender.map(|p| p.peer), Some(Peer::person("8123456789")));
    }

    #[test]
    fn every_sign_of_a_group_opens_a_group_chat() {
        let group = Peer::group("120363041234567890");
        for (from, data) in [
            ("120363041234567890@g.us", json!({"participant": "628123456789@c.us"})),
            ("120363041234567890", json!({"author": "628123456789"})),
            ("628123456789", json!({"group_id": "120363041234567890@g.us"})),
            ("628123456789", json!({"isGroup": true, "chatId": "120363041234567890@g.us"})),
        ] {
            let sender = read_sender(Channel::WhatsApp, &[from], &data).unwrap();
            assert_eq!(sender.peer, group, "{data}");
            assert_eq!(sender.member, Some(("628123456789".into(), "Budi".into())), "{data}");
        }
        let sender = read_sender(Channel::Telegram, &["-100200"], &json!({"author": "7"})).unwrap();
        assert_eq!(sender, Sender { peer: Peer::group("-100200"), member: Some(("7".into(), "Budi".into())) });
    }
}

//! How WAHA names sessions, chats and messages: `628…@c.us`, `…@lid`, `…@g.us`; `true_{chat}_{id}[_{participant}]`.
//!
//! Source: waha.devlike.pro/docs/how-to/receive-messages (chat ids), …/events (message ids). Invariant: a message is
//! identified by the last part of its id, because edits and revocations give only that and the chat part changes
//! between number and LID.

use crate::domain::inbound::Peer;
use crate::domain::phone::{PeerForm, peer_form};
use crate::domain::{Channel, Quote, Recipient};
use crate::providers::common::sender::{self, without_device};
use crate::providers::types::Profile;

/// WAHA's own default session (page "Sessions").
pub(super) const DEFAULT_SESSION: &str = "default";

/// The session of an account.
pub(super) fn session(profile: &Profile) -> &str {
    profile.session.as_deref().unwrap_or(DEFAULT_SESSION)
}

/// The `chatId` of a recipient.
pub(super) fn chat_id(to: &Recipient) -> String {
    if to.peer.contains('@') {
        return to.peer.clone();
    }
    format!("{}@{}", to.peer, if to.group { "g.us" } else { "c.us" })
}

/// The `chatId` of a person or a group that was read from an event.
pub(super) fn peer_chat_id(id: &str, group: bool) -> String {
    chat_id(&Recipient { peer: id.to_owned(), group })
}

/// The conversation that a chat id names; `None` for status posts, channels and broadcast lists.
pub(super) fn peer(chat: &str) -> Option<Peer> {
    let chat = chat.trim();
    if chat.is_empty() || chat.ends_with("@broadcast") || chat.ends_with("@newsletter") {
        return None;
    }
    Some(match peer_form(&without_device(chat)) {
        PeerForm::Group(id) => Peer::group(id),
        PeerForm::Phone(id) | PeerForm::Opaque(id) => Peer::person(id),
    })
}

/// The peer of a chat; a person under all known ids: a phone number is the best one, the others are aliases.
pub(super) fn person(chat: &str, other_ids: impl IntoIterator<Item = String>) -> Option<Peer> {
    let peer = peer(chat)?;
    if peer.group {
        return Some(peer);
    }
    let others = other_ids.into_iter().filter(|id| self::peer(id).is_some_and(|other| !other.group));
    let ids: Vec<String> = std::iter::once(chat.to_owned()).chain(others).collect();
    sender::person(Channel::WhatsApp, &ids, &[])
}

/// The parts of a message id.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct MessageId {
    /// Whether the account sent it, and its chat; `None` when only the last part was given.
    pub(super) origin: Option<(bool, String)>,
    /// The last part, by which receipts, edits, revocations and reactions are matched.
    pub(super) id: String,
}

impl MessageId {
    /// The whole id of a message that was kept by its last part.
    pub(super) fn whole(chat: &str, quote: &Quote) -> String {
        let id = format!("{}_{chat}_{}", quote.own, quote.remote_id);
        match quote.member.as_deref().filter(|_| !quote.own && chat.ends_with("@g.us")) {
            Some(member) => format!("{id}_{}", peer_chat_id(member, false)),
            None => id,
        }
    }

    /// Parses `{fromMe}_{chat}_{id}[_{participant}]`, or the last part alone.
    pub(super) fn parse(text: &str) -> Self {
        let bare = || MessageId { origin: None, id: text.to_owned() };
        let (from_me, rest) = match text.split_once('_') {
            Some(("true", rest)) => (true, rest),
            Some(("false", rest)) => (false, rest),
            _ => return bare(),
        };
        let parts = rest.split_once('_').filter(|(chat, rest)| chat.contains('@') && !rest.is_empty());
        let Some((chat, rest)) = parts else { return bare() };
        let id = match rest.rsplit_once('_') {
            Some((id, participant)) if participant.contains('@') && !id.is_empty() => id,
            _ => rest,
        };
        MessageId { origin: Some((from_me, chat.to_owned())), id: id.to_owned() }
    }

    /// Whether the account sent the message, where the id tells.
    pub(super) fn is_own(&self) -> Option<bool> {
        self.origin.as_ref().map(|(from_me, _)| *from_me)
    }

    /// The member of a group who wrote the message, where its whole id `text` names one.
    pub(super) fn participant(text: &str) -> Option<&str> {
        let (_, rest) = text.split_once('@')?;
        let (_, participant) = rest.rsplit_once('_')?;
        participant.contains('@').then_some(participant)
    }

    /// The chat, where the id names it.
    pub(super) fn chat(&self) -> Option<String> {
        self.origin.as_ref().map(|(_, chat)| chat.clone())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn message_ids_are_reduced_to_the_part_that_edits_and_receipts_share() {
        for (text, origin, id) in [
            ("true_628123@c.us_3EB0AA", Some((true, "628123@c.us")), "3EB0AA"),
            ("false_12036@g.us_3EB0AA_99@lid", Some((false, "12036@g.us")), "3EB0AA"),
            ("true_628123@c.us_with_underscore", Some((true, "628123@c.us")), "with_underscore"),
            ("3EB0AA", None, "3EB0AA"),
            ("true_", None, "true_"),
            ("true_x_y", None, "true_x_y"),
            ("", None, ""),
        ] {
            let expected = MessageId { origin: origin.map(|(own, chat)| (own, chat.to_owned())), id: id.to_owned() };
            assert_eq!(MessageId::parse(text), expected, "{text}");
        }
    }

    #[test]
    fn chat_ids_become_peers_and_peers_chat_ids() {
        assert_eq!(peer("628123456789@c.us"), Some(Peer::person("628123456789")));
        assert_eq!(peer("628123456789:12@s.whatsapp.net"), Some(Peer::person("628123456789")));
        assert_eq!(peer("9988776655@lid"), Some(Peer::person("9988776655@lid")));
        assert_eq!(peer("120363000000000001@g.us"), Some(Peer::group("120363000000000001")));
        for none in ["status@broadcast", "123@newsletter", "", "5@broadcast"] {
            assert_eq!(peer(none), None);
        }
        let back = |peer: &str, group| chat_id(&Recipient { peer: peer.into(), group });
        assert_eq!(back("628123456789", false), "628123456789@c.us");
        assert_eq!(back("9988776655@lid", false), "9988776655@lid");
        assert_eq!(back("120363000000000001", true), "120363000000000001@g.us");
    }

    #[test]
    fn a_lid_and_a_phone_number_are_one_person() {
        let both = person("9988776655@lid", ["628123456789@s.whatsapp.net".to_owned()]).unwrap();
        assert_eq!((both.id.as_str(), both.aliases), ("628123456789", vec!["9988776655@lid".to_owned()]));
        let both = person("628123456789@c.us", ["9988776655@lid".to_owned(), "628123456789@c.us".to_owned()]).unwrap();
        assert_eq!((both.id.as_str(), both.aliases), ("628123456789", vec!["9988776655@lid".to_owned()]));
        let group = person("120363000000000001@g.us", ["628123456789@c.us".to_owned()]).unwrap();
        assert!(group.group && group.aliases.is_empty());
    }
}

//! How WAHA names chats and messages: `628…@c.us`, `…@lid`, `…@g.us`; `true_{chat}_{id}[_{participant}]`.
//!
//! Source: waha.devlike.pro/docs/how-to/receive-messages (chat ids), …/events (message ids). Invariant: a message is
//! known by the id inside, because edits and revocations give only that and the chat part changes between number
//! and LID.

use crate::domain::Recipient;
use crate::domain::inbound::Peer;
use crate::domain::phone::{PeerForm, peer_form};

/// The `chatId` of a recipient.
pub(super) fn chat_id(to: &Recipient) -> String {
    if to.peer.contains('@') {
        return to.peer.clone();
    }
    format!("{}@{}", to.peer, if to.group { "g.us" } else { "c.us" })
}

/// The conversation that a chat id names; `None` for what is no conversation: status, channels, broadcast lists.
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

/// A person under all ids that are known of him: a phone number is the best one, the others are aliases.
pub(super) fn person(main: &str, others: impl IntoIterator<Item = String>) -> Option<Peer> {
    let mut peer = peer(main)?;
    if peer.group {
        return Some(peer);
    }
    for other in others.into_iter().filter_map(|other| self::peer(&other)).filter(|other| !other.group) {
        if other.id == peer.id || peer.aliases.contains(&other.id) {
            continue;
        }
        if is_phone(&other.id) && !is_phone(&peer.id) {
            peer.aliases.push(std::mem::replace(&mut peer.id, other.id));
        } else {
            peer.aliases.push(other.id);
        }
    }
    Some(peer)
}

fn is_phone(id: &str) -> bool {
    id.bytes().all(|b| b.is_ascii_digit())
}

/// `628…:12@c.us` is the twelfth linked device of the same person.
fn without_device(chat: &str) -> String {
    match chat.split_once('@') {
        Some((user, server)) => match user.split_once(':') {
            Some((user, _)) => format!("{user}@{server}"),
            None => chat.to_owned(),
        },
        None => chat.to_owned(),
    }
}

/// A message id taken apart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct MessageName {
    /// Ours or theirs, and the chat; `None` when only the bare id was given.
    pub(super) place: Option<(bool, String)>,
    /// The id inside, by which receipts, edits, revocations and reactions are matched.
    pub(super) id: String,
}

/// Takes a message id apart: `{fromMe}_{chat}_{id}[_{participant}]`, or a bare id.
pub(super) fn message_name(text: &str) -> MessageName {
    let bare = || MessageName { place: None, id: text.to_owned() };
    let (from_me, rest) = match text.split_once('_') {
        Some(("true", rest)) => (true, rest),
        Some(("false", rest)) => (false, rest),
        _ => return bare(),
    };
    let Some((chat, rest)) = rest.split_once('_').filter(|(chat, rest)| chat.contains('@') && !rest.is_empty()) else {
        return bare();
    };
    let id = match rest.rsplit_once('_') {
        Some((id, participant)) if participant.contains('@') && !id.is_empty() => id,
        _ => rest,
    };
    MessageName { place: Some((from_me, chat.to_owned())), id: id.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn message_ids_are_known_by_the_part_that_edits_and_receipts_share() {
        for (text, place, id) in [
            ("true_628123@c.us_3EB0AA", Some((true, "628123@c.us")), "3EB0AA"),
            ("false_12036@g.us_3EB0AA_99@lid", Some((false, "12036@g.us")), "3EB0AA"),
            ("true_628123@c.us_with_underscore", Some((true, "628123@c.us")), "with_underscore"),
            ("3EB0AA", None, "3EB0AA"),
            ("true_", None, "true_"),
            ("true_x_y", None, "true_x_y"),
            ("", None, ""),
        ] {
            let expected = MessageName { place: place.map(|(own, chat)| (own, chat.to_owned())), id: id.to_owned() };
            assert_eq!(message_name(text), expected, "{text}");
        }
    }

    #[test]
    fn chats_become_peers_and_back() {
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
    fn a_hidden_sender_and_his_number_are_one_person() {
        let both = person("9988776655@lid", ["628123456789@s.whatsapp.net".to_owned()]).unwrap();
        assert_eq!((both.id.as_str(), both.aliases), ("628123456789", vec!["9988776655@lid".to_owned()]));
        let both = person("628123456789@c.us", ["9988776655@lid".to_owned(), "628123456789@c.us".to_owned()]).unwrap();
        assert_eq!((both.id.as_str(), both.aliases), ("628123456789", vec!["9988776655@lid".to_owned()]));
        let group = person("120363000000000001@g.us", ["628123456789@c.us".to_owned()]).unwrap();
        assert!(group.group && group.aliases.is_empty());
    }
}

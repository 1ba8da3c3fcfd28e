//! What people do beside writing, in WAHA's events: reactions, votes in polls, answers to invitations, calls.
//!
//! Source: waha.devlike.pro/docs/how-to/events (message.reaction, poll.vote, event.response, call.received, call.accepted,
//! call.rejected).
use super::ids::{MessageId, peer, person};
use super::message::{chat, envelope, is_own, message_id, other_ids};
use crate::domain::{Inbound, Kind, Timestamp};
use crate::providers::common::json::{first_text, first_text_at, scalar};
use serde_json::{Value, json};

/// A reaction; an empty emoji withdraws it.
pub(super) fn reaction(payload: &Value, arrival: Timestamp) -> Option<Vec<Inbound>> {
    let target = MessageId::parse(&first_text_at(payload, &["/reaction/messageId"])?);
    let emoji = payload.pointer("/reaction/text").and_then(Value::as_str).unwrap_or_default();
    let id = message_id(payload);
    let own = is_own(payload, id.as_ref());
    // The reacted message names the chat even where the reaction's own id does not.
    let chat = target.chat().or_else(|| chat(payload, id.as_ref(), own))?;
    let peer = person(&chat, other_ids(payload, own))?;
    let mut message = envelope(payload, peer, own, arrival);
    // Some engines repeat the reacted message's id here; two messages must not share one.
    message.remote_id = id.map(|id| id.id).filter(|id| *id != target.id);
    message.kind = Kind::Reaction;
    emoji.clone_into(&mut message.text);
    message.payload = Some(json!({"message": target.id, "emoji": emoji}));
    Some(vec![Inbound::Message(Box::new(message))])
}

/// A vote in a poll, read as a choice.
pub(super) fn vote(payload: &Value, arrival: Timestamp) -> Option<Vec<Inbound>> {
    let vote = payload.get("vote")?;
    let poll = MessageId::parse(&first_text_at(payload, &["/poll/id"])?);
    let id = message_id(vote);
    let own = is_own(vote, id.as_ref());
    // In a group the vote may name only the voter; the poll names the group.
    let group = poll.chat().filter(|chat| peer(chat).is_some_and(|peer| peer.group));
    let peer = person(&group.or_else(|| chat(vote, id.as_ref(), own))?, [])?;
    let options: Vec<_> =
        vote.get("selectedOptions").and_then(Value::as_array).into_iter().flatten().filter_map(scalar).collect();
    let mut message = envelope(vote, peer, own, arrival);
    // A changed vote may come again under the id of the first.
    message.remote_id = id.map(|id| id.id);
    message.kind = Kind::Choice;
    message.text = options.join(", ");
    message.payload = Some(json!({"id": poll.id, "title": message.text}));
    Some(vec![Inbound::Message(Box::new(message))])
}

/// The answer to an invitation (an event in a chat), read as a choice.
pub(super) fn event_response(payload: &Value, arrival: Timestamp) -> Option<Vec<Inbound>> {
    let answer = first_text_at(payload, &["/eventResponse/response", "/response"])?;
    let invitation = MessageId::parse(&first_text_at(payload, &["/eventCreationKey/id", "/eventMessageId"])?);
    let id = message_id(payload);
    let own = is_own(payload, id.as_ref());
    let group = invitation.chat().filter(|chat| peer(chat).is_some_and(|peer| peer.group));
    let peer = person(&group.or_else(|| chat(payload, id.as_ref(), own))?, other_ids(payload, own))?;
    let mut message = envelope(payload, peer, own, arrival);
    // A changed answer may come again under the id of the first.
    message.remote_id = id.map(|id| id.id);
    message.kind = Kind::Choice;
    message.payload = Some(json!({"id": invitation.id, "title": answer}));
    message.text = answer;
    Some(vec![Inbound::Message(Box::new(message))])
}

/// A call; `state` as documented at [`Kind::Call`].
pub(super) fn call(state: &str, payload: &Value, arrival: Timestamp) -> Option<Vec<Inbound>> {
    let from = first_text(payload, &["from"])?;
    let peer = person(&from, other_ids(payload, false))?;
    let mut message = envelope(payload, peer, false, arrival);
    message.remote_id = first_text(payload, &["id"]);
    message.unique = message.remote_id.is_some();
    message.kind = Kind::Call;
    message.payload = Some(json!({"state": state}));
    Some(vec![Inbound::Message(Box::new(message))])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::inbound::{InboundMessage, Peer};

    const ARRIVAL: Timestamp = Timestamp::from_seconds(1_800_000_000);

    fn single(inbound: Option<Vec<Inbound>>) -> InboundMessage {
        match inbound.unwrap().pop() {
            Some(Inbound::Message(message)) => *message,
            other => panic!("no message: {other:?}"),
        }
    }

    #[test]
    fn reactions_and_votes_refer_to_their_message() {
        let payload = json!({
            "id": "false_628123456789@c.us_RR", "from": "628123456789@c.us", "fromMe": false, "timestamp": 1_710_481_111.853,
            "reaction": {"text": "🙏", "messageId": "true_628123456789@c.us_AA"},
        });
        let Some(Inbound::Message(message)) = reaction(&payload, ARRIVAL).unwrap().pop() else { panic!() };
        assert_eq!((message.kind, message.peer.id.as_str(), message.unique), (Kind::Reaction, "628123456789", false));
        assert_eq!(message.text, "🙏");
        assert_eq!(message.payload, Some(json!({"message": "AA", "emoji": "🙏"})));
        assert_eq!(message.at, Some(Timestamp(1_710_481_111_853)));
        let payload = json!({
            "vote": {"id": "false_628123456789@c.us_VV", "from": "628123456789@c.us", "selectedOptions": ["Merah", "XL"]},
            "poll": {"id": "true_628123456789@c.us_PP"},
        });
        let Some(Inbound::Message(message)) = vote(&payload, ARRIVAL).unwrap().pop() else { panic!() };
        assert_eq!((message.kind, message.text.as_str()), (Kind::Choice, "Merah, XL"));
    }

    #[test]
    fn a_vote_in_a_group_names_its_voter_however_the_engine_writes_it() {
        for vote in [
            json!({"id": "false_120363000000000001@g.us_VV_628123456789@c.us", "from": "120363000000000001@g.us"}),
            json!({"id": "false_120363000000000001@g.us_VV", "from": "120363000000000001@g.us", "participant": "628123456789@c.us"}),
            json!({"id": "VV", "from": "628123456789@c.us", "to": "120363000000000001@g.us"}),
        ] {
            let mut vote = vote;
            vote["selectedOptions"] = json!(["Merah"]);
            let payload = json!({"vote": vote, "poll": {"id": "true_120363000000000001@g.us_PP"}});
            let message = single(super::vote(&payload, ARRIVAL));
            assert_eq!(message.peer, Peer::group("120363000000000001"), "{payload}");
            assert_eq!(message.member, Some(("628123456789".to_owned(), String::new())), "{payload}");
        }
    }

    #[test]
    fn answers_to_invitations_and_calls_are_rows() {
        let answer = single(event_response(
            &json!({"id": "false_628123456789@c.us_RR", "from": "628123456789@c.us", "timestamp": 1_720_000_000,
                "eventCreationKey": {"id": "true_628123456789@c.us_EE"}, "eventResponse": {"response": "GOING"}}),
            ARRIVAL,
        ));
        assert_eq!((answer.kind, answer.text.as_str()), (Kind::Choice, "GOING"));
        assert_eq!(answer.payload, Some(json!({"id": "EE", "title": "GOING"})));
        let received =
            json!({"id": "CALL1", "from": "628123456789@c.us", "timestamp": 1_720_000_000, "isVideo": false});
        let call = single(super::call("ringing", &received, ARRIVAL));
        assert_eq!((call.kind, call.peer.id.as_str(), call.unique), (Kind::Call, "628123456789", true));
        assert_eq!(call.payload, Some(json!({"state": "ringing"})));
        assert_eq!(super::call("ringing", &json!({"id": "X"}), ARRIVAL), None);
    }
}

//! Automatic replies of rules, queued in the transaction that applies the event.
//!
//! Invariant: a rule answers persons only, and only what has just come; it answers a conversation so rarely that two
//! programs that answer each other come to an end, unless a person of our side writes in between.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::Duration;

use rusqlite::params;

use super::message::EventContext;
use crate::domain::{
    Author, AuthorKind, Content, ConversationId, Direction, Kind, Message, Outgoing, Recipient, SendOptions, Timestamp,
};
use crate::store::conversations::summary;
use crate::store::database::{DbResult, RunSql, Tx};
use crate::store::outbox::{Lease, LeaseOwner, NewMessage, add_reply};

/// A message that was written longer ago when it came, or came longer ago, is not answered.
const AGE_MAX: Duration = Duration::from_secs(600);
/// Answers of one rule to one conversation within [`RULE_SPAN`], at most.
const RULE_MAX: i64 = 3;
const RULE_SPAN: Duration = Duration::from_secs(600);
/// Messages of all rules to one conversation within [`CONVERSATION_SPAN`], at most.
const CONVERSATION_MAX: i64 = 30;
const CONVERSATION_SPAN: Duration = Duration::from_secs(24 * 3600);

/// The messages of the rule `?2` in the conversation `?1` after `?3`.
pub(crate) const COUNT_OF_RULE: &str = "SELECT count(*) FROM messages WHERE conversation = ?1 AND author = 'rule' \
    AND order_ms > ?3 AND author_name = ?2";
/// The messages of all rules in the conversation `?1` after `?2`.
pub(crate) const COUNT_OF_RULES: &str =
    "SELECT count(*) FROM messages WHERE conversation = ?1 AND author = 'rule' AND order_ms > ?2";
/// Whether a conversation is with a group, and its name.
const CONVERSATION: &str = "SELECT is_group, name FROM conversations WHERE id = ?1";

/// What a rule answers to a message.
pub struct RuleReply {
    pub author: Author,
    /// In the order in which they are sent.
    pub contents: Vec<Content>,
    /// The rule does not answer when it has answered the conversation after this time.
    pub unless_after: Option<Timestamp>,
}

/// Finds what a rule answers to a message of a customer with this name, which may be empty.
pub type FindReply = Box<dyn Fn(&Message, &str) -> Option<RuleReply> + Send>;

/// The rules of an account, for the event that is applied.
pub struct Rules {
    pub now: Timestamp,
    /// Who sends the replies in the response to the webhook; `None`: they go through the outbox.
    pub in_webhook: Option<LeaseOwner>,
    pub find: FindReply,
}

/// Queues the reply of a rule to a message that was added. Returns the leases of what goes out in the webhook's response.
pub(super) fn reply(tx: &Tx<'_>, event: &EventContext<'_>, rules: &Rules, message: &Message) -> DbResult<Vec<Lease>> {
    let old = rules.now.since(event.arrival) > AGE_MAX || event.arrival.since(message.at) > AGE_MAX;
    if old || !is_from_person(message) {
        return Ok(Vec::new());
    }
    let (group, name): (bool, String) =
        tx.one(CONVERSATION, [message.conversation.0], |row| Ok((row.get(0)?, row.get(1)?)))?;
    if group {
        return Ok(Vec::new());
    }
    // A defect in a rule costs its answer, not the customer's message.
    let found = catch_unwind(AssertUnwindSafe(|| (rules.find)(message, &name))).unwrap_or_default();
    let Some(reply) = found.filter(|reply| !reply.contents.is_empty()) else {
        return Ok(Vec::new());
    };
    if !may_answer(tx, message.conversation, &reply, rules.now)? {
        return Ok(Vec::new());
    }
    let mut leases = Vec::new();
    for content in reply.contents {
        let new = NewMessage {
            account: message.account.clone(),
            outgoing: Outgoing {
                channel: message.channel,
                to: Recipient { peer: message.peer.clone(), group: false },
                content,
                quote: None,
            },
            author: reply.author.clone(),
            name: None,
            window: event.window,
            options: SendOptions::default(),
        };
        leases.extend(add_reply(tx, new, rules.in_webhook.as_ref(), rules.now)?);
    }
    Ok(leases)
}

/// Whether a customer wrote it.
fn is_from_person(message: &Message) -> bool {
    message.direction == Direction::In
        && message.author.kind == AuthorKind::Contact
        && matches!(message.kind, Kind::Text | Kind::Choice)
}

fn may_answer(tx: &Tx<'_>, conversation: ConversationId, reply: &RuleReply, now: Timestamp) -> DbResult<bool> {
    let of_rule = |after: i64| -> DbResult<i64> {
        let values = params![conversation.0, reply.author.name, after];
        tx.one(COUNT_OF_RULE, values, |row| row.get(0))
    };
    if let Some(after) = reply.unless_after
        && of_rule(after.0)? > 0
    {
        return Ok(false);
    }
    // When a person wrote, the counting begins anew.
    let person: Option<i64> = tx.first(summary::LAST_ANSWER, [conversation.0], |row| row.get(0))?;
    let since = |span: Duration| {
        let begin = now.0.saturating_sub(i64::try_from(span.as_millis()).unwrap_or(i64::MAX));
        person.map_or(begin, |person| person.max(begin))
    };
    let messages = i64::try_from(reply.contents.len()).unwrap_or(i64::MAX);
    if of_rule(since(RULE_SPAN))? >= messages.saturating_mul(RULE_MAX) {
        return Ok(false);
    }
    let all: i64 = tx.one(COUNT_OF_RULES, params![conversation.0, since(CONVERSATION_SPAN)], |row| row.get(0))?;
    Ok(all < CONVERSATION_MAX)
}

//! The outbox: what is to go out, in which order, and who has it in hand.
//!
//! Invariant: of one conversation at most one message is on its way, in the order in which they were queued;
//! no message is on its way without a durable note of the attempt.

use rusqlite::{OptionalExtension, params};

use super::db::Store;
use super::error::{Fault, StoreError, Work};
use super::identity::{self, PeerKey};
use super::progress::{Step, advance, known};
use super::standing::{self, Entry, message_changed};
use super::writer::{Pending, Tx};
use super::{drafts, messages, row};
use crate::domain::inbound::Peer;
use crate::domain::window::WindowRule;
use crate::domain::{
    AccountName, Author, Content, ConversationId, Delivery, Direction, Failure, Kind, Message, MessageId, Outgoing,
    Recipient, Status, Timestamp,
};

/// A message that is to go out.
#[derive(Debug, Clone, PartialEq)]
pub struct NewMessage {
    /// Through which account.
    pub account: AccountName,
    /// What, and to whom.
    pub outgoing: Outgoing,
    /// Who wrote it.
    pub author: Author,
    /// The name of a conversation that has none yet.
    pub name: Option<String>,
    /// The account's 24-hour rule.
    pub window: WindowRule,
}

/// A message that is to be sent now, by whoever holds this.
#[derive(Debug, Clone, PartialEq)]
pub struct Lease {
    /// Which.
    pub message: MessageId,
    /// Where.
    pub conversation: ConversationId,
    /// Through which account.
    pub account: AccountName,
    /// Which attempt this is, from 1.
    pub attempt: u32,
    /// What, and to whom.
    pub outgoing: Outgoing,
}

/// A row `o` whose turn it is: nothing of its conversation stands before it or is on its way.
const ITS_TURN: &str = "NOT EXISTS (SELECT 1 FROM outbox e WHERE e.conversation = o.conversation \
                        AND e.position <> o.position AND (e.position < o.position OR e.leased = 1))";

impl Store {
    /// Writes a message (`queued`) and its outbox row, makes its conversation if there is none, and clears the
    /// conversation's draft, all in one transaction.
    pub fn enqueue(&self, new: NewMessage, now: Timestamp) -> Pending<Message> {
        self.write(move |tx| {
            let (id, conversation) = write(tx, &new, now, None)?;
            put(tx, id, conversation, &new.account, 1, &new.outgoing, now)?;
            drafts::clear(tx, conversation)?;
            messages::find(tx.conn, id)?.ok_or(Fault::NotFound)
        })
    }

    /// Leases the oldest due message of an account (`only`: of this conversation) and begins an attempt: it is
    /// `sending`, durably, before this returns. A message waits for the earlier ones of its conversation;
    /// failed and unsure ones have left the queue and block nothing.
    pub fn claim_due(
        &self,
        account: &AccountName,
        only: Option<ConversationId>,
        now: Timestamp,
    ) -> Pending<Option<Lease>> {
        let account = account.clone();
        self.write(move |tx| claim(tx, &account, only, now))
    }

    /// When the next message of an account becomes due (possibly in the past); nothing when none waits, or only
    /// behind one that is on its way. `only`: of this conversation.
    pub fn next_due(
        &self,
        account: &AccountName,
        only: Option<ConversationId>,
    ) -> Result<Option<Timestamp>, StoreError> {
        self.read(|conn| {
            let value = only.map_or(Ok(0), |id| super::conversations::resolve(conn, id).map(|id| id.0))?;
            let sql = next_due_sql(only.is_some());
            let next: Option<i64> =
                conn.prepare_cached(&sql)?.query_row(params![account.as_str(), value], |row| row.get(0))?;
            Ok(next.map(Timestamp))
        })
    }

    /// A person's word: a failed or unsure message is queued again, as a new attempt, behind what its
    /// conversation has queued. `NotFound` when it is in no such state.
    pub fn send_again(&self, message: MessageId, now: Timestamp) -> Pending<Message> {
        self.write(move |tx| send_again(tx, message, now))
    }

    /// Takes a queued message out of the outbox: it has failed, with the code `cancelled`. `NotFound` when it
    /// is not queued or just on its way.
    pub fn cancel(&self, message: MessageId, _now: Timestamp) -> Pending<Message> {
        self.write(move |tx| {
            let sql = "DELETE FROM outbox WHERE message = ?1 AND leased = 0";
            if tx.conn.prepare_cached(sql)?.execute([message.0])? == 0 {
                return Err(Fault::NotFound);
            }
            let delivery = Delivery { stage: Status::Failed, ..known(tx, message)?.delivery };
            let failure = Failure::new("cancelled", "");
            advance(tx, message, &Step { delivery, failure: Some(&failure), inferred: false })?;
            messages::find(tx.conn, message)?.ok_or(Fault::NotFound)
        })
    }

    /// When attempts of an account began since a time, oldest first (seeds a rate limit after a restart).
    pub fn attempts_since(&self, account: &AccountName, since: Timestamp) -> Result<Vec<Timestamp>, StoreError> {
        self.read(|conn| {
            let sql = "SELECT started_at FROM attempts WHERE account = ?1 AND started_at >= ?2 ORDER BY started_at";
            let mut statement = conn.prepare_cached(sql)?;
            let times = statement.query_map(params![account.as_str(), since.0], |row| row.get(0).map(Timestamp))?;
            Ok(times.collect::<Result<_, _>>()?)
        })
    }

    /// Records an automatic answer that the gateway itself sends from the webhook's reply: it is `sent`, and
    /// has no outbox row.
    pub fn record_reply(&self, new: NewMessage, now: Timestamp) -> Pending<Message> {
        self.write(move |tx| {
            let (id, _) = write(tx, &new, now, Some(now))?;
            messages::find(tx.conn, id)?.ok_or(Fault::NotFound)
        })
    }
}

/// Writes the message; with `sent_at` one that is already on its way out.
fn write(
    tx: &Tx<'_>,
    new: &NewMessage,
    now: Timestamp,
    sent_at: Option<Timestamp>,
) -> Work<(MessageId, ConversationId)> {
    let Outgoing { channel, to, content } = &new.outgoing;
    let peer = Peer { id: to.peer.clone(), group: to.group, aliases: Vec::new() };
    let place = PeerKey { account: &new.account, channel: *channel };
    let conversation = identity::meet_or_make(tx, place, &peer, new.window, now)?;
    if let Some(name) = &new.name {
        identity::name(tx, conversation, name, true)?;
    }
    let kept = if matches!(content, Content::Text { .. }) { None } else { Some(serde_json::to_string(content)?) };
    let (media, payload) = (content.media(), content.payload());
    let entry = Entry {
        id: None,
        conversation,
        account: &new.account,
        order: now,
        at: now,
        direction: Direction::Out,
        author: &new.author,
        kind: content.kind(),
        text: content.text(),
        media: media.as_ref(),
        payload: payload.as_ref(),
        remote_id: None,
        attempt: 1,
        status: if sent_at.is_some() { Status::Sent } else { Status::Queued },
        error: None,
        inferred: false,
        started_at: sent_at,
        content: kept,
        fresh: true,
    };
    Ok((standing::add(tx, &entry)?, conversation))
}

fn put(
    tx: &Tx<'_>,
    message: MessageId,
    conversation: ConversationId,
    account: &AccountName,
    attempt: u32,
    outgoing: &Outgoing,
    not_before: Timestamp,
) -> Work<()> {
    let sql = "INSERT INTO outbox (message, conversation, account, not_before, attempt, outgoing) \
               VALUES (?1, ?2, ?3, ?4, ?5, ?6)";
    let outgoing = serde_json::to_string(outgoing)?;
    let values = params![message.0, conversation.0, account.as_str(), not_before.0, attempt, outgoing];
    tx.conn.prepare_cached(sql)?.execute(values)?;
    Ok(())
}

/// The row that is to be leased: of account `?1`, at the time `?2`, of the conversation `?3` if of one.
pub(super) fn claim_sql(of_one: bool) -> String {
    let part = if of_one { "o.conversation = ?3" } else { "?3 = 0" };
    format!(
        "SELECT message, conversation, attempt, outgoing FROM outbox o WHERE account = ?1 AND leased = 0 \
         AND not_before <= ?2 AND {part} AND {ITS_TURN} ORDER BY position LIMIT 1"
    )
}

pub(super) fn next_due_sql(of_one: bool) -> String {
    let part = if of_one { "o.conversation = ?2" } else { "?2 = 0" };
    format!("SELECT min(not_before) FROM outbox o WHERE account = ?1 AND leased = 0 AND {part} AND {ITS_TURN}")
}

fn claim(tx: &Tx<'_>, account: &AccountName, only: Option<ConversationId>, now: Timestamp) -> Work<Option<Lease>> {
    let value = only.map_or(Ok(0), |id| super::conversations::resolve(tx.conn, id).map(|id| id.0))?;
    let sql = claim_sql(only.is_some());
    let values = params![account.as_str(), now.0, value];
    let found = tx.conn.prepare_cached(&sql)?.query_row(values, |row| {
        let outgoing: Option<Outgoing> = row::json(row, 3)?;
        Ok((MessageId(row.get(0)?), ConversationId(row.get(1)?), row.get(2)?, outgoing))
    });
    let Some((message, conversation, attempt, outgoing)) = found.optional()? else {
        return Ok(None);
    };
    let Some(outgoing) = outgoing else {
        // Written by a later version in another form: it must not block the queue for ever.
        tx.conn.prepare_cached("DELETE FROM outbox WHERE message = ?1")?.execute([message.0])?;
        let failure = Failure::new("unreadable", "queued by a newer version");
        let delivery = Delivery { attempt, stage: Status::Failed };
        advance(tx, message, &Step { delivery, failure: Some(&failure), inferred: false })?;
        return claim(tx, account, only, now);
    };
    tx.conn.prepare_cached("UPDATE outbox SET leased = 1 WHERE message = ?1")?.execute([message.0])?;
    let sql = "UPDATE messages SET started_at = ?2, receipted = 0 WHERE id = ?1";
    tx.conn.prepare_cached(sql)?.execute(params![message.0, now.0])?;
    let sql = "INSERT INTO attempts (message, attempt, account, started_at) VALUES (?1, ?2, ?3, ?4) \
               ON CONFLICT (message, attempt) DO UPDATE SET started_at = excluded.started_at";
    tx.conn.prepare_cached(sql)?.execute(params![message.0, attempt, account.as_str(), now.0])?;
    let delivery = Delivery { attempt, stage: Status::Sending };
    advance(tx, message, &Step { delivery, failure: None, inferred: false })?;
    Ok(Some(Lease { message, conversation, account: account.clone(), attempt, outgoing }))
}

fn send_again(tx: &Tx<'_>, id: MessageId, now: Timestamp) -> Work<Message> {
    let before = known(tx, id)?;
    let message = messages::find(tx.conn, id)?.ok_or(Fault::NotFound)?;
    // One that has failed by a receipt may still be in the courier's hand.
    let in_hand = tx.conn.prepare_cached("SELECT 1 FROM outbox WHERE message = ?1")?.exists([id.0])?;
    if in_hand || !matches!(message.status, Status::Failed | Status::Unsure) {
        return Err(Fault::NotFound);
    }
    let sql =
        "SELECT m.content, c.is_group FROM messages m JOIN conversations c ON c.id = m.conversation WHERE m.id = ?1";
    let (content, group): (Option<Content>, bool) =
        tx.conn.prepare_cached(sql)?.query_row([id.0], |row| Ok((row::json(row, 0)?, row.get(1)?)))?;
    let text = || (message.kind == Kind::Text).then(|| Content::Text { body: message.text.clone() });
    let content = content.or_else(text).ok_or(Fault::NotFound)?;
    let to = Recipient { peer: message.peer.clone(), group };
    let outgoing = Outgoing { channel: message.channel, to, content };
    let attempt = before.delivery.attempt + 1;
    requeue(tx, id, attempt, None, None)?;
    put(tx, id, message.conversation, &message.account, attempt, &outgoing, now)?;
    if before.by_agent {
        standing::reckon_waiting(tx, message.conversation)?;
    }
    messages::find(tx.conn, id)?.ok_or(Fault::NotFound)
}

/// Makes a message `queued` again as a new attempt, about which nothing is known yet.
pub(super) fn requeue(
    tx: &Tx<'_>,
    id: MessageId,
    attempt: u32,
    failure: Option<&Failure>,
    retry_at: Option<Timestamp>,
) -> Work<()> {
    let sql = "UPDATE messages SET attempt = ?2, status = 'queued', error_code = ?3, error_message = ?4, \
               retry_at = ?5, remote_id = NULL, inferred = 0, started_at = NULL, receipted = 0 WHERE id = ?1";
    tx.conn.prepare_cached(sql)?.execute(params![
        id.0,
        attempt,
        failure.map(|failure| failure.code.as_str()),
        failure.map(|failure| failure.message.as_str()),
        retry_at.map(|at| at.0),
    ])?;
    message_changed(tx, known(tx, id)?.conversation, id)
}

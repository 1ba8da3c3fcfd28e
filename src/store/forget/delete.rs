//! Deleting what belongs to a person.

use std::collections::BTreeSet;

use rusqlite::params;

use super::events::{JudgeEvent, change_after};
use super::find::{OF_MEMBER, Person, find};
use crate::domain::{AccountName, ChangeKind, ConversationId, EventId, MessageId, Timestamp};
use crate::store::conversations::summary::{self, touch};
use crate::store::database::{DbResult, Pending, RunSql, Store, Tx};
use crate::store::messages::delete::delete;
use crate::store::row;

/// How far forgetting somebody has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ForgetStep {
    /// A message to the person is on its way to the gateway; nothing was deleted in this step.
    Sending,
    /// So many messages were deleted, or, in the last step, events changed.
    Done(usize),
}

impl Store {
    /// Deletes what waits to be sent to a person and at most `limit` messages: of the person's conversations, and what
    /// the person wrote in groups. Nothing is left when it deletes fewer.
    pub(crate) fn forget_messages(&self, person: &Person, now: Timestamp, limit: usize) -> Pending<ForgetStep> {
        let person = person.clone();
        self.write(move |tx| {
            if is_sending(tx, &person.conversations, now)? {
                return Ok(ForgetStep::Sending);
            }
            for conversation in &person.conversations {
                tx.run("DELETE FROM outbox WHERE conversation = ?1", [conversation.0])?;
            }
            let mut deleted = 0;
            for conversation in &person.conversations {
                deleted += delete_of_conversation(tx, *conversation, limit.saturating_sub(deleted))?;
            }
            deleted += delete_of_member(tx, &person, limit.saturating_sub(deleted))?;
            Ok(ForgetStep::Done(deleted))
        })
    }

    /// Deletes what is left of a person in one step: what came meanwhile, conversations and all that hangs on them,
    /// contacts, receipts, and the events after `after`, of which `judge` decides.
    pub(crate) fn forget_person(
        &self,
        account: &AccountName,
        ids: BTreeSet<String>,
        after: EventId,
        judge: JudgeEvent,
        now: Timestamp,
    ) -> Pending<ForgetStep> {
        let account = account.clone();
        self.write(move |tx| {
            let person = find(tx.conn, &account, ids)?;
            if is_sending(tx, &person.conversations, now)? {
                return Ok(ForgetStep::Sending);
            }
            let events = change_after(tx, &account, after, &judge)?;
            for conversation in &person.conversations {
                delete_of_conversation(tx, *conversation, usize::MAX)?;
                // Drafts and ids go with it.
                tx.run("DELETE FROM conversations WHERE id = ?1", [conversation.0])?;
                tx.record_change(ChangeKind::ConversationChanged { conversation: *conversation });
            }
            delete_of_member(tx, &person, usize::MAX)?;
            for contact in &person.contacts {
                tx.run("DELETE FROM contacts WHERE id = ?1", [contact])?;
            }
            for id in &person.ids {
                delete_reports(tx, &account, id)?;
            }
            Ok(ForgetStep::Done(events))
        })
    }

    /// Deletes receipts and early edits that name one of these remote ids: their messages are gone.
    pub(crate) fn forget_remote_ids(&self, account: &AccountName, remote_ids: Vec<String>) -> Pending<()> {
        let account = account.clone();
        self.write(move |tx| {
            for id in &remote_ids {
                let values = [account.as_str(), id];
                tx.run("DELETE FROM orphan_receipts WHERE account = ?1 AND remote_id = ?2", values)?;
                tx.run("DELETE FROM early_edits WHERE account = ?1 AND remote_id = ?2", values)?;
            }
            Ok(())
        })
    }
}

/// Whether a message of one of the conversations is being sent. The lease of a sender that died has ended.
fn is_sending(tx: &Tx<'_>, conversations: &[ConversationId], now: Timestamp) -> DbResult<bool> {
    let sql = "SELECT 1 FROM outbox WHERE conversation = ?1 AND owner IS NOT NULL AND leased_until > ?2";
    conversations.iter().try_fold(false, |sending, id| Ok(sending || tx.any(sql, [id.0, now.0])?))
}

fn delete_of_conversation(tx: &Tx<'_>, conversation: ConversationId, limit: usize) -> DbResult<usize> {
    let sql = "SELECT id FROM messages WHERE conversation = ?1 ORDER BY order_ms, id LIMIT ?2";
    let ids: Vec<i64> = tx.all(sql, [conversation.0, row::sql_limit(limit)], |row| row.get(0))?;
    ids.iter().try_for_each(|id| delete(tx, MessageId(*id)))?;
    if !ids.is_empty() {
        touch(tx, conversation)?;
    }
    Ok(ids.len())
}

/// Deletes what a person wrote in groups, and recounts those.
fn delete_of_member(tx: &Tx<'_>, person: &Person, limit: usize) -> DbResult<usize> {
    let (mut deleted, mut groups) = (0, BTreeSet::new());
    for id in &person.ids {
        let left = row::sql_limit(limit.saturating_sub(deleted));
        let values = params![person.account.as_str(), id, 0, left];
        let messages: Vec<i64> = tx.all(OF_MEMBER, values, |row| row.get(0))?;
        for message in &messages {
            let sql = "SELECT conversation FROM messages WHERE id = ?1";
            groups.insert(tx.one(sql, [message], |row| row.get::<_, i64>(0))?);
            delete(tx, MessageId(*message))?;
        }
        deleted += messages.len();
    }
    for group in groups.into_iter().map(ConversationId) {
        summary::refresh(tx, group)?;
    }
    Ok(deleted)
}

/// Deletes what gateways reported of a person that led to no message, and blots the id out of the results of imports.
fn delete_reports(tx: &Tx<'_>, account: &AccountName, id: &str) -> DbResult<()> {
    let values = [account.as_str(), id];
    tx.run("DELETE FROM orphan_receipts WHERE account = ?1 AND recipient = ?2", values)?;
    let sql = "DELETE FROM early_edits WHERE account = ?1 AND (peer = ?2 OR member = ?2 \
               OR EXISTS (SELECT 1 FROM json_each(aliases) WHERE value = ?2))";
    tx.run(sql, values)?;
    let sql = "UPDATE imports SET outcome = replace(outcome, ?2, '') WHERE account = ?1 AND instr(outcome, ?2) > 0";
    tx.run(sql, values)?;
    Ok(())
}

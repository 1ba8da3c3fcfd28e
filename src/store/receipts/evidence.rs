//! Matching receipts of unknown ids with the attempts of one conversation, always anew from all that is known.

use super::assign::{Candidate, INFER_WITHIN, UnknownId, assign};
use crate::domain::{AccountName, ConversationId, MessageId, Timestamp};
use crate::store::database::{DbResult, RunSql, Tx};
use crate::store::delivery::refresh_guess;
use rusqlite::params;
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

/// Matches with ids whose receipts began to come longer ago are left as they are.
const REMATCH_WITHIN: Duration = Duration::from_secs(1800);

/// The receipts of unknown ids that came for the other side of the conversation `?2` of the account `?1` since
/// `?3`. Failures are no evidence of which message they are about.
pub(crate) const EVIDENCE: &str = "SELECT r.remote_id, coalesce(r.at, r.received_at), r.received_at \
    FROM peers p CROSS JOIN orphan_receipts r ON r.account = ?1 AND r.recipient = p.alias AND r.received_at >= ?3 \
    AND r.may_infer = 1 AND r.status <> 'failed' WHERE p.conversation = ?2 AND p.account = ?1 \
    AND NOT EXISTS (SELECT 1 FROM wire_ids w WHERE w.account = ?1 AND w.remote_id = r.remote_id AND w.inferred = 0) \
    LIMIT 1000";
/// Attempts since `?2` among the newest messages of the conversation `?1` that the gateway may have processed and that
/// have no receipt of a proven id. Of earlier attempts than the newest only unsure ones are in question.
pub(crate) const ATTEMPTED: &str = "SELECT a.message, a.attempt, a.started_at, a.outcome IS 'unsure' FROM (SELECT id, attempt, direction, \
    receipted, inferred FROM messages WHERE conversation = ?1 ORDER BY order_ms DESC, id DESC LIMIT 300) newest \
    CROSS JOIN attempts a ON a.message = newest.id WHERE newest.direction = 'out' \
    AND (newest.receipted = 0 OR newest.inferred = 1) AND a.started_at >= ?2 \
    AND (a.outcome IN ('accepted', 'unsure') OR a.outcome IS NULL) \
    AND (a.attempt = newest.attempt OR a.outcome = 'unsure')";
/// The attempt that the id `?2` of the account `?1` is matched with by evidence.
pub(crate) const GUESS: &str =
    "SELECT message, attempt FROM wire_ids WHERE account = ?1 AND remote_id = ?2 AND inferred = 1";
/// The ids that the message `?1` is matched with by evidence.
pub(crate) const GUESSED_IDS: &str = "SELECT remote_id, attempt FROM wire_ids WHERE message = ?1 AND inferred = 1";

/// Matches the unknown ids of a conversation with its attempts, and brings the messages up to date that this concerns.
pub(crate) fn rematch(
    tx: &Tx<'_>,
    account: &AccountName,
    conversation: ConversationId,
    now: Timestamp,
) -> DbResult<()> {
    let since = before(now, REMATCH_WITHIN);
    let ids = unknown_ids(tx, account, conversation, since)?;
    if ids.is_empty() {
        return Ok(());
    }
    let candidates = candidates(tx, conversation, before(since, INFER_WITHIN), &ids)?;
    let mut concerned: BTreeSet<MessageId> = BTreeSet::new();
    for (id, found) in assign(ids, candidates) {
        let values = params![account.as_str(), id.remote_id];
        let old: Option<(MessageId, u32)> = tx.first(GUESS, values, |row| Ok((MessageId(row.get(0)?), row.get(1)?)))?;
        let new = found.map(|candidate| (candidate.message, candidate.attempt));
        concerned.extend(old.into_iter().chain(new).map(|(message, _)| message));
        if old != new {
            replace(tx, account, &id.remote_id, new)?;
        }
    }
    for message in concerned {
        refresh_guess(tx, message)?;
    }
    Ok(())
}

/// Matches an id with an attempt by evidence, or with none.
pub(super) fn replace(
    tx: &Tx<'_>,
    account: &AccountName,
    remote_id: &str,
    with: Option<(MessageId, u32)>,
) -> DbResult<()> {
    let sql = "DELETE FROM wire_ids WHERE account = ?1 AND remote_id = ?2 AND inferred = 1";
    tx.run(sql, params![account.as_str(), remote_id])?;
    if let Some((message, attempt)) = with {
        let sql = "INSERT INTO wire_ids (account, remote_id, message, attempt, inferred) VALUES (?1, ?2, ?3, ?4, 1)";
        tx.run(sql, params![account.as_str(), remote_id, message.0, attempt])?;
    }
    Ok(())
}

/// Forgets what an attempt was matched with by evidence: the gateway says that it processed nothing.
pub(crate) fn forget_guess(tx: &Tx<'_>, message: MessageId, attempt: u32) -> DbResult<()> {
    let sql = "DELETE FROM wire_ids WHERE message = ?1 AND attempt = ?2 AND inferred = 1";
    if tx.run(sql, params![message.0, attempt])? > 0 {
        refresh_guess(tx, message)?;
    }
    Ok(())
}

fn unknown_ids(
    tx: &Tx<'_>,
    account: &AccountName,
    conversation: ConversationId,
    since: Timestamp,
) -> DbResult<Vec<UnknownId>> {
    let values = params![account.as_str(), conversation.0, since.0];
    let receipts: Vec<(String, Timestamp, Timestamp)> =
        tx.all(EVIDENCE, values, |row| Ok((row.get(0)?, Timestamp(row.get(1)?), Timestamp(row.get(2)?))))?;
    let mut ids: BTreeMap<String, (Timestamp, Timestamp)> = BTreeMap::new();
    for (remote_id, at, arrived) in receipts {
        let first = ids.entry(remote_id).or_insert((at, arrived));
        *first = (first.0.min(at), first.1.min(arrived));
    }
    Ok(ids.into_iter().map(|(remote_id, (at, arrived))| UnknownId { at, remote_id, arrived }).collect())
}

/// The attempts that the ids may be about; those that are matched with other ids are taken.
fn candidates(
    tx: &Tx<'_>,
    conversation: ConversationId,
    since: Timestamp,
    ids: &[UnknownId],
) -> DbResult<Vec<Candidate>> {
    let mut candidates: Vec<Candidate> = tx.all(ATTEMPTED, params![conversation.0, since.0], |row| {
        Ok(Candidate {
            message: MessageId(row.get(0)?),
            attempt: row.get(1)?,
            started_at: Timestamp(row.get(2)?),
            unsure: row.get(3)?,
        })
    })?;
    let mut taken: BTreeSet<(MessageId, u32)> = BTreeSet::new();
    for candidate in &candidates {
        let guessed: Vec<(String, u32)> =
            tx.all(GUESSED_IDS, [candidate.message.0], |row| Ok((row.get(0)?, row.get(1)?)))?;
        let others = guessed.into_iter().filter(|(id, _)| ids.iter().all(|known| known.remote_id != *id));
        taken.extend(others.map(|(_, attempt)| (candidate.message, attempt)));
    }
    candidates.retain(|candidate| !taken.contains(&(candidate.message, candidate.attempt)));
    Ok(candidates)
}

/// The time a span before another.
pub(super) fn before(at: Timestamp, span: Duration) -> Timestamp {
    Timestamp(at.0.saturating_sub(i64::try_from(span.as_millis()).unwrap_or(i64::MAX)))
}

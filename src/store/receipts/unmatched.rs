//! What the gateway reported in the time of a send, and that belongs to no message for certain.
//!
//! Invariant: this is for people to look at; nothing is matched by it.

use rusqlite::params;

use super::assign::INFER_WITHIN;
use crate::domain::{ConversationId, MessageId, Status, Timestamp, UnmatchedReport};
use crate::store::database::{RunSql, Store, StoreError};
use crate::store::row;

/// Receipts of unknown ids of the account `?1` that came between `?3` and `?4` for the other side of the conversation
/// `?2`.
pub(crate) const FOR_PEER: &str = "SELECT r.remote_id, r.status, coalesce(r.at, r.received_at) \
    FROM peers p CROSS JOIN orphan_receipts r ON r.account = ?1 AND r.recipient = p.alias \
    AND r.received_at BETWEEN ?3 AND ?4 AND r.may_infer = 1 WHERE p.conversation = ?2 AND p.account = ?1 \
    AND NOT EXISTS (SELECT 1 FROM wire_ids w WHERE w.account = ?1 AND w.remote_id = r.remote_id AND w.inferred = 0) \
    LIMIT 100";
/// Messages of our side in the conversation `?1` between `?2` and `?3` that were not sent from here.
pub(crate) const ELSEWHERE: &str = "SELECT id, text, at FROM messages WHERE conversation = ?1 \
    AND order_ms BETWEEN ?2 AND ?3 AND direction = 'out' AND started_at IS NULL AND scheduled_at IS NULL \
    AND kind <> 'reaction' AND status NOT IN ('queued', 'failed', 'unsure') ORDER BY order_ms, id LIMIT 10";

impl Store {
    /// What the gateway reported in the ten minutes after a message was sent, and that may be about it, oldest first;
    /// nothing for a message of which no attempt is known.
    pub fn unmatched_reports(&self, message: MessageId) -> Result<Vec<UnmatchedReport>, StoreError> {
        self.read(|conn| {
            let sql = "SELECT account, conversation, started_at FROM messages WHERE id = ?1 AND started_at IS NOT NULL";
            let attempt = conn.first(sql, [message.0], |row| {
                Ok((row::account(row, 0)?, ConversationId(row.get(1)?), row.get::<_, i64>(2)?))
            })?;
            let Some((account, conversation, from)) = attempt else { return Ok(Vec::new()) };
            let to = from.saturating_add(i64::try_from(INFER_WITHIN.as_millis()).unwrap_or(i64::MAX));
            let values = params![account.as_str(), conversation.0, from, to];
            let mut receipts: Vec<(String, Status, Timestamp)> = conn.all(FOR_PEER, values, |row| {
                Ok((row.get(0)?, row::named(row, 1, Status::Sent)?, Timestamp(row.get(2)?)))
            })?;
            receipts.sort_by_key(|(_, _, at)| *at);
            let mut reports: Vec<UnmatchedReport> = Vec::new();
            for (remote_id, status, at) in receipts {
                // Of one id the newest receipt says it all.
                reports.retain(
                    |known| !matches!(known, UnmatchedReport::Receipt { remote_id: id, .. } if *id == remote_id),
                );
                reports.push(UnmatchedReport::Receipt { remote_id, status, at });
            }
            let elsewhere = conn.all(ELSEWHERE, [conversation.0, from, to], |row| {
                Ok(UnmatchedReport::Elsewhere {
                    message: MessageId(row.get(0)?),
                    text: row.get(1)?,
                    at: Timestamp(row.get(2)?),
                })
            })?;
            reports.extend(elsewhere);
            Ok(reports)
        })
    }
}

//! Applying an event: all of its reports at once, and only once.

use rusqlite::params;
use serde_json::json;

use super::edit::Edit;
use super::message::EventContext;
use super::rules::Rules;
use super::{edit, message, peer, rules};
use crate::domain::inbound::InboundMessage;
use crate::domain::window::WindowRule;
use crate::domain::{AccountName, Channel, EventId, Inbound, Message, MessageId, SignOfLife, Status, Timestamp};
use crate::store::database::{DbError, DbResult, Pending, RunSql, Store, Tx};
use crate::store::messages::page;
use crate::store::outbox::Lease;
use crate::store::{accounts, receipts};

/// What applying an event did.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ApplyOutcome {
    /// The messages that were added, in the order of the reports, without those of a history.
    pub messages: Vec<Message>,
    /// Receipts whose message is not known.
    pub orphans: usize,
    /// Something of the event was not understood.
    pub not_understood: bool,
    /// Replies of rules that go out in the webhook's response.
    pub replies: Vec<Lease>,
}

impl Store {
    /// Applies what an event reports and marks it interpreted, in one transaction. Applying it again does nothing.
    /// `channel` is the account's, for reports that name none; `window` is the account's rule.
    pub fn apply_event(
        &self,
        event: EventId,
        account: &AccountName,
        channel: Channel,
        window: WindowRule,
        reports: Vec<Inbound>,
    ) -> Pending<ApplyOutcome> {
        self.apply_event_with(event, account, (channel, window), reports, None)
    }

    /// As [`Store::apply_event`]; `rules` answer the messages that are added, in the same transaction. An event that is
    /// read again is not answered.
    pub fn apply_event_with(
        &self,
        event: EventId,
        account: &AccountName,
        (channel, window): (Channel, WindowRule),
        reports: Vec<Inbound>,
        rules: Option<Rules>,
    ) -> Pending<ApplyOutcome> {
        let account = account.clone();
        self.write(move |tx| {
            let sql = "SELECT received_at, made, unknown IS NOT NULL FROM events WHERE id = ?1 AND state = 0";
            let uninterpreted: Option<(i64, Option<String>, bool)> =
                tx.first(sql, [event.0], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?;
            let Some((received_at, made, is_replay)) = uninterpreted else {
                let exists = tx.any("SELECT 1 FROM events WHERE id = ?1", [event.0])?;
                return if exists { Ok(ApplyOutcome::default()) } else { Err(DbError::NotFound) };
            };
            let made: Vec<i64> = made.and_then(|made| serde_json::from_str(&made).ok()).unwrap_or_default();
            let context = EventContext { account: &account, channel, window, arrival: Timestamp(received_at) };
            let mut outcome = apply(tx, event, &context, made, &reports)?;
            if let Some(rules) = rules.filter(|_| !is_replay) {
                for message in &outcome.messages {
                    outcome.replies.extend(rules::reply(tx, &context, &rules, message)?);
                }
            }
            Ok(outcome)
        })
    }
}

/// What was gathered while the reports of an event were applied.
struct Applied<'a> {
    outcome: ApplyOutcome,
    /// The ids of the messages that this and earlier interpretations of the event added.
    ids: Vec<i64>,
    /// The messages that earlier interpretations added and that no report has matched yet.
    earlier: Vec<Message>,
    /// The gateway's names for what was not understood.
    unknown: Vec<&'a str>,
}

/// `made`: the ids of the messages that an earlier interpretation of the same event added.
fn apply(
    tx: &Tx<'_>,
    id: EventId,
    event: &EventContext<'_>,
    made: Vec<i64>,
    reports: &[Inbound],
) -> DbResult<ApplyOutcome> {
    let mut earlier = Vec::new();
    for id in &made {
        earlier.extend(page::find(tx.conn, MessageId(*id))?);
    }
    let mut applied = Applied { outcome: ApplyOutcome::default(), ids: made, earlier, unknown: Vec::new() };
    for report in reports {
        apply_report(tx, event, report, &mut applied)?;
    }
    let Applied { mut outcome, ids, unknown, .. } = applied;
    outcome.not_understood = !unknown.is_empty();
    let unknown = (!unknown.is_empty()).then(|| unknown.join(", "));
    let ids = (!ids.is_empty()).then(|| json!(ids).to_string());
    let sql = "UPDATE events SET state = 1, unknown = ?2, made = ?3 WHERE id = ?1";
    tx.run(sql, params![id.0, unknown, ids])?;
    accounts::record_event_time(tx, event.account, event.arrival)?;
    Ok(outcome)
}

fn apply_report<'a>(
    tx: &Tx<'_>,
    event: &EventContext<'_>,
    report: &'a Inbound,
    applied: &mut Applied<'a>,
) -> DbResult<()> {
    match report {
        Inbound::Message(message) => apply_message(tx, event, message, applied)?,
        Inbound::Receipt(receipt) => {
            if receipt.status != Status::Failed {
                accounts::record_sign_of_life(tx, event.account, SignOfLife::Acknowledged, event.arrival)?;
            }
            let matched = receipts::apply_receipt(tx, event.account, receipt, event.arrival)?;
            applied.outcome.orphans += usize::from(!matched);
        }
        Inbound::Marketing { channel, peer, stopped } => {
            peer::set_marketing(tx, event.scope(*channel), peer, *stopped)?;
        }
        Inbound::Notice(notice) => accounts::record_notice(tx, event.account, notice)?,
        Inbound::Edited { remote_id, text, by } => {
            let edit = Edit { remote_id, by, text: Some(text) };
            if !edit::apply_or_keep(tx, event.scope(by.channel), &edit, event.arrival)? {
                applied.unknown.push("edit of somebody else's message");
            }
        }
        Inbound::Revoked { remote_id, by } => {
            let edit = Edit { remote_id, by, text: None };
            if !edit::apply_or_keep(tx, event.scope(by.channel), &edit, event.arrival)? {
                applied.unknown.push("deletion of somebody else's message");
            }
        }
        Inbound::Named { channel, peer, name } => peer::set_name(tx, event.scope(*channel), peer, name)?,
        Inbound::Session { state, detail } => {
            match accounts::record_state(tx, event.account, *state, detail, event.arrival) {
                // The account may have no row: it has left the configuration.
                Ok(()) | Err(DbError::NotFound) => {}
                Err(error) => return Err(error),
            }
        }
        Inbound::Moved { channel, from, to } => peer::change_id(tx, event.scope(*channel), from, to)?,
        Inbound::Nothing { .. } => {}
        Inbound::Unknown { event } => applied.unknown.push(event),
    }
    Ok(())
}

fn apply_message(
    tx: &Tx<'_>,
    event: &EventContext<'_>,
    message: &InboundMessage,
    applied: &mut Applied<'_>,
) -> DbResult<()> {
    if !message.history {
        accounts::record_sign_of_life(tx, event.account, SignOfLife::Received, event.arrival)?;
    }
    let Some(added) = message::add(tx, event, message, &mut applied.earlier)? else { return Ok(()) };
    applied.ids.push(added.0);
    if !message.history {
        applied.outcome.messages.extend(page::find(tx.conn, added)?);
    }
    Ok(())
}

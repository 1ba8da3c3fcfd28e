//! Edits and revocations of messages.
//!
//! Invariant: only the author of a message changes it, and only from its own conversation; what comes before its
//! message waits for it, as receipts do.

use crate::domain::inbound::{Peer, Writer};
use crate::domain::{AccountName, Channel, ConversationId, Direction, MessageId, Timestamp};
use crate::store::conversations::summary::message_changed;
use crate::store::database::{DbResult, RunSql, Tx};
use crate::store::delivery::find_attempt;
use crate::store::identity::{self, PeerScope};
use crate::store::messages::page;
use crate::store::row;
use crate::store::search::index;
use rusqlite::{Row, params};
use serde_json::{Map, Value};

/// How long an edit waits for its message, in milliseconds: a week.
const KEEP: i64 = 7 * 86_400_000;

/// The newest message of the account `?1` with the remote id `?2`.
pub(crate) const BY_ANY_REMOTE_ID: &str =
    "SELECT id FROM messages WHERE account = ?1 AND remote_id = ?2 ORDER BY id DESC LIMIT 1";
/// The edits that wait for the remote id `?2` of the account `?1`, in the order in which they came.
pub(crate) const EARLY: &str = "SELECT channel, peer, is_group, aliases, direction, member, text FROM early_edits \
    WHERE account = ?1 AND remote_id = ?2 ORDER BY id";

/// A change of a message by its author.
#[derive(Debug, Clone, Copy)]
pub(super) struct Edit<'a> {
    pub(super) remote_id: &'a str,
    pub(super) by: &'a Writer,
    /// The new text; `None`: the message was deleted for everyone.
    pub(super) text: Option<&'a str>,
}

/// Applies an edit, or keeps it until its message comes. Returns false when it is somebody else's message.
pub(super) fn apply_or_keep(tx: &Tx<'_>, scope: PeerScope<'_>, edit: &Edit<'_>, arrival: Timestamp) -> DbResult<bool> {
    match find_message(tx, scope.account, edit.remote_id)? {
        Some(message) => apply(tx, scope, edit, message),
        None => keep(tx, scope, edit, arrival).map(|()| true),
    }
}

/// Applies the edits that waited for a message, which has just been added or got this remote id.
pub(crate) fn apply_early(tx: &Tx<'_>, account: &AccountName, remote_id: &str) -> DbResult<()> {
    let waiting = tx.all(EARLY, [account.as_str(), remote_id], early)?;
    if waiting.is_empty() {
        return Ok(());
    }
    let Some(message) = find_message(tx, account, remote_id)? else {
        return Ok(());
    };
    tx.run("DELETE FROM early_edits WHERE account = ?1 AND remote_id = ?2", [account.as_str(), remote_id])?;
    for (channel, by, text) in waiting {
        let edit = Edit { remote_id, by: &by, text: text.as_deref() };
        apply(tx, PeerScope { account, channel }, &edit, message)?;
    }
    Ok(())
}

/// A message by any of its remote ids.
fn find_message(tx: &Tx<'_>, account: &AccountName, remote_id: &str) -> DbResult<Option<MessageId>> {
    let found = tx.first(BY_ANY_REMOTE_ID, [account.as_str(), remote_id], |row| row.get(0).map(MessageId))?;
    match found {
        Some(id) => Ok(Some(id)),
        None => Ok(find_attempt(tx, account, remote_id)?.map(|(id, _)| id)),
    }
}

/// Returns false, having changed nothing, unless the message is the writer's.
fn apply(tx: &Tx<'_>, scope: PeerScope<'_>, edit: &Edit<'_>, id: MessageId) -> DbResult<bool> {
    let conversation = identity::find_or_merge(tx, scope, &edit.by.peer)?;
    if !is_by(tx, id, conversation, edit.by)? {
        return Ok(false);
    }
    match edit.text {
        Some(text) => replace_text(tx, id, text)?,
        None => mark_revoked(tx, id)?,
    }
    Ok(true)
}

fn is_by(tx: &Tx<'_>, id: MessageId, conversation: Option<ConversationId>, by: &Writer) -> DbResult<bool> {
    let sql = "SELECT conversation, direction, member, author_name FROM messages WHERE id = ?1";
    let (of, direction, member, name): (i64, String, Option<String>, String) =
        tx.one(sql, [id.0], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?)))?;
    if conversation != Some(ConversationId(of)) || by.direction.is_some_and(|by| row::direction_name(by) != direction) {
        return Ok(false);
    }
    let of_member = by.peer.group && direction == row::direction_name(Direction::In) && by.direction.is_some();
    // A member without a name is stored by id alone in what came before ids were.
    Ok(!of_member || by.member.as_ref().is_some_and(|by| *by == member.unwrap_or(name)))
}

fn keep(tx: &Tx<'_>, scope: PeerScope<'_>, edit: &Edit<'_>, arrival: Timestamp) -> DbResult<()> {
    let sql = "DELETE FROM early_edits WHERE account = ?1 AND received_at < ?2";
    tx.run(sql, params![scope.account.as_str(), arrival.0.saturating_sub(KEEP)])?;
    let sql = "INSERT INTO early_edits (account, remote_id, channel, peer, is_group, aliases, direction, member, \
               text, received_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)";
    let values = params![
        scope.account.as_str(),
        edit.remote_id,
        scope.channel.as_str(),
        edit.by.peer.id,
        edit.by.peer.group,
        serde_json::to_string(&edit.by.peer.aliases)?,
        edit.by.direction.map(row::direction_name),
        edit.by.member,
        edit.text,
        arrival.0,
    ];
    tx.run(sql, values)?;
    Ok(())
}

/// The channel, writer and text of an edit that waits.
fn early(row: &Row<'_>) -> rusqlite::Result<(Channel, Writer, Option<String>)> {
    let channel = row::named(row, 0, Channel::WhatsApp)?;
    let peer = Peer { id: row.get(1)?, group: row.get(2)?, aliases: row::json(row, 3)?.unwrap_or_default() };
    let direction: Option<String> = row.get(4)?;
    let direction = direction.map(|name| if name == "in" { Direction::In } else { Direction::Out });
    Ok((channel, Writer { channel: Some(channel), peer, direction, member: row.get(5)? }, row.get(6)?))
}

/// Replaces a message's text and keeps the first one in the payload.
fn replace_text(tx: &Tx<'_>, id: MessageId, text: &str) -> DbResult<()> {
    let Some(message) = page::find(tx.conn, id)?.filter(|message| message.text != text) else {
        return Ok(());
    };
    let mut payload = into_object(message.payload);
    payload.insert("edited".to_owned(), Value::Bool(true));
    // The original is the first text, however often it is edited.
    payload.entry("original").or_insert(Value::String(message.text));
    let sql = "UPDATE messages SET text = ?2, payload = ?3 WHERE id = ?1";
    tx.run(sql, params![id.0, text, Value::Object(payload).to_string()])?;
    index::add_to_backlog(tx, id)?;
    message_changed(tx, message.conversation, id)
}

/// Marks a message revoked; its text stays.
fn mark_revoked(tx: &Tx<'_>, id: MessageId) -> DbResult<()> {
    let Some(message) = page::find(tx.conn, id)? else {
        return Ok(());
    };
    let mut payload = into_object(message.payload);
    if payload.insert("revoked".to_owned(), Value::Bool(true)) == Some(Value::Bool(true)) {
        return Ok(());
    }
    let sql = "UPDATE messages SET payload = ?2 WHERE id = ?1";
    tx.run(sql, params![id.0, Value::Object(payload).to_string()])?;
    message_changed(tx, message.conversation, id)
}

/// A payload as an object; any other value becomes its `value`.
fn into_object(payload: Option<Value>) -> Map<String, Value> {
    match payload {
        Some(Value::Object(map)) => map,
        None | Some(Value::Null) => Map::new(),
        Some(other) => Map::from_iter([("value".to_owned(), other)]),
    }
}

//! Edits and revocations of messages.

use crate::domain::{AccountName, ConversationId, MessageId};
use crate::store::conversations::summary::message_changed;
use crate::store::database::{DbResult, RunSql, Tx};
use crate::store::delivery::find_attempt;
use crate::store::messages::page;
use crate::store::search::index;
use rusqlite::params;
use serde_json::{Map, Value};

/// A message by any of its remote ids.
fn find_message(tx: &Tx<'_>, account: &AccountName, remote_id: &str) -> DbResult<Option<(MessageId, ConversationId)>> {
    let sql = "SELECT id, conversation FROM messages WHERE account = ?1 AND remote_id = ?2 ORDER BY id DESC LIMIT 1";
    let found =
        tx.first(sql, [account.as_str(), remote_id], |row| Ok((MessageId(row.get(0)?), ConversationId(row.get(1)?))))?;
    if found.is_some() {
        return Ok(found);
    }
    match find_attempt(tx, account, remote_id)? {
        Some((id, _)) => Ok(page::find(tx.conn, id)?.map(|message| (id, message.conversation))),
        None => Ok(None),
    }
}

/// Replaces a message's text and keeps the first one in the payload.
pub(super) fn edit(tx: &Tx<'_>, account: &AccountName, remote_id: &str, text: &str) -> DbResult<()> {
    let Some((id, conversation)) = find_message(tx, account, remote_id)? else {
        return Ok(());
    };
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
    message_changed(tx, conversation, id)
}

/// Marks a message revoked; its text stays.
pub(super) fn revoke(tx: &Tx<'_>, account: &AccountName, remote_id: &str) -> DbResult<()> {
    let Some((id, conversation)) = find_message(tx, account, remote_id)? else {
        return Ok(());
    };
    let Some(message) = page::find(tx.conn, id)? else {
        return Ok(());
    };
    let mut payload = into_object(message.payload);
    if payload.insert("revoked".to_owned(), Value::Bool(true)) == Some(Value::Bool(true)) {
        return Ok(());
    }
    let sql = "UPDATE messages SET payload = ?2 WHERE id = ?1";
    tx.run(sql, params![id.0, Value::Object(payload).to_string()])?;
    message_changed(tx, conversation, id)
}

/// A payload as an object; any other value becomes its `value`.
fn into_object(payload: Option<Value>) -> Map<String, Value> {
    match payload {
        Some(Value::Object(map)) => map,
        None | Some(Value::Null) => Map::new(),
        Some(other) => Map::from_iter([("value".to_owned(), other)]),
    }
}

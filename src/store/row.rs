//! Rows to the inbox's words and back.
//!
//! Invariant: a word that this version does not know makes no row unreadable.

use std::str::FromStr;

use rusqlite::Row;
use serde::de::DeserializeOwned;

use crate::domain::message::MessageKey;
use crate::domain::window::WindowRule;
use crate::domain::{
    AccountName, Author, AuthorKind, Channel, Conversation, ConversationId, ConversationState, Direction, Failure,
    Kind, Message, MessageId, Status, Timestamp,
};

/// What [`message`] reads, from `messages m JOIN conversations c ON c.id = m.conversation`.
pub(super) const MESSAGE: &str = "m.id, m.conversation, m.account, c.channel, c.peer, m.direction, m.author, \
    m.author_name, m.kind, m.text, m.media, m.payload, m.remote_id, m.status, m.error_code, m.error_message, m.at, \
    m.inferred, m.revision, m.order_ms, m.retry_at";

/// What [`conversation`] reads, from `conversations`.
pub(super) const CONVERSATION: &str = "id, account, channel, peer, name, is_group, unread, waiting_since, last_at, \
    last_text, state, labels, window, customer_at, last_kind, last_status, has_draft, revision, last_order";

/// A message of a row of [`MESSAGE`].
pub(super) fn message(row: &Row<'_>) -> rusqlite::Result<Message> {
    let id = MessageId(row.get(0)?);
    let error_code: Option<String> = row.get(14)?;
    let error_message: Option<String> = row.get(15)?;
    Ok(Message {
        id,
        conversation: ConversationId(row.get(1)?),
        account: account(row, 2)?,
        channel: word(row, 3, Channel::WhatsApp)?,
        peer: row.get(4)?,
        direction: direction(row, 5)?,
        author: Author { kind: author_kind(row, 6)?, name: row.get(7)? },
        kind: word(row, 8, Kind::Unsupported)?,
        text: row.get(9)?,
        media: json(row, 10)?,
        payload: json(row, 11)?,
        remote_id: row.get(12)?,
        status: word(row, 13, Status::Unsure)?,
        error: error_code.map(|code| Failure { code, message: error_message.unwrap_or_default() }),
        at: Timestamp(row.get(16)?),
        inferred: row.get(17)?,
        revision: row.get(18)?,
        order: MessageKey { at: Timestamp(row.get(19)?), id },
        retry_at: row.get::<_, Option<i64>>(20)?.map(Timestamp),
    })
}

/// A conversation of a row of [`CONVERSATION`].
pub(super) fn conversation(row: &Row<'_>) -> rusqlite::Result<Conversation> {
    let customer_at: Option<i64> = row.get(13)?;
    Ok(Conversation {
        id: ConversationId(row.get(0)?),
        account: account(row, 1)?,
        channel: word(row, 2, Channel::WhatsApp)?,
        peer: row.get(3)?,
        name: row.get(4)?,
        group: row.get(5)?,
        unread: row.get(6)?,
        waiting_since: row.get::<_, Option<i64>>(7)?.map(Timestamp),
        last_at: Timestamp(row.get(8)?),
        last_text: row.get(9)?,
        state: word(row, 10, ConversationState::Open)?,
        labels: json(row, 11)?.unwrap_or_default(),
        window_until: window(row, 12)?.until(customer_at.map(Timestamp)),
        last_kind: word(row, 14, Kind::Unsupported)?,
        last_status: word(row, 15, Status::Received)?,
        has_draft: row.get(16)?,
        revision: row.get(17)?,
    })
}

/// An account's name. Only checked names are written; a damaged one is a damaged row.
pub(super) fn account(row: &Row<'_>, column: usize) -> rusqlite::Result<AccountName> {
    let text: String = row.get(column)?;
    AccountName::new(&text).ok_or_else(|| {
        let reason = format!("\"{text}\" is no account name").into();
        rusqlite::Error::FromSqlConversionFailure(column, rusqlite::types::Type::Text, reason)
    })
}

/// A word of the contract, or what stands for words of a later version.
pub(super) fn word<T: FromStr>(row: &Row<'_>, column: usize, otherwise: T) -> rusqlite::Result<T> {
    Ok(row.get_ref(column)?.as_str()?.parse().unwrap_or(otherwise))
}

/// A value kept as JSON; nothing when it is null or was written by a later version in another form.
pub(super) fn json<T: DeserializeOwned>(row: &Row<'_>, column: usize) -> rusqlite::Result<Option<T>> {
    Ok(row.get_ref(column)?.as_str_or_null()?.and_then(|text| serde_json::from_str(text).ok()))
}

fn direction(row: &Row<'_>, column: usize) -> rusqlite::Result<Direction> {
    Ok(if row.get_ref(column)?.as_str()? == "in" { Direction::In } else { Direction::Out })
}

/// The word of a direction.
pub(super) fn direction_word(direction: Direction) -> &'static str {
    match direction {
        Direction::In => "in",
        Direction::Out => "out",
    }
}

fn author_kind(row: &Row<'_>, column: usize) -> rusqlite::Result<AuthorKind> {
    let text = row.get_ref(column)?.as_str()?;
    let all = [AuthorKind::Contact, AuthorKind::Agent, AuthorKind::Rule];
    Ok(all.into_iter().find(|kind| kind.as_str() == text).unwrap_or(AuthorKind::System))
}

pub(super) fn window(row: &Row<'_>, column: usize) -> rusqlite::Result<WindowRule> {
    Ok(if row.get_ref(column)?.as_str()? == window_word(WindowRule::Day) { WindowRule::Day } else { WindowRule::None })
}

/// The configuration's word for the 24-hour rule.
pub(super) fn window_word(rule: WindowRule) -> &'static str {
    match rule {
        WindowRule::Day => "24h",
        WindowRule::None => "none",
    }
}

/// A number of rows as SQLite counts them.
pub(super) fn limit(rows: usize) -> i64 {
    i64::try_from(rows).unwrap_or(i64::MAX)
}

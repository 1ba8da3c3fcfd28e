//! Rows to values of the domain and back.
//!
//! Invariant: a value that a later version wrote makes no row unreadable.

use std::str::FromStr;

use rusqlite::Row;
use serde::de::DeserializeOwned;

use super::media::MediaRow;
use crate::domain::message::MessageKey;
use crate::domain::window::WindowRule;
use crate::domain::{
    AccountName, Author, AuthorKind, Channel, Conversation, ConversationId, ConversationState, Direction, Failure,
    Kind, Media, Message, MessageId, Status, Timestamp,
};

/// The columns that [`message`] reads, of `messages m` and its conversation `c`.
macro_rules! message_columns {
    () => {
        "m.id, m.conversation, m.account, c.channel, c.peer, m.direction, m.author, m.author_name, m.kind, m.text, \
         m.media, m.payload, m.remote_id, m.status, m.error_code, m.error_message, m.at, m.inferred, m.revision, \
         m.order_ms, m.retry_at, m.scheduled_at, \
         CASE WHEN m.media IS NOT NULL THEN (SELECT json_object('state', f.state, 'sha256', f.file, 'error', f.error, \
         'detail', f.detail, 'mime', b.mime, 'extension', b.extension, 'size', b.size, 'fetches', \
         (SELECT sum(l.fetches) FROM media_links l WHERE l.message = m.id)) FROM message_media f \
         LEFT JOIN media_files b ON b.sha256 = f.file WHERE f.message = m.id) END"
    };
}
pub(super) use message_columns;

/// A query of messages, given what follows its `FROM`.
macro_rules! select_messages {
    ($rest:literal) => {
        concat!(
            "SELECT ",
            $crate::store::row::message_columns!(),
            " FROM messages m JOIN conversations c ON c.id = m.conversation ",
            $rest
        )
    };
}
pub(super) use select_messages;

/// The columns that [`conversation`] reads, of `conversations`.
macro_rules! conversation_columns {
    () => {
        "id, account, channel, peer, name, is_group, unread, waiting_since, last_at, last_text, state, labels, \
         window, customer_at, last_kind, last_status, revision, last_order, no_marketing, \
         assignee, until, \
         (SELECT text FROM messages WHERE id = waiting_message) AS waiting_text, \
         (SELECT kind FROM messages WHERE id = waiting_message), \
         (SELECT min(scheduled_at) FROM messages \
             WHERE conversation = conversations.id AND scheduled_at IS NOT NULL)"
    };
}
pub(super) use conversation_columns;

pub(super) fn message(row: &Row<'_>) -> rusqlite::Result<Message> {
    let id = MessageId(row.get(0)?);
    let error_code: Option<String> = row.get(14)?;
    let error_message: Option<String> = row.get(15)?;
    let mut media: Option<Media> = json(row, 10)?;
    if let Some(media) = &mut media {
        let stored: Option<MediaRow> = json(row, 22)?;
        stored.unwrap_or_default().add_to(media);
    }
    Ok(Message {
        id,
        conversation: ConversationId(row.get(1)?),
        account: account(row, 2)?,
        channel: named(row, 3, Channel::WhatsApp)?,
        peer: row.get(4)?,
        direction: direction(row, 5)?,
        author: Author { kind: author_kind(row, 6)?, name: row.get(7)? },
        kind: named(row, 8, Kind::Unsupported)?,
        text: row.get(9)?,
        media,
        payload: json(row, 11)?,
        remote_id: row.get(12)?,
        status: named(row, 13, Status::Unsure)?,
        error: error_code.map(|code| Failure { code, message: error_message.unwrap_or_default() }),
        at: Timestamp(row.get(16)?),
        inferred: row.get(17)?,
        revision: row.get(18)?,
        order: MessageKey { at: Timestamp(row.get(19)?), id },
        retry_at: row.get::<_, Option<i64>>(20)?.map(Timestamp),
        scheduled_at: row.get::<_, Option<i64>>(21)?.map(Timestamp),
    })
}

pub(super) fn conversation(row: &Row<'_>) -> rusqlite::Result<Conversation> {
    let customer_at: Option<i64> = row.get(13)?;
    Ok(Conversation {
        id: ConversationId(row.get(0)?),
        account: account(row, 1)?,
        channel: named(row, 2, Channel::WhatsApp)?,
        peer: row.get(3)?,
        name: row.get(4)?,
        group: row.get(5)?,
        unread: row.get(6)?,
        waiting_since: row.get::<_, Option<i64>>(7)?.map(Timestamp),
        last_at: Timestamp(row.get(8)?),
        last_text: row.get(9)?,
        state: named(row, 10, ConversationState::Open)?,
        labels: json(row, 11)?.unwrap_or_default(),
        window_until: window_rule(row, 12)?.until(customer_at.map(Timestamp)),
        customer_at: customer_at.map(Timestamp),
        last_kind: named(row, 14, Kind::Unsupported)?,
        last_status: named(row, 15, Status::Received)?,
        revision: row.get(16)?,
        last_order: Timestamp(row.get(17)?),
        no_marketing: row.get(18)?,
        assignee: row.get(19)?,
        snoozed_until: row.get::<_, Option<i64>>(20)?.map(Timestamp),
        waiting_text: row.get::<_, Option<String>>(21)?.unwrap_or_default(),
        waiting_kind: row.get_ref(22)?.as_str_or_null()?.and_then(|kind| kind.parse().ok()),
        scheduled_at: row.get::<_, Option<i64>>(23)?.map(Timestamp),
        draft: None,
        presence: Vec::new(),
    })
}

/// An account's name. Only valid names are written; an invalid one means a damaged file.
pub(super) fn account(row: &Row<'_>, column: usize) -> rusqlite::Result<AccountName> {
    let text: String = row.get(column)?;
    AccountName::new(&text).ok_or_else(|| {
        let reason = format!("\"{text}\" is not an account name").into();
        rusqlite::Error::FromSqlConversionFailure(column, rusqlite::types::Type::Text, reason)
    })
}

/// A value stored by its name, or `fallback` for a name that this version does not know.
pub(super) fn named<T: FromStr>(row: &Row<'_>, column: usize, fallback: T) -> rusqlite::Result<T> {
    Ok(row.get_ref(column)?.as_str()?.parse().unwrap_or(fallback))
}

/// A value stored as JSON; `None` when it is null or a later version wrote it in another form.
pub(super) fn json<T: DeserializeOwned>(row: &Row<'_>, column: usize) -> rusqlite::Result<Option<T>> {
    Ok(row.get_ref(column)?.as_str_or_null()?.and_then(|text| serde_json::from_str(text).ok()))
}

pub(super) fn direction(row: &Row<'_>, column: usize) -> rusqlite::Result<Direction> {
    Ok(match row.get_ref(column)?.as_str()? {
        "in" => Direction::In,
        "out" => Direction::Out,
        // Nothing that a later version wrote is sent.
        _ => Direction::Internal,
    })
}

pub(super) fn direction_name(direction: Direction) -> &'static str {
    match direction {
        Direction::In => "in",
        Direction::Out => "out",
        Direction::Internal => "internal",
    }
}

fn author_kind(row: &Row<'_>, column: usize) -> rusqlite::Result<AuthorKind> {
    let text = row.get_ref(column)?.as_str()?;
    let all = [AuthorKind::Contact, AuthorKind::Agent, AuthorKind::Rule];
    Ok(all.into_iter().find(|kind| kind.as_str() == text).unwrap_or(AuthorKind::System))
}

pub(super) fn window_rule(row: &Row<'_>, column: usize) -> rusqlite::Result<WindowRule> {
    Ok(if row.get_ref(column)?.as_str()? == window_rule_name(WindowRule::Day) {
        WindowRule::Day
    } else {
        WindowRule::None
    })
}

/// The name that the configuration uses.
pub(super) fn window_rule_name(rule: WindowRule) -> &'static str {
    match rule {
        WindowRule::Day => "24h",
        WindowRule::None => "none",
    }
}

/// A value for `LIMIT`.
pub(super) fn sql_limit(rows: usize) -> i64 {
    i64::try_from(rows).unwrap_or(i64::MAX)
}

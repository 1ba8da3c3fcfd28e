//! Which files are to be fetched, and what came of it.

use rusqlite::{Connection, Row, params};

use super::rows::{announce, give_up_lost};
use crate::domain::{
    AccountName, ConversationId, Kind, Media, MediaError, MediaState, MessageId, StoreError, Timestamp,
};
use crate::store::conversations::summary::message_changed;
use crate::store::database::{DbResult, Pending, RunSql, Store};
use crate::store::row::{self, sql_limit};

macro_rules! due {
    ($which:literal) => {
        concat!(
            "SELECT f.message, m.account, m.kind, m.media, f.attempts, f.since FROM message_media f ",
            "JOIN messages m ON m.id = f.message WHERE f.next_at <= ?1 ",
            $which,
            " ORDER BY f.next_at DESC LIMIT ?2"
        )
    };
}

/// At most `?2` files that are due at `?1`, the latest due first: somebody looks at those.
pub(super) const DUE: &str = due!("");
/// The same, only those that somebody asked for.
pub(super) const DUE_ASKED: &str = due!("AND f.asked = 1");
/// When the next file is due after `?1`.
pub(super) const NEXT: &str = "SELECT next_at FROM message_media WHERE next_at > ?1 ORDER BY next_at LIMIT 1";
/// The same, only of those that somebody asked for.
pub(super) const NEXT_ASKED: &str =
    "SELECT next_at FROM message_media WHERE next_at > ?1 AND asked = 1 ORDER BY next_at LIMIT 1";
/// The file of the message `?1`, if it is to be fetched.
pub(super) const DUE_OF: &str = "SELECT f.message, m.account, m.kind, m.media, f.attempts, f.since FROM message_media f \
     JOIN messages m ON m.id = f.message WHERE f.message = ?1 AND f.state = 'waiting'";
/// Whether the file of the message `?1` is still to be fetched.
pub(super) const UNFINISHED: &str = "SELECT 1 FROM message_media WHERE message = ?1 AND state = 'waiting'";

/// A file that is to be fetched now.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct DueMedia {
    pub message: MessageId,
    pub account: AccountName,
    pub kind: Kind,
    pub media: Media,
    /// How often it was tried.
    pub attempts: u32,
    /// When the first attempt could begin.
    pub since: Timestamp,
}

/// What came of an attempt that did not bring the file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct MediaFailure {
    pub error: MediaError,
    /// `Waiting` where it is tried again.
    pub state: MediaState,
    /// When it is tried again.
    pub next_at: Option<Timestamp>,
}

fn due(row: &Row<'_>) -> rusqlite::Result<DueMedia> {
    Ok(DueMedia {
        message: MessageId(row.get(0)?),
        account: row::account(row, 1)?,
        kind: row::named(row, 2, Kind::Unsupported)?,
        media: row::json(row, 3)?.unwrap_or_default(),
        attempts: row.get(4)?,
        since: Timestamp(row.get(5)?),
    })
}

impl Store {
    /// Files that are due at `now`, the latest due first, at most `limit`. `only_asked`: of those that somebody asked for.
    pub(crate) fn due_media(
        &self,
        now: Timestamp,
        only_asked: bool,
        limit: usize,
    ) -> Result<Vec<DueMedia>, StoreError> {
        let sql = if only_asked { DUE_ASKED } else { DUE };
        self.read(|conn| conn.all(sql, params![now.0, sql_limit(limit)], due))
    }

    /// The file of a message, if it is to be fetched.
    pub(crate) fn due_media_of(&self, message: MessageId) -> Result<Option<DueMedia>, StoreError> {
        self.read(|conn| conn.first(DUE_OF, [message.0], due))
    }

    /// When the next file is due after `now`, if one is.
    pub(crate) fn next_media(&self, only_asked: bool, now: Timestamp) -> Result<Option<Timestamp>, StoreError> {
        let sql = if only_asked { NEXT_ASKED } else { NEXT };
        self.read(|conn| conn.first(sql, [now.0], |row| row.get(0).map(Timestamp)))
    }

    /// Records that an attempt did not bring the file of a message. Nothing happens when the message is gone, or its
    /// file came in another way.
    pub(crate) fn record_media_failure(&self, message: MessageId, failure: MediaFailure) -> Pending<()> {
        self.write(move |tx| {
            let MediaFailure { error, state, next_at } = failure;
            let sql = "UPDATE message_media SET state = ?2, error = ?3, detail = ?4, attempts = attempts + 1, \
                       next_at = ?5, asked = iif(?5 IS NULL, 0, asked) WHERE message = ?1 AND state <> 'here'";
            let at = next_at.map(|at| at.0);
            let values = params![message.0, state.as_str(), error.fault.code(), error.detail, at];
            if tx.run(sql, values)? > 0
                && let Some(conversation) = conversation_of(tx.conn, message)?
            {
                message_changed(tx, conversation, message)?;
            }
            Ok(())
        })
    }

    /// Asks for the file of a message: it is fetched now, also where it failed or is fetched by request only. Returns
    /// whether there is one to fetch; one that is here is not fetched again, unless somebody removed it.
    pub(crate) fn ask_for_media(&self, message: MessageId, now: Timestamp) -> Pending<bool> {
        let directory = self.media_directory();
        self.write(move |tx| {
            let sql = "SELECT media FROM messages WHERE id = ?1";
            let found: Option<Option<Media>> = tx.first(sql, [message.0], |row| row::json(row, 0))?;
            let Some(media) = found.flatten() else { return Ok(false) };
            announce(tx, message, &media, now)?;
            give_up_lost(tx, &directory, message)?;
            let sql = "UPDATE message_media SET state = 'waiting', error = NULL, detail = '', attempts = 0, since = ?2, next_at = ?2, asked = 1 \
                       WHERE message = ?1 AND state <> 'here' AND coalesce(error, '') <> 'no_link'";
            if tx.run(sql, params![message.0, now.0])? == 0 {
                return Ok(false);
            }
            if let Some(conversation) = conversation_of(tx.conn, message)? {
                message_changed(tx, conversation, message)?;
            }
            Ok(true)
        })
    }
}

fn conversation_of(conn: &Connection, message: MessageId) -> DbResult<Option<ConversationId>> {
    conn.first("SELECT conversation FROM messages WHERE id = ?1", [message.0], |row| row.get(0).map(ConversationId))
}

//! The links by which gateways fetch the files of our messages.
//!
//! Invariant: a token is for one file under one name, and for no longer than 30 days.

use std::path::PathBuf;
use std::time::Duration;

use rusqlite::params;

use super::directory::file_name;
use crate::domain::{ConversationId, MessageId, Status, StoreError, Timestamp};
use crate::store::conversations::summary::message_changed;
use crate::store::database::{Pending, RunSql, Store};
use crate::store::row;

/// How long a link lives at least, also after the message was delivered: whose link is younger is sent it again.
const AT_LEAST: Duration = Duration::from_secs(24 * 3600);
/// How long a link lives at most.
const AT_MOST: Duration = Duration::from_secs(30 * 24 * 3600);

/// The newest link of the message `?1`.
pub(super) const OF_MESSAGE: &str =
    "SELECT token, name, made_at FROM media_links WHERE message = ?1 ORDER BY made_at DESC LIMIT 1";
/// The file behind a token.
pub(super) const OF_TOKEN: &str = "SELECT l.message, l.name, l.mime, l.made_at, m.status, f.sha256, f.extension, \
    f.size FROM media_links l JOIN messages m ON m.id = l.message JOIN message_media x ON x.message = l.message \
    JOIN media_files f ON f.sha256 = x.file WHERE l.token = ?1";
/// Links that have ended.
pub(super) const ENDED: &str = "DELETE FROM media_links WHERE made_at < ?1";

/// A link to the file of a message, as it is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct NewMediaLink {
    /// Random; used where the message has no link that is young enough.
    pub token: String,
    pub message: MessageId,
    /// The last part of the link.
    pub name: String,
    /// What the file is served as.
    pub mime: String,
}

/// The file that a link leads to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct LinkedMedia {
    pub message: MessageId,
    pub path: PathBuf,
    pub sha256: String,
    pub mime: String,
    /// In bytes, as it was when the file was stored.
    pub size: u64,
}

impl Store {
    /// Makes a link to the file of a message, unless it has one that is younger than a day; returns its token.
    pub(crate) fn open_media_link(&self, new: NewMediaLink, now: Timestamp) -> Pending<String> {
        self.write(move |tx| {
            let ended = now.0.saturating_sub(i64::try_from(AT_MOST.as_millis()).unwrap_or(i64::MAX));
            tx.run(ENDED, [ended])?;
            let read = |row: &rusqlite::Row<'_>| Ok((row.get(0)?, row.get(1)?, Timestamp(row.get(2)?)));
            let newest: Option<(String, String, Timestamp)> = tx.first(OF_MESSAGE, [new.message.0], read)?;
            if let Some((token, name, made_at)) = newest
                && name == new.name
                && made_at <= now
                && now.since(made_at) < AT_LEAST
            {
                return Ok(token);
            }
            let sql = "INSERT INTO media_links (token, message, name, mime, made_at) VALUES (?1, ?2, ?3, ?4, ?5)";
            tx.run(sql, params![new.token, new.message.0, new.name, new.mime, now.0])?;
            Ok(new.token.clone())
        })
    }

    /// The file that a link leads to at `now`, by its token and the name at its end.
    pub(crate) fn linked_media(
        &self,
        token: &str,
        name: &str,
        now: Timestamp,
    ) -> Result<Option<LinkedMedia>, StoreError> {
        let directory = self.media_directory();
        self.read(|conn| {
            let found = conn.first(OF_TOKEN, [token], |row| {
                let (sha256, extension): (String, String) = (row.get(5)?, row.get(6)?);
                let media = LinkedMedia {
                    message: MessageId(row.get(0)?),
                    path: directory.path(&file_name(&sha256, &extension)),
                    sha256,
                    mime: row.get(2)?,
                    size: u64::try_from(row.get::<_, i64>(7)?).unwrap_or_default(),
                };
                let status = row::named(row, 4, Status::Unsure)?;
                Ok((media, row.get::<_, String>(1)?, Timestamp(row.get(3)?), status))
            })?;
            let lives = |made_at: Timestamp, status| {
                let limit = if matches!(status, Status::Delivered | Status::Read) { AT_LEAST } else { AT_MOST };
                now.since(made_at) < limit
            };
            Ok(found.filter(|(_, own, at, status)| own == name && lives(*at, *status)).map(|(media, ..)| media))
        })
    }

    /// Counts that a gateway has begun to fetch a file.
    pub(crate) fn count_media_fetch(&self, token: &str, now: Timestamp) -> Pending<()> {
        let token = token.to_owned();
        self.write(move |tx| {
            tx.run(
                "UPDATE media_links SET fetches = fetches + 1, fetched_at = ?2 WHERE token = ?1",
                params![token, now.0],
            )?;
            let sql =
                "SELECT m.conversation, m.id FROM media_links l JOIN messages m ON m.id = l.message WHERE l.token = ?1";
            let found = tx.first(sql, [&token], |row| Ok((ConversationId(row.get(0)?), MessageId(row.get(1)?))))?;
            found.map_or(Ok(()), |(conversation, message)| message_changed(tx, conversation, message))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::window::WindowRule;
    use crate::domain::{
        AccountName, Author, AuthorKind, Channel, Content, MediaKind, MediaLink, Outgoing, OutgoingFile, Recipient,
        SendOptions,
    };
    use crate::store::NewMessage;

    const HOUR: i64 = 3_600_000;

    fn queue(store: &Store) -> MessageId {
        let staged = store.stage_media(&b"%PDF-1.4 nota"[..], 1000).unwrap();
        let file = OutgoingFile {
            sha256: staged.sha256.clone(),
            name: "nota.pdf".into(),
            mime: "application/pdf".into(),
            size: staged.size,
            bytes: None,
            path: None,
        };
        let link = MediaLink::of_file(MediaKind::Document, file);
        let new = NewMessage {
            account: AccountName::new("toko").unwrap(),
            outgoing: Outgoing {
                channel: Channel::WhatsApp,
                to: Recipient { peer: "628123456789".into(), group: false },
                content: Content::Media { link, caption: None },
                quote: None,
            },
            author: Author { kind: AuthorKind::Agent, name: "Sari".into() },
            name: None,
            window: WindowRule::None,
            options: SendOptions::default(),
        };
        store.enqueue_with_file(new, Some(staged), Timestamp(0)).wait().unwrap().id
    }

    #[test]
    fn a_link_lives_for_a_day_until_delivery_and_for_a_month_at_most() {
        let dir = tempfile::tempdir().unwrap();
        let store = Store::open(dir.path()).unwrap();
        store.ensure_account(&AccountName::new("toko").unwrap(), "any", "token").wait().unwrap();
        let message = queue(&store);
        let open = |token: &str, hour: i64| {
            let mime = "application/pdf".to_owned();
            let new = NewMediaLink { token: token.into(), message, name: "nota.pdf".into(), mime };
            store.open_media_link(new, Timestamp(hour * HOUR)).wait().unwrap()
        };
        let lives =
            |token: &str, hour: i64| store.linked_media(token, "nota.pdf", Timestamp(hour * HOUR)).unwrap().is_some();
        assert_eq!((open("a", 0), open("b", 23)), ("a".to_owned(), "a".to_owned()), "a new attempt has the same link");
        assert!(lives("a", 0) && lives("a", 30 * 24 - 1) && !lives("a", 30 * 24), "the message is not delivered");
        assert!(!lives("b", 23) && store.linked_media("a", "nota", Timestamp(0)).unwrap().is_none());
        assert_eq!(open("c", 25), "c", "after a day another attempt has a link of its own");
        let delivered = "UPDATE messages SET status = 'delivered' WHERE id = ?1";
        store.write(move |tx| tx.run(delivered, [message.0]).map(drop)).wait().unwrap();
        assert!(lives("a", 23) && !lives("a", 24) && lives("c", 48) && !lives("c", 49));
        store.count_media_fetch("a", Timestamp(HOUR)).wait().unwrap();
        store.count_media_fetch("c", Timestamp(HOUR)).wait().unwrap();
        let found = store.message(message).unwrap().unwrap();
        assert_eq!(found.media.unwrap().file.fetches, 2, "fetches of all links are counted together");
        open("d", 60 * 24);
        assert!(!lives("c", 48), "what has ended is gone");
    }
}

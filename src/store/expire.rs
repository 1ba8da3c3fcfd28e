//! Deleting what is older than the configuration keeps, a slice at a time.
//!
//! What somebody still waits for stays, however old: messages in the outbox, and what a customer wrote since our last
//! answer, unless the conversation is resolved. A conversation goes with its last message, for a name and a number are
//! what is to be forgotten too; not while it has a draft, or is put off until a time to come. The address book stays.

use std::collections::BTreeSet;

use rusqlite::params;

use super::conversations::summary;
use super::database::{DbResult, Pending, RunSql, Store, StoreError, Tx};
use super::messages::delete::delete;
use super::row;
use crate::domain::message::MessageKey;
use crate::domain::{AccountName, ChangeKind, ConversationId, MessageId, Timestamp};

/// At most `?5` messages of the account `?1` after the place `(?2, ?3)` and before the time `?4`, and whether each must
/// stay.
pub(super) const OLD: &str = "SELECT m.order_ms, m.id, m.conversation, \
    EXISTS (SELECT 1 FROM outbox o WHERE o.message = m.id) OR m.status IN ('queued', 'sending') \
    OR (c.waiting_since IS NOT NULL AND c.state <> 'resolved' \
    AND coalesce(m.arrived, m.at) >= c.waiting_since) FROM messages m JOIN conversations c ON c.id = m.conversation \
    WHERE m.account = ?1 AND (m.order_ms, m.id) > (?2, ?3) AND m.order_ms < ?4 ORDER BY m.order_ms, m.id LIMIT ?5";
/// The first account after `?1` that has messages.
pub(super) const NEXT_ACCOUNT: &str = "SELECT min(account) FROM messages WHERE account > ?1";
/// The oldest `?1` events of which something was not understood, and when they came.
pub(super) const OLD_UNKNOWN: &str = "SELECT id, received_at FROM events INDEXED BY events_unknown \
    WHERE unknown IS NOT NULL AND state = 1 ORDER BY id LIMIT ?1";
/// The oldest `?2` events of the account `?1` that were never read, and when they came.
pub(super) const OLD_UNREAD: &str = "SELECT id, received_at FROM events INDEXED BY events_turn \
    WHERE account = ?1 AND state = 0 ORDER BY (unknown IS NOT NULL), id LIMIT ?2";

/// A slice of an account's old messages.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct ExpiredSlice {
    /// How many were deleted.
    pub deleted: usize,
    /// Where the next slice begins; `None` when this was the last.
    pub next: Option<MessageKey>,
}

impl Store {
    /// The first account by name after `after` that has messages.
    pub(crate) fn next_account_with_messages(&self, after: &str) -> Result<Option<AccountName>, StoreError> {
        self.read(|conn| {
            let name: Option<String> = conn.one(NEXT_ACCOUNT, [after], |row| row.get(0))?;
            Ok(name.as_deref().and_then(AccountName::new))
        })
    }

    /// Looks at `limit` messages of an account after the place `after` and from before `before`, and deletes those that
    /// need not stay, with the conversations that are empty then.
    pub(crate) fn expire_messages(
        &self,
        account: &AccountName,
        before: Timestamp,
        after: Option<MessageKey>,
        now: Timestamp,
        limit: usize,
    ) -> Pending<ExpiredSlice> {
        let account = account.clone();
        let (at, id) = after.map_or((i64::MIN, i64::MIN), |key| (key.at.0, key.id.0));
        self.write(move |tx| {
            let values = params![account.as_str(), at, id, before.0, row::sql_limit(limit)];
            let read = |row: &rusqlite::Row<'_>| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?));
            let old: Vec<(i64, i64, i64, bool)> = tx.all(OLD, values, read)?;
            let (mut deleted, mut conversations) = (0, BTreeSet::new());
            for (_, message, conversation, _) in old.iter().filter(|(.., stays)| !stays) {
                delete(tx, MessageId(*message))?;
                deleted += 1;
                conversations.insert(ConversationId(*conversation));
            }
            for conversation in conversations {
                settle(tx, conversation, now)?;
            }
            let last = old.last().filter(|_| old.len() == limit);
            let next = last.map(|(at, id, ..)| MessageKey { at: Timestamp(*at), id: MessageId(*id) });
            Ok(ExpiredSlice { deleted, next })
        })
    }

    /// Deletes at most `limit` events from before `before` of which something was not understood, and of accounts
    /// other than `configured` those that were never read; returns how many.
    pub(crate) fn expire_events(
        &self,
        configured: Vec<AccountName>,
        before: Timestamp,
        limit: usize,
    ) -> Pending<usize> {
        self.write(move |tx| {
            let limit = row::sql_limit(limit);
            let read = |row: &rusqlite::Row<'_>| Ok((row.get(0)?, row.get(1)?));
            let mut old: Vec<(i64, i64)> = tx.all(OLD_UNKNOWN, [limit], read)?;
            let accounts: Vec<String> = tx.all("SELECT name FROM accounts", [], |row| row.get(0))?;
            for account in accounts.iter().filter(|name| configured.iter().all(|known| known.as_str() != *name)) {
                old.extend(tx.all(OLD_UNREAD, params![account, limit], read)?);
            }
            let mut deleted = 0;
            for (id, _) in old.iter().filter(|(_, received_at)| *received_at < before.0) {
                deleted += tx.run("DELETE FROM events WHERE id = ?1", [id])?;
            }
            Ok(deleted)
        })
    }

    /// Deletes at most about `limit` receipts and edits of an account from before `before` whose message never came;
    /// returns how many.
    pub(crate) fn expire_orphans(&self, account: &AccountName, before: Timestamp, limit: usize) -> Pending<usize> {
        let account = account.clone();
        self.write(move |tx| {
            let values = params![account.as_str(), before.0, row::sql_limit(limit)];
            let receipts = "DELETE FROM orphan_receipts WHERE id IN (SELECT id FROM orphan_receipts \
                            WHERE account = ?1 AND received_at < ?2 ORDER BY received_at LIMIT ?3)";
            let edits = "DELETE FROM early_edits WHERE id IN (SELECT id FROM early_edits \
                         WHERE account = ?1 AND received_at < ?2 ORDER BY received_at LIMIT ?3)";
            Ok(tx.run(receipts, values)? + tx.run(edits, values)?)
        })
    }
}

/// Recounts a conversation of which messages were deleted, or deletes it where nothing is left.
fn settle(tx: &Tx<'_>, conversation: ConversationId, now: Timestamp) -> DbResult<()> {
    let sql = "SELECT 1 FROM messages WHERE conversation = ?1 LIMIT 1";
    if tx.any(sql, [conversation.0])? {
        return summary::refresh(tx, conversation);
    }
    let sql = "DELETE FROM conversations WHERE id = ?1 AND NOT (state = 'snoozed' AND until > ?2) \
               AND NOT EXISTS (SELECT 1 FROM drafts WHERE conversation = ?1) \
               AND NOT EXISTS (SELECT 1 FROM begun_notes WHERE conversation = ?1)";
    if tx.run(sql, [conversation.0, now.0])? == 0 {
        return summary::refresh(tx, conversation);
    }
    tx.record_change(ChangeKind::ConversationChanged { conversation });
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::outgoing::{Content, Outgoing, Recipient};
    use crate::domain::window::WindowRule;
    use crate::domain::{
        Author, AuthorKind, Channel, ConversationState, Direction, Inbound, InboundMessage, Peer, SearchText,
        SendOptions, phone,
    };
    use crate::store::{NewEvent, NewMessage};

    const DAY: i64 = 86_400_000;
    const NOW: Timestamp = Timestamp(1_700_000_000_000);

    fn account() -> AccountName {
        AccountName::new("toko").unwrap()
    }

    fn days_ago(days: i64) -> Timestamp {
        Timestamp(NOW.0 - days * DAY)
    }

    fn event(store: &Store, key: &str, at: Timestamp, reports: Option<Vec<Inbound>>) {
        let event = NewEvent {
            account: account(),
            key: key.to_owned(),
            within: None,
            ack: false,
            received_at: at,
            headers: Vec::new(),
            body: b"{}".to_vec(),
        };
        let id = store.append_event(event).wait().unwrap().id;
        if let Some(reports) = reports {
            store.apply_event(id, &account(), Channel::WhatsApp, WindowRule::None, reports).wait().unwrap();
        }
    }

    fn message(store: &Store, peer: &str, days: i64, text: &str, direction: Direction) {
        let message = InboundMessage { direction, ..InboundMessage::text(Peer::person(peer), text) };
        event(store, text, days_ago(days), Some(vec![Inbound::Message(Box::new(message))]));
    }

    fn enqueue(store: &Store, peer: &str, days: i64, text: &str) {
        let new = NewMessage {
            account: account(),
            outgoing: Outgoing {
                channel: Channel::WhatsApp,
                to: Recipient { peer: peer.into(), group: false },
                content: Content::Text { body: text.into() },
                quote: None,
            },
            author: Author { kind: AuthorKind::Agent, name: "Sari".into() },
            name: None,
            window: WindowRule::None,
            options: SendOptions::default(),
        };
        store.enqueue(new, days_ago(days)).wait().unwrap();
    }

    fn expire(store: &Store, days: i64, limit: usize) -> usize {
        let (mut deleted, mut after) = (0, None);
        loop {
            let slice = store.expire_messages(&account(), days_ago(days), after, NOW, limit).wait().unwrap();
            deleted += slice.deleted;
            after = slice.next;
            if after.is_none() {
                return deleted;
            }
        }
    }

    fn texts(store: &Store) -> Vec<String> {
        let mut texts: Vec<_> =
            store.account_messages(&account(), None, 100).unwrap().into_iter().map(|m| m.text).collect();
        texts.sort();
        texts
    }

    #[test]
    fn what_is_old_goes_and_what_somebody_waits_for_stays() {
        let dir = tempfile::tempdir().unwrap();
        let store = Store::open(dir.path()).unwrap();
        store.ensure_account(&account(), "any", "token").wait().unwrap();
        // Answered: the old part goes.
        message(&store, "628111", 40, "tanya lama", Direction::In);
        message(&store, "628111", 39, "jawab lama", Direction::Out);
        message(&store, "628111", 5, "tanya baru", Direction::In);
        // Nobody has answered.
        message(&store, "628222", 50, "dijawab", Direction::In);
        message(&store, "628222", 49, "jawaban", Direction::Out);
        message(&store, "628222", 45, "menunggu", Direction::In);
        // Resolved without an answer.
        message(&store, "628333", 60, "selesai", Direction::In);
        let resolved = store.find_conversation(&account(), None, "628333").unwrap().unwrap().id;
        store.set_state(resolved, ConversationState::Resolved, None, "Sari", Timestamp(1)).wait().unwrap();
        // Not sent yet.
        enqueue(&store, "628444", 70, "di kotak keluar");
        // Nothing but a draft is left.
        message(&store, "628555", 80, "hanya draf", Direction::Out);
        let drafted = store.find_conversation(&account(), None, "628555").unwrap().unwrap().id;
        store.save_draft(drafted, "Sari", "belum", NOW).wait().unwrap();

        assert_eq!(store.next_account_with_messages("").unwrap(), Some(account()));
        assert_eq!(store.next_account_with_messages("toko").unwrap(), None);
        assert_eq!(expire(&store, 30, 2), 6);
        assert_eq!(texts(&store), ["di kotak keluar", "menunggu", "tanya baru"]);
        assert_eq!(expire(&store, 30, 2), 0);
        assert_eq!(store.conversation(resolved).unwrap(), None);
        let drafted = store.conversation(drafted).unwrap().unwrap();
        assert_eq!((drafted.last_text.as_str(), drafted.unread), ("", 0));
        assert_eq!(store.counts().unwrap().total, 4);
        let search = |text| store.search(&SearchText::new(text, phone::INDONESIA), None, 9).unwrap().messages.len();
        assert_eq!((search("lama"), search("menunggu")), (0, 1));
        assert_eq!(store.check().unwrap(), [""; 0]);
        // Who writes again begins anew.
        message(&store, "628333", 0, "kembali", Direction::In);
        assert!(store.find_conversation(&account(), None, "628333").unwrap().unwrap().id > resolved);
    }

    #[test]
    fn old_events_go_once_they_are_read_or_nobody_will_read_them() {
        let dir = tempfile::tempdir().unwrap();
        let store = Store::open(dir.path()).unwrap();
        store.ensure_account(&account(), "any", "token").wait().unwrap();
        let unknown = || Some(vec![Inbound::Unknown { event: "poll".to_owned() }]);
        event(&store, "1", days_ago(40), unknown());
        event(&store, "2", days_ago(5), unknown());
        event(&store, "3", days_ago(40), None);
        assert_eq!(store.expire_events(vec![account()], days_ago(30), 10).wait().unwrap(), 1);
        assert_eq!(store.count_events(10).unwrap(), (1, 1));
        assert_eq!(store.expire_events(Vec::new(), days_ago(30), 10).wait().unwrap(), 1);
        assert_eq!(store.count_events(10).unwrap(), (0, 1));
    }
}

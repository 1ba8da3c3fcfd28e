//! Presence: which conversation each screen has open.
//!
//! Invariant: every change of it is a change of the conversations concerned, so that screens follow it as they follow
//! messages.

use rusqlite::params;

use super::conversations::find::resolve;
use super::conversations::summary::touch;
use super::database::{DbResult, Pending, RunSql, Store, StoreError, Tx};
use crate::domain::{Conversation, ConversationId, OpenConversation, Presence};

/// What every screen but `?1` has open: at most one row for each screen.
const OTHERS: &str = "SELECT conversation, agent, writing FROM presence WHERE screen <> ?1";

impl Store {
    /// Says what a screen has open, or that it has nothing open.
    pub fn set_presence(&self, screen: &str, agent: &str, open: Option<OpenConversation>) -> Pending<()> {
        let (screen, agent) = (screen.to_owned(), agent.to_owned());
        self.write(move |tx| {
            let before = conversation_of(tx, &screen)?;
            let Some(open) = open else { return remove(tx, &screen, before) };
            let conversation = resolve(tx.conn, open.conversation)?;
            let sql = "INSERT INTO presence (screen, agent, conversation, writing) VALUES (?1, ?2, ?3, ?4) \
                       ON CONFLICT (screen) DO UPDATE SET agent = excluded.agent, \
                       conversation = excluded.conversation, writing = excluded.writing";
            tx.run(sql, params![screen, agent, conversation.0, open.writing])?;
            if let Some(before) = before.filter(|before| *before != conversation) {
                touch(tx, before)?;
            }
            touch(tx, conversation)
        })
    }

    /// Forgets what screens had open that have ended without saying so.
    pub(crate) fn forget_screens(&self, screens: Vec<String>) -> Pending<()> {
        self.write(move |tx| {
            for screen in &screens {
                remove(tx, screen, conversation_of(tx, screen)?)?;
            }
            Ok(())
        })
    }

    /// Every screen that has a conversation open.
    pub(crate) fn present_screens(&self) -> Result<Vec<String>, StoreError> {
        self.read(|conn| conn.all("SELECT screen FROM presence ORDER BY screen", [], |row| row.get(0)))
    }

    /// Fills in who has each of these conversations open on another screen than `screen`.
    pub fn add_presence<'a>(
        &self,
        screen: &str,
        conversations: impl IntoIterator<Item = &'a mut Conversation>,
    ) -> Result<(), StoreError> {
        let mut others: Vec<(ConversationId, Presence)> = self.read(|conn| {
            conn.all(OTHERS, [screen], |row| {
                Ok((ConversationId(row.get(0)?), Presence { agent: row.get(1)?, writing: row.get(2)? }))
            })
        })?;
        if others.is_empty() {
            return Ok(());
        }
        others.sort_by(|(_, a), (_, b)| a.agent.cmp(&b.agent));
        for conversation in conversations {
            let here = others.iter().filter(|(id, _)| *id == conversation.id);
            conversation.presence = here.map(|(_, presence)| presence.clone()).collect();
        }
        Ok(())
    }
}

fn conversation_of(tx: &Tx<'_>, screen: &str) -> DbResult<Option<ConversationId>> {
    tx.first("SELECT conversation FROM presence WHERE screen = ?1", [screen], |row| row.get(0).map(ConversationId))
}

fn remove(tx: &Tx<'_>, screen: &str, conversation: Option<ConversationId>) -> DbResult<()> {
    let Some(conversation) = conversation else { return Ok(()) };
    tx.run("DELETE FROM presence WHERE screen = ?1", [screen])?;
    touch(tx, conversation)
}

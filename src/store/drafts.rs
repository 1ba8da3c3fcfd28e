//! Drafts: what an agent has begun to write and not sent.
//!
//! Invariant: a draft is seen, changed and removed only by its agent, and otherwise removed only in the transaction that
//! queues that agent's message.

use rusqlite::params;

use super::conversations::find::resolve;
use super::conversations::summary::touch;
use super::database::{DbResult, Pending, RunSql, Store, StoreError, Tx};
use crate::domain::{Conversation, ConversationId, Timestamp};

/// An agent's draft of a conversation, else the one that belongs to nobody.
const DRAFT: &str = "SELECT agent, text FROM drafts WHERE conversation = ?1 AND agent IN (?2, '') \
    ORDER BY agent DESC LIMIT 1";
/// The beginning of an agent's draft, for a list.
const BEGINNING: &str = "SELECT substr(text, 1, 200) FROM drafts WHERE conversation = ?1 AND agent IN (?2, '') \
    ORDER BY agent DESC LIMIT 1";

impl Store {
    /// An agent's draft of a conversation that is being opened. One that belongs to nobody becomes the agent's; only then
    /// is something written, which this waits for.
    pub fn open_draft(&self, conversation: ConversationId, agent: &str) -> Result<Option<String>, StoreError> {
        let found: Option<(String, String)> =
            self.read(|conn| conn.first(DRAFT, params![conversation.0, agent], |row| Ok((row.get(0)?, row.get(1)?))))?;
        let Some((owner, text)) = found else { return Ok(None) };
        if owner != agent {
            let agent = agent.to_owned();
            self.write(move |tx| {
                let sql = "UPDATE OR IGNORE drafts SET agent = ?2 WHERE conversation = ?1 AND agent = ''";
                if tx.run(sql, params![conversation.0, agent])? > 0 {
                    touch(tx, conversation)?;
                }
                Ok(())
            })
            .wait()?;
        }
        Ok(Some(text))
    }

    /// Fills in what an agent has written in each of these conversations and not sent.
    pub(crate) fn add_drafts<'a>(
        &self,
        agent: &str,
        conversations: impl IntoIterator<Item = &'a mut Conversation>,
    ) -> Result<(), StoreError> {
        self.read(|conn| {
            for conversation in conversations {
                conversation.draft = conn.first(BEGINNING, params![conversation.id.0, agent], |row| row.get(0))?;
            }
            Ok(())
        })
    }

    /// Saves an agent's draft; an empty text removes it. A change is recorded only when the agent gains or loses a draft
    /// there.
    pub fn save_draft(&self, conversation: ConversationId, agent: &str, text: &str, now: Timestamp) -> Pending<()> {
        let (agent, text) = (agent.to_owned(), text.to_owned());
        self.write(move |tx| {
            let conversation = resolve(tx.conn, conversation)?;
            if text.is_empty() {
                return clear(tx, conversation, &agent);
            }
            let sql = "SELECT 1 FROM drafts WHERE conversation = ?1 AND agent = ?2";
            let had = tx.any(sql, params![conversation.0, agent])?;
            let sql = "INSERT INTO drafts (conversation, agent, text, saved_at) VALUES (?1, ?2, ?3, ?4) \
                       ON CONFLICT (conversation, agent) DO UPDATE SET text = excluded.text, \
                       saved_at = excluded.saved_at";
            tx.run(sql, params![conversation.0, agent, text, now.0])?;
            if had { Ok(()) } else { touch(tx, conversation) }
        })
    }
}

/// Removes an agent's draft.
pub(super) fn clear(tx: &Tx<'_>, conversation: ConversationId, agent: &str) -> DbResult<()> {
    let sql = "DELETE FROM drafts WHERE conversation = ?1 AND agent = ?2";
    if tx.run(sql, params![conversation.0, agent])? > 0 {
        touch(tx, conversation)?;
    }
    Ok(())
}

/// Puts a text before what an agent has in a draft, which is made where there is none.
pub(super) fn prepend(
    tx: &Tx<'_>,
    conversation: ConversationId,
    agent: &str,
    text: &str,
    now: Timestamp,
) -> DbResult<()> {
    let sql = "INSERT INTO drafts (conversation, agent, text, saved_at) VALUES (?1, ?2, ?3, ?4) \
               ON CONFLICT (conversation, agent) DO UPDATE SET text = excluded.text || char(10) || text, \
               saved_at = excluded.saved_at";
    tx.run(sql, params![conversation.0, agent, text, now.0]).map(drop)
}

/// Gives the drafts of a conversation to the one that it is merged into; of two of one agent, one follows the other.
pub(super) fn merge(tx: &Tx<'_>, older: ConversationId, younger: ConversationId) -> DbResult<()> {
    merge_texts(tx, "drafts", older, younger)
}

/// The same for a table of texts that agents have begun, which has the columns of drafts.
pub(super) fn merge_texts(
    tx: &Tx<'_>,
    table: &'static str,
    older: ConversationId,
    younger: ConversationId,
) -> DbResult<()> {
    let sql = format!(
        "INSERT INTO {table} (conversation, agent, text, saved_at) \
         SELECT ?1, agent, text, saved_at FROM {table} WHERE conversation = ?2 \
         ON CONFLICT (conversation, agent) DO UPDATE SET text = text || char(10) || excluded.text, \
         saved_at = max(saved_at, excluded.saved_at)"
    );
    tx.run(&sql, [older.0, younger.0]).map(drop)
}

//! What an export says of conversations beside their messages, and taking it back.
//!
//! Invariant: what a conversation here says of itself is never replaced by what a file says of it.

use rusqlite::{OptionalExtension, params};
use serde::{Deserialize, Serialize};

use super::conversations::touch;
use super::db::Store;
use super::error::StoreError;
use super::identity::PeerKey;
use super::restore::home;
use super::row;
use super::writer::{Pending, Tx};
use crate::domain::inbound::Peer;
use crate::domain::window::WindowRule;
use crate::domain::{AccountName, Channel, ConversationId, ConversationState, Timestamp};

/// What a conversation says beside its messages.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConversationFacts {
    /// The other side's name; empty when not known. Original bytes: clean before showing.
    pub name: String,
    /// A person gave the name, so no gateway changes it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub named_by_hand: bool,
    /// A group rather than a person.
    pub group: bool,
    /// What is to be done with it.
    pub state: ConversationState,
    /// When a snoozed one wakes, in milliseconds since 1970 UTC.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<i64>,
    /// Labels, sorted.
    pub labels: Vec<String>,
    /// Every id by which the other side is known.
    pub aliases: Vec<String>,
    /// The account's 24-hour rule.
    pub window: WindowRule,
}

/// A conversation that is taken back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TakenBack {
    /// The id that it had; it is kept where it is free.
    pub id: ConversationId,
    /// The account.
    pub account: AccountName,
    /// The channel.
    pub channel: Channel,
    /// The other side, as the gateway names it.
    pub peer: String,
    /// The place of its first message.
    pub at: Timestamp,
    /// What it says.
    pub facts: ConversationFacts,
}

impl Store {
    /// What a conversation says beside its messages.
    pub fn conversation_facts(&self, id: ConversationId) -> Result<Option<ConversationFacts>, StoreError> {
        self.read(|conn| {
            let sql = "SELECT name, by_hand, is_group, state, until, labels, window FROM conversations WHERE id = ?1";
            let facts = conn
                .prepare_cached(sql)?
                .query_row([id.0], |row| {
                    Ok(ConversationFacts {
                        name: row.get(0)?,
                        named_by_hand: row.get(1)?,
                        group: row.get(2)?,
                        state: row::word(row, 3, ConversationState::Open)?,
                        until: row.get(4)?,
                        labels: row::json(row, 5)?.unwrap_or_default(),
                        aliases: Vec::new(),
                        window: row::window(row, 6)?,
                    })
                })
                .optional()?;
            let Some(facts) = facts else { return Ok(None) };
            let sql = "SELECT alias FROM peers WHERE conversation = ?1 ORDER BY alias";
            let mut statement = conn.prepare_cached(sql)?;
            let aliases = statement.query_map([id.0], |row| row.get(0))?.collect::<Result<_, _>>()?;
            Ok(Some(ConversationFacts { aliases, ..facts }))
        })
    }

    /// Makes conversations as an export says, in one transaction, before their messages are
    /// [restored](Store::restore). Of those that are there already, only what is not known is filled in.
    pub fn restore_conversations(&self, conversations: Vec<TakenBack>) -> Pending<()> {
        self.write(move |tx| conversations.iter().try_for_each(|conversation| take_back(tx, conversation)))
    }
}

fn take_back(tx: &Tx<'_>, taken: &TakenBack) -> super::error::Work<()> {
    let facts = &taken.facts;
    let peer = Peer { id: taken.peer.clone(), group: facts.group, aliases: facts.aliases.clone() };
    let place = PeerKey { account: &taken.account, channel: taken.channel };
    let (id, made) = home(tx, place, &peer, taken.id, taken.at)?;
    let labels = serde_json::to_string(&facts.labels)?;
    let changed = if made {
        let sql = "UPDATE conversations SET name = ?2, by_hand = ?3, is_group = ?4, state = ?5, until = ?6, \
                   labels = ?7, window = ?8, peer = ?9 WHERE id = ?1";
        tx.conn.prepare_cached(sql)?.execute(params![
            id.0,
            facts.name,
            facts.named_by_hand,
            facts.group,
            facts.state.as_str(),
            facts.until,
            labels,
            row::window_word(facts.window),
            taken.peer,
        ])?
    } else {
        let sql = "UPDATE conversations SET name = iif(name = '', ?2, name), by_hand = iif(name = '', ?3, by_hand), \
                   labels = iif(labels = '[]', ?4, labels) WHERE id = ?1 AND (name = '' AND ?2 <> '' \
                   OR labels = '[]' AND ?4 <> '[]')";
        tx.conn.prepare_cached(sql)?.execute(params![id.0, facts.name, facts.named_by_hand, labels])?
    };
    if changed > 0 { touch(tx, id) } else { Ok(()) }
}

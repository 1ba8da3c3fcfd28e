//! Identity: every id of a person or group leads to one conversation.
//!
//! Invariant: no id belongs to two conversations of an account and channel, and no message is lost when two
//! conversations are merged.

use rusqlite::params;

use super::conversations::find::find;
use super::conversations::summary::{self, touch};
use super::database::{DbResult, RunSql, Tx};
use super::outbox::heads::refresh_head;
use super::{begun, drafts, row};
use crate::domain::inbound::Peer;
use crate::domain::phone::{PeerForm, peer_form};
use crate::domain::window::WindowRule;
use crate::domain::{AccountName, ChangeKind, Channel, Conversation, ConversationId, ConversationState, Timestamp};

/// The scope in which the ids of peers are unique.
#[derive(Clone, Copy)]
pub(super) struct PeerScope<'a> {
    pub(super) account: &'a AccountName,
    pub(super) channel: Channel,
}

/// The conversation with `peer`, if there is one. Adds the peer's new ids to it, and merges the conversations that its
/// ids lead to.
pub(super) fn find_or_merge(tx: &Tx<'_>, scope: PeerScope<'_>, peer: &Peer) -> DbResult<Option<ConversationId>> {
    let aliases = aliases(peer);
    let mut known = Vec::new();
    for alias in &aliases {
        let sql = "SELECT conversation FROM peers WHERE account = ?1 AND channel = ?2 AND alias = ?3";
        let values = [scope.account.as_str(), scope.channel.as_str(), alias];
        let found: Option<i64> = tx.first(sql, values, |row| row.get(0))?;
        known.extend(found);
    }
    known.sort_unstable();
    known.dedup();
    let Some((&oldest, younger)) = known.split_first() else {
        return Ok(None);
    };
    let oldest = ConversationId(oldest);
    for id in younger {
        merge(tx, oldest, ConversationId(*id))?;
    }
    add_aliases(tx, scope, oldest, &aliases)?;
    show_phone(tx, scope, oldest, &aliases)?;
    Ok(Some(oldest))
}

/// The conversation with `peer`, created at `at` if there is none. Stores the account's window rule in it.
pub(super) fn find_or_create(
    tx: &Tx<'_>,
    scope: PeerScope<'_>,
    peer: &Peer,
    window: WindowRule,
    at: Timestamp,
) -> DbResult<ConversationId> {
    let id = match find_or_merge(tx, scope, peer)? {
        Some(id) => id,
        None => create(tx, scope, peer, at, None)?,
    };
    let sql = "UPDATE conversations SET window = ?2 WHERE id = ?1 AND window <> ?2";
    if tx.run(sql, params![id.0, row::window_rule_name(window)])? > 0 {
        touch(tx, id)?;
    }
    if peer.group {
        let sql = "UPDATE conversations SET is_group = 1 WHERE id = ?1 AND is_group = 0";
        tx.run(sql, [id.0])?;
    }
    Ok(id)
}

/// Creates a conversation, with the id `id` if given; that must be free.
pub(super) fn create(
    tx: &Tx<'_>,
    scope: PeerScope<'_>,
    peer: &Peer,
    at: Timestamp,
    id: Option<i64>,
) -> DbResult<ConversationId> {
    let aliases = aliases(peer);
    let shown = phone_of(scope.channel, peer.group, &aliases).unwrap_or(peer.id.as_str());
    let sql = "INSERT INTO conversations (id, account, channel, peer, is_group, last_order, last_at, name) \
               VALUES (?6, ?1, ?2, ?3, ?4, ?5, ?5, coalesce((SELECT name FROM contacts \
               WHERE account = ?1 AND phone = ?3 AND name IS NOT NULL LIMIT 1), ''))";
    let values = params![scope.account.as_str(), scope.channel.as_str(), shown, peer.group, at.0, id];
    tx.run(sql, values)?;
    let id = ConversationId(tx.conn.last_insert_rowid());
    add_aliases(tx, scope, id, &aliases)?;
    touch(tx, id)?;
    Ok(id)
}

/// The ids of a peer, each once, its own first.
fn aliases(peer: &Peer) -> Vec<&str> {
    let mut all: Vec<&str> = Vec::new();
    for alias in std::iter::once(&peer.id).chain(&peer.aliases) {
        if !alias.is_empty() && !all.contains(&alias.as_str()) {
            all.push(alias);
        }
    }
    if all.is_empty() {
        // Messages from nobody share one conversation rather than having none.
        all.push("");
    }
    all
}

fn add_aliases(tx: &Tx<'_>, scope: PeerScope<'_>, id: ConversationId, aliases: &[&str]) -> DbResult<()> {
    let sql =
        "INSERT INTO peers (account, channel, alias, conversation) VALUES (?1, ?2, ?3, ?4) ON CONFLICT DO NOTHING";
    for alias in aliases {
        let values = params![scope.account.as_str(), scope.channel.as_str(), alias, id.0];
        tx.run(sql, values)?;
    }
    Ok(())
}

/// Shows a person by phone number once it is known.
fn show_phone(tx: &Tx<'_>, scope: PeerScope<'_>, id: ConversationId, aliases: &[&str]) -> DbResult<()> {
    let Some(phone) = phone_of(scope.channel, false, aliases) else {
        return Ok(());
    };
    let sql = "SELECT peer FROM conversations WHERE id = ?1 AND is_group = 0";
    let shown: Option<String> = tx.first(sql, [id.0], |row| row.get(0))?;
    match shown {
        Some(shown) if phone_of(scope.channel, false, &[&shown]).is_none() => set_shown_id(tx, id, phone),
        _ => Ok(()),
    }
}

/// Sets the id by which the other side of a conversation is shown.
pub(super) fn set_shown_id(tx: &Tx<'_>, id: ConversationId, peer: &str) -> DbResult<()> {
    let sql = "UPDATE conversations SET peer = ?2 WHERE id = ?1 AND peer <> ?2";
    if tx.run(sql, params![id.0, peer])? > 0 {
        touch(tx, id)?;
    }
    Ok(())
}

/// The first of these ids that is a phone number, on channels that identify people by it.
pub(super) fn phone_of<'a>(channel: Channel, group: bool, aliases: &[&'a str]) -> Option<&'a str> {
    let is_phone = |alias: &&str| matches!(peer_form(alias), PeerForm::Phone(number) if number == **alias);
    aliases.iter().copied().find(is_phone).filter(|_| channel.uses_phone_numbers() && !group)
}

/// Sets the name that a gateway gives, unless a person has named the conversation.
pub(super) fn set_name(tx: &Tx<'_>, id: ConversationId, name: &str, only_if_none: bool) -> DbResult<()> {
    let sql = "UPDATE conversations SET name = ?2 WHERE id = ?1 AND by_hand = 0 AND name <> ?2 \
               AND (name = '' OR NOT ?3)";
    if !name.trim().is_empty() && tx.run(sql, params![id.0, name, only_if_none])? > 0 {
        touch(tx, id)?;
    }
    Ok(())
}

/// Merges two conversations: the older keeps its id and takes over everything of the younger.
fn merge(tx: &Tx<'_>, older: ConversationId, younger: ConversationId) -> DbResult<()> {
    let (Some(old), Some(young)) = (find(tx.conn, older)?, find(tx.conn, younger)?) else {
        return Ok(());
    };
    drafts::merge(tx, older, younger)?;
    begun::merge(tx, older, younger)?;
    merge_details(tx, &old, &young)?;
    for sql in [
        "UPDATE messages SET conversation = ?1, revision = revision + 1 WHERE conversation = ?2",
        "UPDATE outbox SET conversation = ?1 WHERE conversation = ?2",
        "UPDATE audit SET conversation = ?1 WHERE conversation = ?2",
        "UPDATE presence SET conversation = ?1 WHERE conversation = ?2",
        "UPDATE peers SET conversation = ?1 WHERE conversation = ?2",
        "UPDATE merged SET older = ?1 WHERE older = ?2",
        "UPDATE conversations SET customer_at = (SELECT max(customer_at) FROM conversations WHERE id IN (?1, ?2)), \
         by_hand = (SELECT max(by_hand) FROM conversations WHERE id IN (?1, ?2)) WHERE id = ?1",
    ] {
        tx.run(sql, [older.0, younger.0])?;
    }
    refresh_head(tx, older)?;
    tx.run("DELETE FROM conversations WHERE id = ?1", [younger.0])?;
    let sql = "INSERT INTO merged (younger, older) VALUES (?2, ?1)";
    tx.run(sql, [older.0, younger.0])?;
    tx.record_change(ChangeKind::ConversationChanged { conversation: younger });
    summary::refresh_newest(tx, older)?;
    summary::refresh_waiting(tx, older)?;
    summary::refresh_unread(tx, older)?;
    touch(tx, older)
}

fn merge_details(tx: &Tx<'_>, old: &Conversation, young: &Conversation) -> DbResult<()> {
    // A name that a person gave wins over one of a gateway.
    let sql = "SELECT by_hand FROM conversations WHERE id = ?1";
    let by_hand = |id: ConversationId| tx.one(sql, [id.0], |row| row.get::<_, bool>(0));
    let takes_name = old.name.is_empty() || (by_hand(young.id)? && !by_hand(old.id)?);
    let name = if takes_name { &young.name } else { &old.name };
    let mut labels = [old.labels.as_slice(), young.labels.as_slice()].concat();
    labels.sort();
    labels.dedup();
    let open = old.state == ConversationState::Open || young.state == ConversationState::Open;
    let state = if open { ConversationState::Open } else { old.state };
    let shown = phone_of(old.channel, old.group, &[&old.peer, &young.peer]).unwrap_or(&old.peer);
    let sql = "UPDATE conversations SET name = ?2, labels = ?3, state = ?4, peer = ?5, \
               until = CASE WHEN ?4 = 'snoozed' THEN until END WHERE id = ?1";
    let labels = serde_json::to_string(&labels)?;
    tx.run(sql, params![old.id.0, name, labels, state.as_str(), shown])?;
    Ok(())
}

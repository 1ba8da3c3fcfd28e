//! Who is who: every id by which a person or group is known leads to one conversation.
//!
//! Invariant: no id belongs to two conversations of an account and channel, and no message is lost when two
//! conversations turn out to be one.

use rusqlite::{OptionalExtension, params};

use super::conversations::{self, touch};
use super::error::Work;
use super::standing;
use super::writer::Tx;
use super::{drafts, row};
use crate::domain::inbound::Peer;
use crate::domain::phone::{PeerForm, peer_form};
use crate::domain::window::WindowRule;
use crate::domain::{AccountName, ChangeKind, Channel, Conversation, ConversationId, ConversationState, Timestamp};

/// Where the other side was met.
#[derive(Clone, Copy)]
pub(super) struct PeerKey<'a> {
    /// The account.
    pub(super) account: &'a AccountName,
    /// The channel.
    pub(super) channel: Channel,
}

/// The conversation with `peer`, if there is one. Ids of it that are new are kept; conversations that turn out
/// to be one are merged.
pub(super) fn meet(tx: &Tx<'_>, place: PeerKey<'_>, peer: &Peer) -> Work<Option<ConversationId>> {
    let aliases = aliases(peer);
    let mut known = Vec::new();
    for alias in &aliases {
        let sql = "SELECT conversation FROM peers WHERE account = ?1 AND channel = ?2 AND alias = ?3";
        let values = [place.account.as_str(), place.channel.as_str(), alias];
        let found: Option<i64> = tx.conn.prepare_cached(sql)?.query_row(values, |row| row.get(0)).optional()?;
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
    add_aliases(tx, place, oldest, &aliases)?;
    show_phone(tx, place, oldest, &aliases)?;
    Ok(Some(oldest))
}

/// The conversation with `peer`, made at `at` if there is none; and the account's window rule noted in it.
pub(super) fn meet_or_make(
    tx: &Tx<'_>,
    place: PeerKey<'_>,
    peer: &Peer,
    window: WindowRule,
    at: Timestamp,
) -> Work<ConversationId> {
    let id = match meet(tx, place, peer)? {
        Some(id) => id,
        None => make(tx, place, peer, at, None)?,
    };
    let sql = "UPDATE conversations SET window = ?2 WHERE id = ?1 AND window <> ?2";
    if tx.conn.prepare_cached(sql)?.execute(params![id.0, row::window_word(window)])? > 0 {
        touch(tx, id)?;
    }
    if peer.group {
        let sql = "UPDATE conversations SET is_group = 1 WHERE id = ?1 AND is_group = 0";
        tx.conn.prepare_cached(sql)?.execute([id.0])?;
    }
    Ok(id)
}

/// Makes a conversation, with an id of its own or one that is free.
pub(super) fn make(
    tx: &Tx<'_>,
    place: PeerKey<'_>,
    peer: &Peer,
    at: Timestamp,
    id: Option<i64>,
) -> Work<ConversationId> {
    let aliases = aliases(peer);
    let shown = phone_of(place.channel, peer.group, &aliases).unwrap_or(peer.id.as_str());
    let sql = "INSERT INTO conversations (id, account, channel, peer, is_group, last_order, last_at, name) \
               VALUES (?6, ?1, ?2, ?3, ?4, ?5, ?5, coalesce((SELECT name FROM contacts \
               WHERE account = ?1 AND phone = ?3 AND name IS NOT NULL LIMIT 1), ''))";
    let values = params![place.account.as_str(), place.channel.as_str(), shown, peer.group, at.0, id];
    tx.conn.prepare_cached(sql)?.execute(values)?;
    let id = ConversationId(tx.conn.last_insert_rowid());
    add_aliases(tx, place, id, &aliases)?;
    touch(tx, id)?;
    Ok(id)
}

/// The ids of a peer, the best one first, each once.
fn aliases(peer: &Peer) -> Vec<&str> {
    let mut all: Vec<&str> = Vec::new();
    for alias in std::iter::once(&peer.id).chain(&peer.aliases) {
        if !alias.is_empty() && !all.contains(&alias.as_str()) {
            all.push(alias);
        }
    }
    if all.is_empty() {
        // Nobody named: all such messages stand together rather than nowhere.
        all.push("");
    }
    all
}

fn add_aliases(tx: &Tx<'_>, place: PeerKey<'_>, id: ConversationId, aliases: &[&str]) -> Work<()> {
    let sql =
        "INSERT INTO peers (account, channel, alias, conversation) VALUES (?1, ?2, ?3, ?4) ON CONFLICT DO NOTHING";
    for alias in aliases {
        let values = params![place.account.as_str(), place.channel.as_str(), alias, id.0];
        tx.conn.prepare_cached(sql)?.execute(values)?;
    }
    Ok(())
}

/// A person is shown by his phone number once it is known.
fn show_phone(tx: &Tx<'_>, place: PeerKey<'_>, id: ConversationId, aliases: &[&str]) -> Work<()> {
    let Some(phone) = phone_of(place.channel, false, aliases) else {
        return Ok(());
    };
    let sql = "SELECT peer FROM conversations WHERE id = ?1 AND is_group = 0";
    let shown: Option<String> = tx.conn.prepare_cached(sql)?.query_row([id.0], |row| row.get(0)).optional()?;
    match shown {
        Some(shown) if phone_of(place.channel, false, &[&shown]).is_none() => show(tx, id, phone),
        _ => Ok(()),
    }
}

/// Shows the other side of a conversation by this id.
pub(super) fn show(tx: &Tx<'_>, id: ConversationId, peer: &str) -> Work<()> {
    let sql = "UPDATE conversations SET peer = ?2 WHERE id = ?1 AND peer <> ?2";
    if tx.conn.prepare_cached(sql)?.execute(params![id.0, peer])? > 0 {
        touch(tx, id)?;
    }
    Ok(())
}

/// The first of these ids that is a phone number, where people are known by theirs.
pub(super) fn phone_of<'a>(channel: Channel, group: bool, aliases: &[&'a str]) -> Option<&'a str> {
    let is_phone = |alias: &&str| matches!(peer_form(alias), PeerForm::Phone(number) if number == **alias);
    aliases.iter().copied().find(is_phone).filter(|_| channel.uses_phone_numbers() && !group)
}

/// Names a conversation as a gateway tells it, unless a person has named it by hand.
pub(super) fn name(tx: &Tx<'_>, id: ConversationId, name: &str, only_if_none: bool) -> Work<()> {
    let sql = "UPDATE conversations SET name = ?2 WHERE id = ?1 AND by_hand = 0 AND name <> ?2 \
               AND (name = '' OR NOT ?3)";
    if !name.trim().is_empty() && tx.conn.prepare_cached(sql)?.execute(params![id.0, name, only_if_none])? > 0 {
        touch(tx, id)?;
    }
    Ok(())
}

/// Makes two conversations one: the older keeps its id and takes over what the younger has.
fn merge(tx: &Tx<'_>, older: ConversationId, younger: ConversationId) -> Work<()> {
    let (Some(old), Some(young)) = (conversations::find(tx.conn, older)?, conversations::find(tx.conn, younger)?)
    else {
        return Ok(());
    };
    merge_drafts(tx, older, younger)?;
    merge_facts(tx, &old, &young)?;
    for sql in [
        "UPDATE messages SET conversation = ?1, revision = revision + 1 WHERE conversation = ?2",
        "UPDATE outbox SET conversation = ?1 WHERE conversation = ?2",
        "UPDATE peers SET conversation = ?1 WHERE conversation = ?2",
        "UPDATE merged SET older = ?1 WHERE older = ?2",
        "UPDATE conversations SET customer_at = (SELECT max(customer_at) FROM conversations WHERE id IN (?1, ?2)), \
         by_hand = (SELECT max(by_hand) FROM conversations WHERE id IN (?1, ?2)) WHERE id = ?1",
    ] {
        tx.conn.prepare_cached(sql)?.execute([older.0, younger.0])?;
    }
    tx.conn.prepare_cached("DELETE FROM conversations WHERE id = ?1")?.execute([younger.0])?;
    let sql = "INSERT INTO merged (younger, older) VALUES (?2, ?1)";
    tx.conn.prepare_cached(sql)?.execute([older.0, younger.0])?;
    tx.changed(ChangeKind::ConversationChanged { conversation: younger });
    standing::reckon_newest(tx, older)?;
    standing::reckon_waiting(tx, older)?;
    conversations::count_unread(tx, older)?;
    touch(tx, older)
}

fn merge_facts(tx: &Tx<'_>, old: &Conversation, young: &Conversation) -> Work<()> {
    // A name by hand wins over one that a gateway told.
    let sql = "SELECT by_hand FROM conversations WHERE id = ?1";
    let by_hand = |id: ConversationId| tx.conn.prepare_cached(sql)?.query_row([id.0], |row| row.get::<_, bool>(0));
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
    tx.conn.prepare_cached(sql)?.execute(params![old.id.0, name, labels, state.as_str(), shown])?;
    Ok(())
}

fn merge_drafts(tx: &Tx<'_>, older: ConversationId, younger: ConversationId) -> Work<()> {
    let sql = "INSERT INTO drafts (conversation, text, saved_at) \
               SELECT ?1, text, saved_at FROM drafts WHERE conversation = ?2 \
               ON CONFLICT (conversation) DO UPDATE SET text = text || char(10) || excluded.text, \
               saved_at = max(saved_at, excluded.saved_at)";
    tx.conn.prepare_cached(sql)?.execute([older.0, younger.0])?;
    drafts::refresh(tx, older)
}

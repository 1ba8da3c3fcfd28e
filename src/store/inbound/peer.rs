//! Reports about people: their names, and ids that changed.

use rusqlite::params;

use crate::domain::inbound::Peer;
use crate::store::contacts;
use crate::store::conversations::summary::touch;
use crate::store::database::{DbResult, RunSql, Tx};
use crate::store::identity::{self, PeerScope};

/// Names a peer's conversation, and its contact if that has no name.
pub(super) fn set_name(tx: &Tx<'_>, scope: PeerScope<'_>, peer: &Peer, name: &str) -> DbResult<()> {
    if name.trim().is_empty() {
        return Ok(());
    }
    if let Some(id) = identity::find_or_merge(tx, scope, peer)? {
        identity::set_name(tx, id, name, false)?;
    }
    // A name in the address book was chosen by somebody; only a missing one is filled in.
    let sql = "UPDATE contacts SET name = ?3, place = ?4 WHERE account = ?1 AND phone = ?2 \
               AND coalesce(name, '') = ''";
    for phone in std::iter::once(&peer.id).chain(&peer.aliases) {
        let sort_key = contacts::sort_key(Some(name), Some(phone), None);
        tx.run(sql, params![scope.account.as_str(), phone, name, sort_key])?;
    }
    let ids: Vec<&str> = std::iter::once(&peer.id).chain(&peer.aliases).map(String::as_str).collect();
    match identity::phone_of(scope.channel, peer.group, &ids) {
        // For the conversation that may begin later.
        Some(phone) => contacts::add_if_unknown(tx, scope.account, phone, name),
        None => Ok(()),
    }
}

/// Remembers whether a customer wants marketing messages.
pub(super) fn set_marketing(tx: &Tx<'_>, scope: PeerScope<'_>, peer: &Peer, stopped: bool) -> DbResult<()> {
    let Some(id) = identity::find_or_merge(tx, scope, peer)? else { return Ok(()) };
    let sql = "UPDATE conversations SET no_marketing = ?2 WHERE id = ?1 AND no_marketing <> ?2";
    if tx.run(sql, params![id.0, stopped])? > 0 { touch(tx, id) } else { Ok(()) }
}

/// Makes both peers aliases of one conversation, which shows the new one.
pub(super) fn change_id(tx: &Tx<'_>, scope: PeerScope<'_>, from: &Peer, to: &Peer) -> DbResult<()> {
    let ids = [&from.id].into_iter().chain(&from.aliases).chain([&to.id]).chain(&to.aliases);
    let all = Peer { id: from.id.clone(), group: from.group, aliases: ids.cloned().collect() };
    let Some(id) = identity::find_or_merge(tx, scope, &all)? else {
        return Ok(());
    };
    let aliases: Vec<&str> = std::iter::once(&to.id).chain(&to.aliases).map(String::as_str).collect();
    match identity::phone_of(scope.channel, to.group, &aliases) {
        Some(phone) => identity::set_shown_id(tx, id, phone),
        // A known phone number says more than an id.
        None if identity::phone_of(scope.channel, false, &[from.id.as_str()]).is_some() => Ok(()),
        None => identity::set_shown_id(tx, id, &to.id),
    }
}

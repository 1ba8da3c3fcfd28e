//! What an export says of a conversation beside its messages, and importing it.

use std::collections::HashSet;

use rusqlite::params;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::domain::inbound::Peer;
use crate::domain::window::WindowRule;
use crate::domain::{AccountName, AuditEntry, Channel, ConversationId, ConversationState, Timestamp};
use crate::store::audit;
use crate::store::conversations::summary::touch;
use crate::store::customers::edit;
use crate::store::database::{DbResult, RunSql, Store, StoreError, Tx};
use crate::store::identity::{self, PeerScope};
use crate::store::row;

/// What a conversation has beside its messages. The field names are those of the export file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConversationDetails {
    /// The other side's name, as its bytes came; empty when not known.
    pub name: String,
    /// A person gave the name, so no gateway changes it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub named_by_hand: bool,
    pub group: bool,
    pub state: ConversationState,
    /// When a snoozed conversation opens by itself, in milliseconds since 1970 UTC.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<i64>,
    /// The customer wants no marketing messages.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub no_marketing: bool,
    /// In alphabetical order, each once.
    pub labels: Vec<String>,
    /// Every id of the other side.
    pub aliases: Vec<String>,
    /// The window rule of the account.
    pub window: WindowRule,
    /// The agent who deals with it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub assignee: Option<String>,
    /// The agent who resolved it last, and when, in milliseconds since 1970 UTC.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub resolved_by: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub resolved_at: Option<i64>,
    /// What was changed here of the customer's entry in the address book: `{"name"?, "email"?, "custom_fields"?}`, with
    /// null for a field that was deleted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub customer: Option<Value>,
    /// What agents did to it, the oldest first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub audit: Vec<AuditEntry>,
    /// How many messages no agent has seen; 1 also where a person marked it unread and no message is.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub unread: u32,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes references")]
fn is_zero(count: &u32) -> bool {
    *count == 0
}

/// A conversation to import.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExportedConversation {
    /// Kept if it is free.
    pub id: ConversationId,
    pub account: AccountName,
    pub channel: Channel,
    /// The other side, as the gateway names it.
    pub peer: String,
    /// When its first message was ordered.
    pub at: Timestamp,
    pub details: ConversationDetails,
}

impl Store {
    /// What a conversation has beside its messages.
    pub fn conversation_details(&self, id: ConversationId) -> Result<Option<ConversationDetails>, StoreError> {
        self.read(|conn| {
            let sql = "SELECT alias FROM peers WHERE conversation = ?1 ORDER BY alias";
            let aliases = conn.all(sql, [id.0], |row| row.get(0))?;
            let customer = edit::exported_edits(conn, id)?;
            let mut audit = audit::newest(conn, id, usize::MAX)?;
            audit.reverse();
            let sql = "SELECT name, by_hand, is_group, state, until, labels, window, no_marketing, unread, assignee, \
                       resolved_by, resolved_at FROM conversations WHERE id = ?1";
            conn.first(sql, [id.0], |row| {
                Ok(ConversationDetails {
                    name: row.get(0)?,
                    named_by_hand: row.get(1)?,
                    group: row.get(2)?,
                    state: row::named(row, 3, ConversationState::Open)?,
                    until: row.get(4)?,
                    labels: row::json(row, 5)?.unwrap_or_default(),
                    aliases,
                    window: row::window_rule(row, 6)?,
                    no_marketing: row.get(7)?,
                    unread: row.get(8)?,
                    assignee: row.get(9)?,
                    resolved_by: row.get(10)?,
                    resolved_at: row.get(11)?,
                    customer,
                    audit,
                })
            })
        })
    }
}

/// Creates a conversation, or fills in what one that exists lacks.
pub(super) fn import(
    tx: &Tx<'_>,
    exported: &ExportedConversation,
    created: &mut HashSet<ConversationId>,
) -> DbResult<()> {
    let details = &exported.details;
    let peer = Peer { id: exported.peer.clone(), group: details.group, aliases: details.aliases.clone() };
    let scope = PeerScope { account: &exported.account, channel: exported.channel };
    let (id, is_new) = find_or_create(tx, scope, &peer, exported.id, exported.at)?;
    let labels = serde_json::to_string(&details.labels)?;
    if is_new {
        created.insert(id);
        for entry in &details.audit {
            audit::add(tx, id, entry)?;
        }
    }
    let changed = if is_new {
        let sql = "UPDATE conversations SET name = ?2, by_hand = ?3, is_group = ?4, state = ?5, until = ?6, \
                   labels = ?7, window = ?8, peer = ?9, no_marketing = ?10, unread = ?11, assignee = ?12, \
                   resolved_by = ?13, resolved_at = ?14 WHERE id = ?1";
        let values = params![
            id.0,
            details.name,
            details.named_by_hand,
            details.group,
            details.state.as_str(),
            details.until,
            labels,
            row::window_rule_name(details.window),
            exported.peer,
            details.no_marketing,
            // Counted again when unread messages of it come.
            details.unread,
            details.assignee,
            details.resolved_by,
            details.resolved_at,
        ];
        tx.run(sql, values)?
    } else {
        let sql = "UPDATE conversations SET name = iif(name = '', ?2, name), by_hand = iif(name = '', ?3, by_hand), \
                   labels = iif(labels = '[]', ?4, labels), assignee = coalesce(assignee, ?5), \
                   resolved_by = iif(resolved_at IS NULL, ?6, resolved_by), resolved_at = coalesce(resolved_at, ?7) \
                   WHERE id = ?1 AND (name = '' AND ?2 <> '' OR labels = '[]' AND ?4 <> '[]' \
                   OR assignee IS NULL AND ?5 IS NOT NULL OR resolved_at IS NULL AND ?7 IS NOT NULL)";
        let (by, at) = (&details.resolved_by, details.resolved_at);
        tx.run(sql, params![id.0, details.name, details.named_by_hand, labels, details.assignee, by, at])?
    };
    if let Some(edits) = &details.customer {
        edit::import_edits(tx, id, edits)?;
    }
    if changed > 0 { touch(tx, id) } else { Ok(()) }
}

/// The conversation with `peer`, and whether it was created now: at `at`, with the id `wanted` if that is free.
pub(super) fn find_or_create(
    tx: &Tx<'_>,
    scope: PeerScope<'_>,
    peer: &Peer,
    wanted: ConversationId,
    at: Timestamp,
) -> DbResult<(ConversationId, bool)> {
    if let Some(id) = identity::find_or_merge(tx, scope, peer)? {
        return Ok((id, false));
    }
    let sql = "SELECT 1 FROM conversations WHERE id = ?1 UNION ALL SELECT 1 FROM merged WHERE younger = ?1";
    let is_free = is_usable_id(wanted.0) && !tx.any(sql, [wanted.0])?;
    Ok((identity::create(tx, scope, peer, at, is_free.then_some(wanted.0))?, true))
}

/// Whether an id of a file may be used: it must leave room for all ids to come, which SQLite counts up from it.
pub(super) fn is_usable_id(id: i64) -> bool {
    (1..1 << 53).contains(&id)
}

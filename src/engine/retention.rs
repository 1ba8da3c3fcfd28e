//! Deletes what is old, in slices of bounded time: changes and raw events, and what `[privacy] keep_days` bounds.
//!
//! Invariant: nobody who writes waits for more than one slice.

use std::time::Duration;

use tokio::sync::watch;

use super::blocking;
use crate::domain::message::MessageKey;
use crate::domain::{AccountName, Timestamp};
use crate::store::{Store, StoreError};

/// Changes that are kept for readers; a reader that lags behind more reads everything anew.
const CHANGES_KEPT: usize = 50_000;
/// How long raw events that were understood are kept: far longer than any gateway delivers again (Meta: 7 days,
/// providers.md 6.6). Those that were not understood stay until `keep_days`.
const EVENTS_KEPT: u32 = 90;
/// Events, and changes, that are deleted in one transaction.
const SLICE: usize = 500;
/// Messages that are looked at in one transaction: a message takes its words out of the search index too.
const MESSAGES: usize = 100;
/// Between two slices, for those who wait to write.
const PAUSE: Duration = Duration::from_millis(20);
const DAY: i64 = 24 * 3600 * 1000;

/// What is to be kept.
pub(super) struct Retention {
    /// The accounts of the configuration, whose events are still going to be read.
    pub(super) configured: Vec<AccountName>,
    /// For how many days; `None`: for ever.
    pub(super) keep: Option<u32>,
    pub(super) now: Timestamp,
}

impl Retention {
    fn days_ago(&self, days: u32) -> Timestamp {
        Timestamp(self.now.0.saturating_sub(i64::from(days).saturating_mul(DAY)))
    }
}

/// Deletes everything that need not be kept, until `stop` becomes true. What cannot be deleted now is tried the next time.
pub(super) async fn prune(store: &Store, retention: Retention, stop: &watch::Receiver<bool>) {
    let pruned = async {
        prune_journal(store, &retention, stop).await?;
        match retention.keep {
            Some(days) => expire(store, &retention, days, stop).await,
            None => Ok(0),
        }
    };
    match pruned.await {
        Ok(0) => {}
        Ok(messages) => tracing::info!(messages, "messages that are older than keep_days were deleted"),
        Err(error) => tracing::warn!(%error, "what is old cannot be deleted now"),
    }
}

async fn prune_journal(store: &Store, retention: &Retention, stop: &watch::Receiver<bool>) -> Result<(), StoreError> {
    let before = retention.days_ago(retention.keep.map_or(EVENTS_KEPT, |days| days.min(EVENTS_KEPT)));
    while !*stop.borrow() {
        let changes = store.prune_changes(CHANGES_KEPT, SLICE).await?;
        let events = store.prune_events(before, SLICE).await?;
        if changes.max(events) < SLICE {
            break;
        }
        tokio::time::sleep(PAUSE).await;
    }
    Ok(())
}

/// Deletes messages, and what is left of the journal, that are older than `days`; returns how many messages.
async fn expire(
    store: &Store,
    retention: &Retention,
    days: u32,
    stop: &watch::Receiver<bool>,
) -> Result<usize, StoreError> {
    let before = retention.days_ago(days);
    while !*stop.borrow() && store.expire_events(retention.configured.clone(), before, SLICE).await? > 0 {
        tokio::time::sleep(PAUSE).await;
    }
    let (mut deleted, mut account) = (0, String::new());
    while !*stop.borrow() {
        let (reading, after) = (store.clone(), account.clone());
        let next = blocking::read(move || reading.next_account_with_messages(&after)).await?;
        let Some(next) = next else { break };
        deleted += expire_account(store, &next, before, retention.now, stop).await?;
        next.as_str().clone_into(&mut account);
    }
    Ok(deleted)
}

async fn expire_account(
    store: &Store,
    account: &AccountName,
    before: Timestamp,
    now: Timestamp,
    stop: &watch::Receiver<bool>,
) -> Result<usize, StoreError> {
    while !*stop.borrow() && store.expire_orphans(account, before, SLICE).await? > 0 {
        tokio::time::sleep(PAUSE).await;
    }
    let (mut deleted, mut after): (usize, Option<MessageKey>) = (0, None);
    while !*stop.borrow() {
        let slice = store.expire_messages(account, before, after, now, MESSAGES).await?;
        deleted += slice.deleted;
        after = slice.next;
        if after.is_none() {
            break;
        }
        tokio::time::sleep(PAUSE).await;
    }
    Ok(deleted)
}

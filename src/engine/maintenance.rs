//! Periodic work: ends snoozes, queues scheduled messages, takes over rotated webhook tokens, and deletes what is old.
//!
//! Invariant: it sleeps until something is due or something was committed; idle, it does nothing.

use std::time::Duration;

use tokio::sync::watch;

use super::accounts::registry::AccountRegistry;
use super::notifier::Notifier;
use super::retention::{self, Retention};
use super::{blocking, clock};
use crate::domain::Timestamp;
use crate::store::{Store, StoreError};

/// Between two deletions of what is old.
const PRUNE_EVERY: Duration = Duration::from_secs(24 * 3600);
/// Commits come in bursts; one check serves a burst.
const BURST: Duration = Duration::from_secs(1);

/// How many days messages and events are kept by the configuration in force; `None`: for ever.
pub(crate) type KeepDays = Box<dyn Fn() -> Option<u32> + Send + Sync>;

/// Works until `stop` becomes true.
pub(crate) async fn run(
    registry: AccountRegistry,
    store: Store,
    notifier: Notifier,
    keep_days: KeepDays,
    mut stop: watch::Receiver<bool>,
) {
    let (mut committed, mut configured) = (notifier.watch(), registry.watch());
    let mut prune_at = clock::now();
    let mut kept = None;
    while !*stop.borrow() {
        committed.borrow_and_update();
        configured.borrow_and_update();
        let (now, keep) = (clock::now(), keep_days());
        if now >= prune_at || keep != kept {
            let configured = registry.names();
            retention::prune(&store, Retention { configured, keep, now }, &stop).await;
            (prune_at, kept) = (now.plus(PRUNE_EVERY), keep);
        }
        update_tokens(&registry, &store).await;
        let mut next = prune_at;
        for (due, what) in [
            (end_snoozes(&store, now).await, "snoozed conversations"),
            (queue_scheduled(&store, now).await, "scheduled messages"),
        ] {
            match due {
                Ok(at) => next = at.map_or(next, |at| at.min(next)),
                Err(error) => tracing::error!(%error, "{what} cannot be read"),
            }
        }
        tokio::select! {
            _ = stop.changed() => {}
            changed = committed.changed() => {
                if changed.is_err() {
                    return;
                }
                tokio::time::sleep(BURST).await;
            }
            changed = configured.changed() => {
                if changed.is_err() {
                    return;
                }
            }
            () = tokio::time::sleep(next.since(clock::now()).max(BURST)) => {}
        }
    }
}

/// Ends the snoozes that are due; returns when the next one ends.
async fn end_snoozes(store: &Store, now: Timestamp) -> Result<Option<Timestamp>, StoreError> {
    let next = {
        let store = store.clone();
        blocking::read(move || store.next_wake()).await?
    };
    match next {
        Some(at) if at <= now => {
            store.wake_snoozed(now).await?;
            let store = store.clone();
            blocking::read(move || store.next_wake()).await
        }
        next => Ok(next),
    }
}

/// Puts the scheduled messages that are due into the outbox; returns when the next one is due.
async fn queue_scheduled(store: &Store, now: Timestamp) -> Result<Option<Timestamp>, StoreError> {
    loop {
        let next = {
            let store = store.clone();
            blocking::read(move || store.next_scheduled()).await?
        };
        if next.is_none_or(|at| at > now) {
            return Ok(next);
        }
        store.queue_scheduled(now).await?;
    }
}

/// A command may have replaced an account's token (`loket account rotate-token`).
async fn update_tokens(registry: &AccountRegistry, store: &Store) {
    let read = {
        let store = store.clone();
        blocking::read(move || store.accounts()).await
    };
    // A store that cannot be read is reported elsewhere; the tokens stay.
    let Ok(rows) = read else { return };
    for row in rows {
        if let Some(account) = registry.find(row.name.as_str()) {
            account.set_token(&row.token);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::outgoing::{Content, Outgoing, Recipient};
    use crate::domain::window::WindowRule;
    use crate::domain::{AccountName, Author, AuthorKind, Channel, ConversationState, SendOptions};
    use crate::store::NewMessage;

    #[tokio::test]
    async fn a_snoozed_conversation_opens_at_its_time() {
        let dir = tempfile::tempdir().unwrap();
        let store = Store::open(dir.path()).unwrap();
        let account = AccountName::new("toko").unwrap();
        let now = clock::now();
        store.ensure_account(&account, "any", "token").await.unwrap();
        let new = NewMessage {
            account,
            outgoing: Outgoing {
                channel: Channel::WhatsApp,
                to: Recipient { peer: "628123456789".into(), group: false },
                content: Content::Text { body: "Halo".into() },
                quote: None,
            },
            author: Author { kind: AuthorKind::Agent, name: "Sari".into() },
            name: None,
            window: WindowRule::None,
            options: SendOptions::default(),
        };
        let id = store.enqueue(new, now).await.unwrap().conversation;
        let state = || store.conversation(id).unwrap().unwrap().state;
        store.set_state(id, ConversationState::Snoozed, Some(Timestamp(now.0 + 60_000)), "Sari", now).await.unwrap();
        assert_eq!(end_snoozes(&store, now).await.unwrap(), Some(Timestamp(now.0 + 60_000)));
        assert_eq!(state(), ConversationState::Snoozed);
        assert_eq!(end_snoozes(&store, Timestamp(now.0 + 60_000)).await.unwrap(), None);
        assert_eq!(state(), ConversationState::Open);
    }
}

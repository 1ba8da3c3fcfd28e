//! What must happen without anybody asking: snoozed conversations wake, replaced webhook tokens count, old journal
//! pages go.
//!
//! Invariant: it sleeps until something is due or something was committed; idle, it does nothing.

use std::time::Duration;

use tokio::sync::watch;

use super::accounts::registry::AccountRegistry;
use super::clock;
use super::notify::Notifier;
use crate::domain::Timestamp;
use crate::store::{Store, StoreError};

/// Changes that are kept for readers that lag behind; a reader that lags more reads everything anew.
const CHANGES_KEPT: usize = 50_000;
/// Raw events that were understood are kept so long: far longer than any gateway delivers again (Meta: 7 days,
/// providers.md 6.6). Those that were not understood stay.
const EVENTS_KEPT: Duration = Duration::from_secs(90 * 24 * 3600);
/// Between two cleanings.
const CLEANING: Duration = Duration::from_secs(24 * 3600);
/// Commits come in bursts; one look serves a burst.
const BREATH: Duration = Duration::from_secs(1);

/// Works until `stop` becomes true.
pub(crate) async fn keep(roster: AccountRegistry, store: Store, wake: Notifier, mut stop: watch::Receiver<bool>) {
    let mut committed = wake.watch();
    let mut cleaning = clock::now();
    while !*stop.borrow() {
        committed.borrow_and_update();
        let now = clock::now();
        if now >= cleaning {
            clean(&store, now).await;
            cleaning = now.plus(CLEANING);
        }
        renew_tokens(&roster, &store).await;
        let next = match wake_due(&store, now).await {
            Ok(next) => next.map_or(cleaning, |at| at.min(cleaning)),
            Err(error) => {
                tracing::error!(%error, "snoozed conversations cannot be looked at");
                cleaning
            }
        };
        tokio::select! {
            _ = stop.changed() => {}
            changed = committed.changed() => {
                if changed.is_err() {
                    return;
                }
                tokio::time::sleep(BREATH).await;
            }
            () = tokio::time::sleep(next.since(clock::now()).max(BREATH)) => {}
        }
    }
}

/// Wakes what is due; says when the next one is.
async fn wake_due(store: &Store, now: Timestamp) -> Result<Option<Timestamp>, StoreError> {
    let next = {
        let store = store.clone();
        tokio::task::spawn_blocking(move || store.next_wake()).await.map_err(|_| StoreError::Closed)??
    };
    match next {
        Some(at) if at <= now => {
            store.wake_snoozed(now).await?;
            let store = store.clone();
            tokio::task::spawn_blocking(move || store.next_wake()).await.map_err(|_| StoreError::Closed)?
        }
        next => Ok(next),
    }
}

/// A command may have replaced an account's token (`loket account rotate-token`).
async fn renew_tokens(roster: &AccountRegistry, store: &Store) {
    let read = {
        let store = store.clone();
        tokio::task::spawn_blocking(move || store.accounts()).await
    };
    // A store that cannot be read says so elsewhere; the tokens stay.
    let Ok(Ok(rows)) = read else { return };
    for row in rows {
        if let Some(member) = roster.find(row.name.as_str()) {
            member.renew_token(&row.token);
        }
    }
}

async fn clean(store: &Store, now: Timestamp) {
    let long_ago = Timestamp(now.0.saturating_sub(i64::try_from(EVENTS_KEPT.as_millis()).unwrap_or(i64::MAX)));
    let cleaned = async {
        store.prune_changes(CHANGES_KEPT).await?;
        store.prune_events(long_ago).await
    };
    if let Err(error) = cleaned.await {
        tracing::warn!(%error, "the store cannot be cleaned now");
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::outgoing::{Content, Outgoing, Recipient};
    use crate::domain::window::WindowRule;
    use crate::domain::{AccountName, Author, AuthorKind, Channel, ConversationState};
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
            },
            author: Author { kind: AuthorKind::Agent, name: "Sari".into() },
            name: None,
            window: WindowRule::None,
        };
        let id = store.enqueue(new, now).await.unwrap().conversation;
        let state = || store.conversation(id).unwrap().unwrap().state;
        store.set_state(id, ConversationState::Snoozed, Some(Timestamp(now.0 + 60_000))).await.unwrap();
        assert_eq!(wake_due(&store, now).await.unwrap(), Some(Timestamp(now.0 + 60_000)));
        assert_eq!(state(), ConversationState::Snoozed);
        assert_eq!(wake_due(&store, Timestamp(now.0 + 60_000)).await.unwrap(), None);
        assert_eq!(state(), ConversationState::Open);
    }
}

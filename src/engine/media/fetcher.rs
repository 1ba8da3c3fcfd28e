//! Fetches what is due, several files at a time.
//!
//! Invariant: it sleeps until a file is due or something was committed; idle, it does nothing.

use std::collections::HashMap;
use std::time::Duration;

use tokio::sync::watch;
use tokio::task::{Id, JoinSet};
use url::Url;

use super::fetch::Fetch;
use crate::domain::{MessageId, StoreError, Timestamp};
use crate::engine::client::Client;
use crate::engine::outside::Outside;
use crate::engine::{blocking, clock};
use crate::store::DueMedia;

/// Files that are fetched at a time.
const AT_ONCE: usize = 6;
/// Of these, from one host.
const AT_ONCE_FROM_HOST: usize = 3;
/// Due files that are looked at: more than a host that does not answer keeps others waiting for.
const PAGE: usize = 300;
/// Commits come in bursts; one look serves a burst.
const BURST: Duration = Duration::from_millis(50);
/// The pause before a store that failed is tried again.
const STORE_RETRY: Duration = Duration::from_secs(2);
/// The longest sleep, for the clock may be set.
const LONGEST: Duration = Duration::from_secs(3600);

/// Fetches the files of messages until `stop` becomes true; what is being fetched then is gone on with later.
pub(crate) async fn run(client: Client, mut stop: watch::Receiver<bool>) {
    // A simulation has neither files nor servers that have them.
    if clock::is_virtual() {
        return;
    }
    let mut fetcher = Fetcher::new(client);
    fetcher.sweep().await;
    let (mut committed, mut configured) = (fetcher.client.notifier().watch(), fetcher.client.watch_settings());
    while !*stop.borrow() {
        committed.borrow_and_update();
        configured.borrow_and_update();
        let next = match fetcher.start_due().await {
            Ok(next) => next.map_or(LONGEST, |at| at.since(clock::now()).clamp(BURST, LONGEST)),
            Err(error) => {
                tracing::error!(%error, "files cannot be fetched now");
                STORE_RETRY
            }
        };
        tokio::select! {
            _ = stop.changed() => {}
            changed = committed.changed() => {
                if changed.is_err() {
                    return;
                }
                tokio::time::sleep(BURST).await;
            }
            changed = configured.changed() => if changed.is_err() {
                return;
            },
            Some(ended) = fetcher.tasks.join_next_with_id() => fetcher.ended(ended).await,
            () = tokio::time::sleep(next) => {}
        }
    }
}

/// What is being fetched.
struct Fetcher {
    client: Client,
    outside: Outside,
    tasks: JoinSet<Result<(), StoreError>>,
    running: HashMap<Id, (MessageId, String)>,
}

impl Fetcher {
    fn new(client: Client) -> Self {
        let outside = Outside::new(client.http().clone());
        Fetcher { client, outside, tasks: JoinSet::new(), running: HashMap::new() }
    }

    /// Removes what an earlier run left.
    async fn sweep(&self) {
        let store = self.client.store().clone();
        if let Err(error) = blocking::read(move || store.sweep_media(clock::now())).await {
            tracing::warn!(%error, "files that no message has any more cannot be removed now");
        }
    }

    /// Starts to fetch what is due, and removes files whose messages are gone; returns when the next file is due.
    async fn start_due(&mut self) -> Result<Option<Timestamp>, StoreError> {
        let settings = self.client.settings().media.clone();
        let (store, now, only_asked) = (self.client.store().clone(), clock::now(), !settings.fetch);
        let full = self.running.len() >= AT_ONCE;
        let (due, next) = blocking::read(move || {
            store.remove_media_leftovers()?;
            let due = if full { Vec::new() } else { store.due_media(now, only_asked, PAGE)? };
            Ok((due, store.next_media(only_asked, now)?))
        })
        .await?;
        for due in due {
            if self.running.len() >= AT_ONCE {
                break;
            }
            self.start(due, &settings);
        }
        Ok(next)
    }

    fn start(&mut self, due: DueMedia, settings: &crate::config::MediaSettings) {
        let host = host(due.media.url.as_deref().unwrap_or_default());
        let from_host = self.running.values().filter(|(_, other)| *other == host).count();
        let is_running = self.running.values().any(|(message, _)| *message == due.message);
        if is_running || from_host >= AT_ONCE_FROM_HOST {
            return;
        }
        let account = self.client.registry().find(due.account.as_str());
        let (store, outside, settings) = (self.client.store().clone(), self.outside.clone(), settings.clone());
        let message = due.message;
        let task = self.tasks.spawn(Fetch { store, outside, settings }.run(due, account));
        self.running.insert(task.id(), (message, host));
    }

    async fn ended(&mut self, ended: Result<(Id, Result<(), StoreError>), tokio::task::JoinError>) {
        let id = match &ended {
            Ok((id, _)) => *id,
            Err(error) => error.id(),
        };
        self.running.remove(&id);
        match ended {
            Ok((_, Ok(()))) => return,
            Ok((_, Err(error))) => tracing::error!(%error, "what came of fetching a file cannot be recorded now"),
            Err(error) => {
                if let Ok(panic) = error.try_into_panic() {
                    self.client.tasks().panicked("files", panic.as_ref());
                }
            }
        }
        // It is still due, and would be tried again at once.
        tokio::time::sleep(STORE_RETRY).await;
    }
}

/// The host of a link; empty for what is none.
fn host(url: &str) -> String {
    Url::parse(url).ok().and_then(|url| url.host_str().map(str::to_owned)).unwrap_or_default()
}

//! Takes the credentials out of events that an earlier version stored with them, once, a slice at a time.
//!
//! Invariant: how far it has come is stored with each slice, so that it goes on where it was stopped.

use std::collections::HashMap;
use std::time::Duration;

use tokio::sync::watch;

use crate::domain::EventId;
use crate::engine::blocking;
use crate::providers::{Provider, Webhook, registry};
use crate::store::{Event, RedactedEvent, Store, StoreError};

/// Events of one transaction.
const SLICE: usize = 200;
/// Between two slices, for those who wait to write.
const PAUSE: Duration = Duration::from_millis(20);

/// Works until all is done or `stop` becomes true; what cannot be done now is done at the next start.
pub(super) async fn run(store: &Store, stop: watch::Receiver<bool>) {
    match redact(store, &stop).await {
        Ok(0) => {}
        Ok(events) => tracing::info!(events, "credentials were taken out of events of an earlier version"),
        Err(error) => tracing::error!(%error, "credentials stay in events of an earlier version for now"),
    }
}

async fn redact(store: &Store, stop: &watch::Receiver<bool>) -> Result<usize, StoreError> {
    let mut count = 0;
    while !*stop.borrow() {
        let reading = store.clone();
        let (redacted, last) = blocking::read(move || next_slice(&reading)).await?;
        let Some(last) = last else { break };
        count += redacted.len();
        store.redact_events(redacted, last).await?;
        tokio::time::sleep(PAUSE).await;
    }
    Ok(count)
}

/// The events of the next slice that hold credentials, and the last one that was looked at.
fn next_slice(store: &Store) -> Result<(Vec<RedactedEvent>, Option<EventId>), StoreError> {
    let events = store.events_to_redact(SLICE)?;
    let last = events.last().map(|event| event.id);
    let providers: HashMap<_, _> = store
        .accounts()?
        .into_iter()
        .filter_map(|account| Some((account.name, registry::find(&account.provider)?)))
        .collect();
    let redacted =
        events.into_iter().filter_map(|event| without_credentials(providers.get(&event.account).copied(), event));
    Ok((redacted.collect(), last))
}

/// The event without its credentials; `None` where it has none. An account whose gateway is not known has those that
/// are credentials everywhere.
fn without_credentials(provider: Option<&'static dyn Provider>, event: Event) -> Option<RedactedEvent> {
    let Event { id, ack, headers, body, .. } = event;
    let webhook = Webhook { ack, headers, body };
    let provider = provider.or_else(|| registry::ALL.first().copied())?;
    let redacted = provider.redact(&webhook);
    (redacted.headers != webhook.headers || redacted.body != webhook.body).then_some(RedactedEvent {
        id,
        headers: redacted.headers,
        body: redacted.body,
    })
}

//! Forgetting a customer: messages, drafts, contacts, the journal's events, and the bytes of all that.
//!
//! Works beside a running engine. Invariant: what comes from that person afterwards begins a new conversation, and what
//! the gateway delivers once more of before does not.

mod mentions;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::Duration;

use super::accounts::account::ConfiguredAccount;
use super::clock;
use crate::domain::phone::Country;
use crate::domain::{EventId, StoreError};
use crate::providers::Webhook;
use crate::store::{Event, EventChange, ForgetStep, JudgeEvent, Person, Store};
use mentions::Mentions;

/// Events that are read at a time.
const EVENTS: usize = 500;
/// Messages that are deleted in one transaction: some milliseconds.
const MESSAGES: usize = 100;
/// Between two transactions, for those who wait to write.
const PAUSE: Duration = Duration::from_millis(2);

/// How much was deleted of a person.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Forgotten {
    pub conversations: usize,
    pub messages: usize,
    /// Events of the journal that were emptied, or written anew without the person.
    pub events: usize,
    pub contacts: usize,
    /// Nothing of it is left in the bytes of the files.
    pub erased: bool,
}

/// Why nothing, or not everything, was deleted.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum ForgetError {
    /// A message to the person is just being sent.
    #[error("a message is being sent")]
    Sending,
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Deletes everything about a person. `account` reads the events; without it (the account has left the configuration)
/// they are found by the person's ids alone. Blocks, for as long as it takes to read the journal of the account and to
/// write the search index anew.
pub(super) fn forget(
    store: &Store,
    person: &Person,
    account: Option<ConfiguredAccount>,
    country: Country,
) -> Result<Forgotten, ForgetError> {
    let mut forgotten = Forgotten {
        conversations: person.conversations.len(),
        contacts: person.contacts.len(),
        ..Forgotten::default()
    };
    // First of all: nothing more is sent, and what is being sent refuses all.
    forgotten.messages += delete_messages(store, person, 1)?;
    let judge = judge(person, account, country);
    let (events, last) = change_events(store, person, &judge)?;
    forgotten.messages += delete_messages(store, person, usize::MAX)?;
    let remote_ids: Vec<String> = person.remote_ids.iter().cloned().collect();
    for some in remote_ids.chunks(MESSAGES) {
        store.forget_remote_ids(&person.account, some.to_vec()).wait()?;
        std::thread::sleep(PAUSE);
    }
    let rest = store.forget_person(&person.account, person.ids.clone(), last, judge, clock::now());
    match rest.wait()? {
        ForgetStep::Sending => return Err(ForgetError::Sending),
        ForgetStep::Done(more) => forgotten.events = events + more,
    }
    store.sweep_media(clock::now())?;
    store.remove_upgrade_copies()?;
    forgotten.erased = store.erase_deleted().unwrap_or_else(|error| {
        tracing::error!(%error, "what was deleted stays in unused parts of the file");
        false
    });
    Ok(forgotten)
}

/// Deletes messages in slices, at most about `limit` of them; returns how many.
fn delete_messages(store: &Store, person: &Person, limit: usize) -> Result<usize, ForgetError> {
    let mut deleted = 0;
    while deleted < limit {
        match store.forget_messages(person, clock::now(), MESSAGES.min(limit)).wait()? {
            ForgetStep::Sending => return Err(ForgetError::Sending),
            ForgetStep::Done(0) => break,
            ForgetStep::Done(messages) => deleted += messages,
        }
        std::thread::sleep(PAUSE);
    }
    Ok(deleted)
}

/// Goes through the journal of the person's account; returns how many events were changed, and the last one read.
fn change_events(store: &Store, person: &Person, judge: &JudgeEvent) -> Result<(usize, EventId), StoreError> {
    let (mut count, mut last) = (0, EventId(0));
    loop {
        let events = store.events_after(&person.account, last, EVENTS)?;
        let Some((newest, _)) = events.last() else { return Ok((count, last)) };
        last = newest.id;
        let changes: Vec<_> = events
            .iter()
            .map(|(event, interpreted)| (event.id, judge(event, *interpreted)))
            .filter(|(_, change)| *change != EventChange::Keep)
            .collect();
        count += changes.len();
        if !changes.is_empty() {
            store.change_events(changes).wait()?;
            std::thread::sleep(PAUSE);
        }
    }
}

/// Decides which events concern the person, and what is left of those that concern others too.
fn judge(person: &Person, account: Option<ConfiguredAccount>, country: Country) -> JudgeEvent {
    let mentions = Mentions::new(person, country);
    Arc::new(move |event: &Event, interpreted: bool| {
        let rewritten = mentions.without(event);
        let body = match &rewritten {
            EventChange::Empty => return EventChange::Empty,
            EventChange::Rewrite(body) => body,
            EventChange::Keep => &event.body,
        };
        // An id that stands there in another form: only who reads the dialect sees it.
        let reports = account.as_ref().map(|account| {
            let webhook = Webhook { ack: event.ack, headers: event.headers.clone(), body: body.clone() };
            let read = || account.provider.interpret(&account.profile, &webhook, event.received_at);
            catch_unwind(AssertUnwindSafe(read)).unwrap_or_default()
        });
        let theirs = |of: &[_]| of.iter().filter(|report| mentions.names(report)).count();
        match reports.as_deref().map(|reports| (theirs(reports), reports.len())) {
            None | Some((0, _)) => rewritten,
            // What others wrote, and nobody has read yet, is not lost for it.
            Some((some, all)) if some < all && !interpreted => rewritten,
            Some(_) => EventChange::Empty,
        }
    })
}

//! A simulated account at work: its keys, its address book, what it carried, and what it has yet to tell.
//! Nothing here opens a socket.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::{mpsc, watch};

use super::book::Book;
use super::cast::plain_id;
use super::ledger::Ledger;
use super::limit::Limit;
use super::stage::Stage;
use crate::domain::window::WindowRule;
use crate::domain::{Channel, Content, Failure, Inbound, Timestamp};
use crate::providers::{Profile, Provider, RateLimit, Simulator, signature};

/// A simulated account at work.
pub(super) struct SimulatedAccount {
    pub(super) stage: Stage,
    pub(super) provider: &'static dyn Provider,
    pub(super) profile: Profile,
    /// Where its events go; `None` = nobody has said so yet, and they wait.
    pub(super) webhook: watch::Sender<Option<String>>,
    pub(super) counts: Counts,
    parcels: mpsc::Sender<Parcel>,
    limit: Mutex<Limit>,
    book: Mutex<Book>,
    ledger: Mutex<Ledger>,
    /// When each customer last wrote, for the 24-hour window.
    wrote: Mutex<HashMap<String, Timestamp>>,
    /// Makes the ids of this run differ from those of every other.
    began: Timestamp,
}

/// How often things happened.
#[derive(Debug, Default)]
pub(super) struct Counts {
    pub(super) requests: AtomicU64,
    pub(super) refused: AtomicU64,
    pub(super) delivered: AtomicU64,
    pub(super) undelivered: AtomicU64,
    serial: AtomicU64,
}

/// Something that the account has to tell.
#[derive(Debug, Clone)]
pub(super) struct Parcel {
    pub(super) claim: Inbound,
    /// Where acknowledgements go, when the request said so.
    pub(super) notify_url: Option<String>,
    /// Who wrote, to hear what the webhook's answer says.
    pub(super) from: Option<(Channel, String)>,
}

/// Customers that are remembered by when they wrote.
const WROTE_MAX: usize = 50_000;

impl SimulatedAccount {
    pub(super) fn new(
        stage: Stage,
        provider: &'static dyn Provider,
        profile: Profile,
        book: Book,
        parcels: mpsc::Sender<Parcel>,
        began: Timestamp,
    ) -> Self {
        let per_minute = match provider.manifest().rate_limit {
            RateLimit::Requests(n) => Some(n),
            // Advice to the sender; the gateway itself takes every request (providers.md 4.1).
            RateLimit::Sends(_) => None,
        };
        SimulatedAccount {
            stage,
            provider,
            profile,
            webhook: watch::Sender::new(None),
            counts: Counts::default(),
            parcels,
            limit: Mutex::new(Limit::new(per_minute)),
            book: Mutex::new(book),
            ledger: Mutex::default(),
            wrote: Mutex::default(),
            began,
        }
    }

    pub(super) fn simulator(&self) -> &'static dyn Simulator {
        self.provider.simulator()
    }

    pub(super) fn book(&self) -> MutexGuard<'_, Book> {
        held(&self.book)
    }

    pub(super) fn ledger(&self) -> MutexGuard<'_, Ledger> {
        held(&self.ledger)
    }

    /// Takes one request of this minute, or says after how many seconds there is one.
    pub(super) fn take(&self, now: Duration) -> Result<(), u64> {
        held(&self.limit).take(now)
    }

    /// Puts something on the pile of what is to be told. A full pile means that nobody has listened for long.
    pub(super) fn tell(&self, parcel: Parcel) {
        if self.parcels.try_send(parcel).is_err() {
            Counts::add(&self.counts.undelivered);
            tracing::debug!(stage = self.stage.name, "sandbox: an event is dropped, too many wait");
        }
    }

    /// A number that no other event of this account has, in this run or an earlier one.
    pub(super) fn serial(&self) -> u64 {
        let base = u64::try_from(self.began.seconds()).unwrap_or(0) << 20;
        base + Counts::next(&self.counts.serial)
    }

    /// A new message id as the channel would give it: a wamid, a WhatsApp Web id, or a number.
    pub(super) fn mint(&self, channel: Channel) -> String {
        let serial = self.serial();
        let seed = format!("{} {} {serial}", self.stage.name, self.began.millis());
        let digest = signature::fingerprint(seed.as_bytes());
        match channel {
            Channel::WhatsApp if self.profile.window == WindowRule::Day => {
                use base64::Engine as _;
                let body = base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(&digest);
                format!("wamid.{body}")
            }
            Channel::WhatsApp => format!("3EB0{}", digest.chars().take(18).collect::<String>().to_uppercase()),
            Channel::Telegram | Channel::Instagram | Channel::Messenger => serial.to_string(),
        }
    }

    /// Remembers that a customer wrote.
    pub(super) fn note_writing(&self, id: &str, at: Timestamp) {
        let id = plain_id(id);
        let mut wrote = held(&self.wrote);
        if wrote.len() < WROTE_MAX || wrote.contains_key(&id) {
            let newest = wrote.entry(id).or_insert(at);
            *newest = at.max(*newest);
        }
    }

    /// Why a message would not arrive although the gateway took it.
    pub(super) fn failure(&self, to: &str, group: bool, content: &Content, now: Timestamp) -> Option<Failure> {
        let id = plain_id(to);
        if !group && id.ends_with("0000") {
            return Some(Failure::new("131026", "Message undeliverable"));
        }
        let templated = matches!(content, Content::Template(_));
        let window_until = self.profile.window.until(held(&self.wrote).get(&id).copied());
        if !templated && !group && !self.profile.window.is_open(window_until, now) {
            return Some(Failure::new("131047", "Re-engagement message"));
        }
        None
    }
}

impl Counts {
    pub(super) fn add(count: &AtomicU64) {
        Self::next(count);
    }

    /// Adds one; the answer is how many there were before.
    pub(super) fn next(count: &AtomicU64) -> u64 {
        count.fetch_add(1, Ordering::Relaxed)
    }

    pub(super) fn read(count: &AtomicU64) -> u64 {
        count.load(Ordering::Relaxed)
    }
}

/// A lock whose holder panicked guards plain data that is still whole.
fn held<T>(lock: &Mutex<T>) -> MutexGuard<'_, T> {
    lock.lock().unwrap_or_else(PoisonError::into_inner)
}

//! A running simulated account: its settings, its address book, the messages that it sent, and the events that it has
//! to deliver. Nothing here opens a socket.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::sync::{mpsc, watch};

use super::accounts::SandboxAccount;
use super::address_book::{AddressBook, bare_id};
use super::rate_limit::RateLimiter;
use super::sent_log::SentLog;
use crate::domain::window::WindowRule;
use crate::domain::{Channel, Content, Failure, Inbound, Timestamp};
use crate::providers::{Profile, Provider, RateLimit, Simulator, signature};

/// A running simulated account.
pub(crate) struct SimulatedAccount {
    pub(crate) definition: SandboxAccount,
    pub(crate) provider: &'static dyn Provider,
    pub(crate) profile: Profile,
    /// The URL to which its events are posted; while it is `None`, they wait.
    pub(crate) webhook_url: watch::Sender<Option<String>>,
    pub(crate) counts: Counts,
    events: mpsc::Sender<GatewayEvent>,
    limit: Mutex<RateLimiter>,
    address_book: Mutex<AddressBook>,
    sent_log: Mutex<SentLog>,
    /// When each customer last wrote, for the 24-hour window.
    last_messages: Mutex<HashMap<String, Timestamp>>,
    /// Makes the ids of this run differ from those of other runs.
    started_at: Timestamp,
}

/// Counters for the overview.
#[derive(Debug, Default)]
pub(crate) struct Counts {
    pub(crate) requests: AtomicU64,
    pub(crate) refused: AtomicU64,
    pub(crate) delivered: AtomicU64,
    pub(crate) undelivered: AtomicU64,
    serial: AtomicU64,
}

/// An event that the account has to deliver as a webhook.
#[derive(Debug, Clone)]
pub(crate) struct GatewayEvent {
    pub(crate) inbound: Inbound,
    /// The URL for acknowledgements that the request named.
    pub(crate) notify_url: Option<String>,
    /// The customer who wrote, to whom replies in the webhook's response are sent.
    pub(crate) from: Option<(Channel, String)>,
}

/// The most customers of whom the time of the last message is kept.
const LAST_MESSAGES_MAX: usize = 50_000;

impl SimulatedAccount {
    /// An account that has sent and received nothing yet; the provider's manifest says how many requests it takes.
    pub(crate) fn new(
        definition: SandboxAccount,
        provider: &'static dyn Provider,
        profile: Profile,
        address_book: AddressBook,
        events: mpsc::Sender<GatewayEvent>,
        started_at: Timestamp,
    ) -> Self {
        let per_minute = match provider.manifest().rate_limit {
            RateLimit::Requests(n) => Some(n),
            // Advice to the sender; the gateway itself takes every request (providers.md 4.1).
            RateLimit::Sends(_) => None,
        };
        SimulatedAccount {
            definition,
            provider,
            profile,
            webhook_url: watch::Sender::new(None),
            counts: Counts::default(),
            events,
            limit: Mutex::new(RateLimiter::new(per_minute)),
            address_book: Mutex::new(address_book),
            sent_log: Mutex::default(),
            last_messages: Mutex::default(),
            started_at,
        }
    }

    /// The provider's code that reads requests and writes responses as the gateway does.
    pub(crate) fn simulator(&self) -> &'static dyn Simulator {
        self.provider.simulator()
    }

    /// Locks the answers to queries; waits while another request holds them.
    pub(crate) fn address_book(&self) -> MutexGuard<'_, AddressBook> {
        lock(&self.address_book)
    }

    /// Locks the log of accepted messages; waits while another request holds it.
    pub(crate) fn sent_log(&self) -> MutexGuard<'_, SentLog> {
        lock(&self.sent_log)
    }

    /// Counts one request; the error is the number of seconds to wait.
    pub(crate) fn try_acquire(&self, now: Duration) -> Result<(), u64> {
        lock(&self.limit).try_acquire(now)
    }

    /// Queues an event for delivery. A full queue means that the receiver has been away for long.
    pub(crate) fn queue_event(&self, event: GatewayEvent) {
        if self.events.try_send(event).is_err() {
            Counts::add(&self.counts.undelivered);
            tracing::debug!(account = self.definition.name, "sandbox: an event is dropped, too many wait");
        }
    }

    /// A number that is unique among the events of this account, in this run and earlier ones.
    pub(crate) fn serial(&self) -> u64 {
        let base = u64::try_from(self.started_at.seconds()).unwrap_or(0) << 20;
        base + Counts::next(&self.counts.serial)
    }

    /// A new message id as the channel would give it: a wamid, a WhatsApp Web id, or a number.
    pub(crate) fn new_message_id(&self, channel: Channel) -> String {
        let serial = self.serial();
        let seed = format!("{} {} {serial}", self.definition.name, self.started_at.millis());
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

    /// Records the time of a customer's message.
    pub(crate) fn record_customer_message(&self, id: &str, at: Timestamp) {
        let id = bare_id(id);
        let mut last = lock(&self.last_messages);
        if last.len() < LAST_MESSAGES_MAX || last.contains_key(&id) {
            let newest = last.entry(id).or_insert(at);
            *newest = at.max(*newest);
        }
    }

    /// Why a message does not arrive although the gateway accepted it.
    pub(crate) fn delivery_failure(&self, to: &str, group: bool, content: &Content, now: Timestamp) -> Option<Failure> {
        let id = bare_id(to);
        if !group && id.ends_with("0000") {
            return Some(Failure::new("131026", "Message undeliverable"));
        }
        let is_template = matches!(content, Content::Template(_));
        let window_until = self.profile.window.until(lock(&self.last_messages).get(&id).copied());
        if !is_template && !group && !self.profile.window.is_open(window_until, now) {
            return Some(Failure::new("131047", "Re-engagement message"));
        }
        None
    }
}

impl Counts {
    /// Adds one to a counter.
    pub(crate) fn add(count: &AtomicU64) {
        Self::next(count);
    }

    /// Adds one and returns the previous count.
    pub(crate) fn next(count: &AtomicU64) -> u64 {
        count.fetch_add(1, Ordering::Relaxed)
    }

    /// The present value of a counter.
    pub(crate) fn read(count: &AtomicU64) -> u64 {
        count.load(Ordering::Relaxed)
    }
}

/// A lock whose holder panicked guards plain data that is still whole.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

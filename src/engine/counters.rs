//! What the engine counts about webhooks and sends; shown at `/metrics`. Nothing here is kept over a restart.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

/// Counts since the start.
#[derive(Debug, Default)]
pub struct Counters {
    taken: AtomicU64,
    duplicate: AtomicU64,
    pings: AtomicU64,
    refused: Mutex<BTreeMap<&'static str, u64>>,
}

impl Counters {
    /// An event became durable.
    pub fn taken(&self) {
        self.taken.fetch_add(1, Ordering::Relaxed);
    }

    /// An event was known already.
    pub fn duplicate(&self) {
        self.duplicate.fetch_add(1, Ordering::Relaxed);
    }

    /// An unsigned ping was answered.
    pub fn pings(&self) {
        self.pings.fetch_add(1, Ordering::Relaxed);
    }

    /// A webhook was refused.
    pub fn refused(&self, reason: &'static str) {
        *self.refused.lock().unwrap_or_else(PoisonError::into_inner).entry(reason).or_default() += 1;
    }

    /// The counts in the text format of Prometheus.
    pub fn prometheus(&self) -> String {
        let mut text = String::new();
        let one = |text: &mut String, name: &str, help: &str, value: u64| {
            // Writing to a String cannot fail.
            let _ = writeln!(text, "# HELP {name} {help}\n# TYPE {name} counter\n{name} {value}");
        };
        let read = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        one(&mut text, "loket_events_total", "Webhook events made durable.", read(&self.taken));
        one(&mut text, "loket_events_duplicate_total", "Webhook events known already.", read(&self.duplicate));
        one(&mut text, "loket_pings_total", "Unsigned pings answered.", read(&self.pings));
        let name = "loket_webhooks_refused_total";
        let _ = writeln!(text, "# HELP {name} Webhooks refused, by reason.\n# TYPE {name} counter");
        for (reason, count) in self.refused.lock().unwrap_or_else(PoisonError::into_inner).iter() {
            let _ = writeln!(text, "{name}{{reason=\"{reason}\"}} {count}");
        }
        text
    }
}

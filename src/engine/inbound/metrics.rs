//! Counts of webhooks since the start, served at `/metrics`.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

/// Counts of webhooks by what became of them, kept in memory only.
#[derive(Debug, Default)]
pub(crate) struct Metrics {
    stored: AtomicU64,
    duplicates: AtomicU64,
    pings: AtomicU64,
    interpreted: AtomicU64,
    not_understood: AtomicU64,
    refused: Mutex<BTreeMap<&'static str, u64>>,
}

impl Metrics {
    /// An event became durable.
    pub(crate) fn stored(&self) {
        self.stored.fetch_add(1, Ordering::Relaxed);
    }

    /// An event was stored already.
    pub(crate) fn duplicate(&self) {
        self.duplicates.fetch_add(1, Ordering::Relaxed);
    }

    /// An unsigned ping was answered.
    pub(crate) fn ping(&self) {
        self.pings.fetch_add(1, Ordering::Relaxed);
    }

    /// An event was interpreted; `understood`: all of it.
    pub(crate) fn interpreted(&self, understood: bool) {
        self.interpreted.fetch_add(1, Ordering::Relaxed);
        if !understood {
            self.not_understood.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// A webhook was refused; `reason` becomes a label.
    pub(crate) fn refused(&self, reason: &'static str) {
        *self.refused.lock().unwrap_or_else(PoisonError::into_inner).entry(reason).or_default() += 1;
    }

    /// The counts in the text format of Prometheus.
    pub(crate) fn to_prometheus(&self) -> String {
        let mut text = String::new();
        let counters = [
            ("loket_events_total", "Webhook events made durable.", &self.stored),
            ("loket_events_duplicate_total", "Webhook events known already.", &self.duplicates),
            ("loket_pings_total", "Unsigned pings answered.", &self.pings),
            ("loket_events_interpreted_total", "Webhook events interpreted.", &self.interpreted),
            ("loket_events_not_understood_total", "Webhook events not understood, or not whole.", &self.not_understood),
        ];
        for (name, help, value) in counters {
            let value = value.load(Ordering::Relaxed);
            // Writing to a String cannot fail.
            let _ = writeln!(text, "# HELP {name} {help}\n# TYPE {name} counter\n{name} {value}");
        }
        let name = "loket_webhooks_refused_total";
        let _ = writeln!(text, "# HELP {name} Webhooks refused, by reason.\n# TYPE {name} counter");
        for (reason, count) in self.refused.lock().unwrap_or_else(PoisonError::into_inner).iter() {
            let _ = writeln!(text, "{name}{{reason=\"{reason}\"}} {count}");
        }
        text
    }
}

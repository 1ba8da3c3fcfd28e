//! The sandbox's own clock: it simulates other companies' servers, which do not share the engine's clock.
use std::time::{Duration, Instant, SystemTime};

use crate::domain::Timestamp;

/// A clock that starts with the sandbox.
#[derive(Debug, Clone, Copy)]
pub(super) struct Clock {
    start: Instant,
    /// The time of day at the start; later only the monotonic clock is read.
    started_at: Timestamp,
}

impl Clock {
    pub(super) fn start() -> Self {
        #[expect(clippy::disallowed_methods, reason = "a simulated gateway stamps its events by its own clock")]
        let since_1970 = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
        Clock { start: Instant::now(), started_at: Timestamp::default().plus(since_1970) }
    }

    /// The duration since the start.
    pub(super) fn elapsed(&self) -> Duration {
        self.start.elapsed()
    }

    /// The instant of a duration since the start.
    pub(super) fn instant(&self, elapsed: Duration) -> Instant {
        self.start + elapsed
    }

    /// The time of day.
    pub(super) fn now(&self) -> Timestamp {
        self.started_at.plus(self.elapsed())
    }

    /// The time of day at the start.
    pub(super) fn started_at(&self) -> Timestamp {
        self.started_at
    }
}

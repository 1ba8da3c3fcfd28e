//! The sandbox's own clock: it plays companies elsewhere, which know nothing of the engine's.

use std::time::{Duration, Instant, SystemTime};

use crate::domain::Timestamp;

/// A clock that begins when the sandbox does.
#[derive(Debug, Clone, Copy)]
pub(super) struct Clock {
    start: Instant,
    /// The wall's time at the start; from there on only the steady clock is read.
    began: Timestamp,
}

impl Clock {
    pub(super) fn start() -> Self {
        #[expect(clippy::disallowed_methods, reason = "a simulated gateway stamps its events by its own clock")]
        let since_1970 = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
        Clock { start: Instant::now(), began: Timestamp::default().plus(since_1970) }
    }

    /// The span since the start.
    pub(super) fn elapsed(&self) -> Duration {
        self.start.elapsed()
    }

    /// The instant of a span since the start.
    pub(super) fn instant(&self, span: Duration) -> Instant {
        self.start + span
    }

    /// The time of day.
    pub(super) fn now(&self) -> Timestamp {
        self.began.plus(self.elapsed())
    }

    /// When the sandbox began.
    pub(super) fn began(&self) -> Timestamp {
        self.began
    }
}

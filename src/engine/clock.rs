//! The only place that reads the clock.

use crate::domain::Timestamp;
use std::cell::Cell;

thread_local! {
    /// The virtual clock of this thread, in a simulation.
    static VIRTUAL: Cell<Option<VirtualClock>> = const { Cell::new(None) };
}

/// A wall clock that follows tokio's clock, which tests can pause, and that can be set like a real one.
#[derive(Debug, Clone, Copy)]
struct VirtualClock {
    /// What the wall clock shows at `since`.
    wall: Timestamp,
    since: tokio::time::Instant,
}

impl VirtualClock {
    fn now(self) -> Timestamp {
        self.wall.plus(tokio::time::Instant::now().duration_since(self.since))
    }
}

/// The time in milliseconds since 1970 UTC; 0 if the clock is set to before that.
#[expect(clippy::disallowed_methods, reason = "this is the one place that reads the clock")]
pub(crate) fn now() -> Timestamp {
    if let Some(clock) = VIRTUAL.get() {
        return clock.now();
    }
    let since_epoch = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    Timestamp(since_epoch.ok().and_then(|d| i64::try_from(d.as_millis()).ok()).unwrap_or_default())
}

/// Sets the wall clock of this thread, which follows tokio's clock from here on. Must be called within a runtime.
pub(crate) fn set_virtual(wall: Timestamp) {
    VIRTUAL.set(Some(VirtualClock { wall, since: tokio::time::Instant::now() }));
}

/// Whether this thread's clock is a virtual one.
pub(crate) fn is_virtual() -> bool {
    VIRTUAL.get().is_some()
}

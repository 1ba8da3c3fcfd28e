//! Waits for conditions instead of sleeping.
use std::time::{Duration, Instant};

/// The longest that a condition may take on a busy machine.
const TIMEOUT: Duration = Duration::from_secs(50);
const POLL: Duration = Duration::from_millis(15);

/// Polls `check` until it returns something. `what` names the condition.
///
/// # Panics
/// When the condition does not hold in time.
#[track_caller]
pub(crate) fn wait_until<T>(what: &str, mut check: impl FnMut() -> Option<T>) -> T {
    let start = Instant::now();
    loop {
        if let Some(value) = check() {
            return value;
        }
        assert!(start.elapsed() < TIMEOUT, "waited in vain for: {what}");
        std::thread::sleep(POLL);
    }
}

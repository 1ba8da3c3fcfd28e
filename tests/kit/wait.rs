//! Waiting for a condition, never for a time.

use std::time::{Duration, Instant};

/// The longest that anything may take on a busy machine.
const LIMIT: Duration = Duration::from_secs(50);
/// Between two looks.
const LOOK: Duration = Duration::from_millis(15);

/// Looks again and again until there is something to see.
///
/// # Panics
/// When there is nothing to see within the limit.
#[track_caller]
pub(crate) fn until<T>(what: &str, mut look: impl FnMut() -> Option<T>) -> T {
    let start = Instant::now();
    loop {
        if let Some(seen) = look() {
            return seen;
        }
        assert!(start.elapsed() < LIMIT, "waited in vain for: {what}");
        std::thread::sleep(LOOK);
    }
}

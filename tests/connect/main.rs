//! The real binary from nothing to connected: an account added by keyboard only until its first event arrives, a login
//! by QR code until it is connected, and nothing of any secret left in what was printed on the way.

#![cfg(unix)]
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test may stop at what it did not expect")]

mod hidden;
mod installation;
mod journeys;
mod login;
mod secrets;
mod term;
use std::time::{Duration, Instant};

/// The longest that anything may take on a busy machine.
const LIMIT: Duration = Duration::from_secs(100);

/// Looks again and again until there is something to see.
#[track_caller]
fn until<T>(what: &str, mut look: impl FnMut() -> Option<T>) -> T {
    let start = Instant::now();
    loop {
        if let Some(seen) = look() {
            return seen;
        }
        assert!(start.elapsed() < LIMIT, "waited in vain for: {what}");
        std::thread::sleep(Duration::from_millis(20));
    }
}

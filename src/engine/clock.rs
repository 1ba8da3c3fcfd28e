//! The only place that reads the clock.

use crate::domain::Timestamp;

/// The time in milliseconds since 1970 UTC; 0 if the clock is set to before that.
#[expect(clippy::disallowed_methods, reason = "this is the one place that reads the clock")]
pub(crate) fn now() -> Timestamp {
    let since_epoch = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    Timestamp(since_epoch.ok().and_then(|d| i64::try_from(d.as_millis()).ok()).unwrap_or_default())
}

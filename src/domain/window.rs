//! The customer-service window: free-form messages are allowed only for 24 hours after the customer's last message.

use serde::{Deserialize, Serialize};
use std::time::Duration;

use super::Timestamp;

/// Whether an account has the window (providers.md A20).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum WindowRule {
    /// Free-form messages only within 24 hours of the customer's last message.
    #[serde(rename = "24h")]
    Day,
    /// Free-form messages at any time.
    #[serde(rename = "none")]
    None,
}

impl WindowRule {
    /// When the window closes that the customer's last message opened; `None` if there is no window or it was never
    /// opened. A template does not open it (providers.md 6.6).
    pub fn until(self, last_customer_message: Option<Timestamp>) -> Option<Timestamp> {
        match self {
            WindowRule::Day => Some(last_customer_message?.plus(Duration::from_secs(24 * 3600))),
            WindowRule::None => None,
        }
    }

    /// Whether a free-form message may be sent at `now`, given the result of [`WindowRule::until`].
    pub(crate) fn is_open(self, window_until: Option<Timestamp>, now: Timestamp) -> bool {
        match self {
            WindowRule::None => true,
            WindowRule::Day => window_until.is_some_and(|until| now < until),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_window_closes_a_day_after_the_customers_message() {
        let written = Timestamp::from_seconds(1_700_000_000);
        let until = WindowRule::Day.until(Some(written));
        assert_eq!(until, Some(written.plus(Duration::from_secs(86_400))));
        assert!(WindowRule::Day.is_open(until, written.plus(Duration::from_millis(86_399_999))));
        assert!(!WindowRule::Day.is_open(until, written.plus(Duration::from_secs(86_400))));
        assert!(!WindowRule::Day.is_open(None, written));
        assert!(WindowRule::None.is_open(None, written));
        assert_eq!(WindowRule::None.until(Some(written)), None);
    }
}

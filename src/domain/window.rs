//! The 24-hour window: free-form messages are allowed only for a day after the customer's last message.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::Timestamp;

/// Whether an account has the window (providers.md A20).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum WindowRule {
    /// Free-form messages only within 24 hours of the customer's last message.
    #[serde(rename = "24h")]
    Day,
    /// No window.
    #[serde(rename = "none")]
    None,
}

impl WindowRule {
    /// Until when free-form messages may be sent, given the customer's last message; `None` when there is no
    /// window or it never opened. A template does not open it (providers.md 6.6).
    pub fn until(self, last_customer_message: Option<Timestamp>) -> Option<Timestamp> {
        match self {
            WindowRule::Day => Some(last_customer_message?.plus(Duration::from_secs(24 * 3600))),
            WindowRule::None => None,
        }
    }

    /// Whether a free-form message may be sent at `now`.
    pub fn is_open(self, last_customer_message: Option<Timestamp>, now: Timestamp) -> bool {
        match self {
            WindowRule::None => true,
            WindowRule::Day => self.until(last_customer_message).is_some_and(|until| now < until),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_window_closes_a_day_after_the_customers_message() {
        let heard = Timestamp::from_seconds(1_700_000_000);
        let day = Duration::from_secs(86_400);
        assert!(WindowRule::Day.is_open(Some(heard), heard.plus(Duration::from_millis(86_399_999))));
        assert!(!WindowRule::Day.is_open(Some(heard), heard.plus(day)));
        assert!(!WindowRule::Day.is_open(None, heard));
        assert!(WindowRule::None.is_open(None, heard));
        assert_eq!(WindowRule::None.until(Some(heard)), None);
    }
}

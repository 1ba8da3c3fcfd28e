//! Timestamps in milliseconds since 1970 UTC. Nothing here reads the clock.

use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::Value;
use std::fmt;
use std::time::Duration;

/// 2009-01-01. No gateway existed before, so that an earlier time is an error.
const YEAR_2009: i64 = 1_230_768_000_000;
/// One day in milliseconds.
const DAY: i64 = 86_400_000;

/// A point in time: milliseconds since 1970-01-01T00:00:00Z.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub struct Timestamp(pub i64);

impl Timestamp {
    /// Converts seconds since 1970 UTC.
    pub const fn from_seconds(seconds: i64) -> Self {
        Timestamp(seconds.saturating_mul(1000))
    }

    /// Milliseconds since 1970 UTC.
    pub const fn millis(self) -> i64 {
        self.0
    }

    /// Whole seconds since 1970 UTC, rounded down.
    pub const fn seconds(self) -> i64 {
        self.0.div_euclid(1000)
    }

    /// The later timestamp after a span, saturating.
    #[must_use]
    pub fn plus(self, span: Duration) -> Self {
        Timestamp(self.0.saturating_add(i64::try_from(span.as_millis()).unwrap_or(i64::MAX)))
    }

    /// The span since an earlier timestamp; zero if `earlier` is later.
    pub fn since(self, earlier: Timestamp) -> Duration {
        Duration::from_millis(u64::try_from(self.0.saturating_sub(earlier.0).max(0)).unwrap_or_default())
    }

    /// RFC 3339 in UTC, with a fraction of the second only if it is not zero.
    pub fn rfc3339(self) -> String {
        jiff::Timestamp::from_millisecond(self.0).map_or_else(|_| self.0.to_string(), |t| t.to_string())
    }

    /// Parses RFC 3339; `None` if the text is anything else.
    pub fn parse_rfc3339(text: &str) -> Option<Self> {
        text.parse::<jiff::Timestamp>().ok().map(|t| Timestamp(t.as_millisecond()))
    }

    /// Parses a gateway's time in any of the observed forms: seconds, milliseconds or microseconds as a number or
    /// numeric text, or ISO 8601. `None` if it is missing or absurd (before 2009, or over a day after `arrival`).
    ///
    /// Source: providers.md, section 9, A11.
    pub(crate) fn from_gateway(value: &Value, arrival: Timestamp) -> Option<Self> {
        let number = |n: f64| -> Option<i64> {
            let magnitude = n.abs();
            let millis = if magnitude > 1e15 {
                n / 1000.0
            } else if magnitude > 1e12 {
                n
            } else {
                n * 1000.0
            };
            // Truncation is intended: no gateway orders messages by fractions of a millisecond.
            #[expect(clippy::cast_possible_truncation, reason = "saturating, checked below")]
            Some(millis as i64)
        };
        let millis = match value {
            Value::Number(n) => number(n.as_f64()?)?,
            Value::String(text) => match text.trim().parse::<f64>() {
                Ok(n) => number(n)?,
                Err(_) => Timestamp::parse_rfc3339(text.trim())?.0,
            },
            _ => return None,
        };
        (millis >= YEAR_2009 && millis <= arrival.0.saturating_add(DAY)).then_some(Timestamp(millis))
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.rfc3339())
    }
}

impl Serialize for Timestamp {
    fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        s.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Timestamp {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<str>::deserialize(deserializer)?;
        Timestamp::parse_rfc3339(&text).ok_or_else(|| D::Error::custom("not a time in RFC 3339"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn gateway_times_are_parsed_in_every_observed_form() {
        let arrival = Timestamp::from_seconds(1_800_000_000);
        let expected = Some(Timestamp::from_seconds(1_709_650_000));
        for value in [
            json!(1_709_650_000),
            json!("1709650000"),
            json!(1_709_650_000_000_i64),
            json!("1709650000000"),
            json!(1_709_650_000_000_000_i64),
            json!("2024-03-05T14:46:40Z"),
            json!("2024-03-05T21:46:40+07:00"),
        ] {
            assert_eq!(Timestamp::from_gateway(&value, arrival), expected, "{value}");
        }
        for value in [json!(null), json!(0), json!("soon"), json!(1_800_100_000), json!({})] {
            assert_eq!(Timestamp::from_gateway(&value, arrival), None, "{value}");
        }
    }

    #[test]
    fn whole_seconds_are_printed_without_a_fraction() {
        assert_eq!(Timestamp::from_seconds(1_700_000_000).rfc3339(), "2023-11-14T22:13:20Z");
        assert_eq!(Timestamp(1_700_000_000_250).rfc3339(), "2023-11-14T22:13:20.25Z");
    }
}

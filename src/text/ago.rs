//! Relative times, in the coarse steps that people use.
//!
//! Invariant: nothing here is in any language, and nothing reads the clock.

use std::fmt;
use std::time::Duration;

const MINUTE: u64 = 60;
const HOUR: u64 = 60 * MINUTE;
const DAY: u64 = 24 * HOUR;

/// A span of time in its largest whole unit. [`fmt::Display`] is compact: `3m`, `2h`, `5d`, and `0m` for now.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) enum Ago {
    /// Less than a minute.
    Now,
    /// 1 to 59 minutes.
    Minutes(u64),
    /// 1 to 23 hours.
    Hours(u64),
    /// One day or more.
    Days(u64),
}

impl Ago {
    /// Rounds a span down to its largest whole unit.
    pub(crate) const fn of(span: Duration) -> Self {
        match span.as_secs() {
            0..MINUTE => Ago::Now,
            seconds @ MINUTE..HOUR => Ago::Minutes(seconds / MINUTE),
            seconds @ HOUR..DAY => Ago::Hours(seconds / HOUR),
            seconds => Ago::Days(seconds / DAY),
        }
    }

    /// How long until a span that grows with time is shown differently; never zero. The screen can sleep until then.
    pub(crate) fn next_change(span: Duration) -> Duration {
        let unit = match Ago::of(span) {
            Ago::Now | Ago::Minutes(_) => MINUTE,
            Ago::Hours(_) => HOUR,
            Ago::Days(_) => DAY,
        };
        let next = (span.as_secs() / unit + 1).saturating_mul(unit);
        Duration::from_secs(next).saturating_sub(span)
    }
}

impl fmt::Display for Ago {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let compact = match self {
            Ago::Now => "0m".to_owned(),
            Ago::Minutes(n) => format!("{n}m"),
            Ago::Hours(n) => format!("{n}h"),
            Ago::Days(n) => format!("{n}d"),
        };
        f.pad(&compact)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn spans_are_shown_in_their_largest_unit() {
        for (seconds, compact) in
            [(0, "0m"), (59, "0m"), (60, "1m"), (3599, "59m"), (3600, "1h"), (86_399, "23h"), (432_000, "5d")]
        {
            assert_eq!(Ago::of(Duration::from_secs(seconds)).to_string(), compact);
        }
        assert_eq!(format!("{:>4}", Ago::Minutes(3)), "  3m");
    }

    proptest! {
        #[test]
        fn the_display_is_constant_until_the_next_change(millis in 0_u64..10_000_000_000) {
            let span = Duration::from_millis(millis);
            let change = Ago::next_change(span);
            prop_assert!(change > Duration::ZERO);
            prop_assert_eq!(Ago::of(span + change.saturating_sub(Duration::from_millis(1))), Ago::of(span));
            prop_assert_ne!(Ago::of(span + change), Ago::of(span));
        }
    }
}

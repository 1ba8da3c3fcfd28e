//! The rate limit of an account's gateway: one budget for every request, sends first.
//!
//! Own code rather than a crate, because it is a sliding window and not a token bucket: in no span of sixty seconds do
//! more than the allowed number of requests begin, which is how gateways count (providers.md, A18). A bucket of the
//! same rate lets twice as many through in some minute. It also survives restarts, by counting the store's attempts.
//! Nothing here waits or reads the clock.

use crate::domain::{RequestUsage, Timestamp};
use crate::providers::RateLimit;
use std::collections::VecDeque;
use std::time::Duration;

/// A little more than a minute: a request reaches the gateway some time after it began here, and the gateway
/// counts from then.
const WINDOW: Duration = Duration::from_millis(60_500);
/// Requests a minute that queries leave free for sends.
const RESERVED_FOR_SENDS: usize = 5;

/// What a request is for; sends come first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Purpose {
    Send,
    /// Everything else: syncs, checks, lists.
    Query,
}

/// The oldest time at which a request still counts at `now`.
pub(crate) fn window_start(now: Timestamp) -> Timestamp {
    Timestamp(now.0.saturating_sub(i64::try_from(WINDOW.as_millis()).unwrap_or(i64::MAX)))
}

/// An account's budget of requests.
#[derive(Debug)]
pub(crate) struct Budget {
    per_minute: usize,
    counts_queries: bool,
    begun: VecDeque<Timestamp>,
    paused_until: Option<Timestamp>,
}

impl Budget {
    /// A budget by the gateway's documents, or by the account's own setting.
    pub(crate) fn new(pace: RateLimit, setting: Option<u32>) -> Self {
        let (documented, counts_queries) = match pace {
            RateLimit::Requests(n) => (n, true),
            RateLimit::Sends(n) => (n, false),
        };
        Budget {
            per_minute: setting.unwrap_or(documented).max(1) as usize,
            counts_queries,
            begun: VecDeque::new(),
            paused_until: None,
        }
    }

    /// Requests allowed in a minute.
    pub(crate) fn per_minute(&self) -> u32 {
        u32::try_from(self.per_minute).unwrap_or(u32::MAX)
    }

    /// Counts requests that began before this process did.
    pub(crate) fn count_earlier(&mut self, begun: impl IntoIterator<Item = Timestamp>) {
        self.begun.extend(begun);
        self.begun.make_contiguous().sort_unstable();
    }

    /// Counts a request that begins now, or returns when to try again.
    pub(crate) fn reserve(&mut self, purpose: Purpose, now: Timestamp) -> Result<(), Timestamp> {
        self.drop_old(now);
        if let Some(until) = self.paused_until.filter(|until| *until > now) {
            return Err(until);
        }
        if purpose == Purpose::Query && !self.counts_queries {
            return Ok(());
        }
        let allowed = match purpose {
            Purpose::Send => self.per_minute,
            Purpose::Query => self.per_minute.saturating_sub(RESERVED_FOR_SENDS).max(1),
        };
        if self.begun.len() < allowed {
            self.begun.push_back(now);
            return Ok(());
        }
        // When the window has lost enough requests for one more.
        let leaving = self.begun.get(self.begun.len() - allowed).copied().unwrap_or(now);
        Err(leaving.plus(WINDOW).max(Timestamp(now.0 + 1)))
    }

    /// Uncounts a request that was reserved at `at` and not made.
    pub(crate) fn release(&mut self, at: Timestamp) {
        if let Some(index) = self.begun.iter().rposition(|begun| *begun == at) {
            self.begun.remove(index);
        }
    }

    /// Starts no request before `until`, as the gateway requested.
    pub(crate) fn pause(&mut self, until: Timestamp) {
        self.paused_until = Some(self.paused_until.map_or(until, |old| old.max(until)));
    }

    /// How many requests began in the minute before `now`, and how many may.
    pub(crate) fn usage(&self, now: Timestamp) -> RequestUsage {
        let used = self.begun.iter().filter(|at| now.since(**at) < WINDOW).count();
        RequestUsage { used: u32::try_from(used).unwrap_or(u32::MAX), per_minute: self.per_minute() }
    }

    fn drop_old(&mut self, now: Timestamp) {
        while self.begun.front().is_some_and(|at| now.since(*at) >= WINDOW) {
            self.begun.pop_front();
        }
        // A clock set back must not lock the account for hours.
        while self.begun.back().is_some_and(|at| at.0 > now.0 + 60_000) {
            self.begun.pop_back();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn no_minute_holds_more_than_the_budget(gaps in prop::collection::vec(0_i64..20_000, 1..200), limit in 1_u32..20) {
            let mut budget = Budget::new(RateLimit::Requests(60), Some(limit));
            let mut now = Timestamp(1_700_000_000_000);
            let mut begun: Vec<i64> = Vec::new();
            for gap in gaps {
                now = Timestamp(now.0 + gap);
                if budget.reserve(Purpose::Send, now).is_ok() {
                    begun.push(now.0);
                }
            }
            for start in &begun {
                let within = begun.iter().filter(|at| **at >= *start && **at < start + 60_000).count();
                prop_assert!(within <= limit as usize);
            }
        }

        #[test]
        fn gateways_see_no_more_than_the_budget_in_a_minute_though_requests_take_their_time(
            ways in prop::collection::vec((0_i64..9_000, 0_i64..500), 1..200), limit in 1_u32..20
        ) {
            let mut budget = Budget::new(RateLimit::Requests(60), Some(limit));
            let mut now = Timestamp(1_700_000_000_000);
            let mut arrived: Vec<i64> = Vec::new();
            for (gap, way) in ways {
                now = Timestamp(now.0 + gap);
                if budget.reserve(Purpose::Send, now).is_ok() {
                    arrived.push(now.0 + way);
                }
            }
            for start in &arrived {
                let within = arrived.iter().filter(|at| **at >= *start && **at < start + 60_000).count();
                prop_assert!(within <= limit as usize);
            }
        }

        #[test]
        fn at_the_returned_time_a_request_may_begin(limit in 1_u32..10, wait in 0_i64..60_000) {
            let mut budget = Budget::new(RateLimit::Requests(60), Some(limit));
            let start = Timestamp(1_700_000_000_000);
            for _ in 0..limit {
                prop_assert!(budget.reserve(Purpose::Send, start).is_ok());
            }
            let again = budget.reserve(Purpose::Send, Timestamp(start.0 + wait.min(59_999))).unwrap_err();
            prop_assert!(budget.reserve(Purpose::Send, again).is_ok());
        }
    }

    #[test]
    fn sends_come_before_queries() {
        let mut budget = Budget::new(RateLimit::Requests(10), None);
        let now = Timestamp(1_700_000_000_000);
        let queries = (0..10).filter(|_| budget.reserve(Purpose::Query, now).is_ok()).count();
        let sends = (0..10).filter(|_| budget.reserve(Purpose::Send, now).is_ok()).count();
        assert_eq!((queries, sends), (5, 5));
    }

    #[test]
    fn a_pace_of_sends_does_not_count_queries() {
        let mut budget = Budget::new(RateLimit::Sends(5), None);
        let now = Timestamp(1_700_000_000_000);
        assert!((0..100).all(|_| budget.reserve(Purpose::Query, now).is_ok()));
        assert_eq!(budget.usage(now), RequestUsage { used: 0, per_minute: 5 });
    }

    #[test]
    fn a_pause_holds_everything_back() {
        let mut budget = Budget::new(RateLimit::Requests(60), None);
        let now = Timestamp(1_700_000_000_000);
        let until = now.plus(Duration::from_secs(7));
        budget.pause(until);
        assert_eq!(budget.reserve(Purpose::Send, now), Err(until));
        assert_eq!(budget.reserve(Purpose::Send, until), Ok(()));
    }
}

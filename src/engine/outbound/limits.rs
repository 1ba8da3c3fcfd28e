//! How fast an account's gateway may be used: one budget for everything, sends first.
//!
//! A window that slides, not a bucket that refills: in no span of sixty seconds do more than the allowed number
//! of requests begin, which is how gateways count (providers.md, A18). Nothing here waits or reads the clock.

use std::collections::VecDeque;
use std::time::Duration;

use crate::domain::Timestamp;
use crate::providers::RateLimit;

/// A little more than a minute: a request reaches the gateway some time after it began here, and the gateway
/// counts from then.
const WINDOW: Duration = Duration::from_millis(60_500);
/// Room kept free for sends when something else asks.
const KEPT_FOR_SENDS: usize = 5;

/// What a request is for; sends come first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// A message that a person waits for.
    Send,
    /// Syncs, checks, lists.
    Query,
}

/// Since when requests count at `now`.
pub fn window_start(now: Timestamp) -> Timestamp {
    Timestamp(now.0.saturating_sub(i64::try_from(WINDOW.as_millis()).unwrap_or(i64::MAX)))
}

/// An account's budget of requests.
#[derive(Debug)]
pub struct Budget {
    per_minute: usize,
    counts_queries: bool,
    begun: VecDeque<Timestamp>,
    paused_until: Option<Timestamp>,
}

/// How much of a budget is used, for showing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Used {
    /// Requests begun in the last minute.
    pub used: u32,
    /// Requests allowed in a minute.
    pub per_minute: u32,
}

impl Budget {
    /// A budget by the gateway's documents, or by the account's own setting.
    pub fn new(pace: RateLimit, setting: Option<u32>) -> Self {
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
    pub fn per_minute(&self) -> u32 {
        u32::try_from(self.per_minute).unwrap_or(u32::MAX)
    }

    /// Counts requests that began before this process did, oldest first.
    pub fn remember(&mut self, begun: impl IntoIterator<Item = Timestamp>) {
        self.begun.extend(begun);
        self.begun.make_contiguous().sort_unstable();
    }

    /// Takes a place for a request that begins now, or says when to ask again.
    pub fn take(&mut self, purpose: Purpose, now: Timestamp) -> Result<(), Timestamp> {
        self.forget_old(now);
        if let Some(until) = self.paused_until.filter(|until| *until > now) {
            return Err(until);
        }
        if purpose == Purpose::Query && !self.counts_queries {
            return Ok(());
        }
        let allowed = match purpose {
            Purpose::Send => self.per_minute,
            Purpose::Query => self.per_minute.saturating_sub(KEPT_FOR_SENDS).max(1),
        };
        if self.begun.len() < allowed {
            self.begun.push_back(now);
            return Ok(());
        }
        // The place of the request that leaves the window first among those that are too many.
        let leaving = self.begun.get(self.begun.len() - allowed).copied().unwrap_or(now);
        Err(leaving.plus(WINDOW).max(Timestamp(now.0 + 1)))
    }

    /// Gives back a place that was taken at `at` and not used.
    pub fn give_back(&mut self, at: Timestamp) {
        if let Some(place) = self.begun.iter().rposition(|begun| *begun == at) {
            self.begun.remove(place);
        }
    }

    /// The gateway asked to slow down: nothing begins before `until`.
    pub fn pause(&mut self, until: Timestamp) {
        self.paused_until = Some(self.paused_until.map_or(until, |old| old.max(until)));
    }

    /// Until when the gateway asked to wait.
    pub fn paused_until(&self) -> Option<Timestamp> {
        self.paused_until
    }

    /// How much is used.
    pub fn used(&self, now: Timestamp) -> Used {
        let used = self.begun.iter().filter(|at| now.since(**at) < WINDOW).count();
        Used {
            used: u32::try_from(used).unwrap_or(u32::MAX),
            per_minute: u32::try_from(self.per_minute).unwrap_or(u32::MAX),
        }
    }

    fn forget_old(&mut self, now: Timestamp) {
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
                if budget.take(Purpose::Send, now).is_ok() {
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
                if budget.take(Purpose::Send, now).is_ok() {
                    arrived.push(now.0 + way);
                }
            }
            for start in &arrived {
                let within = arrived.iter().filter(|at| **at >= *start && **at < start + 60_000).count();
                prop_assert!(within <= limit as usize);
            }
        }

        #[test]
        fn the_named_time_is_when_a_place_is_free(limit in 1_u32..10, wait in 0_i64..60_000) {
            let mut budget = Budget::new(RateLimit::Requests(60), Some(limit));
            let start = Timestamp(1_700_000_000_000);
            for _ in 0..limit {
                prop_assert!(budget.take(Purpose::Send, start).is_ok());
            }
            let again = budget.take(Purpose::Send, Timestamp(start.0 + wait.min(59_999))).unwrap_err();
            prop_assert!(budget.take(Purpose::Send, again).is_ok());
        }
    }

    #[test]
    fn sends_come_before_queries() {
        let mut budget = Budget::new(RateLimit::Requests(10), None);
        let now = Timestamp(1_700_000_000_000);
        let queries = (0..10).filter(|_| budget.take(Purpose::Query, now).is_ok()).count();
        let sends = (0..10).filter(|_| budget.take(Purpose::Send, now).is_ok()).count();
        assert_eq!((queries, sends), (5, 5));
    }

    #[test]
    fn a_pace_of_sends_does_not_count_queries() {
        let mut budget = Budget::new(RateLimit::Sends(5), None);
        let now = Timestamp(1_700_000_000_000);
        assert!((0..100).all(|_| budget.take(Purpose::Query, now).is_ok()));
        assert_eq!(budget.used(now), Used { used: 0, per_minute: 5 });
    }

    #[test]
    fn a_pause_holds_everything_back() {
        let mut budget = Budget::new(RateLimit::Requests(60), None);
        let now = Timestamp(1_700_000_000_000);
        let until = now.plus(Duration::from_secs(7));
        budget.pause(until);
        assert_eq!(budget.take(Purpose::Send, now), Err(until));
        assert_eq!(budget.take(Purpose::Send, until), Ok(()));
    }
}

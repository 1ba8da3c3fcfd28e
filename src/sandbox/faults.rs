//! Seeded faults: which requests fail, and which webhooks are delivered twice, late or out of order.
//!
//! Invariant: the fault of the n-th request or delivery of an account depends on the seed, the account and n only, so
//! that a run can be repeated.

use std::time::Duration;

use super::rng::Rng;

/// The seed of the faults; `None` = no faults.
#[derive(Debug, Clone, Copy)]
pub(crate) struct FaultPlan(pub(crate) Option<u64>);

/// The fault of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum RequestFault {
    None,
    /// 429 with `Retry-After` in seconds; nothing is processed.
    TooMany {
        retry_after: u64,
    },
    /// 500, before or after the request was processed.
    Error {
        processed: bool,
    },
    /// No response before any client's timeout.
    Timeout {
        processed: bool,
    },
}

/// The fault of a webhook's delivery.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum DeliveryFault {
    None,
    /// Delivered a second time.
    Duplicate {
        after: Duration,
    },
    Delayed {
        by: Duration,
    },
    /// Delivered after the next one.
    Reordered,
}

impl FaultPlan {
    /// The fault of the `nth` request of an account.
    pub(crate) fn for_request(self, account: &str, nth: u64) -> RequestFault {
        let Some(mut rng) = self.rng("request", account, nth) else { return RequestFault::None };
        let percent = rng.below(100);
        let processed = rng.chance(50);
        let fault = match percent {
            0..8 => RequestFault::TooMany { retry_after: u64::try_from(1 + rng.below(3)).unwrap_or(1) },
            8..14 => RequestFault::Error { processed },
            14..18 => RequestFault::Timeout { processed },
            _ => RequestFault::None,
        };
        tracing::debug!(account, nth, ?fault, "chaos: request");
        fault
    }

    /// The fault of the `nth` webhook of an account.
    pub(crate) fn for_delivery(self, account: &str, nth: u64) -> DeliveryFault {
        let Some(mut rng) = self.rng("delivery", account, nth) else { return DeliveryFault::None };
        let percent = rng.below(100);
        let span = rng.between(Duration::from_millis(300), Duration::from_secs(6));
        let fault = match percent {
            0..10 => DeliveryFault::Duplicate { after: span },
            10..18 => DeliveryFault::Delayed { by: span },
            18..26 => DeliveryFault::Reordered,
            _ => DeliveryFault::None,
        };
        tracing::debug!(account, nth, ?fault, "chaos: delivery");
        fault
    }

    fn rng(self, event: &str, account: &str, nth: u64) -> Option<Rng> {
        Some(Rng::new(self.0?, &format!("chaos {event} {account} {nth}")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seed_gives_the_same_faults_again_and_every_kind_of_fault() {
        let faults = |seed| {
            let plan = FaultPlan(Some(seed));
            let requests: Vec<_> = (0..300).map(|n| plan.for_request("chatera", n)).collect();
            let deliveries: Vec<_> = (0..300).map(|n| plan.for_delivery("chatera", n)).collect();
            (requests, deliveries)
        };
        assert_eq!(faults(9), faults(9));
        assert_ne!(faults(9), faults(10));
        let (requests, deliveries) = faults(9);
        for wanted in [
            RequestFault::None,
            RequestFault::Error { processed: true },
            RequestFault::Error { processed: false },
            RequestFault::Timeout { processed: true },
            RequestFault::Timeout { processed: false },
        ] {
            assert!(requests.contains(&wanted), "{wanted:?}");
        }
        assert!(requests.iter().any(|f| matches!(f, RequestFault::TooMany { retry_after: 1..=3 })));
        assert!(deliveries.iter().any(|f| matches!(f, DeliveryFault::Duplicate { .. })));
        assert!(deliveries.iter().any(|f| matches!(f, DeliveryFault::Delayed { .. })));
        assert!(deliveries.contains(&DeliveryFault::Reordered));
    }

    #[test]
    fn accounts_have_faults_of_their_own_and_without_a_seed_there_are_none() {
        let faults =
            |plan: FaultPlan, account: &str| (0..200).map(|n| plan.for_request(account, n)).collect::<Vec<_>>();
        assert_ne!(faults(FaultPlan(Some(1)), "chatera"), faults(FaultPlan(Some(1)), "waviro"));
        assert!(faults(FaultPlan(None), "chatera").iter().all(|f| *f == RequestFault::None));
        assert!((0..200).all(|n| FaultPlan(None).for_delivery("chatera", n) == DeliveryFault::None));
    }
}

//! A bad day, by seed: which requests fail and which webhooks come twice, late or in the wrong order.
//!
//! Invariant: what happens to the n-th request or delivery of an account depends on the seed, the account and n,
//! on nothing else. So a bad day can be had again.

use std::time::Duration;

use super::dice::Dice;

/// A seed, or no chaos at all.
#[derive(Debug, Clone, Copy)]
pub(super) struct Chaos(pub(super) Option<u64>);

/// What happens to a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum RequestFault {
    /// Nothing.
    None,
    /// 429 with `Retry-After` in seconds; nothing is processed.
    TooMany { retry_after: u64 },
    /// 500.
    Broken { processed: bool },
    /// No answer within any client's patience.
    Silent { processed: bool },
}

/// What happens to a webhook.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum DeliveryFault {
    /// Nothing.
    None,
    /// It comes a second time after a while.
    Twice { after: Duration },
    /// It comes late.
    Late { by: Duration },
    /// The next one overtakes it.
    Overtaken,
}

impl Chaos {
    /// What happens to the `nth` request of an account.
    pub(super) fn request(self, stage: &str, nth: u64) -> RequestFault {
        let Some(mut dice) = self.dice("request", stage, nth) else { return RequestFault::None };
        let roll = dice.below(100);
        let processed = dice.chance(50);
        let fault = match roll {
            0..8 => RequestFault::TooMany { retry_after: u64::try_from(1 + dice.below(3)).unwrap_or(1) },
            8..14 => RequestFault::Broken { processed },
            14..18 => RequestFault::Silent { processed },
            _ => RequestFault::None,
        };
        tracing::debug!(stage, nth, ?fault, "chaos: request");
        fault
    }

    /// What happens to the `nth` webhook of an account.
    pub(super) fn delivery(self, stage: &str, nth: u64) -> DeliveryFault {
        let Some(mut dice) = self.dice("delivery", stage, nth) else { return DeliveryFault::None };
        let roll = dice.below(100);
        let span = dice.between(Duration::from_millis(300), Duration::from_secs(6));
        let fault = match roll {
            0..10 => DeliveryFault::Twice { after: span },
            10..18 => DeliveryFault::Late { by: span },
            18..26 => DeliveryFault::Overtaken,
            _ => DeliveryFault::None,
        };
        tracing::debug!(stage, nth, ?fault, "chaos: delivery");
        fault
    }

    fn dice(self, what: &str, stage: &str, nth: u64) -> Option<Dice> {
        Some(Dice::new(self.0?, &format!("chaos {what} {stage} {nth}")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bad_day_can_be_had_again_and_holds_every_fault() {
        let day = |seed| {
            let chaos = Chaos(Some(seed));
            let requests: Vec<_> = (0..300).map(|n| chaos.request("chatera", n)).collect();
            let deliveries: Vec<_> = (0..300).map(|n| chaos.delivery("chatera", n)).collect();
            (requests, deliveries)
        };
        assert_eq!(day(9), day(9));
        assert_ne!(day(9), day(10));
        let (requests, deliveries) = day(9);
        for wanted in [
            RequestFault::None,
            RequestFault::Broken { processed: true },
            RequestFault::Broken { processed: false },
            RequestFault::Silent { processed: true },
            RequestFault::Silent { processed: false },
        ] {
            assert!(requests.contains(&wanted), "{wanted:?}");
        }
        assert!(requests.iter().any(|f| matches!(f, RequestFault::TooMany { retry_after: 1..=3 })));
        assert!(deliveries.iter().any(|f| matches!(f, DeliveryFault::Twice { .. })));
        assert!(deliveries.iter().any(|f| matches!(f, DeliveryFault::Late { .. })));
        assert!(deliveries.contains(&DeliveryFault::Overtaken));
    }

    #[test]
    fn accounts_have_bad_days_of_their_own_and_without_a_seed_there_is_none() {
        let faults = |chaos: Chaos, stage: &str| (0..200).map(|n| chaos.request(stage, n)).collect::<Vec<_>>();
        assert_ne!(faults(Chaos(Some(1)), "chatera"), faults(Chaos(Some(1)), "waviro"));
        assert!(faults(Chaos(None), "chatera").iter().all(|f| *f == RequestFault::None));
        assert!((0..200).all(|n| Chaos(None).delivery("chatera", n) == DeliveryFault::None));
    }
}

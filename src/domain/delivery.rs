//! The delivery of a message, which only ever advances: `join` is commutative, associative and idempotent, so that
//! repeated, late and reordered receipts do no harm.

use std::fmt;
use std::str::FromStr;

use serde::Serialize;

/// The status of a message, as the contract names it. The variants are ordered by progress: `Failed` is between `Sent`
/// and `Delivered`, so that a failure overrides only what is not yet delivered, and a late proof of delivery overrides
/// a failure (providers.md, section 6.4: multi-device).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Status {
    /// The only status of incoming and internal messages.
    Received,
    /// In the outbox, waiting to be sent.
    Queued,
    /// A request is in progress.
    Sending,
    /// The request may or may not have reached the gateway; sent again only if a person decides so.
    Unsure,
    /// Accepted by the gateway.
    Sent,
    /// Refused by the gateway, or reported as failed.
    Failed,
    /// Arrived on the customer's device.
    Delivered,
    /// Read (or played) by the customer.
    Read,
}

impl Status {
    /// Every status, in the order of progress.
    pub const ALL: [Status; 8] = [
        Status::Received,
        Status::Queued,
        Status::Sending,
        Status::Unsure,
        Status::Sent,
        Status::Failed,
        Status::Delivered,
        Status::Read,
    ];

    /// As written in the contract.
    pub fn as_str(self) -> &'static str {
        match self {
            Status::Received => "received",
            Status::Queued => "queued",
            Status::Sending => "sending",
            Status::Unsure => "unsure",
            Status::Sent => "sent",
            Status::Failed => "failed",
            Status::Delivered => "delivered",
            Status::Read => "read",
        }
    }
}

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// The text is not one of the statuses.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("unknown status")]
pub struct UnknownStatus;

impl FromStr for Status {
    type Err = UnknownStatus;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Status::ALL.into_iter().find(|s| s.as_str() == text).ok_or(UnknownStatus)
    }
}

/// The progress of one attempt to send a message. A later attempt (by a person's decision, or after a response that
/// proved that nothing was processed) overrides an earlier one, whatever its stage.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct Delivery {
    /// The number of the attempt, from 1.
    pub attempt: u32,
    pub stage: Status,
}

impl Delivery {
    /// The more advanced of both.
    #[must_use]
    pub(crate) fn join(self, other: Delivery) -> Delivery {
        self.max(other)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn delivery() -> impl Strategy<Value = Delivery> {
        (1_u32..4, prop::sample::select(Status::ALL.to_vec())).prop_map(|(attempt, stage)| Delivery { attempt, stage })
    }

    proptest! {
        #[test]
        fn join_is_a_semilattice(a in delivery(), b in delivery(), c in delivery()) {
            prop_assert_eq!(a.join(b), b.join(a));
            prop_assert_eq!(a.join(b).join(c), a.join(b.join(c)));
            prop_assert_eq!(a.join(a), a);
            prop_assert!(a.join(b) >= a);
        }

        #[test]
        fn receipts_in_any_order_end_alike(mut all in prop::collection::vec(delivery(), 1..8), seed in 0_usize..100) {
            let forward = all.iter().copied().reduce(Delivery::join);
            let split = seed % all.len();
            all.rotate_left(split);
            all.reverse();
            let doubled: Vec<_> = all.iter().chain(all.iter()).copied().collect();
            prop_assert_eq!(forward, doubled.into_iter().reduce(Delivery::join));
        }
    }

    #[test]
    fn a_failure_overrides_sent_and_a_delivery_overrides_a_failure() {
        let at = |stage| Delivery { attempt: 1, stage };
        assert_eq!(at(Status::Sent).join(at(Status::Failed)).stage, Status::Failed);
        assert_eq!(at(Status::Failed).join(at(Status::Read)).stage, Status::Read);
        assert_eq!(at(Status::Delivered).join(at(Status::Failed)).stage, Status::Delivered);
    }
}

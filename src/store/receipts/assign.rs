//! Which attempt a receipt with an unknown id is about, as far as order and time tell.
//!
//! Invariant: the result depends on the sets alone, not on the order of the slices.

use crate::domain::{MessageId, Timestamp};
use std::time::Duration;

/// A receipt is matched by evidence only with an attempt that began at most this long before it came.
pub(super) const INFER_WITHIN: Duration = Duration::from_secs(600);

/// An attempt that receipts may be about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Candidate {
    pub(super) started_at: Timestamp,
    pub(super) message: MessageId,
    pub(super) attempt: u32,
}

/// An unknown id of receipts.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct UnknownId {
    /// The gateway's time of the first of its receipts; where it gives none, when that came.
    pub(super) at: Timestamp,
    pub(super) remote_id: String,
    /// When the first of its receipts came.
    pub(super) arrived: Timestamp,
}

/// Gives the first id the oldest attempt that it fits, the next id the next one. An id fits an attempt that began before
/// it came, and not long before.
pub(super) fn assign(mut ids: Vec<UnknownId>, mut candidates: Vec<Candidate>) -> Vec<(UnknownId, Option<Candidate>)> {
    ids.sort_unstable();
    candidates.sort_unstable();
    ids.into_iter()
        .map(|id| {
            let fits = |candidate: &Candidate| {
                candidate.started_at <= id.arrived && id.arrived.since(candidate.started_at) <= INFER_WITHIN
            };
            let found = candidates.iter().position(fits).map(|at| candidates.remove(at));
            (id, found)
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn candidate(seconds: i64, id: i64) -> Candidate {
        Candidate { started_at: Timestamp::from_seconds(seconds), message: MessageId(id), attempt: 1 }
    }

    fn id(at: i64, name: &str, arrived: i64) -> UnknownId {
        UnknownId {
            at: Timestamp::from_seconds(at),
            remote_id: name.to_owned(),
            arrived: Timestamp::from_seconds(arrived),
        }
    }

    fn result(ids: Vec<UnknownId>, candidates: Vec<Candidate>) -> Vec<(String, Option<i64>)> {
        assign(ids, candidates).into_iter().map(|(id, found)| (id.remote_id, found.map(|c| c.message.0))).collect()
    }

    #[test]
    fn the_first_id_belongs_to_the_oldest_attempt_that_it_fits() {
        let sends = vec![candidate(10, 2), candidate(0, 1)];
        // The second came first, but the gateway's time says otherwise.
        let ids = vec![id(12, "b", 12), id(11, "a", 13)];
        assert_eq!(result(ids, sends.clone()), [("a".into(), Some(1)), ("b".into(), Some(2))]);
        // What came before the second left can only be the first's.
        let ids = vec![id(5, "c", 5), id(5, "d", 5), id(6, "e", 20)];
        assert_eq!(result(ids, sends), [("c".into(), Some(1)), ("d".into(), None), ("e".into(), Some(2))]);
        assert_eq!(result(vec![id(601, "f", 601)], vec![candidate(0, 1)]), [("f".into(), None)]);
    }
}

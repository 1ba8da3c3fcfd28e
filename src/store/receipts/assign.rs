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
    /// Nobody knows whether the gateway processed it.
    pub(super) unsure: bool,
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
/// it came, and not long before. Unsure attempts have an id only where the others leave one for each of them: which of
/// them the gateway processed is not guessed.
pub(super) fn assign(mut ids: Vec<UnknownId>, mut candidates: Vec<Candidate>) -> Vec<(UnknownId, Option<Candidate>)> {
    ids.sort_unstable();
    candidates.sort_unstable();
    let accepted: Vec<Candidate> = candidates.iter().filter(|candidate| !candidate.unsure).copied().collect();
    let certain = in_order(&ids, accepted);
    let left: Vec<UnknownId> =
        ids.iter().zip(&certain).filter(|(_, found)| found.is_none()).map(|(id, _)| id.clone()).collect();
    candidates.retain(|candidate| !candidate.unsure || left.iter().any(|id| fits(id, candidate)));
    let unsure = candidates.iter().filter(|candidate| candidate.unsure).count();
    let found = if unsure > 0 && left.len() >= unsure { in_order(&ids, candidates) } else { certain };
    ids.into_iter().zip(found).collect()
}

/// The oldest attempt that is left and fits, for each id in turn.
fn in_order(ids: &[UnknownId], mut candidates: Vec<Candidate>) -> Vec<Option<Candidate>> {
    let mut next = |id: &UnknownId| {
        let found = candidates.iter().position(|candidate| fits(id, candidate));
        found.map(|at| candidates.remove(at))
    };
    ids.iter().map(&mut next).collect()
}

fn fits(id: &UnknownId, candidate: &Candidate) -> bool {
    candidate.started_at <= id.arrived && id.arrived.since(candidate.started_at) <= INFER_WITHIN
}

#[cfg(test)]
mod tests {
    use super::*;

    fn candidate(seconds: i64, id: i64) -> Candidate {
        Candidate { started_at: Timestamp::from_seconds(seconds), message: MessageId(id), attempt: 1, unsure: false }
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

    fn unsure(seconds: i64, id: i64) -> Candidate {
        Candidate { unsure: true, ..candidate(seconds, id) }
    }

    #[test]
    fn an_unsure_attempt_has_an_id_only_where_nothing_else_explains_it() {
        let ids = |count: i64| (0..count).map(|n| id(20 + n, &n.to_string(), 20 + n)).collect::<Vec<_>>();
        let found = |ids, candidates| result(ids, candidates).into_iter().map(|(_, found)| found).collect::<Vec<_>>();
        let sends = vec![unsure(0, 1), candidate(10, 2)];
        assert_eq!(found(ids(1), sends.clone()), [Some(2)]);
        assert_eq!(found(ids(2), sends), [Some(1), Some(2)]);
        assert_eq!(found(ids(1), vec![unsure(0, 1), unsure(10, 2)]), [None], "which of them is not known");
        assert_eq!(found(ids(1), vec![unsure(0, 1)]), [Some(1)]);
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

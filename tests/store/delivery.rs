//! Receipts: with known ids in any order, orphans, and the matching by evidence of providers.md A7.

use super::kit::{Kit, accepted, at, receipt};
use loket::domain::{Failure, Inbound, Receipt, Status};
use loket::store::{AttemptOutcome, MessageRange};
use proptest::prelude::*;

fn inferable(id: &str, status: Status, recipient: Option<&str>) -> Vec<Inbound> {
    let receipt = Receipt { may_infer: true, recipient: recipient.map(Into::into), ..receipt(id, status) };
    vec![Inbound::Receipt(receipt)]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

    /// Receipts of several messages, shuffled, repeated, some before the gateway's answer to the send: every
    /// message ends at the greatest stage of its receipts.
    #[test]
    fn shuffled_and_repeated_receipts_end_alike(
        receipts in prop::collection::vec((0_usize..3, 0_usize..4), 0..14),
        answer_after in prop::collection::vec(0_usize..14, 3),
    ) {
        let stages = [Status::Sent, Status::Failed, Status::Delivered, Status::Read];
        let kit = Kit::new();
        let peers = ["628111111111", "628222222222", "628333333333"];
        let leases: Vec<_> = peers
            .iter()
            .map(|peer| {
                kit.send(at(0), peer, "hi");
                kit.lease(at(0)).unwrap()
            })
            .collect();
        let accept = |n: usize| kit.finish(&leases[n], accepted(Some(&format!("r{n}"))), at(5));
        for (step, (message, stage)) in receipts.iter().enumerate() {
            for (n, after) in answer_after.iter().enumerate() {
                if *after == step {
                    accept(n);
                }
            }
            kit.receipt(at(1), &format!("r{message}"), stages[*stage]);
        }
        for (n, after) in answer_after.iter().enumerate() {
            if *after >= receipts.len() {
                accept(n);
            }
        }
        for (n, lease) in leases.iter().enumerate() {
            let greatest = receipts.iter().filter(|(m, _)| *m == n).map(|(_, s)| stages[*s]).max();
            let expected = greatest.unwrap_or(Status::Sent).max(Status::Sent);
            let message = kit.store.message(lease.message).unwrap().unwrap();
            prop_assert_eq!(message.status, expected);
            prop_assert_eq!(message.error.is_some(), expected == Status::Failed);
            prop_assert!(!message.inferred);
            prop_assert_eq!(kit.conversation(peers[n]).last_status, expected);
        }
        prop_assert_eq!(kit.orphan_receipts(), 0);
    }
}

#[test]
fn a_receipt_of_an_unknown_id_creates_nothing() {
    let kit = Kit::new();
    let applied = kit.receipt(at(0), "nobody", Status::Read);
    assert_eq!((applied.messages.len(), applied.orphans), (0, 1));
    kit.receipt(at(0), "nobody", Status::Read);
    assert_eq!(kit.store.counts().unwrap().total, 0);
    assert_eq!(kit.orphan_receipts(), 1);
    // Without `may_infer` it is not matched, not even with the only candidate.
    let own = kit.sent(at(1), "628111111111", "hi", Some("r1"));
    kit.receipt(at(2), "other", Status::Read);
    assert_eq!(kit.message(&own).status, Status::Sent);
    // A week later it is deleted.
    kit.receipt(at(8 * 86_400), "new", Status::Read);
    assert_eq!(kit.orphan_receipts(), 1);
}

#[test]
fn a_failure_lasts_until_a_proof_of_delivery() {
    let kit = Kit::new();
    let own = kit.sent(at(0), "628111111111", "hi", Some("r1"));
    let failure = Failure::new("131047", "re-engagement");
    let failed = Receipt { failure: Some(failure.clone()), ..receipt("r1", Status::Failed) };
    kit.apply(at(1), vec![Inbound::Receipt(failed)]);
    assert_eq!((kit.message(&own).status, kit.message(&own).error), (Status::Failed, Some(failure)));
    kit.receipt(at(2), "r1", Status::Sent);
    assert_eq!(kit.message(&own).status, Status::Failed);
    kit.receipt(at(3), "r1", Status::Delivered);
    assert_eq!((kit.message(&own).status, kit.message(&own).error), (Status::Delivered, None));
    // A failure without a reason is still a failure.
    let own = kit.sent(at(4), "628111111111", "hi", Some("r2"));
    kit.receipt(at(5), "r2", Status::Failed);
    assert_eq!(kit.message(&own).error.unwrap().code, "failed");
}

#[test]
fn an_unknown_id_is_matched_with_the_only_candidate_and_marked() {
    let kit = Kit::new();
    let own = kit.sent(at(0), "628111111111", "hi", Some("job_1"));
    let elsewhere = kit.sent(at(0), "628222222222", "hi", Some("job_2"));
    kit.apply(at(10), inferable("wamid.1", Status::Delivered, Some("628111111111")));
    let message = kit.message(&own);
    assert_eq!((message.status, message.inferred), (Status::Delivered, true));
    assert_eq!(message.remote_id.as_deref(), Some("job_1"));
    // From then on the id is known.
    kit.receipt(at(11), "wamid.1", Status::Read);
    assert_eq!(kit.message(&own).status, Status::Read);
    assert_eq!(kit.message(&elsewhere).status, Status::Sent);
    // It has its receipt, so the next unknown id is not its own.
    let applied = kit.apply(at(12), inferable("wamid.9", Status::Read, Some("628111111111")));
    assert_eq!(applied.orphans, 1);
}

#[test]
fn nothing_is_inferred_when_two_messages_fit() {
    let kit = Kit::new();
    let one = kit.sent(at(0), "628111111111", "one", Some("job_1"));
    let two = kit.sent(at(1), "628111111111", "two", Some("job_2"));
    let applied = kit.apply(at(5), inferable("wamid.1", Status::Read, Some("628111111111")));
    assert_eq!(applied.orphans, 1);
    assert_eq!([kit.message(&one).status, kit.message(&two).status], [Status::Sent, Status::Sent]);
    // Without a recipient every conversation's messages are candidates.
    let other = kit.sent(at(6), "628222222222", "three", Some("job_3"));
    assert_eq!(kit.apply(at(7), inferable("wamid.2", Status::Read, None)).orphans, 1);
    assert_eq!(kit.message(&other).status, Status::Sent);
    // A number without a conversation matches nothing.
    assert_eq!(kit.apply(at(7), inferable("wamid.3", Status::Read, Some("628000000000"))).orphans, 1);
}

#[test]
fn inference_is_limited_in_time_and_never_precedes_the_request() {
    let kit = Kit::new();
    let old = kit.sent(at(0), "628111111111", "old", None);
    assert_eq!(kit.apply(at(601), inferable("w1", Status::Read, None)).orphans, 1);
    assert_eq!(kit.message(&old).status, Status::Sent);
    // The orphan came before this message's request, so it is not its own.
    let young = kit.sent(at(602), "628111111111", "young", Some("job_2"));
    assert_eq!(kit.message(&young).status, Status::Sent);
    assert_eq!(kit.apply(at(603), inferable("w2", Status::Read, None)).orphans, 0);
    assert_eq!(kit.message(&young).status, Status::Read);
}

#[test]
fn a_receipt_that_comes_before_the_answer_is_matched_after_it() {
    let kit = Kit::new();
    let message = kit.send(at(0), "628111111111", "hi");
    let lease = kit.lease(at(0)).unwrap();
    assert_eq!(kit.receipt(at(1), "r1", Status::Delivered).orphans, 1);
    assert_eq!(kit.message(&message).status, Status::Sending);
    let finished = kit.finish(&lease, accepted(Some("r1")), at(2));
    assert_eq!((finished.status, finished.inferred), (Status::Delivered, false));
    assert_eq!(kit.orphan_receipts(), 0);
}

#[test]
fn an_orphan_is_matched_when_the_other_candidate_is_gone() {
    let kit = Kit::new();
    kit.send(at(0), "628111111111", "one");
    let one = kit.lease(at(0)).unwrap();
    kit.finish(&one, accepted(None), at(1));
    kit.send(at(2), "628111111111", "two");
    let two = kit.lease(at(2)).unwrap();
    assert_eq!(kit.apply(at(3), inferable("w1", Status::Delivered, Some("628111111111"))).orphans, 1);
    let failure = Failure::new("http_400", "no");
    kit.finish(&two, AttemptOutcome::Refused { failure }, at(4));
    let message = kit.store.message(one.message).unwrap().unwrap();
    assert_eq!((message.status, message.inferred), (Status::Delivered, true));
    assert_eq!(kit.orphan_receipts(), 0);
}

#[test]
fn a_match_that_the_answer_proves_is_no_longer_inferred() {
    let kit = Kit::new();
    let message = kit.send(at(0), "628111111111", "hi");
    let lease = kit.lease(at(0)).unwrap();
    kit.apply(at(1), inferable("r1", Status::Delivered, Some("628111111111")));
    assert!(kit.message(&message).inferred);
    let finished = kit.finish(&lease, accepted(Some("r1")), at(2));
    assert_eq!((finished.status, finished.inferred), (Status::Delivered, false));
}

#[test]
fn an_unsure_message_is_resolved_by_its_receipt() {
    let kit = Kit::new();
    let message = kit.send(at(0), "628111111111", "hi");
    let lease = kit.lease(at(0)).unwrap();
    kit.finish(&lease, AttemptOutcome::Unsure { failure: Failure::new("timeout", "") }, at(30));
    kit.apply(at(40), inferable("w1", Status::Sent, Some("628111111111")));
    let now = kit.message(&message);
    assert_eq!((now.status, now.inferred, now.error), (Status::Sent, true, None));
    let all = kit.store.messages(message.conversation, MessageRange::Newest, 10).unwrap();
    assert_eq!(all.len(), 1);
}

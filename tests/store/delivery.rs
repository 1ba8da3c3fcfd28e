//! Receipts: exact ones in any order, orphans, and the cautious guess of providers.md A7.

use loket::domain::inbound::Receipt;
use loket::domain::{Failure, Inbound, Status};
use loket::store::{AttemptOutcome, Window};
use proptest::prelude::*;

use super::kit::{Kit, accepted, at, receipt};

fn guess(id: &str, status: Status, recipient: Option<&str>) -> Vec<Inbound> {
    let receipt = Receipt { may_infer: true, recipient: recipient.map(Into::into), ..receipt(id, status) };
    vec![Inbound::Receipt(receipt)]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

    /// Receipts of several messages, shuffled, doubled, some before the gateway's answer to the send: every
    /// message ends where the greatest of its receipts says.
    #[test]
    fn shuffled_and_doubled_receipts_end_alike(
        receipts in prop::collection::vec((0_usize..3, 0_usize..4), 0..14),
        answer_after in prop::collection::vec(0_usize..14, 3),
    ) {
        let stages = [Status::Sent, Status::Failed, Status::Delivered, Status::Read];
        let kit = Kit::new();
        let peers = ["628111111111", "628222222222", "628333333333"];
        let claims: Vec<_> = peers
            .iter()
            .map(|peer| {
                kit.send(at(0), peer, "hi");
                kit.claim(at(0)).unwrap()
            })
            .collect();
        let settle = |n: usize| kit.settle(&claims[n], accepted(Some(&format!("r{n}"))), at(5));
        for (step, (message, stage)) in receipts.iter().enumerate() {
            for (n, after) in answer_after.iter().enumerate() {
                if *after == step {
                    settle(n);
                }
            }
            kit.receipt(at(1), &format!("r{message}"), stages[*stage]);
        }
        for (n, after) in answer_after.iter().enumerate() {
            if *after >= receipts.len() {
                settle(n);
            }
        }
        for (n, claim) in claims.iter().enumerate() {
            let greatest = receipts.iter().filter(|(m, _)| *m == n).map(|(_, s)| stages[*s]).max();
            let expected = greatest.unwrap_or(Status::Sent).max(Status::Sent);
            let message = kit.store.message(claim.message).unwrap().unwrap();
            prop_assert_eq!(message.status, expected);
            prop_assert_eq!(message.error.is_some(), expected == Status::Failed);
            prop_assert!(!message.inferred);
            prop_assert_eq!(kit.conversation(peers[n]).last_status, expected);
        }
        prop_assert_eq!(kit.store.orphan_receipts(&kit.account).unwrap(), 0);
    }
}

#[test]
fn a_receipt_of_an_unknown_id_makes_nothing() {
    let kit = Kit::new();
    let applied = kit.receipt(at(0), "nobody", Status::Read);
    assert_eq!((applied.messages.len(), applied.orphans), (0, 1));
    kit.receipt(at(0), "nobody", Status::Read);
    assert_eq!(kit.store.counts().unwrap().total, 0);
    assert_eq!(kit.store.orphan_receipts(&kit.account).unwrap(), 1);
    // Without `may_infer` it is tied to nobody, however alone a candidate is.
    let own = kit.sent(at(1), "628111111111", "hi", Some("r1"));
    kit.receipt(at(2), "other", Status::Read);
    assert_eq!(kit.message(&own).status, Status::Sent);
    // A week later it is forgotten.
    kit.receipt(at(8 * 86_400), "new", Status::Read);
    assert_eq!(kit.store.orphan_receipts(&kit.account).unwrap(), 1);
}

#[test]
fn a_failure_is_kept_until_a_proof_of_delivery() {
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
    // A failure without words is a failure still.
    let own = kit.sent(at(4), "628111111111", "hi", Some("r2"));
    kit.receipt(at(5), "r2", Status::Failed);
    assert_eq!(kit.message(&own).error.unwrap().code, "failed");
}

#[test]
fn an_unknown_id_is_tied_to_the_only_candidate_and_marked() {
    let kit = Kit::new();
    let own = kit.sent(at(0), "628111111111", "hi", Some("job_1"));
    let elsewhere = kit.sent(at(0), "628222222222", "hi", Some("job_2"));
    kit.apply(at(10), guess("wamid.1", Status::Delivered, Some("628111111111")));
    let message = kit.message(&own);
    assert_eq!((message.status, message.inferred), (Status::Delivered, true));
    assert_eq!(message.remote_id.as_deref(), Some("job_1"));
    // From then on the id is known.
    kit.receipt(at(11), "wamid.1", Status::Read);
    assert_eq!(kit.message(&own).status, Status::Read);
    assert_eq!(kit.message(&elsewhere).status, Status::Sent);
    // It has its receipt: the next unknown id is not its.
    let applied = kit.apply(at(12), guess("wamid.9", Status::Read, Some("628111111111")));
    assert_eq!(applied.orphans, 1);
}

#[test]
fn nothing_is_guessed_when_two_could_be_meant() {
    let kit = Kit::new();
    let one = kit.sent(at(0), "628111111111", "one", Some("job_1"));
    let two = kit.sent(at(1), "628111111111", "two", Some("job_2"));
    let applied = kit.apply(at(5), guess("wamid.1", Status::Read, Some("628111111111")));
    assert_eq!(applied.orphans, 1);
    assert_eq!([kit.message(&one).status, kit.message(&two).status], [Status::Sent, Status::Sent]);
    // Without a recipient every conversation's messages are candidates.
    let other = kit.sent(at(6), "628222222222", "three", Some("job_3"));
    assert_eq!(kit.apply(at(7), guess("wamid.2", Status::Read, None)).orphans, 1);
    assert_eq!(kit.message(&other).status, Status::Sent);
    // A stranger's number is nobody's.
    assert_eq!(kit.apply(at(7), guess("wamid.3", Status::Read, Some("628000000000"))).orphans, 1);
}

#[test]
fn a_guess_has_a_limit_in_time_and_never_precedes_the_request() {
    let kit = Kit::new();
    let old = kit.sent(at(0), "628111111111", "old", None);
    assert_eq!(kit.apply(at(601), guess("w1", Status::Read, None)).orphans, 1);
    assert_eq!(kit.message(&old).status, Status::Sent);
    // The orphan came before this one's request: it cannot be its.
    let young = kit.sent(at(602), "628111111111", "young", Some("job_2"));
    assert_eq!(kit.message(&young).status, Status::Sent);
    assert_eq!(kit.apply(at(603), guess("w2", Status::Read, None)).orphans, 0);
    assert_eq!(kit.message(&young).status, Status::Read);
}

#[test]
fn a_receipt_that_comes_before_the_answer_finds_its_message_after_it() {
    let kit = Kit::new();
    let message = kit.send(at(0), "628111111111", "hi");
    let claim = kit.claim(at(0)).unwrap();
    assert_eq!(kit.receipt(at(1), "r1", Status::Delivered).orphans, 1);
    assert_eq!(kit.message(&message).status, Status::Sending);
    let settled = kit.settle(&claim, accepted(Some("r1")), at(2));
    assert_eq!((settled.status, settled.inferred), (Status::Delivered, false));
    assert_eq!(kit.store.orphan_receipts(&kit.account).unwrap(), 0);
}

#[test]
fn an_orphan_is_tied_when_the_other_candidate_is_gone() {
    let kit = Kit::new();
    kit.send(at(0), "628111111111", "one");
    let one = kit.claim(at(0)).unwrap();
    kit.settle(&one, accepted(None), at(1));
    kit.send(at(2), "628111111111", "two");
    let two = kit.claim(at(2)).unwrap();
    assert_eq!(kit.apply(at(3), guess("w1", Status::Delivered, Some("628111111111"))).orphans, 1);
    let failure = Failure::new("http_400", "no");
    kit.settle(&two, AttemptOutcome::Refused { failure }, at(4));
    let message = kit.store.message(one.message).unwrap().unwrap();
    assert_eq!((message.status, message.inferred), (Status::Delivered, true));
    assert_eq!(kit.store.orphan_receipts(&kit.account).unwrap(), 0);
}

#[test]
fn a_guess_that_the_answer_proves_is_no_guess_any_more() {
    let kit = Kit::new();
    let message = kit.send(at(0), "628111111111", "hi");
    let claim = kit.claim(at(0)).unwrap();
    kit.apply(at(1), guess("r1", Status::Delivered, Some("628111111111")));
    assert!(kit.message(&message).inferred);
    let settled = kit.settle(&claim, accepted(Some("r1")), at(2));
    assert_eq!((settled.status, settled.inferred), (Status::Delivered, false));
}

#[test]
fn an_unsure_message_is_resolved_by_its_receipt() {
    let kit = Kit::new();
    let message = kit.send(at(0), "628111111111", "hi");
    let claim = kit.claim(at(0)).unwrap();
    kit.settle(&claim, AttemptOutcome::Unsure { failure: Failure::new("timeout", "") }, at(30));
    kit.apply(at(40), guess("w1", Status::Sent, Some("628111111111")));
    let now = kit.message(&message);
    assert_eq!((now.status, now.inferred, now.error), (Status::Sent, true, None));
    let all = kit.store.messages(message.conversation, Window::Newest, 10).unwrap();
    assert_eq!(all.len(), 1);
}

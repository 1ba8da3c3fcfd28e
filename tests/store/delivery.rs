//! Receipts: with known ids in any order, orphans, and the matching by evidence of providers.md A7.

use super::kit::{Kit, accepted, at, receipt};
use loket::domain::{Direction, Failure, Inbound, InboundMessage, Kind, Peer, Receipt, Status, UnmatchedReport};
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
fn the_first_id_belongs_to_the_first_message_and_the_next_to_the_next() {
    let kit = Kit::new();
    let peer = Some("628111111111");
    let one = kit.sent(at(0), "628111111111", "one", Some("job_1"));
    let two = kit.sent(at(1), "628111111111", "two", Some("job_2"));
    let stages = |messages: [&loket::domain::Message; 2]| messages.map(|m| kit.message(m).status);
    assert_eq!(kit.apply(at(5), inferable("wamid.1", Status::Sent, peer)).orphans, 0);
    kit.apply(at(6), inferable("wamid.2", Status::Delivered, peer));
    kit.apply(at(7), inferable("wamid.1", Status::Read, peer));
    assert_eq!(stages([&one, &two]), [Status::Read, Status::Delivered]);
    assert!(kit.message(&one).inferred && kit.message(&two).inferred);
    // The third has its own.
    let three = kit.sent(at(8), "628111111111", "three", Some("job_3"));
    assert_eq!(kit.apply(at(9), inferable("wamid.3", Status::Delivered, peer)).orphans, 0);
    assert_eq!(kit.message(&three).status, Status::Delivered);
    assert_eq!(kit.apply(at(9), inferable("wamid.4", Status::Delivered, peer)).orphans, 1, "nobody is left");
    // Without a recipient every conversation's messages are candidates, and two are a doubt.
    let other = kit.sent(at(10), "628222222222", "four", Some("job_4"));
    let next = kit.sent(at(10), "628333333333", "five", Some("job_5"));
    assert_eq!(kit.apply(at(11), inferable("wamid.5", Status::Read, None)).orphans, 1);
    assert_eq!(stages([&other, &next]), [Status::Sent, Status::Sent]);
    // A number without a conversation matches nothing.
    assert_eq!(kit.apply(at(11), inferable("wamid.6", Status::Read, Some("628000000000"))).orphans, 1);
}

#[test]
fn a_failure_is_never_guessed_but_shown_on_the_conversation() {
    let kit = Kit::new();
    let peer = Some("628111111111");
    let own = kit.sent(at(0), "628111111111", "own", Some("job_1"));
    let failed = |id: &str| {
        let failure = Some(Failure::new("131026", "Undeliverable"));
        let failed =
            Receipt { failure, recipient: peer.map(Into::into), may_infer: true, ..receipt(id, Status::Failed) };
        vec![Inbound::Receipt(failed)]
    };
    // A colleague's message on the dashboard, twice reported.
    kit.apply(at(1), failed("wamid.theirs"));
    kit.apply(at(1), failed("wamid.theirs"));
    assert_eq!(kit.message(&own).status, Status::Sent);
    let notices: Vec<_> = kit.messages("628111111111").into_iter().filter(|m| m.kind == Kind::System).collect();
    let [notice] = &notices[..] else { panic!("{notices:?}") };
    assert_eq!(notice.error, Some(Failure::new("131026", "Undeliverable")));
    assert_eq!(kit.conversation("628111111111").unread, 0);
    // Our own receipts are still ours.
    kit.apply(at(2), inferable("wamid.ours", Status::Delivered, peer));
    assert_eq!(kit.message(&own).status, Status::Delivered);
    kit.apply(at(3), failed("wamid.ours"));
    assert_eq!(kit.message(&own).status, Status::Delivered);
}

#[test]
fn later_evidence_displaces_a_guess() {
    let kit = Kit::new();
    let peer = Some("628111111111");
    let own = kit.sent(at(0), "628111111111", "own", Some("job_1"));
    kit.apply(at(1), inferable("wamid.theirs", Status::Delivered, peer));
    assert_eq!((kit.message(&own).status, kit.message(&own).inferred), (Status::Delivered, true));
    kit.apply(at(2), inferable("wamid.ours", Status::Sent, peer));
    // The echo says that the first id is a message that was written elsewhere.
    let echo = InboundMessage {
        direction: Direction::Out,
        remote_id: Some("wamid.theirs".into()),
        unique: true,
        ..InboundMessage::text(Peer::person("628111111111"), "dari dasbor")
    };
    let theirs = kit.receive(at(3), echo).unwrap();
    assert_eq!(kit.message(&theirs).status, Status::Delivered);
    assert_eq!((kit.message(&own).status, kit.message(&own).inferred), (Status::Sent, true));
    kit.apply(at(4), inferable("wamid.ours", Status::Read, peer));
    assert_eq!((kit.message(&own).status, kit.message(&theirs).status), (Status::Read, Status::Delivered));
}

#[test]
fn an_answer_that_nothing_was_processed_displaces_a_guess() {
    let kit = Kit::new();
    let message = kit.send(at(0), "628111111111", "hi");
    let lease = kit.lease(at(0)).unwrap();
    kit.apply(at(1), inferable("wamid.theirs", Status::Delivered, Some("628111111111")));
    assert_eq!(kit.message(&message).status, Status::Delivered);
    let failure = Failure::new("http_401", "no");
    let later = kit.finish(&lease, AttemptOutcome::Later { failure, not_before: at(2) }, at(2));
    assert_eq!((later.status, later.inferred), (Status::Queued, false));
    let lease = kit.lease(at(3)).unwrap();
    assert_eq!(lease.attempt, 2);
    assert_eq!(kit.finish(&lease, accepted(Some("job_2")), at(4)).status, Status::Sent);
}

#[test]
fn a_receipt_of_the_first_attempt_withdraws_a_second_that_waits() {
    let kit = Kit::new();
    let message = kit.send(at(0), "628111111111", "hi");
    let lease = kit.lease(at(0)).unwrap();
    kit.finish(&lease, AttemptOutcome::Unsure { failure: Failure::new("timeout", "") }, at(30));
    kit.store.send_again(message.id, at(40)).wait().unwrap();
    kit.apply(at(41), inferable("wamid.1", Status::Sent, Some("628111111111")));
    let now = kit.message(&message);
    assert_eq!((now.status, now.inferred, now.error), (Status::Sent, true, None));
    assert_eq!(kit.lease(at(50)), None, "it is not sent a second time");
    kit.apply(at(51), inferable("wamid.1", Status::Read, Some("628111111111")));
    assert_eq!(kit.message(&message).status, Status::Read);
    // With a known id: it had failed, a person sent it again, and it arrived after all.
    let message = kit.sent(at(60), "628222222222", "hi", Some("r1"));
    kit.receipt(at(61), "r1", Status::Failed);
    kit.store.send_again(message.id, at(62)).wait().unwrap();
    kit.receipt(at(63), "r1", Status::Delivered);
    assert_eq!(kit.message(&message).status, Status::Delivered);
    assert_eq!(kit.lease(at(64)), None);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

    /// Receipts of unknown ids for messages to one person, doubled and in any order, failures among them, some before
    /// the gateway's answers: every order ends alike, and nothing has failed.
    #[test]
    fn what_is_guessed_depends_on_the_set_of_receipts_alone(
        receipts in prop::collection::vec((0_usize..4, 0_usize..4), 1..12),
        sends in 1_usize..4,
        swaps in prop::collection::vec((0_usize..12, 0_usize..12), 0..12),
        answered in 0_usize..12,
    ) {
        let stages = [Status::Sent, Status::Delivered, Status::Read, Status::Failed];
        let run = |order: &[(usize, usize)], answered: usize| {
            let kit = Kit::new();
            let leases: Vec<_> = (0..sends)
                .map(|n| {
                    kit.send(at(0), "628111111111", &format!("pesan {n}"));
                    let lease = kit.lease(at(0)).unwrap();
                    (n + 1 < sends).then(|| kit.finish(&lease, accepted(Some(&format!("job_{n}"))), at(0)));
                    lease
                })
                .collect();
            let answer = || kit.finish(leases.last().unwrap(), accepted(Some("job_last")), at(9));
            for (step, (id, stage)) in order.iter().enumerate() {
                if step == answered {
                    answer();
                }
                let receipt = Receipt {
                    may_infer: true,
                    recipient: Some("628111111111".into()),
                    // The gateway's order of the messages.
                    at: Some(at(i64::try_from(*id).unwrap() + 1)),
                    ..receipt(&format!("wamid.{id}"), stages[*stage])
                };
                kit.apply(at(9), vec![Inbound::Receipt(receipt)]);
            }
            if answered >= order.len() {
                answer();
            }
            let result: Vec<_> = leases
                .iter()
                .map(|lease| kit.store.message(lease.message).unwrap().unwrap())
                .map(|message| (message.status, message.inferred, message.error))
                .collect();
            let notices = kit.messages("628111111111").iter().filter(|m| m.kind == Kind::System).count();
            (result, notices)
        };
        let mut shuffled = receipts.clone();
        for (a, b) in swaps {
            shuffled.swap(a % receipts.len(), b % receipts.len());
        }
        shuffled.extend(receipts.iter().copied());
        let (first, second) = (run(&receipts, usize::MAX), run(&shuffled, answered));
        prop_assert_eq!(&first, &second);
        prop_assert!(first.0.iter().all(|(status, _, error)| *status != Status::Failed && error.is_none()));
    }
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
    assert_eq!(kit.apply(at(3), inferable("w1", Status::Delivered, None)).orphans, 1);
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

#[test]
fn what_may_be_an_unsure_message_is_listed_and_matched_with_nothing() {
    let kit = Kit::new();
    let peer = "628111111111";
    let unsure = |text: &str, now: i64| {
        let message = kit.send(at(now), peer, text);
        let lease = kit.lease(at(now)).unwrap();
        kit.finish(&lease, AttemptOutcome::Unsure { failure: Failure::new("timeout", "") }, at(now + 30))
            .id
            .min(message.id)
    };
    // Two unsure messages, and one id: which of them it is, nobody knows.
    let (first, second) = (unsure("satu", 0), unsure("dua", 40));
    kit.apply(at(90), inferable("w1", Status::Sent, Some(peer)));
    kit.apply(at(95), inferable("w1", Status::Delivered, Some(peer)));
    // Somebody else's, one that came much later, and what was sent from the phone.
    kit.apply(at(96), inferable("w2", Status::Sent, Some("628222222222")));
    kit.apply(at(5000), inferable("w3", Status::Sent, Some(peer)));
    let phone = InboundMessage { direction: Direction::Out, ..InboundMessage::text(Peer::person(peer), "dari HP") };
    let phone = kit.receive(at(120), phone).unwrap();
    let receipt = UnmatchedReport::Receipt { remote_id: "w1".into(), status: Status::Delivered, at: at(95) };
    let elsewhere = UnmatchedReport::Elsewhere { message: phone.id, text: "dari HP".into(), at: phone.at };
    for message in [first, second] {
        assert_eq!(kit.store.unmatched_reports(message).unwrap(), [receipt.clone(), elsewhere.clone()]);
        assert_eq!(kit.store.message(message).unwrap().unwrap().status, Status::Unsure);
    }
    assert_eq!(kit.store.unmatched_reports(phone.id).unwrap(), []);
}

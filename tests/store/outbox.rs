//! The outbox: order, leases, attempts, recovery.
use super::kit::{Kit, accepted, account, agent, at, claimant, new};
use loket::domain::{
    Author, AuthorKind, Channel, Content, Failure, InboundMessage, MediaKind, MediaLink, Outgoing, Peer, Recipient,
    Status, TemplateUse, Timestamp,
};
use loket::store::{Abandoned, AttemptOutcome, Claim, Claimant, LeaseOwner, NewMessage, Store, StoreError};

fn later(seconds: i64) -> AttemptOutcome {
    AttemptOutcome::Later { failure: Failure::new("http_429", "slow down"), not_before: at(seconds) }
}

fn not_sent(seconds: i64) -> AttemptOutcome {
    AttemptOutcome::NotSent { failure: Failure::new("unreachable", ""), not_before: at(seconds) }
}

fn next_due(kit: &Kit, now: Timestamp) -> Option<Timestamp> {
    kit.store.queue(&kit.account, None, now).unwrap().next_due
}

fn refused() -> AttemptOutcome {
    AttemptOutcome::Refused { failure: Failure::new("131026", "undeliverable") }
}

fn unsure() -> AttemptOutcome {
    AttemptOutcome::Unsure { failure: Failure::new("timeout", "") }
}

#[test]
fn a_message_is_queued_then_sending_then_sent() {
    let kit = Kit::new();
    let queued = kit.send(at(0), "628111111111", "halo");
    assert_eq!((queued.status, queued.author.clone(), queued.at), (Status::Queued, agent(), at(0)));
    assert_eq!(next_due(&kit, at(1)), Some(at(0)));
    let lease = kit.lease(at(1)).unwrap();
    assert_eq!((lease.message, lease.attempt, lease.conversation), (queued.id, 1, queued.conversation));
    assert_eq!(lease.outgoing, new(&kit.account, "628111111111", "halo").outgoing);
    assert_eq!(kit.message(&queued).status, Status::Sending);
    assert_eq!(kit.conversation("628111111111").last_status, Status::Sending);
    assert_eq!(kit.lease(at(2)), None);
    assert_eq!(next_due(&kit, at(2)), None);
    let sent = kit.finish(&lease, accepted(Some("r1")), at(3));
    assert_eq!((sent.status, sent.remote_id.as_deref(), sent.error), (Status::Sent, Some("r1"), None));
    assert_eq!(kit.store.requests_used(&kit.account, at(3)).unwrap(), 1);
    assert_eq!(kit.store.requests_used(&kit.account, at(62)).unwrap(), 0);
}

#[test]
fn order_is_kept_within_a_conversation_and_only_there() {
    let kit = Kit::new();
    let a1 = kit.send(at(0), "628111111111", "a1");
    let a2 = kit.send(at(0), "628111111111", "a2");
    let b1 = kit.send(at(0), "628222222222", "b1");
    let first = kit.lease(at(1)).unwrap();
    let second = kit.lease(at(1)).unwrap();
    assert_eq!((first.message, second.message), (a1.id, b1.id));
    assert_eq!(kit.lease(at(1)), None, "a2 waits for a1");
    // a1 backs off: a2 still waits, also when asked for by its conversation.
    kit.finish(&first, later(60), at(2));
    assert_eq!(kit.lease(at(3)), None);
    assert_eq!(kit.lease_of(Some(a1.conversation), at(3)), None);
    assert_eq!(next_due(&kit, at(3)), Some(at(60)));
    let again = kit.lease_of(Some(a1.conversation), at(60)).unwrap();
    assert_eq!((again.message, again.attempt), (a1.id, 2));
    // A refused message leaves the queue and blocks nothing.
    kit.finish(&again, refused(), at(61));
    assert_eq!(kit.lease(at(61)).unwrap().message, a2.id);
    // Other accounts have their own queue.
    assert_eq!(kit.store.claim_due(&claimant(&account("other")), at(99)).wait().unwrap(), Claim::Nothing);
}

#[test]
fn a_retry_is_a_new_attempt_in_the_old_position_and_shows_the_error() {
    let kit = Kit::new();
    kit.send(at(0), "628111111111", "one");
    let lease = kit.lease(at(0)).unwrap();
    let waiting = kit.finish(&lease, later(30), at(1));
    assert_eq!((waiting.status, waiting.retry_at), (Status::Queued, Some(at(30))));
    assert_eq!(waiting.error, Some(Failure::new("http_429", "slow down")));
    assert_eq!(kit.lease(at(29)), None);
    let again = kit.lease(at(30)).unwrap();
    let sending = kit.store.message(again.message).unwrap().unwrap();
    assert_eq!((sending.status, sending.error, sending.retry_at), (Status::Sending, None, None));
    // A late outcome of the first attempt changes nothing.
    let unchanged = kit.finish(&lease, refused(), at(31));
    assert_eq!(unchanged.status, Status::Sending);
    assert_eq!(kit.finish(&again, accepted(None), at(32)).status, Status::Sent);
    assert_eq!(kit.store.requests_used(&kit.account, at(33)).unwrap(), 2);
}

#[test]
fn an_outcome_of_a_lease_that_is_no_longer_held_changes_nothing() {
    let kit = Kit::new();
    let queued = kit.send(at(0), "628111111111", "one");
    let old = kit.lease(at(0)).unwrap();
    kit.finish(&old, not_sent(5), at(1));
    assert_eq!(kit.finish(&old, accepted(None), at(2)).status, Status::Queued);
    let lease = kit.lease(at(5)).unwrap();
    assert_eq!((lease.message, lease.attempt), (queued.id, 1), "a request that never left is no attempt");
    assert_eq!(kit.finish(&old, refused(), at(6)).status, Status::Sending);
    // Its owner was taken for dead: what it reports later is no longer believed.
    assert_eq!(
        kit.store.recover_leases(Abandoned::Sender(claimant(&kit.account).owner), at(7)).wait().unwrap().len(),
        1
    );
    assert_eq!(kit.finish(&lease, refused(), at(8)).status, Status::Unsure);
}

#[test]
fn a_message_that_was_being_sent_when_the_program_ended_is_unsure() {
    let kit = Kit::new();
    let a = kit.send(at(0), "628111111111", "a");
    let after = kit.send(at(0), "628111111111", "after");
    let queued = kit.send(at(0), "628222222222", "queued");
    kit.lease(at(1)).unwrap();
    let Kit { dir, store, account, .. } = kit;
    drop(store);
    let store = Store::open(dir.path()).unwrap();
    assert_eq!(store.recover_leases(Abandoned::All, at(100)).wait().unwrap(), [a.id]);
    let message = store.message(a.id).unwrap().unwrap();
    assert_eq!(message.status, Status::Unsure);
    assert_eq!(message.error.unwrap().code, "interrupted");
    assert_eq!(store.recover_leases(Abandoned::All, at(101)).wait().unwrap(), []);
    let next = || match store.claim_due(&claimant(&account), at(102)).wait().unwrap() {
        Claim::Leased(lease) => lease.message,
        other => panic!("{other:?}"),
    };
    assert_eq!((next(), next()), (after.id, queued.id));
}

#[test]
fn sending_again_is_a_new_attempt_with_a_new_id() {
    let kit = Kit::new();
    let message = kit.send(at(0), "628111111111", "one");
    let lease = kit.lease(at(1)).unwrap();
    assert_eq!(kit.store.send_again(message.id, at(1)).wait(), Err(StoreError::NotFound), "being sent");
    kit.finish(&lease, accepted(Some("r1")), at(2));
    assert_eq!(kit.store.send_again(message.id, at(3)).wait(), Err(StoreError::NotFound), "sent");
    kit.receipt(at(4), "r1", Status::Failed);
    let second = kit.send(at(5), "628111111111", "two");
    let again = kit.store.send_again(message.id, at(6)).wait().unwrap();
    assert_eq!((again.status, again.remote_id, again.error), (Status::Queued, None, None));
    // Behind what is queued already.
    let first = kit.lease(at(7)).unwrap();
    assert_eq!(first.message, second.id);
    kit.finish(&first, accepted(Some("r2")), at(7));
    let lease = kit.lease(at(8)).unwrap();
    assert_eq!((lease.message, lease.attempt), (message.id, 2));
    assert_eq!(lease.outgoing.content, Content::Text { body: "one".into() });
    // A late receipt of the first attempt says nothing about the second.
    kit.receipt(at(9), "r1", Status::Read);
    assert_eq!(kit.message(&message).status, Status::Sending);
    let sent = kit.finish(&lease, accepted(Some("r3")), at(10));
    assert_eq!((sent.status, sent.remote_id.as_deref()), (Status::Sent, Some("r3")));
    kit.receipt(at(11), "r3", Status::Delivered);
    assert_eq!(kit.message(&message).status, Status::Delivered);
}

#[test]
fn any_content_can_be_sent_again_whole() {
    let kit = Kit::new();
    let template = Content::Template(TemplateUse {
        id: "promo".into(),
        language: Some("id".into()),
        variables: vec!["Budi".into()],
        header: Some(MediaLink::new(MediaKind::Video, "https://x.test/v.mp4")),
        payloads: vec!["YES".into()],
        text: None,
    });
    let outgoing = Outgoing {
        channel: Channel::WhatsApp,
        to: Recipient { peer: "120363041234567890".into(), group: true },
        content: template,
        quote: None,
    };
    let new = NewMessage { outgoing: outgoing.clone(), ..new(&kit.account, "", "") };
    let message = kit.store.enqueue(new, at(0)).wait().unwrap();
    let lease = kit.lease(at(0)).unwrap();
    assert_eq!(lease.outgoing, outgoing);
    kit.finish(&lease, unsure(), at(1));
    kit.store.send_again(message.id, at(2)).wait().unwrap();
    assert_eq!(kit.lease(at(2)).unwrap().outgoing, outgoing);
}

#[test]
fn a_queued_message_can_be_cancelled_but_not_one_being_sent() {
    let kit = Kit::new();
    let first = kit.send(at(0), "628111111111", "one");
    let second = kit.send(at(0), "628111111111", "two");
    let lease = kit.lease(at(0)).unwrap();
    assert_eq!(kit.store.cancel(first.id, "Sari", at(9)).wait(), Err(StoreError::NotFound));
    let cancelled = kit.store.cancel(second.id, "Sari", at(9)).wait().unwrap().message;
    assert_eq!((cancelled.status, cancelled.error.unwrap().code.as_str()), (Status::Failed, "cancelled"));
    kit.finish(&lease, accepted(None), at(2));
    assert_eq!(kit.lease(at(3)), None);
    assert_eq!(kit.store.cancel(second.id, "Sari", at(9)).wait(), Err(StoreError::NotFound));
    kit.store.send_again(second.id, at(5)).wait().unwrap();
    assert_eq!(kit.lease(at(5)).unwrap().message, second.id);
}

#[test]
fn enqueueing_clears_the_draft_and_names_a_nameless_conversation() {
    let kit = Kit::new();
    kit.customer(at(0), "628111111111", "hi");
    let id = kit.conversation("628111111111").id;
    kit.store.save_draft(id, "Sari", "hal", at(1)).wait().unwrap();
    kit.store.save_draft(id, "Budi", "saya", at(1)).wait().unwrap();
    let named = NewMessage { name: Some("Budi".into()), ..new(&kit.account, "628111111111", "halo") };
    kit.store.enqueue(named, at(2)).wait().unwrap();
    let conversation = kit.conversation("628111111111");
    assert_eq!(kit.store.open_draft(id, "Sari").unwrap(), None);
    assert_eq!(kit.store.open_draft(id, "Budi").unwrap().as_deref(), Some("saya"), "another agent's draft stays");
    assert_eq!(conversation.name, "Budi");
    let renamed = NewMessage { name: Some("Other".into()), ..new(&kit.account, "628111111111", "halo") };
    kit.store.enqueue(renamed, at(3)).wait().unwrap();
    assert_eq!(kit.conversation("628111111111").name, "Budi");
}

#[test]
fn a_reply_in_the_webhooks_response_is_sent_once_the_response_has_left() {
    let kit = Kit::new();
    let owner = LeaseOwner::new("kit", 2);
    let answered = |seconds: i64| kit.apply_with_rule(at(seconds), "628111111111", "info", Some(owner.clone())).replies;
    let [lease] = &answered(0)[..] else { panic!("no reply") };
    assert_eq!(kit.store.message(lease.message).unwrap().unwrap().status, Status::Sending);
    assert_eq!(kit.lease(at(2)), None, "whoever answers the webhook sends it");
    assert_eq!(kit.store.requests_used(&kit.account, at(2)).unwrap(), 0, "it is no request of ours");
    let sent = kit.finish(lease, accepted(None), at(2));
    assert_eq!(sent.status, Status::Sent);
    // A crash before the response has left.
    let other = &answered(3)[0];
    assert_eq!(kit.store.recover_leases(Abandoned::All, at(4)).wait().unwrap(), [other.message]);
    assert_eq!(kit.store.message(other.message).unwrap().unwrap().status, Status::Unsure);
    assert!(kit.conversation("628111111111").waiting_since.is_some(), "an automatic reply is no answer");
}

#[test]
fn leases_are_recovered_by_their_owner_or_when_they_end() {
    let kit = Kit::new();
    let message = kit.send(at(0), "628111111111", "one");
    kit.lease(at(0)).unwrap();
    let recover = |of, seconds| kit.store.recover_leases(of, at(seconds)).wait().unwrap();
    assert_eq!(recover(Abandoned::Sender(LeaseOwner::new("kit", 2)), 1), []);
    assert_eq!(recover(Abandoned::Process("another".into()), 1), []);
    let other = Claimant { owner: LeaseOwner::new("another", 1), ..claimant(&kit.account) };
    assert_eq!(kit.store.claim_due(&other, at(200)).wait().unwrap(), Claim::Nothing);
    assert_eq!(kit.message(&message).status, Status::Sending);
    assert_eq!(kit.store.claim_due(&other, at(300)).wait().unwrap(), Claim::Nothing);
    assert_eq!(kit.message(&message).status, Status::Unsure, "its end has passed");
    kit.send(at(301), "628111111111", "two");
    kit.lease(at(301)).unwrap();
    assert_eq!(recover(Abandoned::Process("kit".into()), 302).len(), 1);
}

#[test]
fn people_come_before_rules_and_the_order_of_a_conversation_stays() {
    let kit = Kit::new();
    let rule = Author { kind: AuthorKind::Rule, name: "halo".into() };
    let by_rule = |peer: &str| {
        let new = NewMessage { author: rule.clone(), ..new(&kit.account, peer, "otomatis") };
        kit.store.enqueue(new, at(0)).wait().unwrap().id
    };
    let (first, second) = (by_rule("628111111111"), by_rule("628222222222"));
    let person = kit.send(at(1), "628333333333", "orang").id;
    let behind = kit.send(at(1), "628222222222", "di belakang aturan").id;
    let mut order = Vec::new();
    while let Some(lease) = kit.lease(at(2)) {
        order.push(lease.message);
        kit.finish(&lease, accepted(None), at(2));
    }
    assert_eq!(order, [second, person, behind, first]);
}

#[test]
fn no_wait_is_longer_than_the_longest_whatever_the_clock_did() {
    let kit = Kit::new();
    kit.send(at(0), "628111111111", "one");
    let lease = kit.lease(at(0)).unwrap();
    // As an older version wrote it, or before the clock was set back.
    kit.finish(&lease, later(57 * 365 * 86_400), at(0));
    assert_eq!(next_due(&kit, at(1)), Some(at(1)));
    assert!(kit.lease(at(1)).is_some());
    // A clock that is set back by seven hours.
    let kit = Kit::new();
    kit.send(at(25_200), "628111111111", "one");
    kit.store.pause_requests(&kit.account, at(25_260), at(25_200)).wait().unwrap();
    assert_eq!(kit.store.requests_paused_until(&kit.account, at(25_200)).unwrap(), Some(at(25_260)));
    kit.send(at(0), "628111111111", "two");
    assert_eq!(next_due(&kit, at(0)), Some(at(0)));
    assert_eq!(kit.lease(at(0)).unwrap().outgoing, new(&kit.account, "628111111111", "one").outgoing);
    assert_eq!(kit.texts("628111111111"), ["one", "two"], "what was written later stands below");
}

#[test]
fn a_message_that_waited_longer_than_a_day_is_not_sent_without_a_persons_word() {
    let kit = Kit::new();
    let message = kit.send(at(0), "628111111111", "one");
    let next = kit.send(at(86_000), "628111111111", "two");
    assert_eq!(kit.lease(at(86_401)).unwrap().message, next.id);
    let expired = kit.message(&message);
    assert_eq!((expired.status, expired.error.unwrap().code.as_str()), (Status::Failed, "expired"));
    kit.store.send_again(message.id, at(90_000)).wait().unwrap();
    let lease = kit.store.claim_due(&claimant(&kit.account), at(90_000)).wait().unwrap();
    assert_eq!(lease, Claim::Nothing, "the other one of its conversation is being sent");
}

#[test]
fn a_person_ends_the_waiting_of_a_message_and_of_its_account() {
    let kit = Kit::new();
    let message = kit.send(at(0), "628111111111", "one");
    let lease = kit.lease(at(0)).unwrap();
    kit.finish(&lease, later(600), at(0));
    kit.store.pause_requests(&kit.account, at(600), at(0)).wait().unwrap();
    assert_eq!(kit.lease(at(1)), None);
    let before = kit.store.queue(&kit.account, None, at(1)).unwrap();
    let now = kit.store.send_again(message.id, at(1)).wait().unwrap();
    assert_eq!((now.status, now.retry_at), (Status::Queued, None));
    let after = kit.store.queue(&kit.account, None, at(1)).unwrap();
    assert_eq!((after.next_due, after.resumed), (Some(at(1)), before.resumed + 1));
    assert_eq!(kit.lease(at(1)).unwrap().message, message.id);
}

#[test]
fn merged_conversations_send_one_message_at_a_time() {
    let kit = Kit::new();
    kit.send(at(0), "628111111111", "a1");
    kit.send(at(0), "abc@lid", "b1");
    kit.send(at(0), "abc@lid", "b2");
    let (a1, b1) = (kit.lease(at(1)).unwrap(), kit.lease(at(1)).unwrap());
    let both = Peer { aliases: vec!["abc@lid".into()], ..Peer::person("628111111111") };
    kit.receive(at(2), InboundMessage::text(both, "halo"));
    assert_eq!(kit.lease(at(2)), None);
    kit.finish(&a1, later(3), at(2));
    assert_eq!(kit.lease(at(4)), None, "b1 is still being sent");
    kit.finish(&b1, accepted(None), at(4));
    assert_eq!(kit.lease(at(4)).unwrap().message, a1.message);
    assert_eq!(kit.lease(at(4)), None);
}

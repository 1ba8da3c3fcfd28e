//! Rules: their answers are queued with the event, seldom enough to end a loop, and only to persons who have just written.

use super::kit::{Kit, at, rule_named};
use loket::domain::{Inbound, InboundMessage, Peer, Status, Timestamp};
use loket::store::{RuleReply, Rules};

fn answers(kit: &Kit, peer: &str) -> usize {
    kit.texts(peer).iter().filter(|text| *text == "otomatis").count()
}

#[test]
fn a_rule_answers_a_conversation_three_times_in_ten_minutes_unless_a_person_writes() {
    let kit = Kit::new();
    let peer = "628111111111";
    for second in 0..20 {
        kit.apply_with_rule(at(second), peer, "info", None);
    }
    assert_eq!(answers(&kit, peer), 3);
    // Another conversation and another rule are not concerned.
    kit.apply_with_rule(at(21), "628222222222", "info", None);
    kit.apply_with_rule(at(22), peer, "harga", None);
    assert_eq!((answers(&kit, "628222222222"), answers(&kit, peer)), (1, 4));
    kit.send(at(30), peer, "saya di sini");
    kit.apply_with_rule(at(31), peer, "info", None);
    assert_eq!(answers(&kit, peer), 5, "a person wrote in between");
    kit.apply_with_rule(at(700), peer, "info", None);
    assert_eq!(answers(&kit, peer), 6, "ten minutes later");
}

#[test]
fn two_programs_that_answer_each_other_come_to_an_end() {
    let kit = Kit::new();
    let peer = "628111111111";
    for n in 0..500 {
        kit.apply_with_rule(at(n * 60), peer, &format!("aturan {}", n % 7), None);
    }
    assert!(answers(&kit, peer) <= 40, "{}", answers(&kit, peer));
}

#[test]
fn groups_old_messages_histories_and_replays_are_not_answered() {
    let kit = Kit::new();
    let rules = || rule_named("info", at(0), None);
    let message = |peer: Peer, sent_at: Timestamp, history| {
        vec![Inbound::Message(Box::new(InboundMessage {
            at: Some(sent_at),
            history,
            ..InboundMessage::text(peer, "halo")
        }))]
    };
    let person = || Peer::person("628111111111");
    let day = 86_400;
    let in_group = message(Peer::group("120363000000000001"), at(day), false);
    for (arrival, now, reports) in [
        (at(day), at(day), in_group),
        (at(day), at(day), message(person(), at(day - 601), false)),
        (at(day), at(day + 601), message(person(), at(day), false)),
        (at(day), at(day), message(person(), at(day), true)),
    ] {
        kit.apply_with_rules(arrival, now, reports, rules());
    }
    assert_eq!(kit.lease(at(day + 700)), None);
    // Understood only when it is read again.
    let unknown = Inbound::Unknown { event: "message.new".into() };
    kit.apply(at(day), vec![unknown]);
    kit.store.read_again(None, 10).wait().unwrap();
    let event = kit.store.uninterpreted(std::slice::from_ref(&kit.account), 1).unwrap().remove(0);
    let scope = (loket::domain::Channel::WhatsApp, loket::domain::WindowRule::Day);
    let rules = Rules { now: at(day), ..rules() };
    let reports = message(person(), at(day), false);
    let outcome = kit.store.apply_event_with(event.id, &kit.account, scope, reports, Some(rules)).wait().unwrap();
    assert_eq!(outcome.messages.len(), 1);
    assert_eq!(kit.lease(at(day + 700)), None);
    kit.apply_with_rule(at(day), "628111111111", "info", None);
    assert!(kit.lease(at(day)).is_some(), "a person who has just written is");
}

#[test]
fn an_answer_is_queued_with_its_event_and_a_broken_rule_costs_no_message() {
    let kit = Kit::new();
    kit.store
        .save_draft(kit.customer(at(0), "628111111111", "hai").conversation, "Sari", "sedang", at(0))
        .wait()
        .unwrap();
    let outcome = kit.apply_with_rule(at(1), "628111111111", "info", None);
    assert_eq!((outcome.messages.len(), outcome.replies.len()), (1, 0));
    let conversation = kit.conversation("628111111111");
    let draft = kit.store.open_draft(conversation.id, "Sari").unwrap();
    assert_eq!(draft.as_deref(), Some("sedang"), "an automatic answer leaves what a person is writing");
    assert_eq!(conversation.last_status, Status::Queued);
    let find = |_: &_, _: &_| -> Option<RuleReply> { panic!("a defect") };
    let broken = Rules { now: at(2), in_webhook: None, find: Box::new(find) };
    let message = Inbound::Message(Box::new(InboundMessage::text(Peer::person("628111111111"), "lagi")));
    assert_eq!(kit.apply_with_rules(at(2), at(2), vec![message], broken).messages.len(), 1);
}

#[test]
fn a_rule_that_answers_once_does_so_once() {
    let kit = Kit::new();
    let once = |seconds: i64, unless_after| {
        let rules = rule_named("info", at(seconds), None);
        let find = move |message: &loket::domain::Message, name: &str| {
            (rules.find)(message, name).map(|reply| RuleReply { unless_after, ..reply })
        };
        let message = Inbound::Message(Box::new(InboundMessage::text(Peer::person("628111111111"), "halo")));
        let rules = Rules { now: at(seconds), in_webhook: None, find: Box::new(find) };
        kit.apply_with_rules(at(seconds), at(seconds), vec![message], rules);
        answers(&kit, "628111111111")
    };
    assert_eq!(once(0, Some(Timestamp(i64::MIN))), 1);
    assert_eq!(once(100_000, Some(Timestamp(i64::MIN))), 1);
    assert_eq!(once(100_000, Some(at(100_000 - 86_400))), 2);
    assert_eq!(once(100_001, Some(at(100_001 - 86_400))), 2);
}

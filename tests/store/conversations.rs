//! The conversation list: order, filters, counts, unread, who waits, drafts, labels.
use super::kit::{Kit, accepted, account, at, new};
use loket::domain::{Author, AuthorKind, ChangeKind, ConversationState, Direction, Failure, Kind, MessageId, Status};
use loket::domain::{
    ConversationFilter, ConversationOrder, ConversationRange, InboundMessage, Peer, SearchText, phone,
};
use loket::store::{AttemptOutcome, NewMessage, StoreError};
use proptest::prelude::*;

fn peers(kit: &Kit, filter: &ConversationFilter) -> Vec<String> {
    kit.store.conversations(filter, ConversationRange::Top, 100).unwrap().into_iter().map(|c| c.peer).collect()
}

#[test]
fn the_list_is_paged_by_key_newest_first() {
    let kit = Kit::new();
    for n in 0..25 {
        // Several at the same time: the id breaks ties.
        kit.customer(at(n / 3), &format!("6281111111{n:02}"), "hi");
    }
    let all = ConversationFilter::default();
    let mut paged = Vec::new();
    let mut range = ConversationRange::Top;
    loop {
        let page = kit.store.conversations(&all, range, 4).unwrap();
        let Some(last) = page.last() else { break };
        range = ConversationRange::After(last.key(all.order));
        paged.extend(page.into_iter().map(|c| c.peer));
    }
    assert_eq!(paged, peers(&kit, &all));
    assert_eq!(paged.len(), 25);
    assert_eq!(paged[0], "628111111124");
    // Activity moves a conversation up.
    kit.customer(at(50), "628111111100", "again");
    assert_eq!(peers(&kit, &all)[0], "628111111100");
}

#[test]
fn filters_combine() {
    let kit = Kit::new();
    let other = account("other");
    kit.store.ensure_account(&other, "waviro", "t").wait().unwrap();
    kit.customer(at(1), "628111111111", "Halo ÉCLAIR");
    kit.customer(at(2), "628222222222", "tidak");
    kit.store.enqueue(new(&other, "628333333333", "halo"), at(3)).wait().unwrap();
    let second = kit.conversation("628222222222");
    kit.store.set_state(second.id, ConversationState::Resolved, None, "Sari", at(1)).wait().unwrap();
    kit.name_by_hand("628222222222", "Toko Étoile");
    let with = |f: &dyn Fn(&mut ConversationFilter)| {
        let mut filter = ConversationFilter::default();
        f(&mut filter);
        peers(&kit, &filter)
    };
    assert_eq!(with(&|_| {}), ["628333333333", "628222222222", "628111111111"]);
    assert_eq!(with(&|f| f.account = Some(other.clone())), ["628333333333"]);
    assert_eq!(with(&|f| f.unread = true), ["628222222222", "628111111111"]);
    assert_eq!(with(&|f| f.state = Some(ConversationState::Resolved)), ["628222222222"]);
    assert_eq!(with(&|f| f.text = Some(SearchText::new("éclair", phone::INDONESIA))), ["628111111111"]);
    assert_eq!(with(&|f| f.text = Some(SearchText::new("étoile", phone::INDONESIA))), ["628222222222"]);
    assert_eq!(with(&|f| f.text = Some(SearchText::new("62833", phone::INDONESIA))), ["628333333333"]);
    for number in ["0833", "+62 833", "0833-3333-333", "+62 833 3333", "333 33"] {
        assert_eq!(with(&|f| f.text = Some(SearchText::new(number, phone::INDONESIA))), ["628333333333"], "{number}");
    }
    assert_eq!(with(&|f| f.text = Some(SearchText::new("%", phone::INDONESIA))), [""; 0]);
    let both = with(&|f| {
        f.unread = true;
        f.state = Some(ConversationState::Open);
        f.account = Some(kit.account.clone());
    });
    assert_eq!(both, ["628111111111"]);
}

#[test]
fn only_customers_make_unread_and_seeing_clears_what_had_arrived() {
    let kit = Kit::new();
    let one = kit.customer(at(0), "628111111111", "1");
    let two = kit.customer(at(1), "628111111111", "2");
    kit.sent(at(2), "628111111111", "own", None);
    let phone = InboundMessage {
        direction: Direction::Out,
        ..InboundMessage::text(Peer::person("628111111111"), "from the phone")
    };
    kit.receive(at(3), phone).unwrap();
    for kind in [Kind::Reaction, Kind::System] {
        let message = InboundMessage { kind, ..InboundMessage::text(Peer::person("628111111111"), "x") };
        kit.receive(at(4), message).unwrap();
    }
    let id = kit.conversation("628111111111").id;
    assert_eq!(kit.conversation("628111111111").unread, 2);
    assert_eq!(kit.store.first_unread(id).unwrap().map(|k| k.id), Some(one.id));
    kit.store.mark_seen(id, one.id).wait().unwrap();
    assert_eq!(kit.conversation("628111111111").unread, 1);
    assert_eq!(kit.store.first_unread(id).unwrap(), Some(two.order));
    kit.store.mark_seen(id, two.id).wait().unwrap();
    assert_eq!(kit.store.first_unread(id).unwrap(), None);
    // Seen already: nothing changes, and readers are not notified.
    let seq = kit.store.last_seq().unwrap();
    kit.store.mark_seen(id, two.id).wait().unwrap();
    assert_eq!(kit.store.last_seq().unwrap(), seq);
    kit.store.mark_unread(id, "Sari", at(1)).wait().unwrap();
    assert_eq!(kit.conversation("628111111111").unread, 1);
    assert_eq!(kit.store.first_unread(id).unwrap().map(|k| k.id), Some(two.id));
    kit.store.mark_unread(id, "Sari", at(1)).wait().unwrap();
    assert_eq!(kit.conversation("628111111111").unread, 1);
    // A conversation in which the customer never wrote can be marked too.
    let own = kit.send(at(7), "628222222222", "hello");
    kit.store.mark_unread(own.conversation, "Sari", at(1)).wait().unwrap();
    assert_eq!(kit.store.counts().unwrap().unread_conversations, 2);
    kit.store.mark_seen(own.conversation, own.id).wait().unwrap();
    assert_eq!(kit.store.counts().unwrap().unread_messages, 1);
    let missing = loket::domain::ConversationId(99);
    assert_eq!(kit.store.mark_unread(missing, "Sari", at(1)).wait(), Err(StoreError::NotFound));
}

#[test]
fn a_customer_waits_until_a_person_answers() {
    let kit = Kit::new();
    let waiting = || kit.conversation("628111111111").waiting_since;
    kit.customer(at(0), "628111111111", "1");
    kit.customer(at(5), "628111111111", "2");
    assert_eq!(waiting(), Some(at(0)));
    let rule = Author { kind: AuthorKind::Rule, name: "auto".into() };
    let auto = NewMessage { author: rule, ..new(&kit.account, "628111111111", "we are closed") };
    kit.store.enqueue(auto, at(6)).wait().unwrap();
    assert_eq!(waiting(), Some(at(0)), "an automatic reply is no answer");
    let lease = kit.lease(at(6)).unwrap();
    kit.finish(&lease, accepted(None), at(6));
    kit.send(at(7), "628111111111", "sorry");
    assert_eq!(waiting(), None, "a queued answer counts");
    let lease = kit.lease(at(7)).unwrap();
    kit.finish(&lease, AttemptOutcome::Refused { failure: Failure::new("x", "") }, at(8));
    assert_eq!(waiting(), Some(at(0)), "a failed answer is none");
    kit.store.send_again(lease.message, at(9)).wait().unwrap();
    assert_eq!(waiting(), None);
    // Arrival decides: a message that comes after the answer waits, whatever the gateway's clock says.
    let late = InboundMessage { at: Some(at(6)), ..InboundMessage::text(Peer::person("628111111111"), "late") };
    kit.receive(at(20), late).unwrap();
    assert_eq!(waiting(), Some(at(20)));
    kit.customer(at(30), "628111111111", "3");
    assert_eq!(waiting(), Some(at(20)));
    // Answered from the phone.
    let phone =
        InboundMessage { direction: Direction::Out, ..InboundMessage::text(Peer::person("628111111111"), "ok") };
    kit.receive(at(31), phone).unwrap();
    assert_eq!(waiting(), None);
    let reaction =
        InboundMessage { kind: Kind::Reaction, ..InboundMessage::text(Peer::person("628111111111"), "👍") };
    kit.receive(at(32), reaction).unwrap();
    assert_eq!(waiting(), None);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

    /// Whatever comes in whatever order: unread, waiting and the newest message follow from the messages.
    #[test]
    fn a_summary_follows_from_the_messages(steps in prop::collection::vec((0_u8..6, 0_i64..40), 1..20)) {
        let kit = Kit::new();
        let peer = "628111111111";
        for (n, (step, sent_at)) in steps.iter().enumerate() {
            let now = at(100 + i64::try_from(n).unwrap());
            let message = |kind, direction| InboundMessage {
                kind,
                direction,
                at: Some(at(60 + sent_at)),
                ..InboundMessage::text(Peer::person(peer), format!("{n}"))
            };
            match step {
                0 | 1 => drop(kit.receive(now, message(Kind::Text, Direction::In))),
                2 => drop(kit.receive(now, message(Kind::Text, Direction::Out))),
                3 => drop(kit.receive(now, message(Kind::Reaction, Direction::In))),
                4 => drop(kit.send(now, peer, "own")),
                _ => {
                    if let Some(lease) = kit.lease(now) {
                        kit.finish(&lease, AttemptOutcome::Refused { failure: Failure::new("x", "") }, now);
                    }
                }
            }
        }
        let Some(conversation) = kit.store.find_conversation(&kit.account, None, peer).unwrap() else { return Ok(()) };
        let all = kit.store.messages(conversation.id, loket::store::MessageRange::Newest, 100).unwrap();
        prop_assert!(all.windows(2).all(|pair| pair[0].order < pair[1].order));
        let customers = |m: &&loket::domain::Message| m.direction == Direction::In && m.kind == Kind::Text;
        let last_answer = all
            .iter()
            .filter(|m| m.author.kind == AuthorKind::Agent && m.status != Status::Failed)
            .map(|m| m.order)
            .max();
        let first = all.iter().filter(customers).find(|m| last_answer.is_none_or(|a| m.order > a));
        let since = first.map(|m| at(100 + m.text.parse::<i64>().unwrap()));
        prop_assert_eq!(conversation.waiting_since, since);
        prop_assert_eq!(conversation.unread as usize, all.iter().filter(customers).count());
        // Ids are given in the order of arrival.
        if let Some(newest) = all.iter().filter(|m| m.kind != Kind::Reaction).max_by_key(|m| m.id) {
            prop_assert_eq!(&conversation.last_text, &newest.text);
            prop_assert_eq!(conversation.last_status, newest.status);
        }
        let counts = kit.store.counts().unwrap();
        prop_assert_eq!(counts.unread_messages, u64::from(conversation.unread));
        prop_assert_eq!(counts.waiting, u64::from(conversation.waiting_since.is_some()));
    }
}

#[test]
fn a_new_customer_message_reopens_a_conversation() {
    let kit = Kit::new();
    kit.customer(at(0), "628111111111", "1");
    let id = kit.conversation("628111111111").id;
    let state = || kit.conversation("628111111111").state;
    for (start, closed) in [(0, ConversationState::Resolved), (10, ConversationState::Snoozed)] {
        kit.store.set_state(id, closed, None, "Sari", at(1)).wait().unwrap();
        kit.sent(at(start + 1), "628111111111", "own", None);
        assert_eq!(state(), closed, "own messages reopen nothing");
        let reaction =
            InboundMessage { kind: Kind::Reaction, ..InboundMessage::text(Peer::person("628111111111"), "x") };
        kit.receive(at(start + 2), reaction).unwrap();
        assert_eq!(state(), closed, "nor do reactions");
        kit.customer(at(start + 3), "628111111111", "2");
        assert_eq!(state(), ConversationState::Open);
    }
    kit.store.set_state(id, ConversationState::Snoozed, Some(at(100)), "Sari", at(1)).wait().unwrap();
    assert_eq!(kit.store.next_wake().unwrap(), Some(at(100)));
    assert_eq!(kit.store.counts().unwrap().waiting, 0, "a snoozed conversation does not count");
    assert_eq!(kit.store.wake_snoozed(at(99)).wait().unwrap(), []);
    assert_eq!(kit.store.wake_snoozed(at(100)).wait().unwrap(), [id]);
    assert_eq!((state(), kit.store.next_wake().unwrap()), (ConversationState::Open, None));
    assert_eq!(kit.store.counts().unwrap().waiting, 1);
}

#[test]
fn the_next_unread_conversation_is_the_one_that_waits_longest() {
    let kit = Kit::new();
    kit.customer(at(10), "628111111111", "second");
    kit.customer(at(5), "628222222222", "first");
    kit.customer(at(1), "628333333333", "answered");
    kit.sent(at(2), "628333333333", "ok", None);
    let id = |peer: &str| kit.conversation(peer).id;
    assert_eq!(kit.store.next_waiting(None).unwrap(), Some(id("628222222222")));
    assert_eq!(kit.store.next_waiting(Some(id("628222222222"))).unwrap(), Some(id("628111111111")));
    for peer in ["628222222222", "628111111111"] {
        kit.store.mark_seen(id(peer), MessageId(i64::MAX)).wait().unwrap();
    }
    assert_eq!(kit.store.next_waiting(None).unwrap(), Some(id("628333333333")));
    // Both others are read, and wait still.
    assert_eq!(kit.store.next_waiting(Some(id("628333333333"))).unwrap(), Some(id("628222222222")));
}

#[test]
fn the_window_is_known_without_configuration() {
    let kit = Kit::new();
    kit.send(at(0), "628111111111", "own");
    assert_eq!(kit.conversation("628111111111").window_until, None, "it never opened");
    kit.customer(at(10), "628111111111", "hi");
    let conversation = kit.conversation("628111111111");
    assert_eq!(conversation.window_until, Some(at(10 + 86_400)));
    assert_eq!(kit.store.last_customer_message(conversation.id).unwrap(), Some(at(10)));
    let none = NewMessage {
        window: loket::domain::WindowRule::None,
        ..new(&kit.account, "628111111111", "the account has no window any more")
    };
    kit.store.enqueue(none, at(11)).wait().unwrap();
    assert_eq!(kit.conversation("628111111111").window_until, None);
}

#[test]
fn a_draft_is_announced_when_it_appears_and_goes() {
    let kit = Kit::new();
    let id = kit.customer(at(0), "628111111111", "hi").conversation;
    let seq = kit.store.last_seq().unwrap();
    let changes = || kit.store.changes_since(seq, 100).unwrap().len();
    kit.store.save_draft(id, "Sari", "a", at(1)).wait().unwrap();
    kit.store.save_draft(id, "Sari", "ab\n😀", at(2)).wait().unwrap();
    assert_eq!(changes(), 1);
    assert_eq!(kit.store.open_draft(id, "Sari").unwrap().as_deref(), Some("ab\n😀"));
    kit.store.save_draft(id, "Sari", "", at(3)).wait().unwrap();
    assert_eq!((changes(), kit.store.open_draft(id, "Sari").unwrap()), (2, None));
}

#[test]
fn labels_and_states_are_announced_once() {
    let kit = Kit::new();
    let id = kit.customer(at(0), "628111111111", "hi").conversation;
    let seq = kit.store.last_seq().unwrap();
    for _ in 0..2 {
        kit.store.set_labels(id, vec!["vip".into(), "a".into(), "vip".into()]).wait().unwrap();
        kit.store.set_state(id, ConversationState::Resolved, Some(at(9)), "Sari", at(1)).wait().unwrap();
    }
    assert_eq!(kit.conversation("628111111111").labels, ["a", "vip"]);
    let changes = kit.store.changes_since(seq, 10).unwrap();
    assert_eq!(changes.len(), 2);
    assert!(changes.iter().all(|c| c.kind == ChangeKind::ConversationChanged { conversation: id }));
}

#[test]
fn a_gateways_clock_that_is_behind_hides_no_answer() {
    let kit = Kit::new();
    let behind = |now: i64, text: &str| {
        let message =
            InboundMessage { at: Some(at(now - 180)), ..InboundMessage::text(Peer::person("628111111111"), text) };
        kit.receive(at(now), message).unwrap()
    };
    behind(0, "halo");
    kit.sent(at(60), "628111111111", "ada yang bisa dibantu?", Some("w1"));
    kit.customer(at(61), "628222222222", "lain");
    // Five seconds after our question.
    let answer = behind(65, "ya, ukuran L");
    assert_eq!(answer.at, at(65 - 180), "people read the gateway's time");
    assert_eq!(kit.texts("628111111111"), ["halo", "ada yang bisa dibantu?", "ya, ukuran L"]);
    let conversation = kit.conversation("628111111111");
    assert_eq!((conversation.last_text.as_str(), conversation.unread), ("ya, ukuran L", 2));
    assert_eq!(conversation.waiting_since, Some(at(65)), "since it came here");
    assert_eq!(peers(&kit, &ConversationFilter::default()), ["628111111111", "628222222222"]);
    // Long after, with a clock that is further behind, nothing moves above what was there.
    let late = InboundMessage { at: Some(at(-4000)), ..InboundMessage::text(Peer::person("628111111111"), "telat") };
    kit.receive(at(600), late);
    assert_eq!(kit.texts("628111111111").last().unwrap(), "telat");
}

#[test]
fn a_gateways_clock_orders_the_messages_of_a_burst() {
    let kit = Kit::new();
    kit.customer(at(0), "628111111111", "satu");
    let of = |sent: i64, text: &str| InboundMessage {
        at: Some(at(sent)),
        ..InboundMessage::text(Peer::person("628111111111"), text)
    };
    kit.receive(at(103), of(102, "tiga"));
    kit.receive(at(104), of(101, "dua"));
    assert_eq!(kit.texts("628111111111"), ["satu", "dua", "tiga"]);
}

#[test]
fn an_unsure_message_is_no_answer() {
    let kit = Kit::new();
    kit.customer(at(0), "628111111111", "halo");
    let waits = || kit.conversation("628111111111").waiting_since;
    kit.send(at(1), "628111111111", "ya?");
    let lease = kit.lease(at(1)).unwrap();
    assert_eq!(waits(), None);
    kit.finish(&lease, AttemptOutcome::Unsure { failure: Failure::new("timeout", "") }, at(2));
    assert_eq!(waits(), Some(at(0)));
    assert_eq!(kit.store.counts().unwrap().waiting, 1);
    // A receipt shows that it reached the customer after all.
    kit.store.send_again(lease.message, at(3)).wait().unwrap();
    let lease = kit.lease(at(3)).unwrap();
    kit.finish(&lease, accepted(Some("w1")), at(4));
    assert_eq!(waits(), None);
}

#[test]
fn after_the_clock_was_set_back_what_comes_is_still_the_newest() {
    let kit = Kit::new();
    kit.customer(at(25_200), "628111111111", "tujuh jam di depan");
    kit.send(at(0), "628111111111", "balasan");
    kit.customer(at(1), "628111111111", "lagi");
    assert_eq!(kit.texts("628111111111"), ["tujuh jam di depan", "balasan", "lagi"]);
    assert!(kit.conversation("628111111111").waiting_since.is_some());
    assert_eq!(kit.conversation("628111111111").last_text, "lagi");
}

fn queue() -> ConversationFilter {
    ConversationFilter { order: ConversationOrder::Queue, ..ConversationFilter::default() }
}

#[test]
fn labels_agents_waiting_and_days_select_conversations() {
    let kit = Kit::new();
    for (n, peer) in ["628111111111", "628222222222", "628333333333"].into_iter().enumerate() {
        kit.customer(at(10 * i64::try_from(n).unwrap()), peer, "hi");
    }
    let id = |peer: &str| kit.conversation(peer).id;
    kit.store.set_labels(id("628111111111"), vec!["komplain".into(), "vip".into()]).wait().unwrap();
    kit.store.set_labels(id("628222222222"), vec!["vip".into()]).wait().unwrap();
    kit.store.assign(id("628222222222"), Some("Sari"), "Sari", at(1)).wait().unwrap();
    kit.send(at(40), "628333333333", "ya");
    let day = |peer: &str| kit.conversation(peer).last_order;
    for order in [ConversationOrder::Activity, ConversationOrder::Queue] {
        let with = |f: &dyn Fn(&mut ConversationFilter)| {
            let mut filter = ConversationFilter { order, ..ConversationFilter::default() };
            f(&mut filter);
            let mut found = peers(&kit, &filter);
            let up = kit.store.conversations(&filter, ConversationRange::Bottom, 100).unwrap();
            assert_eq!(up.iter().map(|c| c.peer.clone()).collect::<Vec<_>>(), found, "{filter:?}");
            let all =
                kit.store.conversations(&ConversationFilter { order, ..Default::default() }, ConversationRange::Top, 9);
            let shown = all.unwrap().into_iter().filter(|c| filter.shows(c)).map(|c| c.peer);
            assert_eq!(shown.collect::<Vec<_>>(), found, "{filter:?}");
            found.sort();
            found.iter().map(|peer| peer.chars().nth(3).unwrap().to_string()).collect::<String>()
        };
        assert_eq!(with(&|f| f.labels = vec!["VIP".into()]), "12");
        assert_eq!(with(&|f| f.labels = vec!["vip".into(), "komplain".into()]), "1");
        assert_eq!(with(&|f| f.assignee = Some("sari".into())), "2");
        assert_eq!(with(&|f| f.unassigned = true), "13");
        assert_eq!(with(&|f| f.waiting = true), "12");
        assert_eq!(with(&|f| f.after = Some(day("628222222222"))), "23");
        assert_eq!(with(&|f| f.before = Some(day("628222222222"))), "1");
        assert_eq!(with(&|f| f.from = Some(SearchText::new("0822", phone::INDONESIA))), "2");
        assert_eq!(with(&|f| f.channel = Some(loket::domain::Channel::Telegram)), "");
    }
}

#[test]
fn the_queue_begins_with_who_waits_longest_and_is_paged_from_both_ends() {
    let kit = Kit::new();
    for n in 0..9 {
        kit.customer(at(n), &format!("6281111111{n:02}"), "hi");
    }
    // Two are answered, one is put off: they do not wait, and stand below by their latest activity.
    kit.send(at(20), "628111111103", "ya");
    kit.send(at(21), "628111111100", "ya");
    kit.store
        .set_state(kit.conversation("628111111105").id, ConversationState::Snoozed, None, "Sari", at(1))
        .wait()
        .unwrap();
    // Who writes again waits since the first message.
    kit.customer(at(30), "628111111101", "kak?");
    let all = peers(&kit, &queue());
    let ends: Vec<&str> = all.iter().filter_map(|peer| peer.get(10..)).collect();
    assert_eq!(ends, ["01", "02", "04", "06", "07", "08", "00", "03", "05"]);
    let mut up = Vec::new();
    let mut range = ConversationRange::Bottom;
    loop {
        let page = kit.store.conversations(&queue(), range, 4).unwrap();
        let Some(first) = page.first() else { break };
        range = ConversationRange::Before(first.key(ConversationOrder::Queue));
        up.splice(0..0, page.into_iter().map(|c| c.peer));
    }
    assert_eq!(up, all);
    let mut down = Vec::new();
    let mut range = ConversationRange::Top;
    loop {
        let page = kit.store.conversations(&queue(), range, 2).unwrap();
        let Some(last) = page.last() else { break };
        range = ConversationRange::After(last.key(ConversationOrder::Queue));
        down.extend(page.into_iter().map(|c| c.peer));
    }
    assert_eq!(down, all);
}

#[test]
fn the_first_unanswered_message_is_known_until_it_is_answered() {
    let kit = Kit::new();
    let shown = || {
        let conversation = kit.conversation("628111111111");
        (conversation.waiting_kind, conversation.waiting_text)
    };
    kit.customer(at(0), "628111111111", "ada ukuran L?");
    kit.customer(at(1), "628111111111", "kak?");
    assert_eq!(shown(), (Some(Kind::Text), "ada ukuran L?".to_owned()));
    kit.send(at(2), "628111111111", "ada");
    assert_eq!(shown(), (None, String::new()));
    kit.customer(at(3), "628111111111", "yang biru?");
    assert_eq!(shown().1, "yang biru?");
    // The answer fails: the first question is open again.
    let lease = kit.lease(at(4)).unwrap();
    kit.finish(&lease, AttemptOutcome::Refused { failure: Failure::new("x", "") }, at(5));
    assert_eq!(shown().1, "ada ukuran L?");
}

#[test]
fn an_answer_that_may_not_have_arrived_leaves_the_customer_waiting() {
    let kit = Kit::new();
    kit.customer(at(0), "628111111111", "halo");
    kit.send(at(1), "628111111111", "ya");
    let lease = kit.lease(at(2)).unwrap();
    kit.finish(&lease, AttemptOutcome::Unsure { failure: Failure::new("timeout", "") }, at(3));
    assert_eq!(kit.store.counts().unwrap().waiting, 1);
    assert_eq!(kit.conversation("628111111111").waiting_since, Some(at(0)));
}

#[test]
fn the_next_conversation_is_unread_else_read_and_unanswered_in_turn() {
    let kit = Kit::new();
    let peers = ["628111111111", "628222222222", "628333333333"];
    for (n, peer) in (0..).zip(peers) {
        kit.customer(at(n), peer, "hi");
    }
    let ids = peers.map(|peer| kit.conversation(peer).id);
    let next = |open| kit.store.next_waiting(open).unwrap();
    assert_eq!(next(None), Some(ids[0]));
    for (peer, id) in peers.into_iter().zip(ids) {
        let newest = kit.store.messages(id, loket::domain::MessageRange::Newest, 1).unwrap()[0].id;
        kit.store.mark_seen(id, newest).wait().unwrap();
        assert_eq!(kit.conversation(peer).unread, 0);
    }
    // Nothing is unread: each of those who wait comes in turn, the longest waiting first.
    assert_eq!(
        [next(None), next(Some(ids[0])), next(Some(ids[1])), next(Some(ids[2]))],
        [Some(ids[0]), Some(ids[1]), Some(ids[2]), Some(ids[0])]
    );
    kit.store.set_state(ids[1], ConversationState::Snoozed, None, "Sari", at(1)).wait().unwrap();
    assert_eq!(next(Some(ids[0])), Some(ids[2]));
    kit.send(at(10), peers[0], "ya");
    assert_eq!(next(Some(ids[2])), None, "only the open one waits");
    assert_eq!(next(Some(ids[0])), Some(ids[2]));
}

#[test]
fn views_are_counted_by_index_and_by_looking_at_conversations() {
    let kit = Kit::new();
    for (n, peer) in ["628111111111", "628222222222", "628333333333"].into_iter().enumerate() {
        kit.customer(at(i64::try_from(n).unwrap()), peer, "hi");
    }
    let id = |peer: &str| kit.conversation(peer).id;
    kit.store.set_labels(id("628111111111"), vec!["vip".into()]).wait().unwrap();
    kit.store.set_state(id("628333333333"), ConversationState::Resolved, None, "Sari", at(1)).wait().unwrap();
    let open = || ConversationFilter { state: Some(ConversationState::Open), ..ConversationFilter::default() };
    let filters = [
        open(),
        ConversationFilter { state: Some(ConversationState::Resolved), ..open() },
        ConversationFilter { account: Some(kit.account.clone()), ..open() },
        ConversationFilter { account: Some(super::kit::account("other")), ..open() },
        ConversationFilter { labels: vec!["VIP".into()], ..open() },
        ConversationFilter { unassigned: true, ..open() },
        ConversationFilter { unread: true, ..ConversationFilter::default() },
        ConversationFilter { labels: vec!["vip".into()], state: Some(ConversationState::Resolved), ..open() },
    ];
    let counts = kit.store.count_conversations(&filters).unwrap();
    assert!(counts.iter().all(|count| !count.more), "{counts:?}");
    assert_eq!(counts.iter().map(|count| count.count).collect::<Vec<_>>(), [2, 1, 2, 0, 1, 2, 3, 0]);
}

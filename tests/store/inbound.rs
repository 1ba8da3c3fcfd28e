//! What gateways report: messages, echoes, names, edits, identity.

use super::kit::{Kit, T0, accepted, account, at, event};
use loket::domain::{
    AuthorKind, ChangeKind, Channel, ConversationState, Direction, Inbound, Kind, Media, Seq, SessionState, Status,
    Timestamp,
};
use loket::domain::{InboundMessage, Peer, Writer};
use loket::store::{AttemptOutcome, MessageRange, StoreError};
use serde_json::json;
use std::time::Duration;

fn with_id(peer: &str, text: &str, id: &str) -> InboundMessage {
    InboundMessage { remote_id: Some(id.into()), unique: true, ..InboundMessage::text(Peer::person(peer), text) }
}

fn echo(peer: &str, text: &str, id: Option<&str>) -> InboundMessage {
    InboundMessage {
        direction: Direction::Out,
        remote_id: id.map(Into::into),
        ..InboundMessage::text(Peer::person(peer), text)
    }
}

#[test]
fn an_event_is_appended_once() {
    let kit = Kit::new();
    let first = kit.store.append_event(event(&kit.account, "k", at(0))).wait().unwrap();
    assert!(!first.duplicate);
    let again = kit.store.append_event(event(&kit.account, "k", at(500))).wait().unwrap();
    assert_eq!((again.id, again.duplicate), (first.id, true));
    // Another account's key is another event.
    let other = kit.store.append_event(event(&account("other"), "k", at(0))).wait().unwrap();
    assert!(!other.duplicate);
    let both = [kit.account.clone(), account("other")];
    let events = kit.store.uninterpreted(&both, 10).unwrap();
    assert_eq!(events.iter().map(|e| e.id).collect::<Vec<_>>(), [first.id, other.id]);
    // Events of an account that is not asked for do not hold up the others.
    assert_eq!(kit.store.uninterpreted(&both[1..], 1).unwrap()[0].id, other.id);
    assert_eq!(events[0].body, b"{}");
    assert_eq!(events[0].headers, [("x-event".to_owned(), "message".to_owned())]);
}

#[test]
fn a_key_with_a_time_limit_is_the_same_event_only_within_it() {
    let kit = Kit::new();
    let limited = |seconds| {
        let event = super::kit::event(&kit.account, "hash", at(seconds));
        loket::store::NewEvent { within: Some(Duration::from_secs(3)), ..event }
    };
    assert!(!kit.store.append_event(limited(0)).wait().unwrap().duplicate);
    assert!(kit.store.append_event(limited(3)).wait().unwrap().duplicate);
    assert!(!kit.store.append_event(limited(4)).wait().unwrap().duplicate);
}

#[test]
fn an_event_is_applied_once_and_an_unknown_id_is_not_found() {
    let kit = Kit::new();
    let id = kit.store.append_event(event(&kit.account, "k", at(0))).wait().unwrap().id;
    let reports = || vec![Inbound::Message(Box::new(InboundMessage::text(Peer::person("628111111111"), "halo")))];
    let apply = |id| kit.apply_event(id, reports());
    assert_eq!(apply(id).unwrap().messages.len(), 1);
    assert_eq!(apply(id).unwrap().messages.len(), 0);
    assert_eq!(apply(loket::domain::EventId(999)), Err(StoreError::NotFound));
    assert!(kit.store.uninterpreted(std::slice::from_ref(&kit.account), 10).unwrap().is_empty());
    assert_eq!(kit.texts("628111111111"), ["halo"]);
}

#[test]
fn a_unique_message_is_added_once_and_completed() {
    let kit = Kit::new();
    let first = kit.receive(at(0), with_id("628111111111", "", "m1")).unwrap();
    assert!(kit.receive(at(1), with_id("628111111111", "", "m1")).is_none());
    let media = Media { url: Some("https://x.test/a.jpg".into()), ..Media::default() };
    let fuller = InboundMessage { media: Some(media.clone()), ..with_id("628111111111", "caption", "m1") };
    assert!(kit.receive(at(2), fuller).is_none());
    let message = kit.message(&first);
    assert_eq!((message.text.as_str(), message.media.as_ref()), ("caption", Some(&media)));
    assert!(message.revision > first.revision);
    let conversation = kit.conversation("628111111111");
    assert_eq!((conversation.unread, conversation.last_text.as_str()), (1, "caption"));
    // Without `unique` the id proves nothing.
    let loose = InboundMessage { unique: false, ..with_id("628111111111", "again", "m1") };
    assert!(kit.receive(at(3), loose.clone()).is_some());
    assert!(kit.receive(at(4), loose).is_some());
    // Another account's id is another message.
    assert_eq!(kit.conversation("628111111111").unread, 3);
}

#[test]
fn messages_are_ordered_by_the_gateways_time_within_its_precision() {
    let kit = Kit::new();
    let send = |arrival: i64, sent_at: Option<i64>, text: &str| {
        let message =
            InboundMessage { at: sent_at.map(Timestamp), ..InboundMessage::text(Peer::person("628111111111"), text) };
        kit.receive(Timestamp(arrival), message).unwrap()
    };
    // Both were sent in the same second: arrival decides.
    send(T0 + 700, Some(T0), "a");
    kit.send(Timestamp(T0 + 800), "628111111111", "own");
    send(T0 + 900, Some(T0), "b");
    // Sent earlier, but it came long after what was there: arrival decides.
    send(T0 + 60_000, Some(T0 - 5000), "earlier");
    // A time with milliseconds is exact.
    let exact = send(T0 + 70_000, Some(T0 + 65_432), "exact");
    // A gateway clock that is ahead does not order a message after later ones.
    let ahead = send(T0 + 80_000, Some(T0 + 90_000), "ahead");
    send(T0 + 81_000, None, "last");
    assert_eq!(kit.texts("628111111111"), ["a", "own", "b", "earlier", "exact", "ahead", "last"]);
    assert_eq!(exact.order.at, Timestamp(T0 + 65_432));
    assert_eq!((ahead.at, ahead.order.at), (Timestamp(T0 + 90_000), Timestamp(T0 + 80_000)));
    assert_eq!(kit.conversation("628111111111").last_text, "last");
}

#[test]
fn the_newest_message_is_by_arrival_and_never_a_reaction() {
    let kit = Kit::new();
    kit.customer(at(100), "628111111111", "new");
    let late = InboundMessage { at: Some(at(50)), ..InboundMessage::text(Peer::person("628111111111"), "late") };
    kit.receive(at(101), late).unwrap();
    let reaction = InboundMessage {
        kind: Kind::Reaction,
        payload: Some(json!({"message": "x", "emoji": "👍"})),
        ..InboundMessage::text(Peer::person("628111111111"), "👍")
    };
    kit.receive(at(200), reaction).unwrap();
    let conversation = kit.conversation("628111111111");
    assert_eq!(conversation.last_text, "late");
    assert_eq!(conversation.last_at, at(50), "people read the gateway's time");
    assert_eq!(kit.texts("628111111111")[..2], ["late", "new"], "within a burst the gateway's clock orders");
    assert_eq!(conversation.unread, 2);
    assert_eq!(conversation.last_kind, Kind::Text);
}

#[test]
fn an_echo_with_a_known_id_is_matched_with_the_own_message() {
    let kit = Kit::new();
    let own = kit.sent(at(0), "628111111111", "hi", Some("r1"));
    assert!(kit.receive(at(1), echo("628111111111", "hi", Some("r1"))).is_none());
    assert_eq!(kit.texts("628111111111"), ["hi"]);
    assert!(!kit.message(&own).inferred);
    // An echo also proves that an unsure message was sent.
    kit.send(at(10), "628111111111", "unsure");
    let lease = kit.lease(at(10)).unwrap();
    let failure = loket::domain::Failure::new("timeout", "");
    let unsure = kit.finish(&lease, AttemptOutcome::Unsure { failure }, at(11));
    assert_eq!(unsure.status, Status::Unsure);
    assert!(kit.receive(at(12), echo("628111111111", "unsure", Some("r2"))).is_none());
    let now = kit.message(&unsure);
    assert_eq!((now.status, now.inferred, now.error), (Status::Sent, true, None));
    // The id of the echo is known from now on.
    kit.receipt(at(13), "r2", Status::Read);
    assert_eq!(kit.message(&unsure).status, Status::Read);
}

#[test]
fn an_echo_that_fits_two_messages_or_none_is_added() {
    let kit = Kit::new();
    for _ in 0..2 {
        kit.send(at(0), "628111111111", "ok");
        let lease = kit.lease(at(0)).unwrap();
        let failure = loket::domain::Failure::new("timeout", "");
        kit.finish(&lease, AttemptOutcome::Unsure { failure }, at(1));
    }
    let added = kit.receive(at(2), echo("628111111111", "ok", Some("e1"))).unwrap();
    assert_eq!((added.author.kind, added.author.name.as_str()), (AuthorKind::Agent, ""));
    assert_eq!((added.status, added.direction), (Status::Sent, Direction::Out));
    assert!(kit.receive(at(3), echo("628111111111", "from the phone", Some("e2"))).is_some());
    assert!(kit.receive(at(4), echo("628111111111", "from the phone", Some("e2"))).is_none());
    // What was sent from the phone gets its receipts too.
    kit.receipt(at(5), "e2", Status::Delivered);
    assert_eq!(kit.conversation("628111111111").last_status, Status::Delivered);
    assert_eq!(kit.texts("628111111111").len(), 4);
    // Sent too long ago to match.
    kit.send(at(10), "628222222222", "once");
    let lease = kit.lease(at(10)).unwrap();
    let failure = loket::domain::Failure::new("timeout", "");
    kit.finish(&lease, AttemptOutcome::Unsure { failure }, at(11));
    assert!(kit.receive(at(700), echo("628222222222", "once", Some("e3"))).is_some());
}

#[test]
fn an_echo_that_comes_before_the_answer_is_merged_into_the_own_message() {
    let kit = Kit::new();
    let own = kit.send(at(0), "628111111111", "*hi*");
    let lease = kit.lease(at(0)).unwrap();
    // The gateway changed the text, so only the id can match the echo.
    let unmatched = kit.receive(at(1), echo("628111111111", "hi", Some("r1"))).unwrap();
    kit.receipt(at(2), "r1", Status::Delivered);
    let finished = kit.finish(&lease, accepted(Some("r1")), at(3));
    assert_eq!((finished.id, finished.status), (own.id, Status::Delivered));
    assert_eq!(kit.store.message(unmatched.id).unwrap(), None);
    assert_eq!(kit.texts("628111111111"), ["*hi*"]);
    assert_eq!(kit.conversation("628111111111").last_text, "*hi*");
    kit.receipt(at(4), "r1", Status::Read);
    assert_eq!(kit.message(&own).status, Status::Read);
    assert!(kit.search("hi", None, 10).iter().all(|m| m.id == own.id));
}

#[test]
fn conversations_of_one_person_are_merged() {
    let kit = Kit::new();
    let lid = kit.customer(at(0), "8877@lid", "from the lid");
    kit.customer(at(5), "628111111111", "from the number");
    kit.send(at(6), "628111111111", "queued");
    let (a, b) = (kit.conversation("8877@lid").id, kit.conversation("628111111111").id);
    assert_ne!(a, b);
    kit.store.save_draft(b, "Sari", "half a", at(6)).wait().unwrap();
    kit.store.save_draft(a, "Sari", "the other", at(6)).wait().unwrap();
    kit.store.set_labels(b, vec!["vip".into()]).wait().unwrap();
    kit.name_by_hand("628111111111", "Budi");
    let before = kit.store.last_seq().unwrap();
    let both = Peer { id: "628111111111".into(), group: false, aliases: vec!["8877@lid".into()] };
    kit.receive(at(10), InboundMessage::text(both, "both")).unwrap();
    let merged = kit.conversation("8877@lid");
    assert_eq!((merged.id, kit.conversation("628111111111").id), (a.min(b), a.min(b)));
    assert_eq!(merged.peer, "628111111111");
    assert_eq!(kit.texts("628111111111"), ["from the lid", "from the number", "queued", "both"]);
    assert_eq!((merged.unread, merged.last_text.as_str(), merged.name.as_str()), (3, "both", "Budi"));
    assert_eq!(merged.labels, ["vip"]);
    assert_eq!(kit.store.open_draft(a, "Sari").unwrap().as_deref(), Some("the other\nhalf a"));
    // Waiting: "both" came after the queued answer.
    assert_eq!(merged.waiting_since, Some(at(10)));
    assert_eq!(kit.store.conversation(b).unwrap(), None);
    let changes = kit.store.changes_since(before, 100).unwrap();
    for id in [a, b] {
        assert!(changes.iter().any(|c| c.kind == ChangeKind::ConversationChanged { conversation: id }));
    }
    assert_eq!(kit.message(&lid).conversation, a);
    // The outbox follows, and the old id can still be written to.
    assert_eq!(kit.lease(at(11)).unwrap().conversation, a);
    kit.store.save_draft(b, "Sari", "", at(12)).wait().unwrap();
    assert_eq!(kit.store.open_draft(a, "Sari").unwrap(), None);
    let counts = kit.store.counts().unwrap();
    assert_eq!((counts.total, counts.unread_messages, counts.unread_conversations), (1, 3, 1));
}

#[test]
fn a_person_is_shown_by_phone_number_once_it_is_known() {
    let kit = Kit::new();
    kit.customer(at(0), "ID.abc", "hi");
    assert_eq!(kit.conversation("ID.abc").peer, "ID.abc");
    let both = Peer { id: "ID.abc".into(), group: false, aliases: vec!["628111111111".into()] };
    kit.receive(at(1), InboundMessage::text(both, "hi")).unwrap();
    assert_eq!(kit.conversation("ID.abc").peer, "628111111111");
    // Moved: both numbers lead to the conversation, the new one is shown.
    let moved = Inbound::Moved { channel: None, from: Peer::person("628111111111"), to: Peer::person("628222222222") };
    kit.apply(at(2), vec![moved]);
    assert_eq!(kit.conversation("628111111111").peer, "628222222222");
    assert_eq!(kit.conversation("628222222222").id, kit.conversation("ID.abc").id);
    // Another channel's id is another person; digits are no phone number there.
    let telegram = InboundMessage {
        channel: Some(Channel::Telegram),
        ..InboundMessage::text(Peer::person("628111111111"), "telegram")
    };
    let message = kit.receive(at(3), telegram).unwrap();
    assert_ne!(message.conversation, kit.conversation("ID.abc").id);
}

#[test]
fn a_groups_message_has_its_members_name_and_its_conversation_the_groups() {
    let kit = Kit::new();
    let message = InboundMessage {
        member: Some(("628333333333".into(), "Tini".into())),
        name: Some("Keluarga".into()),
        ..InboundMessage::text(Peer::group("120363041234567890"), "halo")
    };
    let message = kit.receive(at(0), message).unwrap();
    assert_eq!(message.author.name, "Tini");
    let conversation = kit.conversation("120363041234567890");
    assert!(conversation.group);
    assert_eq!((conversation.name.as_str(), conversation.peer.as_str()), ("Keluarga", "120363041234567890"));
    let nameless = InboundMessage {
        member: Some(("628333333333".into(), String::new())),
        ..InboundMessage::text(Peer::group("120363041234567890"), "lagi")
    };
    assert_eq!(kit.receive(at(1), nameless).unwrap().author.name, "628333333333");
}

#[test]
fn names_come_from_gateways_unless_a_person_gave_one() {
    let kit = Kit::new();
    let named = |name: &str| Inbound::Named { channel: None, peer: Peer::person("628111111111"), name: name.into() };
    kit.apply(at(0), vec![named("nobody yet")]);
    assert_eq!(kit.store.counts().unwrap().total, 0);
    let hello = InboundMessage { name: Some("budi".into()), ..InboundMessage::text(Peer::person("628111111111"), "x") };
    kit.receive(at(1), hello).unwrap();
    kit.apply(at(2), vec![named("Budi S.")]);
    kit.apply(at(2), vec![named("  ")]);
    assert_eq!(kit.conversation("628111111111").name, "Budi S.");
    kit.customer(at(3), "628222222222", "x");
    kit.name_by_hand("628222222222", "Pak Joko");
    let peer = Peer::person("628222222222");
    kit.apply(at(4), vec![Inbound::Named { channel: None, peer, name: "other".into() }]);
    assert_eq!(kit.conversation("628222222222").name, "Pak Joko");
}

fn customer(peer: &str) -> Writer {
    Writer::customer(Peer::person(peer))
}

fn edit_by(peer: &str, remote_id: &str, text: &str) -> Inbound {
    Inbound::Edited { remote_id: remote_id.into(), text: text.into(), by: customer(peer) }
}

#[test]
fn nobody_changes_anothers_message() {
    let kit = Kit::new();
    let message = kit.receive(at(0), with_id("628111111111", "rekening 111", "m1")).unwrap();
    let own = kit.sent(at(1), "628111111111", "baik", Some("w1"));
    let group = Peer::group("120363000000000001");
    let in_group = |member: &str, id: &str, text: &str| InboundMessage {
        member: Some((member.into(), "Budi".into())),
        ..InboundMessage { remote_id: Some(id.into()), ..InboundMessage::text(group.clone(), text) }
    };
    let of_member = kit.receive(at(2), in_group("628333333333", "g1", "jam 9")).unwrap();
    let by_member = |member: Option<&str>| Writer { member: member.map(Into::into), ..Writer::customer(group.clone()) };
    let own_side = Writer { direction: Some(Direction::Out), ..customer("628111111111") };
    let edit = |id: &str, by: &Writer| Inbound::Edited { remote_id: id.into(), text: "999".into(), by: by.clone() };
    let revoke = |id: &str, by: &Writer| Inbound::Revoked { remote_id: id.into(), by: by.clone() };
    for (id, by) in [
        ("m1", customer("628222222222")),
        ("m1", own_side.clone()),
        ("m1", by_member(Some("628111111111"))),
        ("w1", customer("628111111111")),
        ("g1", by_member(Some("628444444444"))),
        ("g1", by_member(None)),
    ] {
        kit.apply(at(3), vec![edit(id, &by), revoke(id, &by)]);
        assert_eq!(kit.store.unknown_events(1).unwrap()[0].2.matches("somebody else").count(), 2, "{by:?}");
    }
    for unchanged in [&message, &own, &of_member] {
        let now = kit.message(unchanged);
        assert_eq!((now.text, now.payload), (unchanged.text.clone(), unchanged.payload.clone()));
    }
    kit.apply(at(4), vec![edit("w1", &own_side), edit("g1", &by_member(Some("628333333333")))]);
    assert_eq!((kit.message(&own).text, kit.message(&of_member).text), ("999".to_owned(), "999".to_owned()));
}

#[test]
fn an_edit_that_comes_before_its_message_waits_for_it() {
    let kit = Kit::new();
    kit.apply(at(0), vec![edit_by("628222222222", "m1", "palsu"), edit_by("628111111111", "m1", "rekening 222")]);
    kit.apply(at(0), vec![Inbound::Revoked { remote_id: "m2".into(), by: customer("628111111111") }]);
    assert_eq!(kit.store.counts().unwrap().total, 0);
    let edited = kit.receive(at(1), with_id("628111111111", "rekening 111", "m1")).unwrap();
    let revoked = kit.receive(at(1), with_id("628111111111", "salah", "m2")).unwrap();
    assert_eq!(
        (kit.message(&edited).text, kit.conversation("628111111111").last_text.as_str()),
        ("rekening 222".into(), "salah")
    );
    assert_eq!(kit.message(&edited).payload, Some(json!({"edited": true, "original": "rekening 111"})));
    assert_eq!(kit.message(&revoked).payload, Some(json!({"revoked": true})));
    // An own message has its id only once the gateway has answered.
    let by = Writer { direction: Some(Direction::Out), ..customer("628111111111") };
    kit.apply(at(2), vec![Inbound::Edited { remote_id: "w1".into(), text: "ralat".into(), by }]);
    let own = kit.sent(at(3), "628111111111", "asli", Some("w1"));
    assert_eq!(kit.message(&own).text, "ralat");
}

#[test]
fn edits_keep_the_original_and_revocations_the_text() {
    let kit = Kit::new();
    let message = kit.receive(at(0), with_id("628111111111", "harga 10rb", "m1")).unwrap();
    let id = kit.conversation("628111111111").id;
    kit.store.mark_seen(id, message.id).wait().unwrap();
    kit.store.set_state(id, ConversationState::Resolved, None, "Sari", at(1)).wait().unwrap();
    let edit = |text: &str| edit_by("628111111111", "m1", text);
    kit.apply(at(2), vec![edit("harga 15rb")]);
    kit.apply(at(3), vec![edit("harga 20rb")]);
    let now = kit.message(&message);
    assert_eq!(now.text, "harga 20rb");
    assert_eq!(now.payload, Some(json!({"edited": true, "original": "harga 10rb"})));
    let conversation = kit.conversation("628111111111");
    assert_eq!((conversation.last_text.as_str(), conversation.unread), ("harga 20rb", 0));
    assert_eq!(conversation.state, ConversationState::Resolved);
    assert_eq!(kit.search("20rb", None, 5).len(), 1);
    assert!(kit.search("10rb", None, 5).is_empty());
    let revoke = |id: &str| Inbound::Revoked { remote_id: id.into(), by: customer("628111111111") };
    kit.apply(at(4), vec![revoke("m1")]);
    let now = kit.message(&message);
    assert_eq!((now.text.as_str(), now.payload.unwrap()["revoked"].clone()), ("harga 20rb", json!(true)));
    // A message that is not known is not created.
    kit.apply(at(5), vec![revoke("?")]);
    assert_eq!(kit.store.counts().unwrap().total, 1);
}

#[test]
fn an_event_that_was_not_understood_is_replayed_without_adding_messages_twice() {
    let kit = Kit::new();
    let hello = || Inbound::Message(Box::new(InboundMessage::text(Peer::person("628111111111"), "halo")));
    let unknown = Inbound::Unknown { event: "message.poll".into() };
    kit.apply(at(0), vec![hello(), unknown]);
    let listed = kit.store.unknown_events(10).unwrap();
    assert_eq!(listed.len(), 1);
    assert_eq!((listed[0].1.as_str(), listed[0].2.as_str()), ("toko", "message.poll"));
    assert_eq!(kit.store.count_events(10).unwrap(), (0, 1));
    assert_eq!(kit.store.read_again(None, 10).wait().unwrap().0, 1);
    assert_eq!(kit.store.count_events(10).unwrap(), (1, 1));
    let replayed = kit.store.uninterpreted(std::slice::from_ref(&kit.account), 10).unwrap();
    assert_eq!(replayed.len(), 1);
    // A later version understands the second lease too.
    let poll = Inbound::Message(Box::new(InboundMessage::text(Peer::person("628111111111"), "poll")));
    let applied = kit.apply_event(replayed[0].id, vec![hello(), poll]).unwrap();
    assert_eq!(applied.messages.iter().map(|m| m.text.as_str()).collect::<Vec<_>>(), ["poll"]);
    assert_eq!(kit.texts("628111111111"), ["halo", "poll"]);
    assert!(kit.store.unknown_events(10).unwrap().is_empty());
    assert_eq!(kit.store.prune_events(at(1), 10).wait().unwrap(), 1);
}

#[test]
fn session_reports_set_the_accounts_state_and_events_are_announced_rarely() {
    let kit = Kit::new();
    let health = || kit.store.account(&kit.account).unwrap().unwrap().health;
    let session = |state| Inbound::Session { state, detail: "gateway says".into() };
    kit.apply(at(10), vec![session(SessionState::LoggedOut)]);
    assert_eq!((health().state, health().since), (SessionState::LoggedOut, Some(at(10))));
    kit.apply(at(20), vec![session(SessionState::LoggedOut)]);
    assert_eq!((health().since, health().last_event_at), (Some(at(10)), Some(at(20))));
    // An event that is interpreted late does not undo a newer state.
    kit.store.record_account_state(&kit.account, SessionState::Connected, "", at(30)).wait().unwrap();
    kit.apply(at(25), vec![session(SessionState::Banned)]);
    assert_eq!(health().state, SessionState::Connected);
    let start = kit.store.last_seq().unwrap();
    let account_changes = |since: Seq| {
        let changes = kit.store.changes_since(since, 1000).unwrap();
        changes.into_iter().filter(|c| matches!(c.kind, ChangeKind::AccountChanged { .. })).count()
    };
    for second in 71..130 {
        kit.apply(at(second), vec![]);
    }
    assert_eq!(account_changes(start), 1);
    kit.apply(at(131), vec![]);
    assert_eq!(account_changes(start), 2);
    assert_eq!(health().last_event_at, Some(at(131)));
}

#[test]
fn the_same_text_twice_is_two_messages() {
    let kit = Kit::new();
    kit.customer(at(0), "628111111111", "ya");
    kit.customer(at(1), "628111111111", "ya");
    let id = kit.conversation("628111111111").id;
    assert_eq!(kit.store.messages(id, MessageRange::Newest, 10).unwrap().len(), 2);
    assert_eq!(kit.conversation("628111111111").unread, 2);
}

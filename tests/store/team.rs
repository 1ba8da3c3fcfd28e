//! What several agents do to a conversation on one store: taking, assigning, labels, notes.

use super::kit::{Kit, accepted, at, new, raw_connection};
use loket::domain::{
    Action, Actor, AuditEntry, AuthorKind, ChangeKind, Content, Conversation, ConversationState, Direction, Kind, Note,
    OpenConversation, Origin, Presence, SendOptions, Status, TakeResult,
};
use loket::store::{ConversationDetails, ExportedConversation, NewMessage, Store, StoreError};

const PEER: &str = "628111111111";

#[test]
fn of_two_processes_that_take_a_thousand_conversations_one_wins_each_and_the_other_learns_who() {
    let kit = Kit::new();
    let peers: Vec<_> = (0..1000).map(|n| format!("6281100{n:05}")).collect();
    let messages: Vec<_> = peers.iter().map(|peer| kit.customer(at(1), peer, "halo")).collect();
    // Each handle has a writer of its own, as another process has.
    let take_all = |agent: &'static str| {
        let (dir, ids) = (kit.dir.path().to_owned(), messages.iter().map(|m| m.conversation).collect::<Vec<_>>());
        std::thread::spawn(move || {
            let store = Store::open(&dir).unwrap();
            let taken: Vec<_> = ids.into_iter().map(|id| store.take(id, agent, agent, at(2))).collect();
            taken.into_iter().map(|result| result.wait().unwrap()).collect::<Vec<_>>()
        })
    };
    let (sari, budi) = (take_all("Sari"), take_all("Budi"));
    let (sari, budi) = (sari.join().unwrap(), budi.join().unwrap());
    for (peer, results) in peers.iter().zip(sari.into_iter().zip(budi)) {
        let holder = kit.conversation(peer).assignee;
        match results {
            (TakeResult::Taken, TakeResult::HeldBy(by)) => {
                assert_eq!((holder.as_deref(), by.as_str()), (Some("Sari"), "Sari"));
            }
            (TakeResult::HeldBy(by), TakeResult::Taken) => {
                assert_eq!((holder.as_deref(), by.as_str()), (Some("Budi"), "Budi"));
            }
            other => panic!("{peer}: {other:?}"),
        }
        let events = kit.messages(peer).into_iter().filter(|m| m.direction == Direction::Internal).count();
        assert_eq!(events, 1, "the loser leaves no trace");
    }
}

#[test]
fn assigning_needs_no_ones_leave_and_every_change_of_hands_stays_in_the_thread() {
    let kit = Kit::new();
    let id = kit.customer(at(1), PEER, "halo").conversation;
    kit.store.assign(id, Some("Budi"), "Sari", at(2)).wait().unwrap();
    assert_eq!(kit.conversation(PEER).assignee.as_deref(), Some("Budi"));
    let before = kit.store.last_seq().unwrap();
    kit.store.assign(id, Some("Budi"), "Sari", at(3)).wait().unwrap();
    assert_eq!(kit.store.last_seq().unwrap(), before, "nothing changed, so nobody is told");
    assert_eq!(kit.store.take(id, "Sari", "Sari", at(4)).wait().unwrap(), TakeResult::HeldBy("Budi".into()));
    kit.store.assign(id, None, "Budi", at(5)).wait().unwrap();
    assert_eq!(kit.conversation(PEER).assignee, None);
    assert_eq!(kit.store.take(id, "Sari", "Sari", at(6)).wait().unwrap(), TakeResult::Taken);
    // Whoever has it already does not take it again.
    assert_eq!(kit.store.take(id, "Sari", "Sari", at(7)).wait().unwrap(), TakeResult::HeldBy("Sari".into()));
    let events: Vec<_> = kit.messages(PEER).into_iter().filter(|m| m.kind == Kind::System).collect();
    let told: Vec<_> = events.iter().map(|m| (m.author.name.as_str(), m.payload.clone().unwrap())).collect();
    assert_eq!(
        told,
        [
            ("Sari", serde_json::json!({"event": "assigned", "to": "Budi"})),
            ("Budi", serde_json::json!({"event": "unassigned"})),
            ("Sari", serde_json::json!({"event": "assigned", "to": "Sari"})),
        ]
    );
    let changed = kit.store.changes_since(before, 100).unwrap();
    assert!(changed.iter().any(|c| c.kind == ChangeKind::ConversationChanged { conversation: id }));
    assert_eq!(
        kit.store.take(loket::domain::ConversationId(99), "Sari", "Sari", at(8)).wait(),
        Err(StoreError::NotFound)
    );
}

#[test]
fn labels_that_others_change_meanwhile_stay() {
    let kit = Kit::new();
    let id = kit.customer(at(1), PEER, "halo").conversation;
    let edit = |add: &[&str], remove: &[&str]| {
        let own = |labels: &[&str]| labels.iter().map(|l| (*l).to_owned()).collect();
        kit.store.edit_labels(id, own(add), own(remove), "Sari", at(1)).wait().unwrap();
        kit.conversation(PEER).labels
    };
    assert_eq!(edit(&["komplain", "baru"], &[]), ["baru", "komplain"]);
    assert_eq!(edit(&["vip", "baru"], &["komplain"]), ["baru", "vip"]);
    assert_eq!(edit(&[], &["tidak-ada"]), ["baru", "vip"]);
}

#[test]
fn a_note_is_found_but_is_neither_sent_nor_an_answer_nor_news() {
    let kit = Kit::new();
    let first = kit.customer(at(1), PEER, "Kak, pesanan saya mana?");
    let before = kit.conversation(PEER);
    let note = Note::new("Cek resi JNE dulu, pernah hilang\n").unwrap();
    let note = kit.store.add_note(first.conversation, note, "Budi", at(5)).wait().unwrap();
    assert_eq!((note.kind, note.direction, note.status), (Kind::Note, Direction::Internal, Status::Received));
    assert_eq!((note.author.kind, note.author.name.as_str()), (AuthorKind::Agent, "Budi"));
    assert_eq!(note.text, "Cek resi JNE dulu, pernah hilang");
    let after = kit.conversation(PEER);
    assert_eq!(
        (after.unread, after.waiting_since, after.last_at),
        (before.unread, before.waiting_since, before.last_at)
    );
    assert_eq!(
        (&after.last_text, after.last_kind, after.last_status),
        (&before.last_text, before.last_kind, before.last_status)
    );
    assert_ne!(after.revision, before.revision, "other screens follow");
    assert_eq!(kit.search("jne", None, 5).len(), 1);
    // No way leads to the outbox.
    assert_eq!(kit.lease(at(6)), None);
    assert_eq!(kit.store.send_again(note.id, at(6)).wait(), Err(StoreError::NotFound));
    assert_eq!(kit.store.cancel(note.id, "Sari", at(6)).wait(), Err(StoreError::NotFound));
    let outbox: i64 =
        raw_connection(kit.dir.path()).query_row("SELECT count(*) FROM outbox", [], |r| r.get(0)).unwrap();
    assert_eq!(outbox, 0);
    // What comes later stands below it, whatever the gateway's clock says, and waits since the customer's first word.
    kit.customer(at(40), PEER, "halo?");
    assert_eq!(kit.texts(PEER), ["Kak, pesanan saya mana?", "Cek resi JNE dulu, pernah hilang", "halo?"]);
    assert_eq!(kit.conversation(PEER).waiting_since, before.waiting_since);
    assert_eq!(Note::new(" \n"), None);
}

#[test]
fn a_snoozed_conversation_says_until_when() {
    let kit = Kit::new();
    let id = kit.customer(at(1), PEER, "halo").conversation;
    kit.store.set_state(id, ConversationState::Snoozed, Some(at(90)), "Sari", at(1)).wait().unwrap();
    let snoozed = kit.conversation(PEER);
    assert_eq!(snoozed.snoozed_until, Some(at(90)));
    let json = serde_json::to_string(&snoozed).unwrap();
    assert!(
        json.contains(r#""labels":[],"assignee":null,"snoozed_until":"2023-11-14T22:14:50Z","window_until":"#),
        "{json}"
    );
    kit.customer(at(2), PEER, "lagi");
    assert_eq!(kit.conversation(PEER).snoozed_until, None);
}

#[test]
fn each_agent_has_a_draft_and_one_of_before_belongs_to_whoever_opens_it_first() {
    let kit = Kit::new();
    let id = kit.customer(at(1), PEER, "halo").conversation;
    let draft = |agent: &str| kit.store.open_draft(id, agent).unwrap().unwrap_or_default();
    for (agent, text) in [("", "dari versi lama"), ("Sari", "Siap kak")] {
        kit.store.save_draft(id, agent, text, at(2)).wait().unwrap();
    }
    assert_eq!((draft("Sari"), draft("Budi")), ("Siap kak".to_owned(), "dari versi lama".to_owned()));
    assert_eq!((draft("Tono"), draft("Budi")), (String::new(), "dari versi lama".to_owned()));
    kit.store.save_draft(id, "Budi", "", at(3)).wait().unwrap();
    assert_eq!((draft("Sari"), draft("Budi")), ("Siap kak".to_owned(), String::new()));
    // Sari's message clears Sari's draft; Budi's stays.
    kit.store.save_draft(id, "Budi", "sebentar", at(3)).wait().unwrap();
    kit.send(at(4), PEER, "Siap kak");
    assert_eq!((draft("Sari"), draft("Budi")), (String::new(), "sebentar".to_owned()));
}

#[test]
fn others_see_who_has_a_conversation_open_and_who_writes() {
    let kit = Kit::new();
    let id = kit.customer(at(1), PEER, "halo").conversation;
    let other = kit.customer(at(1), "628222222222", "hai").conversation;
    let says = |screen: &str, agent: &str, conversation, writing| {
        let open = Some(OpenConversation { conversation, writing });
        kit.store.set_presence(screen, agent, open).wait().unwrap();
    };
    let seen = |screen: &str, peer: &str| {
        let mut shown: Vec<Conversation> = vec![kit.conversation(peer)];
        kit.store.add_presence(screen, shown.iter_mut()).unwrap();
        shown.remove(0).presence
    };
    let presence = |agent: &str, writing| Presence { agent: agent.to_owned(), writing };
    let before = kit.store.last_seq().unwrap();
    says("1", "Sari", id, false);
    says("2", "Budi", id, true);
    assert_eq!(seen("1", PEER), [presence("Budi", true)], "one's own screen is not shown");
    assert_eq!(seen("2", PEER), [presence("Sari", false)]);
    assert_eq!(seen("3", PEER), [presence("Budi", true), presence("Sari", false)]);
    says("2", "Budi", other, false);
    assert_eq!((seen("1", PEER), seen("1", "628222222222")), (Vec::new(), vec![presence("Budi", false)]));
    let seq = kit.store.last_seq().unwrap();
    kit.store.set_presence("2", "Budi", None).wait().unwrap();
    kit.store.set_presence("2", "Budi", None).wait().unwrap();
    assert_eq!(seen("1", "628222222222"), []);
    let left: Vec<_> = kit.store.changes_since(seq, 10).unwrap().into_iter().map(|c| c.kind).collect();
    assert_eq!(left, [ChangeKind::ConversationChanged { conversation: other }], "and only once");
    let kinds = kit.store.changes_since(before, 100).unwrap();
    assert!(kinds.iter().all(|c| matches!(c.kind, ChangeKind::ConversationChanged { .. })));
}

/// A message of Sari's that is to be sent at `then`.
fn later(kit: &Kit, text: &str, then: i64, now: i64) -> loket::domain::Message {
    let options = SendOptions { at: Some(at(then)), ..SendOptions::default() };
    kit.store.enqueue(NewMessage { options, ..new(&kit.account, PEER, text) }, at(now)).wait().unwrap()
}

#[test]
fn a_scheduled_message_holds_nothing_up_and_is_sent_at_its_time() {
    let kit = Kit::new();
    kit.customer(at(1), PEER, "Besok buka jam berapa?");
    let day = 24 * 3600;
    let morning = later(&kit, "Kami buka jam 8", 3 * day, 2);
    assert_eq!((morning.status, morning.scheduled_at), (Status::Queued, Some(at(3 * day))));
    let conversation = kit.conversation(PEER);
    assert_eq!(conversation.waiting_since, Some(at(1)), "it answers nobody yet");
    assert_eq!((conversation.last_text.as_str(), conversation.last_at), ("Besok buka jam berapa?", at(1)));
    assert_eq!(kit.store.last_answer(conversation.id).unwrap(), None);
    // Another message goes out before it, and it stands below what comes.
    kit.sent(at(5), PEER, "Sebentar ya kak", Some("w1"));
    kit.customer(at(60), PEER, "ok");
    assert_eq!(kit.texts(PEER), ["Besok buka jam berapa?", "Sebentar ya kak", "ok", "Kami buka jam 8"]);
    assert_eq!(kit.store.next_scheduled().unwrap(), Some(at(3 * day)));
    assert_eq!(kit.store.queue_scheduled(at(3 * day - 1)).wait().unwrap(), []);
    assert_eq!(kit.lease(at(3 * day - 1)), None);
    // It has waited for longer than a queued message may, and goes out all the same; also after a restart.
    let store = Store::open(kit.dir.path()).unwrap();
    assert_eq!(store.queue_scheduled(at(3 * day)).wait().unwrap(), [morning.id]);
    let lease = kit.lease(at(3 * day)).unwrap();
    assert_eq!((lease.message, lease.outgoing.content.text()), (morning.id, "Kami buka jam 8"));
    let sent = kit.finish(&lease, accepted(Some("w2")), at(3 * day));
    assert_eq!((sent.status, sent.scheduled_at, sent.at), (Status::Sent, None, at(3 * day)));
    let conversation = kit.conversation(PEER);
    assert_eq!((conversation.waiting_since, conversation.last_text.as_str()), (None, "Kami buka jam 8"));
    assert_eq!(kit.store.next_scheduled().unwrap(), None);
}

#[test]
fn a_scheduled_message_can_be_taken_back_or_sent_at_once() {
    let kit = Kit::new();
    kit.customer(at(1), PEER, "halo");
    let (first, second) = (later(&kit, "satu", 5000, 2), later(&kit, "dua", 6000, 2));
    // Lists say when the next one goes out, wherever they read the conversation.
    let next = || kit.conversation(PEER).scheduled_at;
    assert_eq!(next(), Some(at(5000)));
    // Its text is the draft of whom takes it back, before what was written there, and it stands nowhere else.
    let id = kit.conversation(PEER).id;
    kit.store.save_draft(id, "Sari", "PS", at(3)).wait().unwrap();
    let seq = kit.store.last_seq().unwrap();
    let cancelled = kit.store.cancel(first.id, "Sari", at(10)).wait().unwrap();
    assert_eq!((cancelled.message.id, cancelled.draft.as_deref()), (first.id, Some("satu")));
    assert_eq!(kit.store.open_draft(id, "Sari").unwrap().as_deref(), Some("satu\nPS"));
    assert_eq!(kit.store.message(first.id).unwrap(), None);
    assert!(kit.search("satu", None, 5).is_empty());
    assert_eq!(kit.store.send_again(first.id, at(11)).wait(), Err(StoreError::NotFound));
    assert_eq!(kit.store.cancel(first.id, "Sari", at(11)).wait(), Err(StoreError::NotFound));
    // Other screens are told which message is gone.
    let changes = kit.store.changes_since(seq, 10).unwrap();
    let gone = ChangeKind::MessageChanged { conversation: id, message: first.id };
    assert!(changes.iter().any(|change| change.kind == gone), "{changes:?}");
    assert_eq!(next(), Some(at(6000)));
    let now = kit.store.send_again(second.id, at(20)).wait().unwrap();
    assert_eq!(next(), None);
    assert_eq!((now.status, now.scheduled_at), (Status::Queued, None));
    assert_eq!(kit.lease(at(20)).unwrap().message, second.id);
    assert_eq!(kit.store.queue_scheduled(at(9000)).wait().unwrap(), []);
}

#[test]
fn a_scheduled_message_that_is_no_draft_stays_when_it_is_taken_back() {
    let kit = Kit::new();
    kit.customer(at(1), PEER, "di mana tokonya?");
    let content = Content::Location { latitude: "-6.2".into(), longitude: "106.8".into(), caption: None };
    let options = SendOptions { at: Some(at(5000)), ..SendOptions::default() };
    let mut place = NewMessage { options, ..new(&kit.account, PEER, "") };
    place.outgoing.content = content;
    let place = kit.store.enqueue(place, at(2)).wait().unwrap();
    let cancelled = kit.store.cancel(place.id, "Sari", at(10)).wait().unwrap();
    assert_eq!(cancelled.draft, None);
    let message = cancelled.message;
    assert_eq!((message.status, message.error.unwrap().code.as_str()), (Status::Failed, "cancelled"));
    assert_eq!((message.scheduled_at, message.at), (None, at(10)));
}

#[test]
fn what_was_begun_is_kept_for_its_agent_until_it_is_finished() {
    let kit = Kit::new();
    let question = kit.customer(at(1), PEER, "halo").id;
    let id = kit.conversation(PEER).id;
    kit.store.save_begun_note(id, "Sari", "cek stok", at(2)).wait().unwrap();
    kit.store.save_draft_quote(id, "Sari", Some(question)).wait().unwrap();
    // After a restart, and for nobody else.
    let store = Store::open(kit.dir.path()).unwrap();
    let quotes = |agent: &str| -> Vec<_> {
        let quotes = store.draft_quotes(agent).unwrap();
        quotes.into_iter().map(|(conversation, message)| (conversation, message.id)).collect()
    };
    assert_eq!(store.begun_notes("Sari").unwrap(), [(id, "cek stok".to_owned())]);
    assert_eq!(quotes("Sari"), [(id, question)]);
    assert_eq!((store.begun_notes("Budi").unwrap(), quotes("Budi")), (vec![], vec![]));
    // No draft came of them, and what others do leaves them alone.
    assert_eq!(store.open_draft(id, "Sari").unwrap(), None);
    kit.store.add_note(id, Note::new("lain").unwrap(), "Budi", at(3)).wait().unwrap();
    kit.store.enqueue(new(&kit.account, PEER, "tanpa kutipan"), at(4)).wait().unwrap();
    assert_eq!((store.begun_notes("Sari").unwrap().len(), quotes("Sari").len()), (1, 1));
    // The note in the thread, and the message that answers, end them.
    kit.store.add_note(id, Note::new("cek stok").unwrap(), "Sari", at(5)).wait().unwrap();
    assert_eq!(store.begun_notes("Sari").unwrap(), []);
    let mut answer = new(&kit.account, PEER, "Halo kak");
    answer.author.name = "Sari".to_owned();
    answer.outgoing.quote = Some(loket::domain::Quote { remote_id: "x".to_owned(), ..loket::domain::Quote::default() });
    kit.store.enqueue(answer, at(6)).wait().unwrap();
    assert_eq!(quotes("Sari"), []);
}

#[test]
fn who_answered_last_is_known_by_name_and_time() {
    let kit = Kit::new();
    let id = kit.customer(at(1), PEER, "halo").conversation;
    assert_eq!(kit.store.last_answer(id).unwrap(), None);
    kit.sent(at(7), PEER, "Halo kak", Some("w1"));
    kit.store.add_note(id, Note::new("catatan").unwrap(), "Budi", at(8)).wait().unwrap();
    assert_eq!(kit.store.last_answer(id).unwrap(), Some(("Sari".to_owned(), at(7))));
}

#[test]
fn every_act_is_kept_with_who_when_and_from_where() {
    let kit = Kit::new();
    let id = kit.customer(at(1), PEER, "halo").conversation;
    let budi = Actor { agent: "Budi".to_owned(), origin: Origin::Screen, address: Some("10.0.0.5".to_owned()) };
    let labels = |labels: &[&str]| labels.iter().map(|l| (*l).to_owned()).collect::<Vec<_>>();
    kit.store.take(id, "Sari", "Sari", at(2)).wait().unwrap();
    kit.store.take(id, "Budi", "Budi", at(3)).wait().unwrap();
    kit.store.edit_labels(id, labels(&["baru", "vip"]), Vec::new(), budi.clone(), at(4)).wait().unwrap();
    kit.store.edit_labels(id, labels(&["vip"]), labels(&["baru"]), "Sari", at(5)).wait().unwrap();
    kit.store.set_state(id, ConversationState::Snoozed, Some(at(90)), "Sari", at(6)).wait().unwrap();
    kit.store.set_state(id, ConversationState::Resolved, None, budi, at(7)).wait().unwrap();
    kit.store.set_state(id, ConversationState::Resolved, None, "Sari", at(8)).wait().unwrap();
    kit.store.mark_unread(id, "Sari", at(9)).wait().unwrap();
    kit.store.assign(id, None, "Sari", at(10)).wait().unwrap();
    let entries = |kit: &Kit, id| {
        let all = kit.store.audit(id, 100).unwrap();
        let words = |e: AuditEntry| (e.at, e.agent, e.action, e.value.unwrap_or_default(), e.address);
        all.into_iter().rev().map(words).collect::<Vec<_>>()
    };
    let entry = |s: i64, agent: &str, action, value: &str, address: Option<&str>| {
        (at(s), agent.to_owned(), action, value.to_owned(), address.map(str::to_owned))
    };
    let expected = [
        entry(2, "Sari", Action::Assigned, "Sari", None),
        entry(4, "Budi", Action::Labelled, "baru", Some("10.0.0.5")),
        entry(4, "Budi", Action::Labelled, "vip", Some("10.0.0.5")),
        entry(5, "Sari", Action::Unlabelled, "baru", None),
        entry(6, "Sari", Action::Snoozed, &at(90).to_string(), None),
        entry(7, "Budi", Action::Resolved, "", Some("10.0.0.5")),
        entry(10, "Sari", Action::Unassigned, "", None),
    ];
    // What changed nothing is no act: taken already, resolved already, unread already.
    assert_eq!(entries(&kit, id), expected);
    let details = kit.store.conversation_details(id).unwrap().unwrap();
    let json = serde_json::to_value(&details).unwrap();
    assert_eq!(serde_json::from_value::<ConversationDetails>(json).unwrap(), details);
    let fresh = Kit::new();
    let conversation = kit.conversation(PEER);
    let exported = ExportedConversation {
        id,
        account: conversation.account,
        channel: conversation.channel,
        peer: PEER.to_owned(),
        at: at(1),
        details,
    };
    for _ in 0..2 {
        fresh.store.importer(true).add(vec![exported.clone()], Vec::new()).wait().unwrap();
    }
    assert_eq!(entries(&fresh, id), expected, "once, however often the file is imported");
}

#[test]
fn an_export_takes_assignee_labels_notes_state_and_what_is_unread_along() {
    let kit = Kit::new();
    let id = kit.customer(at(1), PEER, "halo").conversation;
    kit.customer(at(2), PEER, "kak?");
    kit.store.mark_seen(id, kit.messages(PEER)[0].id).wait().unwrap();
    kit.store.edit_labels(id, vec!["vip".to_owned()], Vec::new(), "Sari", at(1)).wait().unwrap();
    kit.store.assign(id, Some("Budi"), "Sari", at(3)).wait().unwrap();
    kit.store.add_note(id, Note::new("cek resi").unwrap(), "Sari", at(4)).wait().unwrap();
    kit.store.set_state(id, ConversationState::Snoozed, Some(at(9000)), "Sari", at(1)).wait().unwrap();
    let details = kit.store.conversation_details(id).unwrap().unwrap();
    let other = Kit::new();
    let importer = other.store.importer(true);
    let conversation = kit.conversation(PEER);
    let exported = ExportedConversation {
        id,
        account: conversation.account.clone(),
        channel: conversation.channel,
        peer: PEER.to_owned(),
        at: at(1),
        details,
    };
    importer.add(vec![exported], kit.store.export_messages(None, 100).unwrap()).wait().unwrap();
    importer.finish().for_each(|recounted| recounted.wait().unwrap());
    let copy = other.conversation(PEER);
    assert_eq!((copy.assignee.as_deref(), copy.labels.as_slice()), (Some("Budi"), ["vip".to_owned()].as_slice()));
    assert_eq!((copy.state, copy.snoozed_until, copy.unread), (ConversationState::Snoozed, Some(at(9000)), 1));
    assert_eq!((copy.last_text.as_str(), copy.waiting_since), ("kak?", Some(at(1))));
    let plain = |kit: &Kit| {
        let messages = kit.messages(PEER).into_iter();
        messages.map(|m| (m.id, m.direction, m.kind, m.text, m.author, m.payload)).collect::<Vec<_>>()
    };
    assert_eq!(plain(&other), plain(&kit));
}

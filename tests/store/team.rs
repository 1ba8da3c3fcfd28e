//! What several agents do to a conversation on one store: taking, assigning, labels, notes.

use super::kit::{Kit, at, raw_connection};
use loket::domain::{AuthorKind, ChangeKind, ConversationState, Direction, Kind, Note, Status, TakeResult};
use loket::store::{Store, StoreError};

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
            let taken: Vec<_> = ids.into_iter().map(|id| store.take(id, agent, at(2))).collect();
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
    assert_eq!(kit.store.take(id, "Sari", at(4)).wait().unwrap(), TakeResult::HeldBy("Budi".into()));
    kit.store.assign(id, None, "Budi", at(5)).wait().unwrap();
    assert_eq!(kit.conversation(PEER).assignee, None);
    assert_eq!(kit.store.take(id, "Sari", at(6)).wait().unwrap(), TakeResult::Taken);
    // Whoever has it already does not take it again.
    assert_eq!(kit.store.take(id, "Sari", at(7)).wait().unwrap(), TakeResult::HeldBy("Sari".into()));
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
    assert_eq!(kit.store.take(loket::domain::ConversationId(99), "Sari", at(8)).wait(), Err(StoreError::NotFound));
}

#[test]
fn labels_that_others_change_meanwhile_stay() {
    let kit = Kit::new();
    let id = kit.customer(at(1), PEER, "halo").conversation;
    let edit = |add: &[&str], remove: &[&str]| {
        let own = |labels: &[&str]| labels.iter().map(|l| (*l).to_owned()).collect();
        kit.store.edit_labels(id, own(add), own(remove)).wait().unwrap();
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
    assert_eq!(kit.store.cancel(note.id).wait(), Err(StoreError::NotFound));
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
    kit.store.set_state(id, ConversationState::Snoozed, Some(at(90))).wait().unwrap();
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

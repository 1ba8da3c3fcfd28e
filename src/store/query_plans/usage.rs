//! What the engine and the screen do with a store, so that every text of SQL that they send runs once.

use std::time::Duration;

use crate::domain::conversation::{ConversationFilter, ConversationOrder, ConversationRange};
use crate::domain::inbound::{InboundMessage, Peer, Receipt, Writer};
use crate::domain::message::{MessageKey, MessageRange};
use crate::domain::window::WindowRule;
use crate::domain::{
    AccountName, Author, AuthorKind, Channel, Content, ConversationId, ConversationState, CustomerField, Direction,
    Failure, Inbound, Message, MessageId, Note, OpenConversation, Outgoing, Recipient, SendOptions, Seq, SessionState,
    Status, Timestamp,
};
use crate::store::database::Store;
use crate::store::{
    Abandoned, AttemptOutcome, Claim, Claimant, LeaseOwner, NewEvent, NewMessage, RequestLimit, RuleReply, Rules,
};

/// Uses a store as the engine and the screen do.
pub(super) fn use_store(store: &Store) {
    let account = AccountName::new("toko").unwrap();
    let at = |seconds: i64| Timestamp(1_700_000_000_000 + seconds * 1000);
    let person = || Peer::person("628111111111");
    store.ensure_account(&account, "any", "token").wait().unwrap();
    let owner = LeaseOwner::new("test", 1);
    let mut key = 0;
    let mut apply = |seconds: i64, reports: Vec<Inbound>| {
        key += 1;
        let event = NewEvent {
            account: account.clone(),
            key: key.to_string(),
            within: (key % 2 == 0).then(|| Duration::from_secs(5)),
            ack: false,
            received_at: at(seconds),
            headers: Vec::new(),
            body: b"{}".to_vec(),
        };
        let id = store.append_event(event.clone()).wait().unwrap().id;
        assert!(store.append_event(event).wait().unwrap().duplicate);
        assert_eq!(store.uninterpreted(std::slice::from_ref(&account), 10).unwrap().len(), 1);
        let find = |_: &Message, _: &str| {
            let author = Author { kind: AuthorKind::Rule, name: "info".to_owned() };
            let contents = vec![Content::Text { body: "otomatis".to_owned() }];
            Some(RuleReply { author, contents, unless_after: Some(Timestamp(0)) })
        };
        let rules = Rules { now: at(seconds), in_webhook: None, find: Box::new(find) };
        let scope = (Channel::WhatsApp, WindowRule::Day);
        store.apply_event_with(id, &account, scope, reports, Some(rules)).wait().unwrap().messages
    };
    let text = |id: &str, direction| InboundMessage {
        remote_id: Some(id.to_owned()),
        unique: true,
        direction,
        ..InboundMessage::text(person(), "halo semua")
    };
    let by = || Writer::customer(person());
    let receipt = |id: &str, may_infer| Receipt {
        remote_id: id.to_owned(),
        status: Status::Delivered,
        failure: None,
        recipient: Some("628111111111".to_owned()),
        may_infer,
        at: None,
    };
    let first = apply(0, vec![Inbound::Message(Box::new(text("m1", Direction::In)))]).remove(0);
    let conversation = first.conversation;
    for inbound in [
        Inbound::Message(Box::new(text("m1", Direction::In))),
        Inbound::Message(Box::new(text("e1", Direction::Out))),
        Inbound::Edited { remote_id: "m1".to_owned(), text: "baru".to_owned(), by: by() },
        Inbound::Revoked { remote_id: "m9".to_owned(), by: by() },
        Inbound::Message(Box::new(text("m9", Direction::In))),
        Inbound::Receipt(receipt("?", true)),
        Inbound::Receipt(receipt("??", false)),
        Inbound::Named { channel: None, peer: person(), name: "Budi".to_owned() },
        Inbound::Moved { channel: None, from: person(), to: Peer::person("628222222222") },
        Inbound::Session { state: SessionState::Connected, detail: String::new() },
        Inbound::Unknown { event: "message.poll".to_owned() },
    ] {
        apply(20, vec![inbound]);
    }
    let new = NewMessage {
        account: account.clone(),
        outgoing: Outgoing {
            channel: Channel::WhatsApp,
            to: Recipient { peer: "628111111111".to_owned(), group: false },
            content: Content::Text { body: "ya".to_owned() },
            quote: None,
        },
        author: Author { kind: AuthorKind::Agent, name: "Sari".to_owned() },
        name: None,
        window: WindowRule::Day,
        options: SendOptions::default(),
    };
    let limit = RequestLimit { per_minute: 600, counts_queries: true };
    let claimant = Claimant { account: account.clone(), only: None, owner, limit };
    let outcomes = [
        AttemptOutcome::Accepted { remote_id: Some("w1".to_owned()) },
        AttemptOutcome::Unsure { failure: Failure::new("timeout", "") },
    ];
    for (n, outcome) in (0..).zip(outcomes) {
        store.enqueue(new.clone(), at(30 + n)).wait().unwrap();
        while let Claim::Leased(lease) = store.claim_due(&claimant, at(40 + n)).wait().unwrap() {
            let message = store.finish_attempt(&lease, outcome.clone(), at(41 + n)).wait().unwrap();
            apply(42, vec![Inbound::Receipt(receipt("w1", true))]);
            if message.status == Status::Unsure {
                store.send_again(message.id, at(50)).wait().unwrap();
                store.cancel(message.id, "Sari", at(51)).wait().unwrap();
            }
        }
    }
    schedule(store, new);
    use_screen(store, &account, conversation, first.id);
    store.recover_leases(Abandoned::All, at(60)).wait().unwrap();
    store.read_again(None, 10).wait().unwrap();
    store.prune_events(at(0), 10).wait().unwrap();
    store.prune_changes(5, 10).wait().unwrap();
    store.unacknowledged_since(&account, at(0)).unwrap();
}

/// A message that is to be sent later.
fn schedule(store: &Store, new: NewMessage) {
    let options = SendOptions { at: Some(Timestamp(70)), ..SendOptions::default() };
    store.enqueue(NewMessage { options, ..new.clone() }, Timestamp(60)).wait().unwrap();
    store.next_scheduled().unwrap();
    let again = store.enqueue(NewMessage { options, ..new }, Timestamp(61)).wait().unwrap();
    store.cancel(again.id, "Sari", Timestamp(62)).wait().unwrap();
    for message in store.queue_scheduled(Timestamp(70)).wait().unwrap() {
        store.cancel(message, "Sari", Timestamp(71)).wait().unwrap();
    }
}

/// What a screen and the commands read and write.
fn use_screen(store: &Store, account: &AccountName, conversation: ConversationId, message: MessageId) {
    for sql in [MessageRange::Newest, MessageRange::Before(MessageKey { at: Timestamp(0), id: message })] {
        store.messages(conversation, sql, 10).unwrap();
    }
    store.account_messages(account, None, 10).unwrap();
    for unread in [false, true] {
        for of in [None, Some(account.clone())] {
            for state in [None, Some(ConversationState::Open)] {
                for order in [ConversationOrder::Activity, ConversationOrder::Queue] {
                    for words in filter_words() {
                        let filter = ConversationFilter { account: of.clone(), unread, state, order, ..words };
                        store.conversations(&filter, ConversationRange::Top, 10).unwrap();
                        store.conversations(&filter, ConversationRange::Bottom, 10).unwrap();
                        store.find_messages(&filter, 10, 100).unwrap();
                    }
                }
            }
        }
    }
    store.counts().unwrap();
    store.count_conversations(&filter_words()).unwrap();
    store.next_waiting(None).unwrap();
    store.next_waiting(Some(conversation)).unwrap();
    store.first_unread(conversation).unwrap();
    store.mark_seen(conversation, message).wait().unwrap();
    store.mark_unread(conversation, "Sari", Timestamp(1)).wait().unwrap();
    store.set_state(conversation, ConversationState::Snoozed, Some(Timestamp(1)), "Sari", Timestamp(1)).wait().unwrap();
    store.wake_snoozed(Timestamp(2)).wait().unwrap();
    store.next_wake().unwrap();
    store.set_labels(conversation, vec!["vip".to_owned()]).wait().unwrap();
    store.save_draft(conversation, "", "sedang", Timestamp(1)).wait().unwrap();
    store.open_draft(conversation, "Sari").unwrap();
    store.take(conversation, "Sari", "Sari", Timestamp(1)).wait().unwrap();
    store.assign(conversation, None, "Sari", Timestamp(1)).wait().unwrap();
    store.edit_labels(conversation, vec!["baru".to_owned()], Vec::new(), "Sari", Timestamp(1)).wait().unwrap();
    store.audit(conversation, 10).unwrap();
    store.add_note(conversation, Note::new("cek").unwrap(), "Sari", Timestamp(1)).wait().unwrap();
    let open = OpenConversation { conversation, writing: true };
    store.set_presence("1-a", "Sari", Some(open)).wait().unwrap();
    let mut shown = store.conversation(conversation).unwrap();
    store.add_drafts("Sari", shown.iter_mut()).unwrap();
    store.add_presence("2-b", shown.iter_mut()).unwrap();
    store.forget_screens(store.present_screens().unwrap()).wait().unwrap();
    store.last_answer(conversation).unwrap();
    store.changes_since(Seq(0), 10).unwrap();
    store.customer(conversation, &|_| Vec::new(), &|_| Vec::new()).unwrap();
    store.labels().unwrap();
    store.agents().unwrap();
    store
        .edit_customer(conversation, CustomerField::Custom("ukuran".to_owned()), "L", "Sari", Timestamp(1))
        .wait()
        .unwrap();
    store.unknown_events(10).unwrap();
    store.count_events(10).unwrap();
}

/// What else a filter can ask for: nothing, each by itself, and all together.
pub(super) fn filter_words() -> Vec<ConversationFilter> {
    let none = ConversationFilter::default;
    vec![
        none(),
        ConversationFilter { channel: Some(Channel::Telegram), labels: vec!["vip".to_owned()], ..none() },
        ConversationFilter { assignee: Some("Sari".to_owned()), ..none() },
        ConversationFilter { unassigned: true, waiting: true, ..none() },
        ConversationFilter { after: Some(Timestamp(1)), before: Some(Timestamp(9)), ..none() },
        ConversationFilter {
            channel: Some(Channel::Telegram),
            labels: vec!["vip".to_owned(), "komplain".to_owned()],
            assignee: Some("Sari".to_owned()),
            waiting: true,
            after: Some(Timestamp(1)),
            before: Some(Timestamp(9)),
            ..none()
        },
    ]
}

//! What the tests of the store share. The clock is a number here.

use loket::domain::inbound::{InboundMessage, Peer, Receipt};
use loket::domain::window::WindowRule;
use loket::domain::{
    AccountName, Author, AuthorKind, Channel, Content, Conversation, Inbound, Message, Outgoing, Recipient, Status,
    Timestamp,
};
use loket::store::{Applied, AttemptOutcome, Lease, NewEvent, NewMessage, Store, Window};
use tempfile::TempDir;

/// Noon of some day.
pub(crate) const T0: i64 = 1_700_000_000_000;

pub(crate) struct Kit {
    pub(crate) dir: TempDir,
    pub(crate) store: Store,
    pub(crate) account: AccountName,
    events: std::cell::Cell<u32>,
}

pub(crate) fn at(seconds: i64) -> Timestamp {
    Timestamp(T0 + seconds * 1000)
}

pub(crate) fn account(name: &str) -> AccountName {
    AccountName::new(name).unwrap()
}

pub(crate) fn agent() -> Author {
    Author { kind: AuthorKind::Agent, name: "Sari".into() }
}

impl Kit {
    pub(crate) fn new() -> Kit {
        let dir = tempfile::tempdir().unwrap();
        let store = Store::open(dir.path()).unwrap();
        let account = account("toko");
        store.ensure_account(&account, "chatera", "token", at(0)).wait().unwrap();
        Kit { dir, store, account, events: std::cell::Cell::new(0) }
    }

    /// Journals an event and applies its claims.
    pub(crate) fn apply(&self, now: Timestamp, claims: Vec<Inbound>) -> Applied {
        let n = self.events.get() + 1;
        self.events.set(n);
        let event = event(&self.account, &format!("kit-{n}"), now);
        let id = self.store.append_event(event).wait().unwrap().id;
        self.store.apply(id, &self.account, Channel::WhatsApp, WindowRule::Day, claims, now).wait().unwrap()
    }

    /// A customer writes.
    pub(crate) fn customer(&self, now: Timestamp, peer: &str, text: &str) -> Message {
        self.receive(now, InboundMessage::text(Peer::person(peer), text)).unwrap()
    }

    pub(crate) fn receive(&self, now: Timestamp, message: InboundMessage) -> Option<Message> {
        self.apply(now, vec![Inbound::Message(Box::new(message))]).messages.pop()
    }

    pub(crate) fn receipt(&self, now: Timestamp, id: &str, status: Status) -> Applied {
        self.apply(now, vec![Inbound::Receipt(receipt(id, status))])
    }

    pub(crate) fn send(&self, now: Timestamp, peer: &str, text: &str) -> Message {
        self.store.enqueue(new(&self.account, peer, text), now).wait().unwrap()
    }

    pub(crate) fn claim(&self, now: Timestamp) -> Option<Lease> {
        self.store.claim_due(&self.account, None, now).wait().unwrap()
    }

    pub(crate) fn settle(&self, claim: &Lease, settled: AttemptOutcome, now: Timestamp) -> Message {
        self.store.settle(claim.message, claim.attempt, settled, now).wait().unwrap()
    }

    /// Sends a message and has it accepted with this id.
    pub(crate) fn sent(&self, now: Timestamp, peer: &str, text: &str, remote_id: Option<&str>) -> Message {
        let message = self.send(now, peer, text);
        let claim = self.claim(now).unwrap();
        assert_eq!(claim.message, message.id);
        self.settle(&claim, accepted(remote_id), now)
    }

    pub(crate) fn message(&self, message: &Message) -> Message {
        self.store.message(message.id).unwrap().unwrap()
    }

    pub(crate) fn conversation(&self, peer: &str) -> Conversation {
        self.store.find_conversation(&self.account, None, peer).unwrap().unwrap()
    }

    pub(crate) fn texts(&self, peer: &str) -> Vec<String> {
        let id = self.conversation(peer).id;
        self.store.messages(id, Window::Newest, 1000).unwrap().into_iter().map(|m| m.text).collect()
    }
}

pub(crate) fn event(account: &AccountName, key: &str, now: Timestamp) -> NewEvent {
    NewEvent {
        account: account.clone(),
        key: key.into(),
        within: None,
        ack: false,
        received_at: now,
        headers: vec![("x-event".into(), "message".into())],
        body: b"{}".to_vec(),
    }
}

pub(crate) fn new(account: &AccountName, peer: &str, text: &str) -> NewMessage {
    NewMessage {
        account: account.clone(),
        outgoing: Outgoing {
            channel: Channel::WhatsApp,
            to: Recipient { peer: peer.into(), group: false },
            content: Content::Text { body: text.into() },
        },
        author: agent(),
        name: None,
        window: WindowRule::Day,
    }
}

pub(crate) fn receipt(id: &str, status: Status) -> Receipt {
    Receipt { remote_id: id.into(), status, failure: None, recipient: None, may_infer: false, at: None }
}

pub(crate) fn accepted(remote_id: Option<&str>) -> AttemptOutcome {
    AttemptOutcome::Accepted { remote_id: remote_id.map(Into::into) }
}

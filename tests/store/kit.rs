//! What the tests of the store share. Times are seconds after a fixed one.

use loket::domain::{
    AccountName, Author, AuthorKind, Channel, Content, Conversation, ConversationId, EventId, Inbound, InboundMessage,
    Message, MessageId, Outgoing, Peer, Receipt, Recipient, SearchText, SendOptions, Status, Timestamp, WindowRule,
    phone,
};
use loket::store::{
    ApplyOutcome, AttemptOutcome, Claim, Claimant, ConversationDetails, ExportedConversation, ExportedMessage, FILE,
    ImportCounts, Lease, LeaseOwner, MessageRange, NewEvent, NewMessage, RequestLimit, RuleReply, Rules, Store,
    StoreError,
};
use rusqlite::Connection;
use tempfile::TempDir;

/// The time that [`at`] counts from.
pub(crate) const T0: i64 = 1_700_000_000_000;

/// A store in a directory of its own, with one account.
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
        store.ensure_account(&account, "chatera", "token").wait().unwrap();
        Kit { dir, store, account, events: std::cell::Cell::new(0) }
    }

    /// Appends an event to the journal and applies what it reports.
    pub(crate) fn apply(&self, now: Timestamp, reports: Vec<Inbound>) -> ApplyOutcome {
        let n = self.events.get() + 1;
        self.events.set(n);
        let event = event(&self.account, &format!("kit-{n}"), now);
        let id = self.store.append_event(event).wait().unwrap().id;
        self.apply_event(id, reports).unwrap()
    }

    pub(crate) fn apply_event(&self, id: EventId, reports: Vec<Inbound>) -> Result<ApplyOutcome, StoreError> {
        self.store.apply_event(id, &self.account, Channel::WhatsApp, WindowRule::Day, reports).wait()
    }

    /// Searches as people in Indonesia do.
    pub(crate) fn search(&self, query: &str, account: Option<&AccountName>, limit: usize) -> Vec<Message> {
        self.store.search(&SearchText::new(query, phone::INDONESIA), account, limit).unwrap().messages
    }

    /// Receives a customer's text; a rule named `rule` answers it with "otomatis", as often as the store permits.
    pub(crate) fn apply_with_rule(
        &self,
        now: Timestamp,
        peer: &str,
        rule: &str,
        in_webhook: Option<LeaseOwner>,
    ) -> ApplyOutcome {
        let message = Inbound::Message(Box::new(InboundMessage::text(Peer::person(peer), "halo")));
        self.apply_with_rules(now, now, vec![message], rule_named(rule, now, in_webhook))
    }

    /// Applies at `now` what came at `arrival`.
    pub(crate) fn apply_with_rules(
        &self,
        arrival: Timestamp,
        now: Timestamp,
        reports: Vec<Inbound>,
        rules: Rules,
    ) -> ApplyOutcome {
        let n = self.events.get() + 1;
        self.events.set(n);
        let event = event(&self.account, &format!("kit-{n}"), arrival);
        let id = self.store.append_event(event).wait().unwrap().id;
        let scope = (Channel::WhatsApp, WindowRule::Day);
        self.store.apply_event_with(id, &self.account, scope, reports, Some(Rules { now, ..rules })).wait().unwrap()
    }

    /// Receives a customer's text.
    pub(crate) fn customer(&self, now: Timestamp, peer: &str, text: &str) -> Message {
        self.receive(now, InboundMessage::text(Peer::person(peer), text)).unwrap()
    }

    pub(crate) fn receive(&self, now: Timestamp, message: InboundMessage) -> Option<Message> {
        self.apply(now, vec![Inbound::Message(Box::new(message))]).messages.pop()
    }

    pub(crate) fn receipt(&self, now: Timestamp, id: &str, status: Status) -> ApplyOutcome {
        self.apply(now, vec![Inbound::Receipt(receipt(id, status))])
    }

    pub(crate) fn send(&self, now: Timestamp, peer: &str, text: &str) -> Message {
        self.store.enqueue(new(&self.account, peer, text), now).wait().unwrap()
    }

    pub(crate) fn lease(&self, now: Timestamp) -> Option<Lease> {
        self.lease_of(None, now)
    }

    /// Claims the next message of a conversation, or of any.
    pub(crate) fn lease_of(&self, only: Option<ConversationId>, now: Timestamp) -> Option<Lease> {
        match self.store.claim_due(&Claimant { only, ..claimant(&self.account) }, now).wait().unwrap() {
            Claim::Leased(lease) => Some(*lease),
            Claim::Nothing => None,
            Claim::Wait(at) => panic!("the budget is used up until {at}"),
        }
    }

    pub(crate) fn finish(&self, lease: &Lease, outcome: AttemptOutcome, now: Timestamp) -> Message {
        self.store.finish_attempt(lease, outcome, now).wait().unwrap()
    }

    /// Sends a message, which the gateway accepts with this id.
    pub(crate) fn sent(&self, now: Timestamp, peer: &str, text: &str, remote_id: Option<&str>) -> Message {
        let message = self.send(now, peer, text);
        let lease = self.lease(now).unwrap();
        assert_eq!(lease.message, message.id);
        self.finish(&lease, accepted(remote_id), now)
    }

    /// Imports messages, whose conversations are recounted.
    pub(crate) fn import(&self, messages: Vec<ExportedMessage>) -> ImportCounts {
        let importer = self.store.importer(true);
        let counts = importer.add(Vec::new(), messages).wait().unwrap();
        importer.finish().for_each(|recounted| recounted.wait().unwrap());
        counts
    }

    /// The messages of a page of an export.
    pub(crate) fn exported(&self, after: Option<MessageId>, limit: usize) -> Vec<Message> {
        let page = self.store.export_messages(after, limit).unwrap();
        page.into_iter().map(|exported| exported.message).collect()
    }

    /// Names a conversation that has no name, as a person's choice; an import is the only way to do so yet.
    pub(crate) fn name_by_hand(&self, peer: &str, name: &str) {
        let conversation = self.conversation(peer);
        let details = self.store.conversation_details(conversation.id).unwrap().unwrap();
        let details = ConversationDetails { name: name.into(), named_by_hand: true, ..details };
        let Conversation { id, account, channel, peer, .. } = conversation;
        let named = ExportedConversation { id, account, channel, peer, at: at(0), details };
        self.store.importer(true).add(vec![named], Vec::new()).wait().unwrap();
    }

    /// How many receipts wait for a message that is not known.
    pub(crate) fn orphan_receipts(&self) -> i64 {
        let sql = "SELECT count(*) FROM orphan_receipts o WHERE NOT EXISTS (SELECT 1 FROM wire_ids w \
                   WHERE w.account = o.account AND w.remote_id = o.remote_id)";
        raw_connection(self.dir.path()).query_row(sql, [], |row| row.get(0)).unwrap()
    }

    pub(crate) fn message(&self, message: &Message) -> Message {
        self.store.message(message.id).unwrap().unwrap()
    }

    pub(crate) fn conversation(&self, peer: &str) -> Conversation {
        self.store.find_conversation(&self.account, None, peer).unwrap().unwrap()
    }

    /// The messages of a conversation, oldest first.
    pub(crate) fn messages(&self, peer: &str) -> Vec<Message> {
        self.store.messages(self.conversation(peer).id, MessageRange::Newest, 1000).unwrap()
    }

    pub(crate) fn texts(&self, peer: &str) -> Vec<String> {
        let id = self.conversation(peer).id;
        self.store.messages(id, MessageRange::Newest, 1000).unwrap().into_iter().map(|m| m.text).collect()
    }
}

/// A rule that answers everything with "otomatis".
pub(crate) fn rule_named(name: &str, now: Timestamp, in_webhook: Option<LeaseOwner>) -> Rules {
    let author = Author { kind: AuthorKind::Rule, name: name.into() };
    let contents = vec![Content::Text { body: "otomatis".into() }];
    let find = move |_: &Message, _: &str| {
        Some(RuleReply { author: author.clone(), contents: contents.clone(), unless_after: None })
    };
    Rules { now, in_webhook, find: Box::new(find) }
}

/// A connection that does not go through the store.
#[expect(clippy::disallowed_methods, reason = "the store does not show what a test checks here")]
pub(crate) fn raw_connection(dir: &std::path::Path) -> Connection {
    Connection::open(dir.join(FILE)).unwrap()
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

/// Claims of an account that may make as many requests as it wants.
pub(crate) fn claimant(account: &AccountName) -> Claimant {
    Claimant {
        account: account.clone(),
        only: None,
        owner: LeaseOwner::new("kit", 1),
        limit: RequestLimit { per_minute: 1_000_000, counts_queries: true },
    }
}

/// A text message of the agent.
pub(crate) fn new(account: &AccountName, peer: &str, text: &str) -> NewMessage {
    NewMessage {
        account: account.clone(),
        outgoing: Outgoing {
            channel: Channel::WhatsApp,
            to: Recipient { peer: peer.into(), group: false },
            content: Content::Text { body: text.into() },
            quote: None,
        },
        author: agent(),
        name: None,
        window: WindowRule::Day,
        options: SendOptions::default(),
    }
}

pub(crate) fn receipt(id: &str, status: Status) -> Receipt {
    Receipt { remote_id: id.into(), status, failure: None, recipient: None, may_infer: false, at: None }
}

pub(crate) fn accepted(remote_id: Option<&str>) -> AttemptOutcome {
    AttemptOutcome::Accepted { remote_id: remote_id.map(Into::into) }
}

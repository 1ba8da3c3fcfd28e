//! A store made by hand.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard};

use loket::domain::capability::{ButtonRules, TemplateRules};
use loket::domain::conversation::ConversationKey;
use loket::domain::message::MessageKey;
use loket::domain::outgoing::MediaKind;
use loket::domain::window::WindowRule;
use loket::domain::{
    Account, AccountName, Author, AuthorKind, Capabilities, Change, ChangeKind, Channel, Contact, Conversation,
    ConversationId, ConversationState, Direction, Kind, Message, MessageId, Seq, SessionState, Status, Template,
    Timestamp,
};
use loket::tui::app::facts::{AccountView, Budget, Facts, SendError};
use tokio::sync::watch;

/// Saturday, 22 August 2026, 10:00 in Jakarta.
pub const NOW: Timestamp = Timestamp::from_seconds(1_787_367_600);

pub fn minutes_ago(minutes: i64) -> Timestamp {
    Timestamp(NOW.0 - minutes * 60_000)
}

pub fn account_name(name: &str) -> AccountName {
    AccountName::new(name).unwrap()
}

/// What the hand-made store holds.
pub struct World {
    pub accounts: Vec<AccountView>,
    pub conversations: BTreeMap<ConversationId, Conversation>,
    pub messages: BTreeMap<ConversationId, Vec<Message>>,
    pub first_unread: BTreeMap<ConversationId, MessageKey>,
    pub drafts: BTreeMap<ConversationId, String>,
    pub changes: Vec<Change>,
    pub now: Timestamp,
    pub refuse: Option<SendError>,
    pub facts: Facts,
    pub contacts: Vec<Contact>,
    pub templates: Result<Vec<Template>, String>,
    /// How many conversations have been handed out.
    pub handed_out: usize,
}

#[derive(Clone)]
pub struct Fake {
    world: Arc<Mutex<World>>,
    pub commits: watch::Sender<u64>,
}

impl Fake {
    pub fn new() -> Self {
        let world = World {
            accounts: Vec::new(),
            conversations: BTreeMap::new(),
            messages: BTreeMap::new(),
            first_unread: BTreeMap::new(),
            drafts: BTreeMap::new(),
            changes: Vec::new(),
            now: NOW,
            refuse: None,
            facts: Facts::default(),
            contacts: Vec::new(),
            templates: Ok(Vec::new()),
            handed_out: 0,
        };
        Fake { world: Arc::new(Mutex::new(world)), commits: watch::Sender::new(0) }
    }

    pub fn world(&self) -> MutexGuard<'_, World> {
        self.world.lock().unwrap()
    }

    pub fn account(&self, name: &str, channel: Channel, window: WindowRule) {
        self.world().accounts.push(account_view(name, channel, window));
    }

    pub fn conversation(&self, id: i64, name: &str, account: &str, channel: Channel) -> ConversationId {
        let id = ConversationId(id);
        let conversation = Conversation {
            id,
            account: account_name(account),
            channel,
            peer: format!("62812345{:05}", id.0),
            name: name.to_owned(),
            group: false,
            unread: 0,
            waiting_since: None,
            last_at: minutes_ago(60 * 24 * 30),
            last_text: String::new(),
            state: ConversationState::Open,
            labels: Vec::new(),
            window_until: None,
            last_kind: Kind::Text,
            last_status: Status::Received,
            has_draft: false,
            revision: 1,
        };
        self.world().conversations.insert(id, conversation);
        id
    }

    /// Somebody stands in the address book.
    pub fn knows(&self, name: &str, phone: &str) {
        self.world().contacts.push(Contact {
            account: None,
            remote_id: None,
            phone: Some(phone.to_owned()),
            name: Some(name.to_owned()),
            email: None,
            tags: Vec::new(),
            custom_fields: serde_json::Map::new(),
        });
    }

    /// Changes a conversation's facts.
    pub fn set(&self, id: ConversationId, change: impl FnOnce(&mut Conversation)) {
        let mut world = self.world();
        let conversation = world.conversations.get_mut(&id).unwrap();
        change(conversation);
        conversation.revision += 1;
        world.record(ChangeKind::ConversationChanged { conversation: id });
    }

    /// The customer writes.
    pub fn hears(&self, id: ConversationId, at: Timestamp, text: &str) -> MessageId {
        self.adds(id, at, |m| text.clone_into(&mut m.text))
    }

    /// Somebody on our side wrote.
    pub fn wrote(&self, id: ConversationId, at: Timestamp, status: Status, text: &str) -> MessageId {
        self.adds(id, at, |m| {
            m.direction = Direction::Out;
            m.author = Author { kind: AuthorKind::Agent, name: "Sari".to_owned() };
            m.status = status;
            text.clone_into(&mut m.text);
        })
    }

    /// A message as `shape` makes it out of a customer's text.
    pub fn adds(&self, id: ConversationId, at: Timestamp, shape: impl FnOnce(&mut Message)) -> MessageId {
        let mut world = self.world();
        let number = MessageId(world.messages.values().map(|m| i64::try_from(m.len()).unwrap()).sum::<i64>() + 1);
        let conversation = world.conversations.get_mut(&id).unwrap();
        let mut message = Message {
            id: number,
            conversation: id,
            account: conversation.account.clone(),
            channel: conversation.channel,
            peer: conversation.peer.clone(),
            direction: Direction::In,
            author: Author { kind: AuthorKind::Contact, name: conversation.name.clone() },
            kind: Kind::Text,
            text: String::new(),
            media: None,
            payload: None,
            remote_id: Some(format!("remote-{number}")),
            status: Status::Received,
            error: None,
            at,
            inferred: false,
            revision: 1,
            order: MessageKey { at, id: number },
            retry_at: None,
        };
        shape(&mut message);
        if at >= conversation.last_at {
            conversation.last_at = at;
            conversation.last_text.clone_from(&message.text);
            conversation.last_kind = message.kind;
            conversation.last_status = message.status;
        }
        conversation.revision += 1;
        if message.direction == Direction::In && message.kind != Kind::System {
            conversation.unread += 1;
            conversation.waiting_since.get_or_insert(at);
            world.first_unread.entry(id).or_insert(MessageKey { at, id: number });
        } else {
            conversation.waiting_since = None;
        }
        let messages = world.messages.entry(id).or_default();
        messages.push(message);
        messages.sort_by_key(|m| m.order);
        world.record(ChangeKind::MessageAdded { conversation: id, message: number });
        number
    }

    /// A message changes.
    pub fn changes(&self, id: MessageId, change: impl FnOnce(&mut Message)) {
        let mut world = self.world();
        let message = world.messages.values_mut().flatten().find(|m| m.id == id).unwrap();
        change(message);
        message.revision += 1;
        let conversation = message.conversation;
        world.record(ChangeKind::MessageChanged { conversation, message: id });
    }

    /// Everything in a conversation was seen.
    pub fn seen(&self, id: ConversationId) {
        let mut world = self.world();
        world.conversations.get_mut(&id).unwrap().unread = 0;
        world.first_unread.remove(&id);
    }
}

impl World {
    fn record(&mut self, kind: ChangeKind) {
        let seq = Seq(i64::try_from(self.changes.len()).unwrap() + 1);
        self.changes.push(Change { seq, kind });
    }

    pub fn key(conversation: &Conversation) -> ConversationKey {
        ConversationKey { last_at: conversation.last_at, id: conversation.id }
    }
}

/// Every account can carry every kind, and its gateway answers every question.
pub fn carries_everything(fake: &Fake) {
    for account in &mut fake.world().accounts {
        let can = &mut account.capabilities;
        can.card = true;
        can.list_rows = Some(10);
        can.buttons =
            Some(ButtonRules { max: 3, types: &["reply", "url", "copy"], mixed: true, max_links: 1, media: &[] });
        can.check_number = true;
        can.list_groups = true;
        can.contacts = true;
    }
}

pub fn account_view(name: &str, channel: Channel, window: WindowRule) -> AccountView {
    AccountView {
        account: Account {
            name: account_name(name),
            provider: "chatera".to_owned(),
            mode: None,
            channel,
            state: SessionState::Connected,
            since: None,
            last_event_at: None,
            webhook_path: String::new(),
        },
        provider_name: "Chatera",
        capabilities: Capabilities {
            channels: &Channel::ALL,
            text_max: 4096,
            caption_max: 1024,
            media: &[(MediaKind::Image, &["jpg", "png"]), (MediaKind::Document, &[])],
            groups: true,
            location: true,
            card: false,
            template: Some(TemplateRules { numeric_id: false, headers: &[], payloads: false }),
            buttons: None,
            list_rows: None,
            window,
            check_number: false,
            list_groups: false,
            list_templates: true,
            contacts: false,
            login: true,
            receipts: true,
        },
        detail: String::new(),
        budget: Budget { used: 0, per_minute: 60 },
        webhook_url: format!("https://inbox.example/webhooks/{name}/token"),
        silent_since: None,
    }
}

//! A store made by hand: accounts, conversations and messages as a test says.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard};

use loket::domain::{
    Account, AccountName, AccountStatus, AuditEntry, Author, AuthorKind, ButtonRules, Capabilities, Change, ChangeKind,
    Channel, Contact, Conversation, ConversationId, ConversationState, CustomerField, Direction, FileRules, Folder,
    Kind, MediaKind, Message, MessageId, MessageKey, OutgoingFile, ProcessStatus, QueryError, QuitStatus, RequestUsage,
    SendError, Seq, SessionState, Status, Template, TemplateRules, Timestamp, WindowRule,
};
use loket::tui::Unreadable;

/// Saturday, 22 August 2026, 10:00 in Jakarta.
pub const NOW: Timestamp = Timestamp::from_seconds(1_787_367_600);

pub fn minutes_ago(minutes: i64) -> Timestamp {
    Timestamp(NOW.0 - minutes * 60_000)
}

pub fn account_name(name: &str) -> AccountName {
    AccountName::new(name).unwrap()
}

pub struct Contents {
    pub accounts: Vec<AccountStatus>,
    pub conversations: BTreeMap<ConversationId, Conversation>,
    pub messages: BTreeMap<ConversationId, Vec<Message>>,
    pub first_unread: BTreeMap<ConversationId, MessageKey>,
    pub drafts: BTreeMap<ConversationId, String>,
    pub resolved: BTreeMap<ConversationId, (String, Timestamp)>,
    /// What may be about every unsure message.
    pub unmatched: Vec<loket::domain::UnmatchedReport>,
    /// What lies in folders; under `None` the newest files.
    pub folders: BTreeMap<Option<PathBuf>, Folder>,
    /// The files of this machine by their paths.
    pub files: BTreeMap<String, OutgoingFile>,
    /// Where the picture of the clipboard is.
    pub clipboard_picture: Option<PathBuf>,
    pub begun_notes: Vec<(ConversationId, String)>,
    /// The messages that drafts answer.
    pub quotes: Vec<(ConversationId, MessageId)>,
    pub changes: Vec<Change>,
    pub now: Timestamp,
    /// The answer to every message, if it is an error.
    pub refusal: Option<SendError>,
    pub process: ProcessStatus,
    pub quit: QuitStatus,
    pub contacts: Vec<Contact>,
    /// The fields of contacts that were changed here.
    pub edited: Vec<CustomerField>,
    pub acts: Vec<AuditEntry>,
    pub templates: Result<Vec<Template>, QueryError>,
    /// How many rows of the list have been read.
    pub rows_read: usize,
    /// How many messages are not indexed for searching.
    pub unindexed: usize,
    /// What previews show, by the hashes of files; what is not here is still being made.
    pub previews: BTreeMap<String, FakePreview>,
}

/// What a file shows.
#[derive(Debug, Clone, Copy)]
pub enum FakePreview {
    /// A picture of this width and height.
    Picture(u32, u32),
    Pages(u32),
    /// A voice note of so many seconds.
    Voice(u64),
    Unreadable(Unreadable),
}

#[derive(Clone)]
pub struct FakeStore(Arc<Mutex<Contents>>);

impl FakeStore {
    pub fn new() -> Self {
        FakeStore(Arc::new(Mutex::new(Contents {
            accounts: Vec::new(),
            conversations: BTreeMap::new(),
            messages: BTreeMap::new(),
            first_unread: BTreeMap::new(),
            drafts: BTreeMap::new(),
            resolved: BTreeMap::new(),
            unmatched: Vec::new(),
            folders: BTreeMap::new(),
            files: BTreeMap::new(),
            clipboard_picture: None,
            begun_notes: Vec::new(),
            quotes: Vec::new(),
            changes: Vec::new(),
            now: NOW,
            refusal: None,
            process: ProcessStatus::default(),
            quit: QuitStatus::default(),
            contacts: Vec::new(),
            edited: Vec::new(),
            acts: Vec::new(),
            templates: Ok(Vec::new()),
            rows_read: 0,
            unindexed: 0,
            previews: BTreeMap::new(),
        })))
    }

    pub fn contents(&self) -> MutexGuard<'_, Contents> {
        self.0.lock().unwrap()
    }

    pub fn add_account(&self, name: &str, channel: Channel, window: WindowRule) {
        self.contents().accounts.push(account_view(name, channel, window));
    }

    pub fn change_account(&self, name: &str, change: impl FnOnce(&mut AccountStatus)) {
        let mut contents = self.contents();
        change(contents.accounts.iter_mut().find(|view| view.account.name.as_str() == name).unwrap());
    }

    pub fn add_conversation(&self, id: i64, name: &str, account: &str, channel: Channel) -> ConversationId {
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
            no_marketing: false,
            assignee: None,
            snoozed_until: None,
            window_until: None,
            customer_at: None,
            scheduled_at: None,
            last_order: minutes_ago(60 * 24 * 30),
            waiting_text: String::new(),
            waiting_kind: None,
            last_kind: Kind::Text,
            last_status: Status::Received,
            draft: None,
            presence: Vec::new(),
            revision: 1,
        };
        self.contents().conversations.insert(id, conversation);
        id
    }

    /// Adds somebody to the address book.
    pub fn add_contact(&self, name: &str, phone: &str) {
        self.contents().contacts.push(Contact {
            account: None,
            remote_id: None,
            phone: Some(phone.to_owned()),
            name: Some(name.to_owned()),
            email: None,
            tags: Vec::new(),
            custom_fields: serde_json::Map::new(),
        });
    }

    pub fn change_conversation(&self, id: ConversationId, change: impl FnOnce(&mut Conversation)) {
        let mut contents = self.contents();
        let conversation = contents.conversations.get_mut(&id).unwrap();
        change(conversation);
        conversation.revision += 1;
        contents.record(ChangeKind::ConversationChanged { conversation: id });
    }

    /// The customer writes.
    pub fn receive(&self, id: ConversationId, at: Timestamp, text: &str) -> MessageId {
        self.add_message(id, at, |m| text.clone_into(&mut m.text))
    }

    /// Somebody on our side writes.
    pub fn add_sent(&self, id: ConversationId, at: Timestamp, status: Status, text: &str) -> MessageId {
        self.add_message(id, at, |m| {
            m.direction = Direction::Out;
            m.author = Author { kind: AuthorKind::Agent, name: "Sari".to_owned() };
            m.status = status;
            text.clone_into(&mut m.text);
        })
    }

    /// Somebody on our side lets a message wait for its time.
    pub fn schedule(&self, id: ConversationId, at: Timestamp, text: &str) -> MessageId {
        let summary = self.contents().conversations[&id].clone();
        let message = self.add_sent(id, at, Status::Queued, text);
        self.change_message(message, |m| m.scheduled_at = Some(at));
        // It answers nobody, and lists show what has been said.
        self.change_conversation(id, |c| {
            *c = Conversation { revision: c.revision, scheduled_at: Some(at), ..summary };
        });
        message
    }

    /// A message as `shape` makes it out of an empty one by the customer.
    pub fn add_message(&self, id: ConversationId, at: Timestamp, shape: impl FnOnce(&mut Message)) -> MessageId {
        let mut contents = self.contents();
        let number = MessageId(contents.messages.values().flatten().map(|m| m.id.0).max().unwrap_or_default() + 1);
        let conversation = contents.conversations.get_mut(&id).unwrap();
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
            scheduled_at: None,
        };
        shape(&mut message);
        if at >= conversation.last_at && message.direction != Direction::Internal {
            conversation.last_at = at;
            conversation.last_order = at;
            conversation.last_text.clone_from(&message.text);
            conversation.last_kind = message.kind;
            conversation.last_status = message.status;
        }
        conversation.revision += 1;
        if message.direction == Direction::In && message.kind != Kind::System {
            conversation.unread += 1;
            if conversation.waiting_since.is_none() {
                conversation.waiting_since = Some(at);
                conversation.waiting_kind = Some(message.kind);
                conversation.waiting_text.clone_from(&message.text);
            }
            contents.first_unread.entry(id).or_insert(MessageKey { at, id: number });
        } else if message.direction != Direction::Internal {
            conversation.waiting_since = None;
        }
        let messages = contents.messages.entry(id).or_default();
        messages.push(message);
        messages.sort_by_key(|m| m.order);
        contents.record(ChangeKind::MessageAdded { conversation: id, message: number });
        number
    }

    pub fn change_message(&self, id: MessageId, change: impl FnOnce(&mut Message)) {
        let mut contents = self.contents();
        let message = contents.messages.values_mut().flatten().find(|m| m.id == id).unwrap();
        change(message);
        message.revision += 1;
        let conversation = message.conversation;
        contents.record(ChangeKind::MessageChanged { conversation, message: id });
    }

    /// Deletes a message.
    pub fn delete_message(&self, id: MessageId) {
        let mut contents = self.contents();
        let conversation = contents.messages.values().flatten().find(|m| m.id == id).unwrap().conversation;
        contents.messages.get_mut(&conversation).unwrap().retain(|m| m.id != id);
        contents.record(ChangeKind::MessageChanged { conversation, message: id });
    }

    /// Deletes a conversation.
    pub fn forget(&self, id: ConversationId) {
        let mut contents = self.contents();
        contents.conversations.remove(&id);
        contents.messages.remove(&id);
        contents.record(ChangeKind::ConversationChanged { conversation: id });
    }

    /// Marks everything in a conversation as seen.
    pub fn mark_seen(&self, id: ConversationId) {
        let mut contents = self.contents();
        contents.conversations.get_mut(&id).unwrap().unread = 0;
        contents.first_unread.remove(&id);
    }
}

impl Contents {
    fn record(&mut self, kind: ChangeKind) {
        let seq = Seq(i64::try_from(self.changes.len()).unwrap() + 1);
        self.changes.push(Change { seq, kind });
    }

    /// The conversation that a change is about; no change of this store is about an account.
    pub fn concerns(change: &Change) -> ConversationId {
        match change.kind {
            ChangeKind::MessageAdded { conversation, .. }
            | ChangeKind::MessageChanged { conversation, .. }
            | ChangeKind::ConversationChanged { conversation } => conversation,
            ChangeKind::AccountChanged { .. } => panic!("a change of an account"),
        }
    }

    pub fn is_about(change: &Change, id: MessageId) -> bool {
        matches!(
            change.kind,
            ChangeKind::MessageAdded { message, .. } | ChangeKind::MessageChanged { message, .. } if message == id
        )
    }
}

/// Lets every account send every kind and answer every query.
pub fn carries_everything(store: &FakeStore) {
    for account in &mut store.contents().accounts {
        let can = &mut account.capabilities;
        can.card = true;
        can.list_rows = Some(10);
        can.buttons =
            Some(ButtonRules { max: 3, types: &["reply", "url", "copy"], mixed: true, max_links: 1, media: &[] });
        can.check_number = true;
        can.list_groups = true;
        can.contacts = true;
        can.quotes = true;
        can.reactions = true;
    }
}

pub fn account_view(name: &str, channel: Channel, window: WindowRule) -> AccountStatus {
    AccountStatus {
        account: Account {
            name: account_name(name),
            provider: "chatera".to_owned(),
            mode: None,
            channel,
            state: SessionState::Connected,
            since: None,
            last_event_at: None,
            notice: None,
            webhook_path: String::new(),
        },
        provider_name: "Chatera",
        capabilities: Capabilities {
            channels: &Channel::ALL,
            text_max: 4096,
            caption_max: 1024,
            media: &[(MediaKind::Image, &["jpg", "png"]), (MediaKind::Document, &[])],
            groups: true,
            files: FileRules::LINK,
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
            quotes: false,
            reactions: false,
            phone: true,
        },
        detail: String::new(),
        usage: RequestUsage { used: 0, per_minute: 60 },
        paused_until: None,
        webhook_url: format!("https://inbox.example/webhooks/{name}/token"),
        silent_since: None,
    }
}

/// A document of this machine at a path.
pub fn pdf(path: &str) -> OutgoingFile {
    OutgoingFile {
        sha256: String::new(),
        name: path.rsplit('/').next().unwrap_or_default().to_owned(),
        mime: "application/pdf".to_owned(),
        size: 1000,
        bytes: None,
        path: Some(path.into()),
    }
}

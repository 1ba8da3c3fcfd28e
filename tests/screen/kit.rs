//! A stage for the screen: a store made by hand, keys as text, the screen as text.
//!
//! Invariant: no terminal, no clock, no file.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard};

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use futures_util::FutureExt;
use jiff::tz::TimeZone;
use loket::domain::capability::TemplateRules;
use loket::domain::conversation::{ConversationFilter, ConversationKey};
use loket::domain::message::MessageKey;
use loket::domain::outgoing::MediaKind;
use loket::domain::window::WindowRule;
use loket::domain::{
    Account, AccountName, Author, AuthorKind, Capabilities, Change, ChangeKind, Channel, Content, Conversation,
    ConversationId, ConversationState, Direction, Kind, Message, MessageId, Seq, SessionState, Status, Template,
    Timestamp,
};
use loket::text;
use loket::tui::effect::{Effect, Window};
use loket::tui::keymap::Keymap;
use loket::tui::look::Look;
use loket::tui::model::{AccountView, Budget, Counts, Facts, SayError};
use loket::tui::runtime::{Backend, reads, writes};
use loket::tui::words::Locale;
use loket::tui::{Model, Msg, Setup, settle, update, view};
use ratatui::Terminal;
use ratatui::backend::TestBackend;
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
    pub refuse: Option<SayError>,
    pub facts: Facts,
    pub templates: Result<Vec<Template>, String>,
    /// How many conversations have been handed out.
    pub handed_out: usize,
}

#[derive(Clone)]
pub struct Fake {
    world: Arc<Mutex<World>>,
    commits: watch::Sender<u64>,
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

    fn key(conversation: &Conversation) -> ConversationKey {
        ConversationKey { last_at: conversation.last_at, id: conversation.id }
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

fn matches(filter: &ConversationFilter, c: &Conversation) -> bool {
    let text = filter.text.as_deref().unwrap_or_default().to_lowercase();
    filter.account.as_ref().is_none_or(|a| *a == c.account)
        && (!filter.unread || c.unread > 0)
        && filter.state.is_none_or(|s| s == c.state)
        && [&c.name, &c.peer, &c.last_text].into_iter().any(|t| t.to_lowercase().contains(&text))
}

impl Backend for Fake {
    fn accounts(&self) -> Vec<AccountView> {
        self.world().accounts.clone()
    }

    fn conversations(
        &self,
        filter: &ConversationFilter,
        after: Option<ConversationKey>,
        limit: usize,
    ) -> Result<Vec<(ConversationKey, Conversation)>, String> {
        let mut world = self.world();
        let mut rows: Vec<_> = world
            .conversations
            .values()
            .filter(|c| matches(filter, c))
            .map(|c| (World::key(c), c.clone()))
            .filter(|(key, _)| after.is_none_or(|after| *key < after))
            .collect();
        rows.sort_by_key(|row| std::cmp::Reverse(row.0));
        rows.truncate(limit);
        world.handed_out += rows.len();
        Ok(rows)
    }

    fn conversation(&self, id: ConversationId) -> Result<Option<(ConversationKey, Conversation)>, String> {
        Ok(self.world().conversations.get(&id).map(|c| (World::key(c), c.clone())))
    }

    fn messages(&self, id: ConversationId, window: Window, limit: usize) -> Result<Vec<Message>, String> {
        let world = self.world();
        let all = world.messages.get(&id).cloned().unwrap_or_default();
        let tail = |rows: Vec<Message>| rows[rows.len().saturating_sub(limit)..].to_vec();
        Ok(match window {
            Window::Newest => tail(all),
            Window::Before(key) => tail(all.into_iter().filter(|m| m.order < key).collect()),
            Window::After(key) => all.into_iter().filter(|m| m.order > key).take(limit).collect(),
        })
    }

    fn message(&self, id: MessageId) -> Result<Option<Message>, String> {
        Ok(self.world().messages.values().flatten().find(|m| m.id == id).cloned())
    }

    fn first_unread(&self, id: ConversationId) -> Result<Option<MessageKey>, String> {
        Ok(self.world().first_unread.get(&id).copied())
    }

    fn draft(&self, id: ConversationId) -> Result<String, String> {
        Ok(self.world().drafts.get(&id).cloned().unwrap_or_default())
    }

    fn counts(&self) -> Result<Counts, String> {
        let world = self.world();
        let rows = || world.conversations.values();
        let count = |n: usize| u64::try_from(n).unwrap();
        Ok(Counts {
            unread_messages: rows().map(|c| u64::from(c.unread)).sum(),
            unread_conversations: count(rows().filter(|c| c.unread > 0).count()),
            waiting: count(rows().filter(|c| c.waiting_since.is_some()).count()),
            total: count(rows().count()),
        })
    }

    fn next_unread(&self, not: Option<ConversationId>) -> Result<Option<ConversationId>, String> {
        let world = self.world();
        let unread = world.conversations.values().filter(|c| c.unread > 0 && Some(c.id) != not);
        Ok(unread.min_by_key(|c| c.waiting_since).map(|c| c.id))
    }

    fn changes_since(&self, seq: Seq, limit: usize) -> Result<Vec<Change>, String> {
        Ok(self.world().changes.iter().filter(|c| c.seq > seq).take(limit).cloned().collect())
    }

    fn last_seq(&self) -> Result<Seq, String> {
        Ok(self.world().changes.last().map_or(Seq(0), |c| c.seq))
    }

    fn search(&self, query: &str, limit: usize) -> Result<Vec<Message>, String> {
        let query = query.to_lowercase();
        let world = self.world();
        let mut found: Vec<Message> =
            world.messages.values().flatten().filter(|m| m.text.to_lowercase().contains(&query)).cloned().collect();
        found.sort_by_key(|m| std::cmp::Reverse(m.order));
        found.truncate(limit);
        Ok(found)
    }

    fn now(&self) -> Timestamp {
        self.world().now
    }

    fn watch(&self) -> watch::Receiver<u64> {
        self.commits.subscribe()
    }

    fn status(&self) -> Facts {
        self.world().facts.clone()
    }

    async fn say(&self, id: ConversationId, content: Content) -> Result<Message, SayError> {
        if let Some(refusal) = self.world().refuse.clone() {
            return Err(refusal);
        }
        let now = self.now();
        let text = match content {
            Content::Text { body } => body,
            Content::Media { link, caption } => format!("{} {}", link.url, caption.unwrap_or_default()),
            Content::Template(t) => format!("{} {}", t.id, t.variables.join(" ")),
            other => format!("{other:?}"),
        };
        let message = self.wrote(id, now, Status::Queued, &text);
        self.world().drafts.remove(&id);
        Ok(self.message(message).unwrap().unwrap())
    }

    async fn send_again(&self, id: MessageId) -> Result<(), String> {
        self.changes(id, |m| m.status = Status::Queued);
        Ok(())
    }

    async fn cancel(&self, id: MessageId) -> Result<(), String> {
        self.changes(id, |m| m.status = Status::Failed);
        Ok(())
    }

    async fn save_draft(&self, id: ConversationId, text: String) -> Result<(), String> {
        self.set(id, |c| c.has_draft = !text.is_empty());
        self.world().drafts.insert(id, text);
        Ok(())
    }

    async fn mark_seen(&self, id: ConversationId, _upto: MessageId) -> Result<(), String> {
        self.seen(id);
        self.set(id, |_| {});
        Ok(())
    }

    async fn mark_unread(&self, id: ConversationId) -> Result<(), String> {
        self.set(id, |c| c.unread = c.unread.max(1));
        Ok(())
    }

    async fn set_state(
        &self,
        id: ConversationId,
        state: ConversationState,
        _until: Option<Timestamp>,
    ) -> Result<(), String> {
        self.set(id, |c| c.state = state);
        Ok(())
    }

    async fn templates(&self, _account: &AccountName) -> Result<Vec<Template>, String> {
        self.world().templates.clone()
    }
}

/// The screen on its stage.
pub struct Stage {
    pub fake: Fake,
    pub model: Model,
    /// Everything that was asked, in order.
    pub asked: Vec<Effect>,
    /// Deeds wait until they are let through.
    pub slow_writes: bool,
    waiting: Vec<Effect>,
}

impl Stage {
    pub fn new(fake: Fake, locale: Locale, size: (u16, u16)) -> Self {
        let seq = fake.last_seq().unwrap();
        let setup = Setup {
            locale,
            look: Look::default(),
            zone: TimeZone::get("Asia/Jakarta").unwrap(),
            keymap: Keymap::built_in().clone(),
            agent: "Sari".to_owned(),
            replies: Vec::new(),
            config_path: "/home/sari/.config/loket/config.toml".to_owned(),
            size,
            now: fake.now(),
            seq,
        };
        let (model, first) = Model::new(setup);
        let mut stage = Stage { fake, model, asked: Vec::new(), slow_writes: false, waiting: Vec::new() };
        stage.perform(first);
        stage
    }

    /// Hears one thing, does what it asks, and measures, until nothing is left to do.
    pub fn hear(&mut self, msg: Msg) {
        let effects = update(&mut self.model, msg);
        self.perform(effects);
    }

    fn perform(&mut self, effects: Vec<Effect>) {
        let mut queue: std::collections::VecDeque<Effect> = effects.into();
        loop {
            if queue.is_empty() {
                queue.extend(settle(&mut self.model));
            }
            let Some(effect) = queue.pop_front() else { return };
            self.asked.push(effect.clone());
            if self.slow_writes && writes::is_deed(&effect) {
                self.waiting.push(effect);
                continue;
            }
            let deed = writes::is_deed(&effect);
            if let Some(msg) = self.answer(effect) {
                queue.extend(update(&mut self.model, msg));
            }
            if deed {
                queue.extend(update(&mut self.model, Msg::Woken));
            }
        }
    }

    fn answer(&self, effect: Effect) -> Option<Msg> {
        match effect {
            Effect::ReadTemplates { account } => {
                let templates = self.fake.templates(&account).now_or_never().unwrap();
                Some(Msg::TemplatesRead { account, templates })
            }
            effect if writes::is_deed(&effect) => writes::perform(&self.fake, effect).now_or_never().unwrap(),
            effect => reads::answer(&self.fake, &effect),
        }
    }

    /// Lets the deeds that waited happen.
    pub fn finish_writes(&mut self) {
        self.slow_writes = false;
        for effect in std::mem::take(&mut self.waiting) {
            if let Some(msg) = self.answer(effect) {
                self.hear(msg);
            }
        }
    }

    /// The store has committed something.
    pub fn wake(&mut self) {
        self.hear(Msg::Woken);
    }

    pub fn pass(&mut self, seconds: u64) {
        let now = self.fake.now().plus(std::time::Duration::from_secs(seconds));
        self.fake.world().now = now;
        self.hear(Msg::Now(now));
    }

    /// Presses keys: names separated by spaces; text in quotes is typed.
    pub fn keys(&mut self, keys: &str) {
        for (n, part) in keys.split('\'').enumerate() {
            if n % 2 == 1 {
                for c in part.chars() {
                    self.hear(Msg::Key(KeyEvent::new(KeyCode::Char(c), KeyModifiers::NONE)));
                }
            } else {
                for name in part.split_whitespace() {
                    self.hear(Msg::Key(key(name)));
                }
            }
        }
    }

    pub fn resize(&mut self, width: u16, height: u16) {
        self.hear(Msg::Resized(width, height));
    }

    /// What was asked since the last call, without reads.
    pub fn deeds(&mut self) -> Vec<Effect> {
        let all = std::mem::take(&mut self.asked);
        all.into_iter()
            .filter(|e| {
                writes::is_deed(e)
                    || matches!(
                        e,
                        Effect::Quit
                            | Effect::Suspend
                            | Effect::Copy { .. }
                            | Effect::OpenLink { .. }
                            | Effect::Edit { .. }
                    )
            })
            .collect()
    }

    /// The screen as text, with the cursor's place below.
    pub fn screen(&self) -> String {
        let (text, cursor) = self.draw();
        match cursor {
            Some((x, y)) => format!("{text}\ncursor {x},{y}"),
            None => format!("{text}\nno cursor"),
        }
    }

    pub fn text(&self) -> String {
        self.draw().0
    }

    pub fn cursor(&self) -> Option<(u16, u16)> {
        self.draw().1
    }

    fn draw(&self) -> (String, Option<(u16, u16)>) {
        let (width, height) = self.model.size;
        let mut terminal = Terminal::new(TestBackend::new(width, height)).unwrap();
        let mut cursor = None;
        terminal
            .draw(|frame| {
                view(&self.model, frame);
            })
            .unwrap();
        if terminal.backend().cursor_visible() {
            let position = terminal.backend().cursor_position();
            cursor = Some((position.x, position.y));
        }
        let buffer = terminal.backend().buffer();
        let mut out = String::new();
        for y in 0..height {
            let mut x = 0;
            let mut line = String::new();
            while x < width {
                let symbol = buffer[(x, y)].symbol();
                line.push_str(symbol);
                x += u16::try_from(text::cells(symbol).max(1)).unwrap();
            }
            out.push_str(line.trim_end());
            out.push('\n');
        }
        out.pop();
        (out, cursor)
    }
}

pub fn key(name: &str) -> KeyEvent {
    let mut modifiers = KeyModifiers::NONE;
    let mut rest = name;
    while let Some((word, tail)) = rest.split_once('-').filter(|(w, t)| !w.is_empty() && !t.is_empty()) {
        modifiers |= match word {
            "ctrl" => KeyModifiers::CONTROL,
            "alt" => KeyModifiers::ALT,
            "shift" => KeyModifiers::SHIFT,
            other => panic!("no modifier {other}"),
        };
        rest = tail;
    }
    let code = match rest {
        "enter" => KeyCode::Enter,
        "esc" => KeyCode::Esc,
        "tab" => KeyCode::Tab,
        "backtab" => KeyCode::BackTab,
        "up" => KeyCode::Up,
        "down" => KeyCode::Down,
        "pgup" => KeyCode::PageUp,
        "pgdn" => KeyCode::PageDown,
        "backspace" => KeyCode::Backspace,
        "f1" => KeyCode::F(1),
        one if one.chars().count() == 1 => KeyCode::Char(one.chars().next().unwrap()),
        other => panic!("no key {other}"),
    };
    KeyEvent::new(code, modifiers)
}

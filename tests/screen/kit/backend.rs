//! The hand-made store as the screen's backend.

use loket::domain::conversation::{ConversationFilter, ConversationKey};
use loket::domain::message::MessageKey;
use loket::domain::{
    AccountName, Change, Channel, Contact, Content, Conversation, ConversationId, ConversationState, Group, Message,
    MessageId, Objection, Seq, Status, Template, Timestamp, phone,
};
use loket::tui::app::facts::{AccountView, Counts, Facts, SendError};
use loket::tui::effect::Window;
use loket::tui::overlays::address::Address;
use loket::tui::runtime::Backend;
use tokio::sync::watch;

use super::world::{Fake, World};

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

    async fn say(&self, id: ConversationId, content: Content) -> Result<Message, SendError> {
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

    async fn write_to(&self, to: &Address, content: Content) -> Result<Message, SendError> {
        if let Some(refusal) = self.world().refuse.clone() {
            return Err(refusal);
        }
        let next = self.world().conversations.keys().map(|id| id.0).max().unwrap_or_default() + 1;
        let id = self.conversation(next, "", to.account.as_str(), to.channel);
        self.set(id, |c| {
            c.peer.clone_from(&to.peer);
            c.group = to.group;
        });
        self.say(id, content).await
    }

    fn contacts(&self, _account: &AccountName, text: &str, limit: usize) -> Result<Vec<Contact>, String> {
        let part = text.to_lowercase();
        let holds = |text: &Option<String>| text.as_ref().is_some_and(|t| t.to_lowercase().contains(&part));
        let world = self.world();
        Ok(world.contacts.iter().filter(|c| holds(&c.name) || holds(&c.phone)).take(limit).cloned().collect())
    }

    fn address(
        &self,
        account: &AccountName,
        to: &str,
        group: bool,
    ) -> Result<(Address, Option<ConversationId>), SendError> {
        let given = || SendError::Objection(Objection::Recipient { given: to.to_owned() });
        let peer = if group { to.to_owned() } else { phone::normalise(to, phone::INDONESIA).ok_or_else(given)? };
        let world = self.world();
        let there = world.conversations.values().find(|c| c.account == *account && c.peer == peer).map(|c| c.id);
        Ok((Address { account: account.clone(), channel: Channel::WhatsApp, peer, group, name: String::new() }, there))
    }

    async fn groups(&self, account: &AccountName) -> Result<Vec<Group>, String> {
        let group =
            Group { account: account.clone(), id: "120363041234567890".into(), name: "Reseller".into(), last_at: None };
        Ok(vec![group])
    }

    async fn check_number(&self, _account: &AccountName, phone: &str) -> Result<bool, String> {
        match phone {
            "6281200000000" => Err("the gateway is busy".to_owned()),
            phone => Ok(!phone.ends_with('9')),
        }
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

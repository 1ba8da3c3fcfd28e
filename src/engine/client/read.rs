//! Reading conversations, messages, drafts and changes.

use std::collections::BTreeMap;

use super::Client;
use crate::domain::conversation::{ConversationFilter, ConversationRange, Counts, ViewCount};
use crate::domain::message::{MessageKey, MessageRange};
use crate::domain::phone::NumberPattern;
use crate::domain::window::WindowRule;
use crate::domain::{
    AccountName, AuditEntry, Change, Contact, Conversation, ConversationId, Message, MessageId, SearchResults,
    SearchText, Seq, StoreError, UnmatchedReport, phone,
};
use crate::engine::accounts::validate::validate;

impl Client {
    /// A part of a list of conversations, from top to bottom.
    pub fn conversations(
        &self,
        filter: &ConversationFilter,
        range: ConversationRange,
        limit: usize,
    ) -> Result<Vec<Conversation>, StoreError> {
        let mut page = self.store().conversations(filter, range, limit)?;
        self.add_own_view(&mut page)?;
        Ok(page)
    }

    /// Fills in what the store alone does not know of conversations: the window as the account's present settings have it
    /// (an imported conversation may be older than these), the agent's drafts, and who else has them open.
    pub(crate) fn add_own_view<'a>(
        &self,
        conversations: impl IntoIterator<Item = &'a mut Conversation>,
    ) -> Result<(), StoreError> {
        let mut conversations: Vec<_> = conversations.into_iter().collect();
        let mut rules: BTreeMap<AccountName, Option<WindowRule>> = BTreeMap::new();
        for conversation in &mut conversations {
            let account = &conversation.account;
            if !rules.contains_key(account) {
                rules.insert(account.clone(), self.window_rule(account));
            }
            if let Some(rule) = rules.get(account).copied().flatten() {
                conversation.window_until = rule.until(conversation.customer_at);
            }
        }
        self.store().add_drafts(&self.agent(), conversations.iter_mut().map(|c| &mut **c))?;
        let screen = self.process().screen.map(|screen| screen.name()).unwrap_or_default();
        self.store().add_presence(&screen, conversations)
    }

    /// The window rule of a configured account; `None` for one that is unknown or whose settings do not fit.
    fn window_rule(&self, account: &AccountName) -> Option<WindowRule> {
        if let Ok(account) = self.registry().get(account) {
            return Some(account.capabilities.window);
        }
        // Commands that only read have not loaded the accounts.
        let settings = self.settings();
        let settings = settings.accounts.iter().find(|settings| settings.name == *account)?;
        validate(settings).ok().map(|valid| valid.window)
    }

    /// The id of a conversation, or of the one that it was merged into; `NotFound` when there is neither.
    pub(crate) fn current_conversation(&self, id: ConversationId) -> Result<ConversationId, StoreError> {
        self.store().current_conversation(id)
    }

    /// A conversation by its id.
    pub fn conversation(&self, id: ConversationId) -> Result<Option<Conversation>, StoreError> {
        let mut found = self.store().conversation(id)?;
        self.add_own_view(&mut found)?;
        Ok(found)
    }

    /// The conversation with a peer: a phone number in any usual form, or an id as the gateway writes it.
    pub(crate) fn conversation_with(
        &self,
        account: &AccountName,
        peer: &str,
    ) -> Result<Option<ConversationId>, StoreError> {
        let find = |peer: &str| self.store().find_conversation(account, None, peer);
        let found = match (find(peer.trim())?, phone::normalise(peer, self.settings().country)) {
            (None, Some(number)) => find(&number)?,
            (found, _) => found,
        };
        Ok(found.map(|conversation| conversation.id))
    }

    /// The most recent conversations of an account whose number `part` is a part of; none when it is no part of a number.
    pub(crate) fn conversations_of_number(
        &self,
        account: &AccountName,
        part: &str,
        limit: usize,
    ) -> Result<Vec<Conversation>, StoreError> {
        match NumberPattern::parse(part, self.settings().country) {
            Some(number) => self.store().conversations_of_number(account, &number, limit),
            None => Ok(Vec::new()),
        }
    }

    /// Messages of a conversation, oldest first.
    pub fn messages(&self, id: ConversationId, window: MessageRange, limit: usize) -> Result<Vec<Message>, StoreError> {
        self.store().messages(id, window, limit)
    }

    /// An account's newest messages before a place, oldest first.
    pub fn account_messages(
        &self,
        account: &AccountName,
        before: Option<MessageKey>,
        limit: usize,
    ) -> Result<Vec<Message>, StoreError> {
        self.store().account_messages(account, before, limit)
    }

    /// A message by its id; `None` if the store has none.
    pub fn message(&self, id: MessageId) -> Result<Option<Message>, StoreError> {
        self.store().message(id)
    }

    /// What the gateway reported in the time of a send and that may be about it.
    pub(crate) fn unmatched_reports(&self, message: MessageId) -> Result<Vec<UnmatchedReport>, StoreError> {
        self.store().unmatched_reports(message)
    }

    /// The first unread message of a conversation.
    pub fn first_unread(&self, id: ConversationId) -> Result<Option<MessageKey>, StoreError> {
        self.store().first_unread(id)
    }

    /// The agent's draft of a conversation that is being opened; empty when there is none. Blocks.
    pub fn open_draft(&self, id: ConversationId) -> Result<String, StoreError> {
        Ok(self.store().open_draft(id, &self.agent())?.unwrap_or_default())
    }

    /// The private notes that the agent has begun and not saved.
    pub(crate) fn begun_notes(&self) -> Result<Vec<(ConversationId, String)>, StoreError> {
        self.store().begun_notes(&self.agent())
    }

    /// The messages that the agent's drafts answer, each with the conversation of the draft.
    pub(crate) fn draft_quotes(&self) -> Result<Vec<(ConversationId, Message)>, StoreError> {
        self.store().draft_quotes(&self.agent())
    }

    /// The customer of a conversation in the address book of its account.
    pub(crate) fn contact_of(&self, id: ConversationId) -> Result<Option<Contact>, StoreError> {
        let Some(conversation) = self.store().conversation(id)?.filter(|c| !c.group) else { return Ok(None) };
        self.store().contact_of_peer(&conversation.account, &conversation.peer)
    }

    /// How many conversations each of some filters finds.
    pub(crate) fn count_conversations(&self, filters: &[ConversationFilter]) -> Result<Vec<ViewCount>, StoreError> {
        self.store().count_conversations(filters)
    }

    /// Unread, waiting and total counts over all accounts.
    pub fn counts(&self) -> Result<Counts, StoreError> {
        self.store().counts()
    }

    /// The next conversation that waits for us after the open one: unread ones first, then the longest waiting.
    pub fn next_waiting(&self, open: Option<ConversationId>) -> Result<Option<ConversationId>, StoreError> {
        self.store().next_waiting(open)
    }

    /// What agents did to a conversation, the newest first: the newest thousand.
    pub(crate) fn audit(&self, id: ConversationId) -> Result<Vec<AuditEntry>, StoreError> {
        self.store().audit(id, 1000)
    }

    /// Every label that a conversation has, each once.
    pub(crate) fn labels(&self) -> Result<Vec<String>, StoreError> {
        self.store().labels()
    }

    /// Every known agent, each once.
    pub(crate) fn agents(&self) -> Result<Vec<String>, StoreError> {
        self.store().agents()
    }

    /// Changes after `seq`, oldest first.
    pub fn changes_since(&self, seq: Seq, limit: usize) -> Result<Vec<Change>, StoreError> {
        self.store().changes_since(seq, limit)
    }

    /// The number of the newest change.
    pub fn last_seq(&self) -> Result<Seq, StoreError> {
        self.store().last_seq()
    }

    /// A text that a person typed to find something; local phone numbers are those of the configured country.
    pub fn search_text(&self, text: &str) -> SearchText {
        SearchText::new(text, self.settings().country)
    }

    /// Messages that a filter finds, newest first; for a phone number also those of its conversations. At most `most`
    /// messages are looked at.
    pub fn search(&self, filter: &ConversationFilter, limit: usize, most: usize) -> Result<SearchResults, StoreError> {
        self.store().find_messages(filter, limit, most)
    }
}

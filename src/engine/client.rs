//! What people and scripts do at the counter: read the store, say something, mark what was seen.
//!
//! Works the same in an engine and in a viewer beside one: the store is all that they share. Nothing here sends.

use std::net::SocketAddr;
use std::sync::{Arc, PoisonError, RwLock};

use tokio::sync::watch;

use super::accounts::registry::{AccountRegistry, ConfiguredAccount, InvalidAccount};
use super::accounts::setup::AccountSetup;
use super::clock;
use super::notify::Notifier;
use super::outbound::http::Http;
use super::outbound::limits::Used;
use super::outbound::query::ask;
use crate::domain::phone;
use crate::domain::phone::Country;
use crate::domain::{
    Account, AccountName, Author, AuthorKind, Capabilities, Channel, Content, Conversation, ConversationId, Group,
    Message, MessageId, Objection, Outgoing, Recipient, Template, Timestamp,
};
use crate::providers::{Query, QueryResponse};
use crate::store::{NewMessage, Store, StoreError};

/// The most pages of templates that are read.
const TEMPLATE_PAGES: u32 = 100;

/// The counter. Cheap to clone.
#[derive(Clone)]
pub struct Client {
    store: Store,
    roster: AccountRegistry,
    wake: Notifier,
    person: Arc<Agent>,
    place: Arc<RwLock<ProcessInfo>>,
    office: Option<Arc<AccountSetup>>,
}

/// Who sits at the counter.
#[derive(Debug, Clone)]
pub struct Agent {
    /// The name beside own messages.
    pub name: String,
    /// How local phone numbers are read.
    pub home: Country,
    /// The language code of templates that name none.
    pub language: &'static str,
}

/// Where the counter stands.
#[derive(Debug, Clone, Default)]
pub struct ProcessInfo {
    /// This process is the engine; else the engine's pid where it is known.
    pub viewer_of: Option<String>,
    /// On the embedded sandbox.
    pub sandbox: bool,
    /// Where webhooks are taken.
    pub listener: Option<SocketAddr>,
}

/// An account as the screen shows it.
#[derive(Debug, Clone)]
pub struct AccountStatus {
    /// The contract's account object.
    pub account: Account,
    /// The gateway's own name.
    pub provider_name: &'static str,
    /// What it can carry.
    pub capabilities: Capabilities,
    /// The gateway's words with its state (foreign text).
    pub detail: String,
    /// How much of the budget is used.
    pub used: Used,
}

/// Why something was not put into the outbox.
#[derive(Debug, thiserror::Error)]
pub enum SendError {
    /// The account's gateway cannot carry it, or may not.
    #[error("the account cannot carry this: {0:?}")]
    Objection(Objection),
    /// No such account in the configuration.
    #[error("no such account")]
    NoAccount,
    /// The account's settings cannot be used.
    #[error("{0}")]
    InvalidAccount(String),
    /// The store.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Client {
    /// A counter on a store.
    pub fn new(store: Store, roster: AccountRegistry, wake: Notifier, person: Agent, place: ProcessInfo) -> Self {
        Client { store, roster, wake, person: Arc::new(person), place: Arc::new(RwLock::new(place)), office: None }
    }

    /// The same, where accounts can be added.
    #[must_use]
    pub fn with_office(self, office: AccountSetup) -> Self {
        Client { office: Some(Arc::new(office)), ..self }
    }

    pub(crate) fn office(&self) -> Option<&Arc<AccountSetup>> {
        self.office.as_ref()
    }

    /// The record, for reading and for marking what was seen.
    pub fn store(&self) -> &Store {
        &self.store
    }

    /// The accounts.
    pub fn roster(&self) -> &AccountRegistry {
        &self.roster
    }

    /// Where the counter stands.
    pub fn place(&self) -> ProcessInfo {
        self.place.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The counter stands elsewhere now: a viewer became the engine.
    pub fn move_to(&self, place: ProcessInfo) {
        *self.place.write().unwrap_or_else(PoisonError::into_inner) = place;
        self.wake.touch();
    }

    /// Becomes changed after every commit, here or in another process.
    pub fn watch(&self) -> watch::Receiver<u64> {
        self.wake.watch()
    }

    /// The current time.
    pub fn now(&self) -> Timestamp {
        clock::now()
    }

    /// Every usable account with what is known of it.
    pub fn accounts(&self) -> Result<Vec<AccountStatus>, StoreError> {
        let now = clock::now();
        self.roster.members().iter().map(|member| self.card(member, now)).collect()
    }

    /// Every account that cannot be used.
    pub fn broken(&self) -> Vec<InvalidAccount> {
        self.roster.broken()
    }

    fn card(&self, member: &Arc<ConfiguredAccount>, now: Timestamp) -> Result<AccountStatus, StoreError> {
        let health = self.store.account(member.name())?.map(|row| row.health).unwrap_or_default();
        Ok(AccountStatus {
            account: Account {
                name: member.name().clone(),
                provider: member.manifest().id.to_owned(),
                mode: member.profile.mode.map(str::to_owned),
                channel: member.profile.channel,
                state: health.state,
                since: health.since,
                last_event_at: health.last_event_at,
                webhook_path: member.webhook_path(),
            },
            provider_name: member.manifest().name,
            capabilities: member.capabilities.clone(),
            detail: health.detail,
            used: member.used(now),
        })
    }

    /// Puts a message for an existing conversation into the outbox; answered when it is durable.
    pub async fn say(&self, conversation: ConversationId, content: Content) -> Result<Message, SendError> {
        let there = self.store.conversation(conversation)?.ok_or(StoreError::NotFound)?;
        let member = self.member(there.account.as_str())?;
        let outgoing = Outgoing {
            channel: there.channel,
            to: Recipient { peer: there.peer.clone(), group: there.group },
            content: self.completed(content),
        };
        self.check(&member, &outgoing, Some(&there))?;
        self.enqueue(&member, outgoing).await
    }

    /// Puts a message to a phone number, id or group into the outbox; answered when it is durable.
    pub async fn write_to(&self, order: SendRequest) -> Result<Message, SendError> {
        let member = self.member(&order.account)?;
        let channel = order.channel.unwrap_or(member.profile.channel);
        let peer = self.peer(&member, channel, &order.to, order.group)?;
        let there = self.store.find_conversation(member.name(), Some(channel), &peer)?;
        let outgoing =
            Outgoing { channel, to: Recipient { peer, group: order.group }, content: self.completed(order.content) };
        self.check(&member, &outgoing, there.as_ref())?;
        self.enqueue(&member, outgoing).await
    }

    /// How somebody is written to through an account: recipient and channel, and their conversation when there is
    /// one.
    pub fn address(
        &self,
        account: &AccountName,
        to: &str,
        group: bool,
    ) -> Result<(Recipient, Channel, Option<ConversationId>), SendError> {
        let member = self.member(account.as_str())?;
        let channel = member.profile.channel;
        let peer = self.peer(&member, channel, to, group)?;
        let there = self.store.find_conversation(member.name(), Some(channel), &peer)?;
        Ok((Recipient { peer, group }, channel, there.map(|conversation| conversation.id)))
    }

    /// What an account objects to a message for a conversation, before anything is sent.
    pub fn objection(&self, conversation: &Conversation, content: &Content) -> Option<Objection> {
        let member = self.roster.find(conversation.account.as_str())?;
        let outgoing = Outgoing {
            channel: conversation.channel,
            to: Recipient { peer: conversation.peer.clone(), group: conversation.group },
            content: content.clone(),
        };
        match self.check(&member, &outgoing, Some(conversation)) {
            Err(SendError::Objection(objection)) => Some(objection),
            _ => None,
        }
    }

    /// A person's word: a failed or unsure message goes out again as a new attempt.
    pub async fn send_again(&self, message: MessageId) -> Result<Message, SendError> {
        Ok(self.store.send_again(message, clock::now()).await?)
    }

    /// An account's templates, as the gateway tells them now. The error is the gateway's, in its own words.
    pub async fn templates(&self, account: &AccountName) -> Result<Vec<Template>, String> {
        let member = self.member(account.as_str()).map_err(|e| e.to_string())?;
        let http = Http::new()?;
        let mut all = Vec::new();
        for page in 1..=TEMPLATE_PAGES {
            match ask(&http, &member, &Query::Templates { page }).await.map_err(|e| e.to_string())?.answer {
                QueryResponse::Templates(templates, more) => {
                    all.extend(templates);
                    if !more {
                        break;
                    }
                }
                _ => break,
            }
        }
        Ok(all)
    }

    /// The phone's groups, as the gateway tells them now. The error is the gateway's, in its own words.
    pub async fn groups(&self, account: &AccountName) -> Result<Vec<Group>, String> {
        match self.query(account, &Query::Groups).await? {
            QueryResponse::Groups(groups) => Ok(groups),
            _ => Ok(Vec::new()),
        }
    }

    /// Whether a number (digits with country code) is on WhatsApp. The error is the gateway's, in its own words.
    pub async fn check_number(&self, account: &AccountName, phone: &str) -> Result<bool, String> {
        match self.query(account, &Query::CheckNumber(phone.to_owned())).await? {
            QueryResponse::Registered(registered) => Ok(registered),
            _ => Err("the gateway does not say".to_owned()),
        }
    }

    async fn query(&self, account: &AccountName, query: &Query) -> Result<QueryResponse, String> {
        let member = self.member(account.as_str()).map_err(|e| e.to_string())?;
        Ok(ask(&Http::new()?, &member, query).await.map_err(|e| e.to_string())?.answer)
    }

    /// An account of the configuration.
    pub fn member(&self, name: &str) -> Result<Arc<ConfiguredAccount>, SendError> {
        self.roster.find(name).ok_or_else(|| match self.roster.broken().into_iter().find(|b| b.name == name) {
            Some(broken) => SendError::InvalidAccount(broken.reason),
            None => SendError::NoAccount,
        })
    }

    async fn enqueue(&self, member: &ConfiguredAccount, outgoing: Outgoing) -> Result<Message, SendError> {
        let new = NewMessage {
            account: member.name().clone(),
            outgoing,
            author: Author { kind: AuthorKind::Agent, name: self.person.name.clone() },
            name: None,
            window: member.profile.window,
        };
        Ok(self.store.enqueue(new, clock::now()).await?)
    }

    fn check(
        &self,
        member: &ConfiguredAccount,
        outgoing: &Outgoing,
        there: Option<&Conversation>,
    ) -> Result<(), SendError> {
        let last_customer_message = match there {
            Some(conversation) => self.store.last_customer_message(conversation.id)?,
            None => None,
        };
        let window_until = member.capabilities.window.until(last_customer_message);
        member.capabilities.allows(outgoing, window_until, clock::now()).map_err(SendError::Objection)?;
        // What the table of capabilities cannot say (a label's length, say), the dialect itself refuses.
        match member.provider.send_request(&member.profile, outgoing) {
            Ok(_) => Ok(()),
            Err(_) => Err(SendError::Objection(Objection::Kind { kind: outgoing.content.kind() })),
        }
    }

    /// A template that names no language goes in the person's.
    fn completed(&self, mut content: Content) -> Content {
        if let Content::Template(template) = &mut content {
            template.language.get_or_insert_with(|| self.person.language.to_owned());
        }
        if let Content::Card { numbers, .. } = &mut content {
            for number in numbers {
                if let Some(normal) = phone::normalise(number, self.person.home) {
                    *number = normal;
                }
            }
        }
        content
    }

    /// The recipient as the gateway names it. An id that is no phone number goes out on a channel of phone
    /// numbers only when the gateway itself used it (providers.md A12).
    fn peer(&self, member: &ConfiguredAccount, channel: Channel, to: &str, group: bool) -> Result<String, SendError> {
        let given = to.trim();
        if group {
            return Ok(given.strip_suffix("@g.us").unwrap_or(given).to_owned());
        }
        if !channel.uses_phone_numbers() {
            return Ok(given.to_owned());
        }
        if let Some(number) = phone::normalise(given, self.person.home) {
            return Ok(number);
        }
        let known = self.store.find_conversation(member.name(), Some(channel), given)?;
        known
            .map(|_| given.to_owned())
            .ok_or_else(|| SendError::Objection(Objection::Recipient { given: given.to_owned() }))
    }
}

/// A message to somebody by number, id or group.
#[derive(Debug, Clone)]
pub struct SendRequest {
    /// The account's name.
    pub account: String,
    /// The channel; `None` = the account's.
    pub channel: Option<Channel>,
    /// A phone number in any usual form, or the gateway's own id.
    pub to: String,
    /// `to` is a group's id.
    pub group: bool,
    /// What to send.
    pub content: Content,
}

/// Checks the form of an account name given by a person.
pub fn account_name(text: &str) -> Option<AccountName> {
    AccountName::new(text)
}

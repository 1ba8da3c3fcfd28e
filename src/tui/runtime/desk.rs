//! The engine's counter as the screen's backend.
//!
//! Invariant: nothing is decided here; types are matched, and errors become words.

use std::path::PathBuf;
use std::time::Duration;

use tokio::sync::watch;

use super::Backend;
use crate::config::{AccountSettings, SecretSource};
use crate::domain::conversation::{ConversationFilter, ConversationKey};
use crate::domain::message::MessageKey;
use crate::domain::{
    AccountName, Change, Contact, Content, Conversation, ConversationId, ConversationState, Group, Message, MessageId,
    Seq, Template, Timestamp,
};
use crate::engine::accounts::login::LoginError;
use crate::engine::accounts::login::LoginState;
use crate::engine::accounts::setup::LoginWay;
use crate::engine::{AccountSetupError, AccountStatus, Client, SendRequest};
use crate::store::{self, StoreError};
use crate::tui::app::facts::{AccountView, BrokenView, Budget, Counts, Facts, Role, SendError};
use crate::tui::effect::Window;
use crate::tui::overlays::account_setup::{AccountDraft, AddAccountError, AddedAccount, Gateway, SetupOptions};
use crate::tui::overlays::address::Address;

fn words<T>(result: Result<T, StoreError>) -> Result<T, String> {
    result.map_err(|error| error.to_string())
}

fn said(error: crate::engine::SendError) -> SendError {
    match error {
        crate::engine::SendError::Objection(objection) => SendError::Objection(objection),
        other => SendError::Failed(other.to_string()),
    }
}

impl Backend for Client {
    fn accounts(&self) -> Vec<AccountView> {
        // A store that cannot be read says so everywhere else; here it only means that nothing is known.
        let cards = Client::accounts(self).unwrap_or_default();
        cards.into_iter().map(|card| view(self, card)).collect()
    }

    fn conversations(
        &self,
        filter: &ConversationFilter,
        after: Option<ConversationKey>,
        limit: usize,
    ) -> Result<Vec<(ConversationKey, Conversation)>, String> {
        words(self.store().conversations(filter, after, limit))
    }

    fn conversation(&self, id: ConversationId) -> Result<Option<(ConversationKey, Conversation)>, String> {
        words(self.store().conversation_with_key(id))
    }

    fn messages(&self, id: ConversationId, window: Window, limit: usize) -> Result<Vec<Message>, String> {
        let window = match window {
            Window::Newest => store::Window::Newest,
            Window::Before(key) => store::Window::Before(key),
            Window::After(key) => store::Window::After(key),
        };
        words(self.store().messages(id, window, limit))
    }

    fn message(&self, id: MessageId) -> Result<Option<Message>, String> {
        words(self.store().message(id))
    }

    fn first_unread(&self, id: ConversationId) -> Result<Option<MessageKey>, String> {
        words(self.store().first_unread(id))
    }

    fn draft(&self, id: ConversationId) -> Result<String, String> {
        words(self.store().draft(id)).map(Option::unwrap_or_default)
    }

    fn counts(&self) -> Result<Counts, String> {
        let counts = words(self.store().counts())?;
        Ok(Counts {
            unread_messages: counts.unread_messages,
            unread_conversations: counts.unread_conversations,
            waiting: counts.waiting,
            total: counts.total,
        })
    }

    fn next_unread(&self, not: Option<ConversationId>) -> Result<Option<ConversationId>, String> {
        words(self.store().next_unread(not))
    }

    fn changes_since(&self, seq: Seq, limit: usize) -> Result<Vec<Change>, String> {
        words(self.store().changes_since(seq, limit))
    }

    fn last_seq(&self) -> Result<Seq, String> {
        words(self.store().last_seq())
    }

    fn search(&self, query: &str, limit: usize) -> Result<Vec<Message>, String> {
        words(self.store().search(query, None, limit))
    }

    fn now(&self) -> Timestamp {
        Client::now(self)
    }

    fn watch(&self) -> watch::Receiver<u64> {
        Client::watch(self)
    }

    fn status(&self) -> Facts {
        let place = self.place();
        Facts {
            role: match &place.viewer_of {
                Some(pid) => Role::Viewer { pid: pid.parse().unwrap_or_default() },
                None => Role::Engine,
            },
            sandbox: place.sandbox,
            moved_to: self.roster().moved_to(),
            listener: self.roster().reached_at().or_else(|| place.listener.map(|address| address.to_string())),
        }
    }

    async fn say(&self, id: ConversationId, content: Content) -> Result<Message, SendError> {
        Client::say(self, id, content).await.map_err(said)
    }

    async fn write_to(&self, to: &Address, content: Content) -> Result<Message, SendError> {
        let order = SendRequest {
            account: to.account.as_str().to_owned(),
            channel: Some(to.channel),
            to: to.peer.clone(),
            group: to.group,
            content,
        };
        Client::write_to(self, order).await.map_err(said)
    }

    async fn send_again(&self, id: MessageId) -> Result<(), String> {
        Client::send_again(self, id).await.map(drop).map_err(|error| error.to_string())
    }

    async fn cancel(&self, id: MessageId) -> Result<(), String> {
        words(self.store().cancel(id, Client::now(self)).await.map(drop))
    }

    async fn save_draft(&self, id: ConversationId, text: String) -> Result<(), String> {
        words(self.store().save_draft(id, &text, Client::now(self)).await)
    }

    async fn mark_seen(&self, id: ConversationId, upto: MessageId) -> Result<(), String> {
        words(self.store().mark_seen(id, upto, Client::now(self)).await)
    }

    async fn mark_unread(&self, id: ConversationId) -> Result<(), String> {
        words(self.store().mark_unread(id).await)
    }

    async fn set_state(
        &self,
        id: ConversationId,
        state: ConversationState,
        until: Option<Timestamp>,
    ) -> Result<(), String> {
        words(self.store().set_state(id, state, until).await)
    }

    fn contacts(&self, account: &AccountName, text: &str, limit: usize) -> Result<Vec<Contact>, String> {
        // Numbers are kept with their country code; people type them as they dial them.
        let dialled = text.chars().all(|c| c.is_ascii_digit() || matches!(c, ' ' | '-' | '+' | '.' | '(' | ')'));
        let digits: String = text.chars().filter(char::is_ascii_digit).collect();
        let part = if dialled { digits.trim_start_matches('0') } else { text };
        words(self.store().contacts(account, Some(part), limit, None))
    }

    fn address(
        &self,
        account: &AccountName,
        to: &str,
        group: bool,
    ) -> Result<(Address, Option<ConversationId>), SendError> {
        let (recipient, channel, there) = Client::address(self, account, to, group).map_err(said)?;
        let (account, name) = (account.clone(), String::new());
        Ok((Address { account, channel, peer: recipient.peer, group: recipient.group, name }, there))
    }

    async fn groups(&self, account: &AccountName) -> Result<Vec<Group>, String> {
        Client::groups(self, account).await
    }

    async fn check_number(&self, account: &AccountName, phone: &str) -> Result<bool, String> {
        Client::check_number(self, account, phone).await
    }

    async fn templates(&self, account: &AccountName) -> Result<Vec<Template>, String> {
        Client::templates(self, account).await
    }

    fn broken(&self) -> Vec<BrokenView> {
        let broken = Client::broken(self).into_iter();
        broken.map(|broken| BrokenView { name: broken.name, reason: broken.reason }).collect()
    }

    fn choices(&self) -> Option<SetupOptions> {
        let choices = Client::choices(self)?;
        let gateways = choices.gateways.into_iter().map(|manifest| Gateway {
            id: manifest.id,
            name: manifest.name,
            base_url: manifest.base_url,
            modes: manifest.modes,
            channels: manifest.channels,
            fields: manifest.fields,
            signs: manifest.signs,
            login: manifest.login == LoginWay::Qr,
        });
        Some(SetupOptions { gateways: gateways.collect(), taken: choices.taken, storages: choices.places })
    }

    async fn keep_account(&self, draft: AccountDraft) -> Result<AddedAccount, AddAccountError> {
        let places = draft.storage.into_iter().collect();
        match self.add_account(settings(&draft), places, draft.untried).await {
            Ok(enrolled) => Ok(AddedAccount {
                key_accepted: enrolled.key_accepted,
                webhook_url: enrolled.webhook_url,
                reachable: enrolled.reachable,
            }),
            Err(AccountSetupError::Refused(failure)) => Err(AddAccountError::Refused(failure)),
            Err(AccountSetupError::Untried(failure)) => Err(AddAccountError::Untried(failure)),
            Err(error) => Err(AddAccountError::Failed(error.to_string())),
        }
    }

    async fn login(&self, account: &AccountName) -> Result<LoginState, LoginError> {
        Client::login(self, account).await
    }

    fn pictures(&self) -> Option<PathBuf> {
        self.store().path().parent().map(PathBuf::from)
    }
}

/// Acknowledgements that are missing are looked for in so much of the past.
const ACKS: Duration = Duration::from_secs(24 * 3600);

fn settings(draft: &AccountDraft) -> AccountSettings {
    let plain = |secret: &crate::domain::Secret| SecretSource::Plain(secret.clone());
    let mut settings = AccountSettings::new(draft.name.clone(), draft.gateway, plain(&draft.api_key));
    settings.base_url.clone_from(&draft.base_url);
    settings.mode = draft.mode.map(str::to_owned);
    settings.webhook_secret = draft.webhook_secret.as_ref().map(plain);
    settings.session.clone_from(&draft.session);
    settings.channel = draft.channel;
    settings
}

fn view(desk: &Client, card: AccountStatus) -> AccountView {
    let ago = Timestamp(Client::now(desk).millis().saturating_sub(i64::try_from(ACKS.as_millis()).unwrap_or(0)));
    let silent = card.capabilities.receipts.then(|| desk.store().silent_since(&card.account.name, ago));
    let webhook_url = desk.webhook_url(&card.account.webhook_path).0;
    AccountView {
        account: card.account,
        provider_name: card.provider_name,
        capabilities: card.capabilities,
        detail: card.detail,
        budget: Budget { used: card.used.used, per_minute: card.used.per_minute },
        webhook_url,
        // A store that cannot be read says so everywhere else.
        silent_since: silent.and_then(Result::ok).flatten(),
    }
}

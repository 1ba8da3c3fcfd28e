//! The engine's client as the screen's backend.
//!
//! Invariant: nothing is decided here; types are converted, and errors become text.

use std::path::PathBuf;

use tokio::sync::watch;

use super::Backend;
use crate::config::{AccountSettings, SecretSource};
use crate::domain;
use crate::domain::conversation::{ConversationFilter, ConversationKey};
use crate::domain::message::MessageKey;
use crate::domain::{
    AccountName, Change, Contact, Content, Conversation, ConversationId, ConversationState, Group, Message, MessageId,
    Seq, Template, Timestamp,
};
use crate::domain::{AccountSetupError, AccountStatus, QueryError, Recipient, Role as ProcessRole, StoreError};
use crate::engine::Client;
use crate::engine::accounts::login::LoginState;
use crate::engine::client::{Field, LoginWay};
use crate::tui::app::facts::{AccountView, BrokenView, Budget, Counts, Facts, Role, SendError};
use crate::tui::effect::Window;
use crate::tui::overlays::account_setup::state::{AccountDraft, Choices, Gateway, KeepError, Kept};
use crate::tui::overlays::state::Address;

fn text<T>(result: Result<T, StoreError>) -> Result<T, String> {
    result.map_err(|error| error.to_string())
}

fn send_error(error: domain::SendError) -> SendError {
    match error {
        domain::SendError::Objection(objection) => SendError::Objection(objection),
        other => SendError::Failed(other.to_string()),
    }
}

impl Backend for Client {
    fn accounts(&self) -> Vec<AccountView> {
        // A store that cannot be read says so everywhere else; here it only means that nothing is known.
        Client::accounts(self).unwrap_or_default().into_iter().map(view).collect()
    }

    fn conversations(
        &self,
        filter: &ConversationFilter,
        after: Option<ConversationKey>,
        limit: usize,
    ) -> Result<Vec<(ConversationKey, Conversation)>, String> {
        text(Client::conversations(self, filter, after, limit))
    }

    fn conversation(&self, id: ConversationId) -> Result<Option<(ConversationKey, Conversation)>, String> {
        text(Client::conversation(self, id))
    }

    fn messages(&self, id: ConversationId, window: Window, limit: usize) -> Result<Vec<Message>, String> {
        let window = match window {
            Window::Newest => domain::message::Window::Newest,
            Window::Before(key) => domain::message::Window::Before(key),
            Window::After(key) => domain::message::Window::After(key),
        };
        text(Client::messages(self, id, window, limit))
    }

    fn message(&self, id: MessageId) -> Result<Option<Message>, String> {
        text(Client::message(self, id))
    }

    fn first_unread(&self, id: ConversationId) -> Result<Option<MessageKey>, String> {
        text(Client::first_unread(self, id))
    }

    fn draft(&self, id: ConversationId) -> Result<String, String> {
        text(Client::draft(self, id))
    }

    fn counts(&self) -> Result<Counts, String> {
        let counts = text(Client::counts(self))?;
        Ok(Counts {
            unread_messages: counts.unread_messages,
            unread_conversations: counts.unread_conversations,
            waiting: counts.waiting,
            total: counts.total,
        })
    }

    fn next_unread(&self, not: Option<ConversationId>) -> Result<Option<ConversationId>, String> {
        text(Client::next_unread(self, not))
    }

    fn changes_since(&self, seq: Seq, limit: usize) -> Result<Vec<Change>, String> {
        text(Client::changes_since(self, seq, limit))
    }

    fn last_seq(&self) -> Result<Seq, String> {
        text(Client::last_seq(self))
    }

    fn search(&self, query: &str, limit: usize) -> Result<Vec<Message>, String> {
        text(Client::search(self, query, None, limit))
    }

    fn now(&self) -> Timestamp {
        Client::now(self)
    }

    fn watch(&self) -> watch::Receiver<u64> {
        Client::watch(self)
    }

    fn status(&self) -> Facts {
        let status = Client::status(self);
        Facts {
            role: match status.role {
                ProcessRole::Viewer { pid } => Role::Viewer { pid },
                ProcessRole::Engine => Role::Engine,
            },
            sandbox: status.sandbox,
            moved_to: status.moved_to,
            listener: status.listener,
        }
    }

    async fn say(&self, id: ConversationId, content: Content) -> Result<Message, SendError> {
        self.send(id, content).await.map_err(send_error)
    }

    async fn write_to(&self, to: &Address, content: Content) -> Result<Message, SendError> {
        let recipient = Recipient { peer: to.peer.clone(), group: to.group };
        let address = domain::Address { account: to.account.clone(), channel: to.channel, to: recipient };
        self.send_to(&address, content).await.map_err(send_error)
    }

    async fn send_again(&self, id: MessageId) -> Result<(), String> {
        Client::send_again(self, id).await.map(drop).map_err(|error| error.to_string())
    }

    async fn cancel(&self, id: MessageId) -> Result<(), String> {
        text(Client::cancel(self, id).await.map(drop))
    }

    async fn save_draft(&self, id: ConversationId, text: String) -> Result<(), String> {
        self::text(Client::save_draft(self, id, &text).await)
    }

    async fn mark_seen(&self, id: ConversationId, upto: MessageId) -> Result<(), String> {
        text(Client::mark_read(self, id, upto).await)
    }

    async fn mark_unread(&self, id: ConversationId) -> Result<(), String> {
        text(Client::mark_unread(self, id).await)
    }

    async fn set_state(
        &self,
        id: ConversationId,
        state: ConversationState,
        until: Option<Timestamp>,
    ) -> Result<(), String> {
        text(Client::set_state(self, id, state, until).await)
    }

    fn contacts(&self, account: &AccountName, text: &str, limit: usize) -> Result<Vec<Contact>, String> {
        self::text(self.find_contacts(account, text, limit))
    }

    fn address(
        &self,
        account: &AccountName,
        to: &str,
        group: bool,
    ) -> Result<(Address, Option<ConversationId>), SendError> {
        let (address, conversation) = Client::address(self, account, None, to, group).map_err(send_error)?;
        let domain::Address { account, channel, to: Recipient { peer, group } } = address;
        Ok((Address { account, channel, peer, group, name: String::new() }, conversation))
    }

    async fn groups(&self, account: &AccountName) -> Result<Vec<Group>, String> {
        Client::groups(self, account).await.map_err(|error| error.to_string())
    }

    async fn check_number(&self, account: &AccountName, phone: &str) -> Result<bool, String> {
        Client::check_number(self, account, phone).await.map_err(|error| error.to_string())
    }

    async fn templates(&self, account: &AccountName) -> Result<Vec<Template>, String> {
        Client::templates(self, account).await.map_err(|error| error.to_string())
    }

    fn broken(&self) -> Vec<BrokenView> {
        let broken = self.invalid_accounts().into_iter();
        broken.map(|broken| BrokenView { name: broken.name, reason: broken.reason }).collect()
    }

    fn choices(&self) -> Option<Choices> {
        let options = self.setup_options()?;
        let gateways = options.gateways.into_iter().map(|manifest| Gateway {
            id: manifest.id,
            name: manifest.name,
            base_url: manifest.base_url,
            modes: manifest.modes,
            channels: manifest.channels,
            sessions: manifest.fields.contains(&Field::Session),
            signs: manifest.signs,
            login: manifest.login == LoginWay::Qr,
        });
        Some(Choices { gateways: gateways.collect(), taken: options.taken, places: options.storages })
    }

    async fn keep_account(&self, draft: AccountDraft) -> Result<Kept, KeepError> {
        let storages: Vec<_> = draft.place.into_iter().collect();
        match self.add_account(settings(&draft), &storages, !draft.untried).await {
            Ok(added) => Ok(Kept {
                key_accepted: added.key_accepted,
                webhook_url: added.webhook_url,
                reachable: added.reachable,
            }),
            Err(AccountSetupError::KeyRefused(failure)) => Err(KeepError::Refused(failure)),
            Err(AccountSetupError::KeyUnchecked(failure)) => Err(KeepError::Untried(failure)),
            Err(error) => Err(KeepError::Failed(error.to_string())),
        }
    }

    async fn login(&self, account: &AccountName) -> Result<LoginState, QueryError> {
        Client::login(self, account).await
    }

    fn pictures(&self) -> Option<PathBuf> {
        Some(self.data_dir().to_owned())
    }
}

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

fn view(status: AccountStatus) -> AccountView {
    AccountView {
        account: status.account,
        provider_name: status.provider_name,
        capabilities: status.capabilities,
        detail: status.detail,
        budget: Budget { used: status.usage.used, per_minute: status.usage.per_minute },
        webhook_url: status.webhook_url,
        silent_since: status.silent_since,
    }
}

//! What the screen needs from the engine, and nothing else of it.
//!
//! Invariant: no gateway, no SQL and no terminal has a name here.

use std::future::Future;
use std::path::PathBuf;

use tokio::sync::watch;

use crate::domain::conversation::{ConversationFilter, ConversationKey};
use crate::domain::message::MessageKey;
use crate::domain::{
    AccountName, Change, Contact, Content, Conversation, ConversationId, ConversationState, Group, Message, MessageId,
    Seq, Template, Timestamp,
};
use crate::engine::accounts::login::LoginError;
use crate::engine::accounts::login::LoginState;
use crate::tui::app::facts::{AccountView, BrokenView, Counts, Facts, SendError};
use crate::tui::effect::Window;
use crate::tui::overlays::account_setup::{AccountDraft, AddAccountError, AddedAccount, SetupOptions};
use crate::tui::overlays::address::Address;

/// The engine as the screen knows it. Reads are local and take micro- to milliseconds; the screen calls them on
/// blocking threads. Writes answer when they are durable. Errors are words for people.
pub trait Backend: Clone + Send + Sync + 'static {
    /// All accounts, in the configuration's order.
    fn accounts(&self) -> Vec<AccountView>;

    /// A page of the list: rows after `after` (older), newest activity first.
    fn conversations(
        &self,
        filter: &ConversationFilter,
        after: Option<ConversationKey>,
        limit: usize,
    ) -> Result<Vec<(ConversationKey, Conversation)>, String>;

    /// One conversation, `None` when there is none.
    fn conversation(&self, id: ConversationId) -> Result<Option<(ConversationKey, Conversation)>, String>;

    /// Messages of a conversation, oldest first, at most `limit`.
    fn messages(&self, id: ConversationId, window: Window, limit: usize) -> Result<Vec<Message>, String>;

    /// One message.
    fn message(&self, id: MessageId) -> Result<Option<Message>, String>;

    /// The first unread message of a conversation.
    fn first_unread(&self, id: ConversationId) -> Result<Option<MessageKey>, String>;

    /// The kept draft; empty when there is none.
    fn draft(&self, id: ConversationId) -> Result<String, String>;

    /// Totals.
    fn counts(&self) -> Result<Counts, String>;

    /// The next conversation with unread messages, longest waiting first.
    fn next_unread(&self, not: Option<ConversationId>) -> Result<Option<ConversationId>, String>;

    /// Changes after `seq`, oldest first, at most `limit`.
    fn changes_since(&self, seq: Seq, limit: usize) -> Result<Vec<Change>, String>;

    /// The number of the newest change.
    fn last_seq(&self) -> Result<Seq, String>;

    /// Messages that contain the words, newest first.
    fn search(&self, query: &str, limit: usize) -> Result<Vec<Message>, String>;

    /// The time.
    fn now(&self) -> Timestamp;

    /// Wakes after every commit, here or in another process.
    fn watch(&self) -> watch::Receiver<u64>;

    /// About this process.
    fn status(&self) -> Facts;

    /// Puts a message into the outbox; the draft is cleared in the same transaction.
    fn say(&self, id: ConversationId, content: Content) -> impl Future<Output = Result<Message, SendError>> + Send;

    /// Puts a first message to somebody into the outbox; their conversation is made with it.
    fn write_to(&self, _to: &Address, _content: Content) -> impl Future<Output = Result<Message, SendError>> + Send {
        std::future::ready(Err(SendError::Failed("nobody can be written to here".to_owned())))
    }

    /// Puts a failed or unsure message into the outbox again, on a person's word.
    fn send_again(&self, id: MessageId) -> impl Future<Output = Result<(), String>> + Send;

    /// Takes a waiting message out of the outbox.
    fn cancel(&self, id: MessageId) -> impl Future<Output = Result<(), String>> + Send;

    /// Keeps a draft; an empty one is forgotten.
    fn save_draft(&self, id: ConversationId, text: String) -> impl Future<Output = Result<(), String>> + Send;

    /// Messages up to this one were seen.
    fn mark_seen(&self, id: ConversationId, upto: MessageId) -> impl Future<Output = Result<(), String>> + Send;

    /// Marks a conversation as unread.
    fn mark_unread(&self, id: ConversationId) -> impl Future<Output = Result<(), String>> + Send;

    /// Sets what is to be done with a conversation; `until` for a snooze with an end.
    fn set_state(
        &self,
        id: ConversationId,
        state: ConversationState,
        until: Option<Timestamp>,
    ) -> impl Future<Output = Result<(), String>> + Send;

    /// Accounts whose settings cannot be used.
    fn broken(&self) -> Vec<BrokenView> {
        Vec::new()
    }

    /// What the form for a new account offers; `None` where none can be added. Blocks: the keyring is asked.
    fn choices(&self) -> Option<SetupOptions> {
        None
    }

    /// Tries an account's key, keeps the account and lets it work. May take as long as the network.
    fn keep_account(&self, _draft: AccountDraft) -> impl Future<Output = Result<AddedAccount, AddAccountError>> + Send {
        std::future::ready(Err(AddAccountError::Failed("accounts cannot be added here".to_owned())))
    }

    /// Asks an account's gateway where its login stands. May take as long as the network.
    fn login(&self, _account: &AccountName) -> impl Future<Output = Result<LoginState, LoginError>> + Send {
        std::future::ready(Err(LoginError::Unsupported))
    }

    /// The directory into which pictures of login codes are saved; only its owner can read it.
    fn pictures(&self) -> Option<PathBuf> {
        None
    }

    /// People of an account's address book whose name, number or e-mail contains a text.
    fn contacts(&self, _account: &AccountName, _text: &str, _limit: usize) -> Result<Vec<Contact>, String> {
        Ok(Vec::new())
    }

    /// How somebody is written to, and their conversation when there is one. `to`: a phone number in any usual form,
    /// or the gateway's own id.
    fn address(
        &self,
        _account: &AccountName,
        _to: &str,
        _group: bool,
    ) -> Result<(Address, Option<ConversationId>), SendError> {
        Err(SendError::Failed("nobody can be written to here".to_owned()))
    }

    /// Asks the gateway for the phone's groups. May take as long as the network.
    fn groups(&self, _account: &AccountName) -> impl Future<Output = Result<Vec<Group>, String>> + Send {
        std::future::ready(Ok(Vec::new()))
    }

    /// Asks the gateway whether a number is on WhatsApp. May take as long as the network.
    fn check_number(&self, _account: &AccountName, _phone: &str) -> impl Future<Output = Result<bool, String>> + Send {
        std::future::ready(Err("numbers cannot be checked here".to_owned()))
    }

    /// Asks the gateway for its templates. May take as long as the network.
    fn templates(&self, account: &AccountName) -> impl Future<Output = Result<Vec<Template>, String>> + Send;
}

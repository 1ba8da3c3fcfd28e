//! What the screen hears: keys, time, and answers to what it asked.
//!
//! Invariant: a message tells what happened and never what to do about it.

use crossterm::event::KeyEvent;

use super::app::facts::{AccountView, BrokenView, Counts, Facts, SendError};
use super::effect::{Origin, Window};
use super::overlays::account_setup::{AddAccountError, AddedAccount, SetupOptions};
use super::overlays::address::Address;
use super::overlays::address::Party;
use super::overlays::login::LoginNews;
use crate::domain::conversation::ConversationKey;
use crate::domain::message::MessageKey;
use crate::domain::{
    AccountName, Contact, Conversation, ConversationId, ConversationState, Group, Message, MessageId, Seq, Template,
    Timestamp,
};

/// What the screen hears. Errors are words for people.
#[derive(Debug, Clone, PartialEq)]
pub enum Msg {
    /// The time. Comes before everything else of a batch, and alone at a deadline.
    Now(Timestamp),
    /// A key was pressed.
    Key(KeyEvent),
    /// Text was pasted.
    Paste(String),
    /// The terminal has another size: columns, rows.
    Resized(u16, u16),
    /// The terminal got or lost the focus.
    Focused(bool),
    /// The store has committed something, here or elsewhere.
    Woken,
    /// Somebody asks the program to end.
    Stop,
    /// The answer to `ReadFacts`.
    FactsRead(Box<FactsRead>),
    /// The answer to `ReadList`.
    ListRead {
        /// The question's.
        generation: u64,
        /// It was asked from the top.
        first: bool,
        /// How many were asked for.
        limit: usize,
        /// The rows.
        rows: Result<Vec<(ConversationKey, Conversation)>, String>,
    },
    /// The answer to `ReadChanges`.
    Changed(Result<Box<Changed>, String>),
    /// The answer to `Open`.
    Opened {
        /// Which was asked for.
        conversation: ConversationId,
        /// What is there; nothing when it is gone.
        opening: Result<Option<Box<Opening>>, String>,
    },
    /// The answer to `ReadMessages`.
    MessagesRead {
        /// Of which conversation.
        conversation: ConversationId,
        /// Which part.
        window: Window,
        /// How many were asked for.
        limit: usize,
        /// The messages.
        messages: Result<Vec<Message>, String>,
    },
    /// The answer to `ReadNextUnread`.
    NextUnread(Result<Option<ConversationId>, String>),
    /// The answer to `FindConversations`.
    ConversationsFound {
        /// The question's.
        question: u64,
        /// What was found.
        found: Vec<Conversation>,
    },
    /// The answer to `SearchMessages`.
    MessagesFound {
        /// The question's.
        question: u64,
        /// What was found, newest first, each with its conversation.
        found: Result<Vec<(Message, Option<Conversation>)>, String>,
    },
    /// The answer to `ReadTemplates`.
    TemplatesRead {
        /// Whose.
        account: AccountName,
        /// The templates.
        templates: Result<Vec<Template>, String>,
    },
    /// The answer to `Say`: the message is durable, or why not.
    Said {
        /// Where.
        conversation: ConversationId,
        /// From where it was sent.
        origin: Origin,
        /// The message, or why not.
        result: Result<Box<Message>, SendError>,
    },
    /// The answer to `FindContacts`.
    ContactsFound {
        /// The question's.
        question: u64,
        /// Who was found.
        found: Result<Vec<Contact>, String>,
    },
    /// The answer to `ReadGroups`.
    GroupsRead {
        /// Whose.
        account: AccountName,
        /// The groups.
        groups: Result<Vec<Group>, String>,
    },
    /// The answer to `FindAddress`.
    AddressFound {
        /// Through which account.
        account: AccountName,
        /// Who was asked for.
        party: Party,
        /// How they are written to, and their conversation when there is one.
        found: Result<(Address, Option<ConversationId>), SendError>,
    },
    /// The answer to `CheckNumber`.
    NumberChecked {
        /// Whose gateway.
        account: AccountName,
        /// The number.
        phone: String,
        /// Whether it is on WhatsApp, or why nobody knows.
        said: Result<bool, String>,
    },
    /// The answer to `WriteTo`: the message is durable, or why not.
    Written {
        /// To whom it goes.
        to: Address,
        /// The message, or why not.
        result: Result<Box<Message>, SendError>,
    },
    /// The answer to a deed whose result shows by itself.
    Done {
        /// Which.
        deed: Deed,
        /// Why not.
        result: Result<(), String>,
    },
    /// The answer to `Copy`: whether everything fitted.
    Copied {
        /// Only the first part fitted.
        cut: bool,
    },
    /// The answer to `OpenLink`.
    LinkOpened {
        /// Where it led.
        host: String,
        /// Why not.
        result: Result<(), String>,
    },
    /// The answer to `ReadChoices`; nothing when no account can be added here.
    ChoicesRead(Option<Box<SetupOptions>>),
    /// The answer to `KeepAccount`.
    AccountKept {
        /// Its name.
        name: AccountName,
        /// What became of it.
        result: Result<Box<AddedAccount>, AddAccountError>,
    },
    /// News of the login that `BeginLogin` began.
    Login {
        /// Whose.
        account: AccountName,
        /// What was heard.
        news: LoginNews,
    },
    /// The answer to `SavePicture`: where it is, or why not.
    PictureSaved(Result<String, String>),
    /// The answer to `Edit`.
    Edited {
        /// Whose draft.
        conversation: ConversationId,
        /// The draft as it came back.
        result: Result<String, EditError>,
    },
}

/// A deed whose answer is only yes or no.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Deed {
    /// A message was queued again.
    SendAgain,
    /// A message was taken out of the outbox.
    Cancel,
    /// A draft was kept.
    SaveDraft,
    /// Messages were marked as seen.
    MarkSeen,
    /// A conversation was marked as unread.
    MarkUnread,
    /// A conversation's state was set.
    SetState(ConversationState),
}

/// Why an editor brought nothing back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EditError {
    /// None is set.
    NoEditor,
    /// It ended with an error, or its file could not be used.
    Failed,
}

/// Accounts, totals and facts.
#[derive(Debug, Clone, PartialEq)]
pub struct FactsRead {
    /// The accounts.
    pub accounts: Vec<AccountView>,
    /// The accounts whose settings cannot be used.
    pub broken: Vec<BrokenView>,
    /// Totals, when they could be read.
    pub counts: Option<Counts>,
    /// About this process.
    pub facts: Facts,
}

/// What changed, already read.
#[derive(Debug, Clone, PartialEq)]
pub struct Changed {
    /// Up to here.
    pub upto: Seq,
    /// There are further changes.
    pub more: bool,
    /// So much changed, or so long ago, that the list is to be read again.
    pub everything: bool,
    /// Conversations that changed, as they are now.
    pub conversations: Vec<(ConversationKey, Conversation)>,
    /// Messages of the open conversation that are new or changed, as they are now.
    pub messages: Vec<Message>,
    /// Accounts, totals and facts, as they are now.
    pub facts: FactsRead,
}

/// A conversation to be shown.
#[derive(Debug, Clone, PartialEq)]
pub struct Opening {
    /// Its place in the list.
    pub key: ConversationKey,
    /// Its facts.
    pub conversation: Conversation,
    /// Its first unread message.
    pub first_unread: Option<MessageKey>,
    /// A window of its messages, oldest first.
    pub messages: Vec<Message>,
    /// There are earlier ones.
    pub older: bool,
    /// There are later ones.
    pub newer: bool,
    /// The kept draft.
    pub draft: String,
    /// The message to be shown.
    pub at: Option<MessageId>,
}

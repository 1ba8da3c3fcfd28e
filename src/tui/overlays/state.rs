//! What can lie over the panes: a closed set, kept as a stack.
//!
//! Invariant: there is no flag elsewhere that says whether something lies over the panes.

use crossterm::event::KeyEvent;

use super::account_setup::state::AccountSheet;
use super::login::state::LoginSheet;
use super::new_conversation::state::Addressing;
use crate::domain::{AccountName, Channel, ConversationId, MessageId, Template};
use crate::text::Clean;
use crate::tui::commands::registry::Command;
use crate::tui::widgets::line_input::Input;
use crate::tui::widgets::picker::Picker;

/// Something over the panes.
#[derive(Debug, Clone)]
pub enum Overlay {
    /// The keys; scrolled by so many rows.
    Help {
        /// Rows hidden above.
        scroll: usize,
    },
    /// All commands.
    Palette(Picker<Command>),
    /// Conversations by name.
    GoTo {
        /// What is found.
        picker: Picker<ConversationId>,
        /// The question that the store has not answered yet; answers to older ones are dropped.
        question: Option<u64>,
        /// Enter was pressed before the answer came, and then these keys.
        ahead: Option<Vec<KeyEvent>>,
    },
    /// Messages by text.
    Search(Finder),
    /// The links of a message.
    Links {
        /// Where they lead.
        urls: Vec<Clean>,
        /// Which is chosen.
        chosen: usize,
    },
    /// Something to be confirmed.
    Confirm(Question),
    /// Until when a conversation is put off.
    Snooze {
        /// Which conversation.
        conversation: ConversationId,
        /// Which span is chosen.
        chosen: usize,
    },
    /// Canned replies.
    Canned(Picker<usize>),
    /// The account's templates; without them while they are being asked for.
    Templates {
        /// Whose.
        account: AccountName,
        /// To whom one is sent.
        to: Target,
        /// The templates, once known.
        picker: Option<Picker<Template>>,
    },
    /// Something to fill in.
    Form(Form),
    /// The first screen when there is no account.
    Welcome {
        /// Which way is chosen.
        chosen: usize,
    },
    /// The form for a new account.
    Account(AccountSheet),
    /// What is known of every account.
    Accounts {
        /// Which is chosen.
        chosen: usize,
    },
    /// To whom a new conversation goes.
    Addressing(Box<Addressing>),
    /// What is known of a message.
    Details {
        /// Which.
        message: MessageId,
        /// Rows hidden above.
        scroll: usize,
    },
    /// A login by QR code.
    Login(Box<LoginSheet>),
}

/// A question with yes and no.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Question {
    /// Send a message again?
    SendAgain {
        /// Which.
        message: MessageId,
        /// Nobody knows whether it arrived.
        unsure: bool,
    },
    /// Insert a long paste?
    Paste {
        /// What was pasted.
        text: String,
        /// How many lines it has.
        lines: usize,
    },
    /// Open a link?
    OpenLink {
        /// Where it leads.
        url: Clean,
        /// The host's name.
        host: Clean,
        /// The host's name is written in other letters than it seems.
        disguised: bool,
    },
}

/// A message that a search found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// Its conversation.
    pub conversation: ConversationId,
    /// Which message.
    pub message: MessageId,
    /// Whose conversation it is.
    pub title: Clean,
    /// The message in one line.
    pub line: Clean,
    /// When it was written, in words.
    pub when: String,
}

/// Search over all messages, in the store's order.
#[derive(Debug, Clone, Default)]
pub struct Finder {
    /// What is typed.
    pub input: Input,
    /// Answers to older questions are dropped.
    pub question: u64,
    /// What was found, newest first; `None` before the first answer.
    pub found: Option<Vec<Found>>,
    /// Which is chosen.
    pub chosen: usize,
}

/// Somebody to whom nothing was written yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Address {
    /// Through which account.
    pub account: AccountName,
    /// On which channel.
    pub channel: Channel,
    /// A phone number (digits with country code), or the gateway's own id of a person or group.
    pub peer: String,
    /// `peer` is a group's id.
    pub group: bool,
    /// As people know them; clean, empty when only the number or id is known.
    pub name: String,
}

/// To whom a form is sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Target {
    /// To a conversation that is there.
    Conversation(ConversationId),
    /// To somebody new.
    New(Address),
}

/// A field to fill in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Field {
    /// What belongs there.
    pub label: String,
    /// What is typed.
    pub input: Input,
}

/// What a form makes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FormKind {
    /// Media by link: link, caption.
    Attach,
    /// A place: latitude, longitude, caption.
    Location,
    /// A contact card: name, numbers.
    Card,
    /// Text with buttons: text, title, footer, a line a button.
    Buttons {
        /// The kinds of buttons that the account has.
        words: &'static [&'static str],
    },
    /// A list menu: text, label, title, footer, a line a row.
    List {
        /// At most so many rows.
        max: usize,
    },
    /// The first text to somebody.
    First,
    /// A template whose id and language are typed: id, language, variables.
    FreeTemplate,
    /// A template of the gateway's list: variables.
    Template {
        /// Its id or name.
        id: String,
        /// Its language.
        language: Option<String>,
        /// Its text with places.
        body: Clean,
    },
}

/// Something to fill in and send.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Form {
    /// What it makes.
    pub kind: FormKind,
    /// To whom it is sent.
    pub to: Target,
    /// The fields.
    pub fields: Vec<Field>,
    /// Which field has the keys.
    pub focus: usize,
    /// Why it could not be sent.
    pub objection: Option<String>,
    /// It is being put into the outbox.
    pub sending: bool,
}

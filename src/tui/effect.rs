//! What the screen asks to be done: data, executed by `runtime`.
//!
//! Invariant: the screen itself does nothing but ask.

use super::overlays::account_setup::draft::AccountDraft;
use super::overlays::address::Address;
use crate::domain::conversation::{ConversationFilter, ConversationKey};
use crate::domain::message::MessageKey;
use crate::domain::{AccountName, Content, ConversationId, ConversationState, MessageId, Secret, Seq, Timestamp};
use crate::text::Clean;

/// Which part of a conversation to read. Pages are oldest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Window {
    /// The newest messages.
    Newest,
    /// The messages just before this one.
    Before(MessageKey),
    /// The messages just after this one.
    After(MessageKey),
}

/// From where a message was sent; tells where its answer belongs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Origin {
    /// The composer.
    Composer,
    /// A form.
    Form,
}

/// What the screen asks the runtime to do. Each kind is performed in a place of its own and matched exhaustively.
#[derive(Debug, Clone, PartialEq)]
pub enum Effect {
    Read(Read),
    Write(Write),
    Gateway(GatewayCall),
    Terminal(TerminalAction),
}

/// What is read from the store.
#[derive(Debug, Clone, PartialEq)]
pub enum Read {
    /// Read accounts, totals and facts. Answer: `FactsRead`.
    Facts,
    /// Read a page of the list. Answer: `ListRead`.
    List {
        /// To tell late answers.
        generation: u64,
        /// What the list shows.
        filter: ConversationFilter,
        /// After which row; `None` = from the top.
        after: Option<ConversationKey>,
        /// At most so many.
        limit: usize,
    },
    /// Read what changed. Answer: `Changed`.
    Changes {
        /// After which change.
        after: Seq,
        /// The conversation whose messages are wanted.
        open: Option<ConversationId>,
    },
    /// Read a conversation to be shown. Answer: `Opened`.
    Conversation {
        /// Which.
        conversation: ConversationId,
        /// At this message, rather than at the first unread or the newest one.
        at: Option<MessageId>,
    },
    /// Read a page of messages. Answer: `MessagesRead`.
    Messages {
        /// Of which conversation.
        conversation: ConversationId,
        /// Which part.
        window: Window,
        /// At most so many.
        limit: usize,
    },
    /// Find the next unread conversation. Answer: `NextUnread`.
    NextUnread {
        /// Not this one.
        not: Option<ConversationId>,
    },
    /// Find conversations by text. Answer: `ConversationsFound`.
    FindConversations {
        /// To tell late answers.
        question: u64,
        /// A part of name, number or text.
        text: String,
    },
    /// Find messages by text. Answer: `MessagesFound`.
    SearchMessages {
        /// To tell late answers.
        question: u64,
        /// The words.
        query: String,
    },
    /// Find people of an account's address book. Answer: `ContactsFound`.
    FindContacts {
        /// To tell late answers.
        question: u64,
        /// Whose address book.
        account: AccountName,
        /// A part of name, number or e-mail; empty = the first ones.
        text: String,
    },
    /// Find how somebody is written to, and whether they are already. Answer: `AddressFound`.
    FindAddress {
        /// Through which account.
        account: AccountName,
        /// A phone number in any usual form, or the gateway's own id.
        to: String,
        /// `to` is a group's id.
        group: bool,
    },
    /// Read what the account form offers. Answer: `ChoicesRead`.
    SetupOptions,
}

/// What is written to the store. Performed one after the other, in the order of asking.
#[derive(Debug, Clone, PartialEq)]
pub enum Write {
    /// Put a message into the outbox. Answer: `Said`.
    Send {
        /// Where.
        conversation: ConversationId,
        /// What.
        content: Content,
        /// From where.
        origin: Origin,
    },
    /// Put a first message to somebody into the outbox. Answer: `Written`.
    SendTo {
        /// To whom.
        to: Address,
        /// What.
        content: Content,
    },
    /// Put a failed or unsure message into the outbox again, on a person's word.
    SendAgain {
        /// Which.
        message: MessageId,
    },
    /// Take a waiting message out of the outbox.
    Cancel {
        /// Which.
        message: MessageId,
    },
    /// Keep a draft; an empty one is forgotten.
    SaveDraft {
        /// Whose.
        conversation: ConversationId,
        /// The text.
        text: String,
    },
    /// Tell that messages were seen up to this one.
    MarkSeen {
        /// Where.
        conversation: ConversationId,
        /// Up to which.
        message: MessageId,
    },
    /// Mark as unread.
    MarkUnread {
        /// Which.
        conversation: ConversationId,
    },
    /// Set what is to be done with a conversation.
    SetState {
        /// Which.
        conversation: ConversationId,
        /// To what.
        state: ConversationState,
        /// Until when it is put off; `None` = until the customer writes.
        until: Option<Timestamp>,
    },
}

/// What a gateway is asked; takes as long as the network.
#[derive(Debug, Clone, PartialEq)]
pub enum GatewayCall {
    /// Ask the gateway for its templates. Answer: `TemplatesRead`.
    Templates {
        /// Whose.
        account: AccountName,
    },
    /// Ask the gateway for the phone's groups. Answer: `GroupsRead`.
    Groups {
        /// Whose.
        account: AccountName,
    },
    /// Ask the gateway whether a number is on WhatsApp. Answer: `NumberChecked`.
    CheckNumber {
        /// Whose gateway.
        account: AccountName,
        /// Digits with country code.
        phone: String,
    },
    /// Try and keep a new account. Answer: `AccountKept`.
    AddAccount(Box<AccountDraft>),
    /// Ask a gateway for its login code, slowly, until the login is off the screen. Answers: `Login`.
    BeginLogin {
        /// Whose.
        account: AccountName,
    },
    /// Go on asking for the login code.
    ContinueLogin,
}

/// What happens to the terminal, the desktop and this process.
#[derive(Debug, Clone, PartialEq)]
pub enum TerminalAction {
    /// Put text on the clipboard. Answer: `Copied`.
    Copy {
        /// The text.
        text: Clean,
    },
    /// Open a web link outside. Answer: `LinkOpened`.
    OpenLink {
        /// Where.
        url: Clean,
    },
    /// Open the draft in an editor. Answer: `Edited`.
    Edit {
        /// Whose draft.
        conversation: ConversationId,
        /// The draft.
        text: String,
    },
    /// Save a login code as a picture. Answer: `PictureSaved`.
    SavePicture {
        /// Whose.
        account: AccountName,
        /// The code.
        code: Secret,
    },
    /// End the screen and open the demo.
    Demo,
    /// Put the program to sleep.
    Suspend,
    /// End the program; what was asked before is finished first.
    Quit,
}

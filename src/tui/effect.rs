//! What the screen asks to be done, as data that `runtime` performs.
//!
//! Invariant: this is the screen's only way to read, write or reach anything.

use std::path::PathBuf;
use std::time::Duration;

use super::overlays::account_setup::draft::AccountDraft;
use super::overlays::address::Address;
use super::overlays::viewer::request::PictureRequest;
use super::previews::preview::PreviewRequest;
use crate::config::NotifyHow;
use crate::domain::conversation::{ConversationFilter, ConversationRange};
use crate::domain::message::MessageRange;
use crate::domain::{
    AccountName, Contact, Content, ConversationId, ConversationState, CustomerField, MessageId, Note, OpenConversation,
    Secret, SendOptions, Seq, Timestamp,
};
use crate::text::Clean;

/// From where a message was sent, which is where the result is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Origin {
    Composer,
    Form,
}

/// What the screen asks the runtime to do. Each kind is performed in a file of its own and matched exhaustively.
#[expect(clippy::large_enum_variant, reason = "effects are few and short-lived; the largest is a message to write")]
#[derive(Debug, Clone, PartialEq)]
pub enum Effect {
    Read(Read),
    Write(Write),
    Gateway(GatewayCall),
    Media(MediaCall),
    Terminal(TerminalAction),
}

/// A read from the store: local, and at most a few milliseconds long.
#[derive(Debug, Clone, PartialEq)]
pub enum Read {
    /// Accounts, totals and the state of this process. Answered by `OverviewRead`.
    Overview,
    /// A part of the conversation list. Answered by `ConversationsRead`.
    Conversations {
        /// The list's generation; answers of an older one are dropped.
        generation: u64,
        filter: Box<ConversationFilter>,
        range: ConversationRange,
        limit: usize,
    },
    /// What changed since the cursor. Answered by `ChangesRead`.
    Changes {
        after: Seq,
        /// The conversation whose changed messages are wanted too.
        open: Option<ConversationId>,
    },
    /// A conversation that is to be shown. Answered by `ConversationRead`.
    Conversation {
        conversation: ConversationId,
        /// The message to show, rather than the first unread or the newest one.
        at: Option<MessageId>,
    },
    /// A page of messages. Answered by `MessagesRead`.
    Messages { conversation: ConversationId, window: MessageRange, limit: usize },
    /// The next conversation that waits for us. Answered by `NextWaitingFound`.
    NextWaiting {
        /// The open conversation, which is skipped.
        open: Option<ConversationId>,
    },
    /// Conversations by a part of name, number or text, and contacts of every account. Answered by `ConversationsFound`.
    FindConversations {
        /// Identifies the newest query; late answers to older ones are dropped.
        question: u64,
        text: String,
    },
    /// Messages by text and by what is asked of them and their conversations. Answered by `MessagesFound`.
    SearchMessages {
        /// Identifies the newest query; late answers to older ones are dropped.
        question: u64,
        filter: Box<ConversationFilter>,
    },
    /// Contacts of an account's address book. Answered by `ContactsFound`.
    FindContacts {
        /// Identifies the newest query; late answers to older ones are dropped.
        question: u64,
        account: AccountName,
        /// A part of name, number or e-mail; the first contacts when empty.
        text: String,
    },
    /// The address of a recipient, and the conversation with them if there is one. Answered by `AddressFound`.
    FindAddress {
        account: AccountName,
        /// A phone number in any usual form, or the gateway's own id.
        to: String,
        /// `to` is a group's id.
        group: bool,
    },
    /// How many conversations each of some filters finds. Answered by `ViewsCounted`.
    CountViews {
        /// Identifies the newest question; late answers to older ones are dropped.
        question: u64,
        filters: Vec<ConversationFilter>,
    },
    /// Every label that a conversation has. Answered by `LabelsRead`.
    Labels,
    /// Every known agent. Answered by `AgentsRead`.
    Agents,
    /// What is known of the person behind a conversation. Answered by `CustomerRead`.
    Customer { conversation: ConversationId },
    /// What is known of a conversation's customer, by which canned replies are filled. Answered by `ReplyFieldsRead`.
    ReplyFields { conversation: ConversationId },
    /// Notes that were begun and messages that drafts answer. Answered by `BegunRead`.
    Begun,
    /// What may be about an unsure message. Answered by `UnmatchedRead`.
    Unmatched { message: MessageId },
    /// What lies in a folder; without one, the newest files of the usual folders. Answered by `FolderRead`.
    Folder { path: Option<PathBuf> },
    /// The files that a typed or dropped text names. Answered by `FilesFound`.
    Files { text: String },
    /// The picture on the clipboard, written into a file. Answered by `ClipboardPictureRead`.
    ClipboardPicture,
    /// What a person who quits should know first. Answered by `QuitStatusRead`.
    QuitStatus,
    /// The gateways and secret stores that the account form offers. Answered by `SetupOptionsRead`.
    SetupOptions,
}

/// A write to the store. Writes are performed one after the other, in the order in which they were asked for.
#[derive(Debug, Clone, PartialEq)]
pub enum Write {
    /// Puts a message into the outbox, or schedules it. Answered by `SendDone`.
    Send {
        conversation: ConversationId,
        content: Content,
        origin: Origin,
        options: SendOptions,
    },
    /// Puts the first message to a recipient into the outbox. Answered by `SendToDone`.
    SendTo {
        to: Address,
        content: Content,
        options: SendOptions,
    },
    /// Puts a failed or unsure message into the outbox again. Answered by `WriteDone`, as are the following.
    SendAgain {
        message: MessageId,
    },
    /// Sends a queued message without further waiting.
    SendNow {
        message: MessageId,
    },
    /// Takes a queued or scheduled message back. Answered by `CancelDone`.
    Cancel {
        message: MessageId,
        /// It waits for its time.
        scheduled: bool,
    },
    /// Saves a draft, or deletes it when the text is empty.
    SaveDraft {
        conversation: ConversationId,
        text: String,
    },
    /// Keeps a private note that is begun and not added yet, or forgets it when the text is empty.
    SaveBegunNote {
        conversation: ConversationId,
        text: String,
    },
    /// Keeps which message a draft answers.
    SaveQuote {
        conversation: ConversationId,
        message: Option<MessageId>,
    },
    /// Marks every message up to this one as seen.
    MarkSeen {
        conversation: ConversationId,
        message: MessageId,
    },
    MarkUnread {
        conversation: ConversationId,
    },
    SetState {
        conversation: ConversationId,
        state: ConversationState,
        /// When a snooze ends; `None` for the customer's next message.
        until: Option<Timestamp>,
    },
    /// Sets a field of a person's entry in the address book; an empty value deletes it.
    EditCustomer {
        conversation: ConversationId,
        field: CustomerField,
        value: String,
        /// What it was before.
        before: String,
    },
    /// Adds somebody to the address book of the contact's account, unless the number is there. Answered by `ContactSaved`.
    SaveContact {
        contact: Box<Contact>,
    },
    /// Gives a conversation to this screen's agent if nobody has it. Answered by `TakeDone`.
    Take {
        conversation: ConversationId,
    },
    /// Gives a conversation to an agent, or to nobody, whoever has it. Answered by `WriteDone`.
    Assign {
        conversation: ConversationId,
        to: Option<String>,
        /// Who had it before, which undoing needs.
        from: Option<String>,
    },
    /// Adds and removes labels. Answered by `WriteDone`. Undoing it swaps the lists, so `add` must hold none that the
    /// conversation has, and `remove` only those that it has.
    EditLabels {
        conversation: ConversationId,
        add: Vec<String>,
        remove: Vec<String>,
    },
    /// Tells other screens what is open here. Answered by `WriteDone`.
    SetPresence {
        open: Option<OpenConversation>,
    },
    /// Has the file of a message fetched now, also where that failed before. Answered by `MediaAsked`.
    AskForMedia {
        message: MessageId,
    },
    /// Adds a private note, which is never sent. Answered by `NoteDone`.
    AddNote {
        conversation: ConversationId,
        note: Note,
    },
}

/// A call to a gateway, which takes as long as the network does.
#[derive(Debug, Clone, PartialEq)]
pub enum GatewayCall {
    /// Lists the account's templates. Answered by `TemplatesRead`.
    Templates { account: AccountName },
    /// Lists the groups of the account's phone. Answered by `GroupsRead`.
    Groups { account: AccountName },
    /// Checks whether a number is on WhatsApp. Answered by `NumberChecked`.
    CheckNumber {
        account: AccountName,
        /// Digits with country code.
        phone: String,
    },
    /// Tries the key of a new account, then writes the account down. Answered by `AccountAdded`.
    AddAccount(Box<AccountDraft>),
    /// Polls the gateway for its login code until the login is closed. Answered by `Login`, many times.
    BeginLogin { account: AccountName },
    /// Resumes polling after the pause that comes when nobody has scanned the code for a while.
    ContinueLogin,
}

/// A voice note that is to be played.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlayRequest {
    pub message: MessageId,
    /// Where the file lies.
    pub path: PathBuf,
    /// Where in it the sound begins.
    pub from: Duration,
    /// In percent of the usual one.
    pub speed: u16,
}

/// Work on files of messages, each on a thread of its own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum MediaCall {
    /// Makes these previews, the first one first; what was asked for before and is not begun is dropped. Each is answered
    /// by `PreviewMade`.
    MakePreviews(Vec<PreviewRequest>),
    /// Makes a part of a picture for the viewer. Answered by `PictureShown`, unless another one is asked for meanwhile.
    ShowPicture(Box<PictureRequest>),
    /// Copies a file to a path as people write it. Answered by `MediaSaved`.
    Save { from: PathBuf, to: String, replace: bool },
    /// Plays a voice note; what is playing stops. Answered by `PlaybackStarted` and `PlaybackEnded`.
    Play(PlayRequest),
    /// Stops what is playing.
    StopPlaying,
}

/// What happens to the terminal, the desktop and this process.
#[derive(Debug, Clone, PartialEq)]
pub enum TerminalAction {
    /// Puts text on the clipboard. Answered by `Copied`.
    Copy { text: Clean },
    /// Opens a web link with the desktop's browser. Answered by `LinkOpened`.
    OpenLink { url: Clean },
    /// Opens a file with the desktop's program for it. Answered by `FileOpened`.
    OpenFile { path: PathBuf, name: Clean },
    /// Opens the draft in the person's editor. Answered by `DraftEdited`.
    Edit { conversation: ConversationId, text: String },
    /// Saves a login code as a picture. Answered by `PictureSaved`.
    SavePicture { account: AccountName, code: Secret },
    /// Writes a setting into the configuration file; `None` takes it out. Answered by `SettingSaved`.
    SaveSetting { key: &'static str, value: Option<String> },
    /// Calls the person: somebody has written while nobody looked.
    Notify { how: NotifyHow, text: Clean },
    /// Ends the screen and opens the demo.
    Demo,
    /// Suspends the process, as Ctrl+Z does in a shell.
    Suspend,
    /// Ends the program after all writes asked for before are done.
    Quit,
}

//! Input of the screen: keys, time, commits, and the answers to its effects.
//!
//! Invariant: a message says what happened, never what to do about it.

use std::path::PathBuf;

use crossterm::event::KeyEvent;
use ratatui::layout::Position;

use super::effect::Origin;
use super::overlays::account_setup::SetupOptions;
use super::overlays::address::{Address, Party};
use super::overlays::viewer::request::{PictureRequest, ShownPicture};
use super::previews::preview::{Preview, PreviewKey, Unreadable};
use super::user_settings::UserSettings;
use crate::domain::conversation::{ConversationRange, Counts, ViewCount};
use crate::domain::message::{MessageKey, MessageRange};
use crate::domain::{
    AccountName, AccountSetupError, AccountStatus, AddedAccount, Cancelled, Contact, Conversation, ConversationId,
    ConversationState, Customer, Failure, Folder, FoundFile, Group, InvalidAccount, Message, MessageId, ProcessStatus,
    QueryError, QuitStatus, Secret, SendError, Seq, StoreError, TakeResult, Template, Timestamp, UnmatchedReport,
};
use crate::text::Clean;

/// An event for the screen.
#[derive(Debug, Clone, PartialEq)]
pub enum Msg {
    /// The current time. Comes before everything else of a batch, and alone at a deadline.
    Now(Timestamp),
    Key(KeyEvent),
    Paste(String),
    /// The left button was pressed at a column and row.
    Click(Position),
    /// The wheel was turned at a column and row.
    Wheel {
        at: Position,
        up: bool,
    },
    /// The terminal's new size: columns, rows.
    Resized(u16, u16),
    /// The terminal got or lost the focus.
    Focused(bool),
    /// The store has committed something, in this process or another.
    StoreChanged,
    /// A signal asks the program to end.
    Stop,
    OverviewRead(Box<Overview>),
    ConversationsRead {
        generation: u64,
        /// The part of the list that was asked for.
        range: ConversationRange,
        /// The page's greatest length, as asked for.
        limit: usize,
        rows: Result<Vec<Conversation>, StoreError>,
    },
    ChangesRead(Result<Box<Changes>, StoreError>),
    ConversationRead {
        conversation: ConversationId,
        /// `None` when there is no such conversation any more.
        snapshot: Result<Option<Box<Snapshot>>, StoreError>,
    },
    MessagesRead {
        conversation: ConversationId,
        window: MessageRange,
        /// The page's greatest length, as asked for.
        limit: usize,
        messages: Result<Vec<Message>, StoreError>,
    },
    NextWaitingFound(Result<Option<ConversationId>, StoreError>),
    ConversationsFound {
        question: u64,
        found: Vec<Conversation>,
        /// People of every account's address book, with or without a conversation.
        contacts: Vec<Contact>,
    },
    ViewsCounted {
        question: u64,
        /// In the order in which they were asked for.
        counts: Vec<ViewCount>,
    },
    MessagesFound {
        question: u64,
        found: Result<FoundMessages, StoreError>,
    },
    TemplatesRead {
        account: AccountName,
        templates: Result<Vec<Template>, QueryError>,
    },
    /// A message is durable in the outbox, or was not accepted.
    SendDone {
        conversation: ConversationId,
        origin: Origin,
        result: Result<Box<Message>, SendError>,
    },
    /// The first message to a recipient is durable in the outbox, or was not accepted.
    SendToDone {
        to: Address,
        result: Result<Box<Message>, SendError>,
    },
    /// A message was taken back, or could not be.
    CancelDone {
        /// It waited for its time.
        scheduled: bool,
        result: Result<Box<Cancelled>, StoreError>,
    },
    /// A write whose effect comes back as a change has ended.
    WriteDone {
        write: WriteKind,
        result: Result<(), StoreError>,
    },
    /// The conversation was taken, or somebody had it.
    TakeDone {
        conversation: ConversationId,
        result: Result<TakeResult, StoreError>,
    },
    /// The note is in the thread, or was not stored.
    NoteDone {
        conversation: ConversationId,
        result: Result<Box<Message>, StoreError>,
    },
    /// A contact was added to an address book, or was there by this name.
    ContactSaved {
        contact: Box<Contact>,
        result: Result<Option<String>, StoreError>,
    },
    ContactsFound {
        question: u64,
        found: Result<Vec<Contact>, StoreError>,
    },
    ReplyFieldsRead {
        conversation: ConversationId,
        /// Names and values: the fields of the customer in the address book.
        fields: Result<Vec<(String, String)>, StoreError>,
    },
    GroupsRead {
        account: AccountName,
        groups: Result<Vec<Group>, QueryError>,
    },
    AddressFound {
        account: AccountName,
        /// The recipient as it was typed.
        party: Party,
        /// The address, and the conversation with it if there is one.
        found: Result<(Address, Option<ConversationId>), SendError>,
    },
    NumberChecked {
        account: AccountName,
        phone: String,
        /// Whether the number is on WhatsApp.
        result: Result<bool, QueryError>,
    },
    Copied {
        /// The text was too long for the clipboard: only its beginning was copied.
        cut: bool,
        clipboard: Clipboard,
    },
    /// A preview is made, or cannot be.
    PreviewMade {
        key: PreviewKey,
        preview: Preview,
    },
    /// A player makes a voice note heard.
    PlaybackStarted {
        message: MessageId,
        /// It can begin anywhere and play faster.
        can_seek: bool,
    },
    /// The player has ended by itself, or none could play it.
    PlaybackEnded {
        message: MessageId,
        result: Result<(), PlayError>,
    },
    /// A part of a picture is made for the viewer, or cannot be.
    PictureShown {
        request: Box<PictureRequest>,
        shown: Result<ShownPicture, Unreadable>,
    },
    /// A file was saved under this path, or was not.
    MediaSaved {
        path: String,
        result: Result<(), SaveError>,
    },
    /// Whether there is a file to fetch.
    MediaAsked(Result<bool, StoreError>),
    FileOpened {
        name: Clean,
        result: Result<(), LinkError>,
    },
    LinkOpened {
        host: String,
        result: Result<(), LinkError>,
    },
    /// Empty when they could not be read.
    LabelsRead(Vec<String>),
    /// Empty when they could not be read.
    AgentsRead(Vec<String>),
    CustomerRead {
        conversation: ConversationId,
        /// `None` when there is no such conversation any more.
        customer: Result<Option<Box<Customer>>, StoreError>,
    },
    /// What was begun and not finished before this screen was opened; empty when it could not be read.
    BegunRead {
        notes: Vec<(ConversationId, String)>,
        /// The messages that drafts answer, each with the conversation of the draft.
        quotes: Vec<(ConversationId, Message)>,
    },
    /// What the gateway reported that may be about an unsure message.
    UnmatchedRead {
        message: MessageId,
        reports: Result<Vec<UnmatchedReport>, StoreError>,
    },
    FolderRead {
        path: Option<PathBuf>,
        /// What lies in it, or why it cannot be read, in the system's words.
        folder: Result<Folder, String>,
    },
    FilesFound {
        /// How they were named.
        text: String,
        files: Vec<FoundFile>,
    },
    /// Where the picture of the clipboard was written; `None` where there is none.
    ClipboardPictureRead(Option<PathBuf>),
    /// What a person who wants to quit should know first.
    QuitStatusRead(Result<QuitStatus, StoreError>),
    /// `None` where no account can be added.
    SetupOptionsRead(Option<Box<SetupOptions>>),
    AccountAdded {
        name: AccountName,
        result: Result<Box<AddedAccount>, AccountSetupError>,
    },
    /// The login that `BeginLogin` began has made progress.
    Login {
        account: AccountName,
        news: LoginUpdate,
    },
    /// A setting is in the file and in force, or why not.
    SettingSaved {
        key: &'static str,
        result: Result<(), String>,
    },
    /// What a person sets for the screen, at the start and when it changed.
    SettingsRead(Box<UserSettings>),
    /// The path of the saved picture.
    PictureSaved(Result<String, PictureError>),
    DraftEdited {
        conversation: ConversationId,
        /// The draft as the editor left it.
        result: Result<String, EditError>,
    },
}

/// What a search found.
#[derive(Debug, Clone, PartialEq)]
pub struct FoundMessages {
    /// Newest first, each with its conversation.
    pub messages: Vec<(Message, Option<Conversation>)>,
    /// Messages whose texts could not be searched yet.
    pub unindexed: usize,
    /// Older messages were not looked at, because there were too many.
    pub cut: bool,
}

/// A write that is answered by `WriteDone`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WriteKind {
    SendAgain,
    SendNow,
    SaveDraft,
    SaveBegunNote,
    SaveQuote,
    MarkSeen,
    MarkUnread,
    SetState(ConversationState),
    EditCustomer,
    Assign,
    Unassign,
    EditLabels,
    SetPresence,
}

/// Why the editor did not return a draft.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EditError {
    /// Neither `VISUAL` nor `EDITOR` is set.
    NoEditor,
    /// It ended with an error, or its file could not be used.
    Failed,
}

/// What is known of where a copied text is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Clipboard {
    /// It was sent to the terminal, which does not say whether it takes it.
    Sent,
    /// tmux has it and passes it on to the terminal.
    Tmux,
    /// tmux has it; whether the terminal gets it depends on a setting of tmux.
    TmuxAlone,
    /// tmux did not take it.
    Refused,
}

/// Why a voice note is not heard.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PlayError {
    /// The sound would come out of another machine than the one at which the person sits.
    OverSsh,
    /// No program that plays sound is known here.
    NoPlayer,
    /// The program is not there, or ended with an error.
    Failed { program: String, reason: String },
}

/// Why a link was not opened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LinkError {
    /// It is no web link.
    NotWeb,
    /// No program of the desktop opened it; what the last one reported.
    NoProgram(String),
}

/// Why a file was not saved.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SaveError {
    /// Something stands there already.
    Exists,
    /// What the system reports, with the path.
    Failed(String),
}

/// Why a login code was not saved as a picture.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PictureError {
    /// No QR code can hold it.
    TooLong,
    /// The file cannot be written; what the system reports.
    Unwritable { path: PathBuf, reason: String },
}

/// Accounts, totals and the state of this process.
#[derive(Debug, Clone, PartialEq)]
pub struct Overview {
    /// `None` when nothing that concerns accounts changed.
    pub accounts: Option<Accounts>,
    /// `None` when no conversation changed, or the totals could not be read.
    pub counts: Option<Counts>,
    pub process: ProcessStatus,
}

/// All accounts in the configuration's order.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Accounts {
    pub usable: Vec<AccountStatus>,
    /// Those whose settings cannot be used.
    pub invalid: Vec<InvalidAccount>,
}

/// Everything that changed since a cursor, already read.
#[derive(Debug, Clone, PartialEq)]
pub struct Changes {
    /// The cursor from which to read the next changes.
    pub upto: Seq,
    /// There are further changes after the cursor.
    pub more: bool,
    /// So much changed, or so long ago, that the list is to be read again.
    pub everything: bool,
    /// The changed conversations as they are now.
    pub conversations: Vec<Conversation>,
    /// Conversations that were deleted.
    pub gone: Vec<ConversationId>,
    /// The new and changed messages of the open conversation as they are now.
    pub messages: Vec<Message>,
    /// Messages of the open conversation that were deleted.
    pub gone_messages: Vec<MessageId>,
    pub overview: Overview,
}

/// A conversation with the part of its messages that is shown first.
#[derive(Debug, Clone, PartialEq)]
pub struct Snapshot {
    pub conversation: Conversation,
    pub first_unread: Option<MessageKey>,
    /// The messages of this part, oldest first.
    pub messages: Vec<Message>,
    /// The store has earlier messages than these.
    pub older: bool,
    /// The store has later messages than these.
    pub newer: bool,
    pub draft: String,
    /// The message to show, as asked for.
    pub at: Option<MessageId>,
}

/// What the engine says of a login.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LoginUpdate {
    /// The gateway prepares a code.
    Waiting,
    Code {
        code: Secret,
        /// Until when it is likely good.
        good_until: Timestamp,
    },
    /// The same code as before.
    Unchanged,
    /// The gateway is not asked again until a person says so.
    Paused,
    Connected {
        /// The phone's number or name, when the gateway says it.
        who: Option<String>,
    },
    /// The gateway has no login over its API.
    Elsewhere,
    /// The gateway refused or was not reached; it is asked again.
    Trouble(Failure),
    /// The account cannot be used, and why.
    Broken(String),
}

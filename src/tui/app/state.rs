//! The screen as a value: everything that it shows and nothing that it does.
//!
//! Invariant: nothing here reads a clock, a file, the store or the terminal; they come as messages.

use std::path::PathBuf;
use std::time::Duration;

use jiff::tz::TimeZone;

use super::account_marks::AccountMarks;
use super::areas::Areas;
use super::pending_calls::PendingCalls;
use crate::config::{Locale, RepliesFile, SavedView, ScreenSettings, Setting};
use crate::domain::conversation::{ConversationRange, Counts};
use crate::domain::phone::{Country, display};
use crate::domain::{
    Account, AccountName, AccountStatus, CannedReply, Conversation, ConversationId, InvalidAccount, OpenConversation,
    ProcessStatus, SavedPlace, Seq, SessionState, StoreError, Timestamp,
};
use crate::text::{Ago, Clean};
use crate::tui::commands::key::Chord;
use crate::tui::commands::keymap::Keymap;
use crate::tui::commands::registry::{Command, KeyContext};
use crate::tui::commands::typing::TypingGuard;
use crate::tui::commands::undo_stack::UndoStack;
use crate::tui::composer::begun::Begun;
use crate::tui::composer::state::ComposerState;
use crate::tui::conversations::state::{ConversationList, PAGE};
use crate::tui::customer::state::CustomerPanel;
use crate::tui::effect::Read;
use crate::tui::i18n::errors::store_error;
use crate::tui::i18n::{Strings, fill};
use crate::tui::overlays::Overlay;
use crate::tui::overlays::address::NumberQuestion;
use crate::tui::previews::cache::Previews;
use crate::tui::previews::playback::Playback;
use crate::tui::theme::Theme;
use crate::tui::thread::hits::SearchHits;
use crate::tui::thread::state::Thread;
use crate::tui::user_settings::{FileError, UserFiles};

/// How often budgets are read again while one is in use.
pub(crate) const BUDGET_AGE: Duration = Duration::from_secs(5);

/// How long a notice stays, and one about a failure.
const NOTICE: Duration = Duration::from_secs(4);
const FAILURE_NOTICE: Duration = Duration::from_secs(10);

/// The pane that has the keys.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Pane {
    #[default]
    List,
    Thread,
    Composer,
}

impl Pane {
    /// Where the keymap looks up this pane's keys.
    pub fn place(self) -> KeyContext {
        match self {
            Pane::List => KeyContext::List,
            Pane::Thread => KeyContext::Thread,
            Pane::Composer => KeyContext::Composer,
        }
    }
}

/// A short notice in the hint line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notice {
    pub text: Clean,
    /// It says that something failed.
    pub bad: bool,
    /// It stays while the draft is typed.
    pub(crate) stays: bool,
    /// It offers to undo what it says; this key does, while it is shown.
    pub(crate) undo: Option<Chord>,
    pub until: Timestamp,
}

/// What a screen begins with.
#[derive(Debug, Clone)]
pub struct Setup {
    pub locale: Locale,
    pub theme: Theme,
    /// The reader's time zone.
    pub zone: TimeZone,
    pub keymap: Keymap,
    /// The name beside messages that are sent from here.
    pub agent: String,
    /// The country in which local phone numbers are read.
    pub country: Country,
    /// What is changed of the language's canned replies, and the places that are sent often.
    pub replies: RepliesFile,
    /// The configuration file, for the welcome screen.
    pub config_path: String,
    /// Columns and rows of the terminal.
    pub size: (u16, u16),
    pub now: Timestamp,
    /// The newest change that the first reads will contain.
    pub seq: Seq,
}

/// The whole state of the screen.
#[expect(clippy::struct_excessive_bools, reason = "facts about terminal, accounts and changes are independent")]
#[derive(Debug)]
pub struct Model {
    pub locale: Locale,
    pub theme: Theme,
    /// The reader's time zone.
    pub zone: TimeZone,
    pub keymap: Keymap,
    /// The name beside messages that are sent from here.
    pub agent: String,
    /// Canned replies, one's own first.
    pub(crate) replies: Vec<CannedReply>,
    /// The folder from which a file was last chosen; `None` for the newest files.
    pub(crate) file_folder: Option<PathBuf>,
    /// Places that are sent often.
    pub(crate) places: Vec<SavedPlace>,
    /// One's own views of the conversation list.
    pub(crate) views: Vec<SavedView>,
    pub settings: ScreenSettings,
    /// The agent's name stands on top of messages that go out.
    pub(crate) agent_prefix: bool,
    /// The settings that can be changed on the screen.
    pub(crate) listed_settings: Vec<Setting>,
    /// The files beside the configuration file, once they were read.
    pub(crate) user_files: Option<UserFiles>,
    /// The files that cannot be used.
    pub(crate) file_errors: Vec<FileError>,
    pub config_path: String,
    /// Where files are saved unless another place is typed, with a separator at its end.
    pub(crate) downloads: String,
    /// Columns and rows of the terminal.
    pub size: (u16, u16),
    /// The time, as of the newest message.
    pub now: Timestamp,
    /// The pane that has the keys.
    pub focus: Pane,
    /// The terminal has the focus, or does not report it.
    pub(crate) focused: bool,
    pub(crate) calls: PendingCalls,
    /// When the screen was opened.
    pub(crate) started: Timestamp,
    pub conversations: ConversationList,
    pub thread: Option<Thread>,
    pub(crate) previews: Previews,
    /// The voice note that is being played.
    pub playback: Option<Playback>,
    pub composer: ComposerState,
    pub(crate) customer: CustomerPanel,
    /// Private notes that were begun, which never become drafts, and what drafts answer.
    pub(crate) begun: Begun,
    pub accounts: Vec<AccountStatus>,
    pub invalid_accounts: Vec<InvalidAccount>,
    /// What stands for an account where there is no room for its name.
    pub(crate) account_marks: AccountMarks,
    /// The accounts have been read.
    pub(crate) accounts_ready: bool,
    pub counts: Counts,
    pub process: ProcessStatus,
    /// The overlays, the foremost one last.
    pub overlays: Vec<Overlay>,
    pub notice: Option<Notice>,
    /// Letters pressed lately where letters are commands.
    pub(crate) typing: TypingGuard,
    /// The search from which a message was opened last.
    pub(crate) hits: Option<SearchHits>,
    /// What can be undone.
    pub(crate) undo: UndoStack,
    /// The program is asked to quit by a letter, which may have been meant as text.
    pub(crate) quit_carefully: bool,
    /// The command that runs on a conversation once it is open.
    pub(crate) after_open: Option<(ConversationId, Command)>,
    /// The newest change that is known.
    pub seq: Seq,
    /// Changes are being read.
    pub(crate) reading_changes: bool,
    /// The store has committed something since the read of changes that is under way.
    pub(crate) more_changes: bool,
    /// When accounts were read last.
    pub(crate) accounts_read_at: Option<Timestamp>,
    /// When budgets were read last, while the open account's is in use.
    pub(crate) budgets_read_at: Option<Timestamp>,
    /// The newest check of a phone number.
    pub number: Option<NumberQuestion>,
    /// Counts queries whose answers may come late.
    pub(crate) questions: u64,
    /// Where the panes are; measured by `layout`.
    pub areas: Areas,
}

impl Model {
    /// A screen that knows nothing yet, and the reads that fill its first frame.
    pub fn new(setup: Setup) -> (Self, Vec<Read>) {
        let mut model = Model {
            locale: setup.locale,
            theme: setup.theme,
            zone: setup.zone,
            keymap: setup.keymap,
            agent: setup.agent,
            replies: Vec::new(),
            file_folder: None,
            places: Vec::new(),
            views: Vec::new(),
            settings: ScreenSettings::default(),
            agent_prefix: false,
            listed_settings: Vec::new(),
            user_files: None,
            file_errors: Vec::new(),
            config_path: setup.config_path,
            downloads: "~/".to_owned(),
            size: setup.size,
            now: setup.now,
            focus: Pane::List,
            focused: true,
            calls: PendingCalls::default(),
            started: setup.now,
            conversations: ConversationList::default(),
            thread: None,
            previews: Previews::default(),
            playback: None,
            composer: ComposerState::default(),
            customer: CustomerPanel::default(),
            begun: Begun::default(),
            accounts: Vec::new(),
            invalid_accounts: Vec::new(),
            account_marks: AccountMarks::default(),
            accounts_ready: false,
            counts: Counts::default(),
            process: ProcessStatus::default(),
            overlays: Vec::new(),
            notice: None,
            typing: TypingGuard::default(),
            hits: None,
            undo: UndoStack::default(),
            quit_carefully: false,
            after_open: None,
            seq: setup.seq,
            reading_changes: false,
            more_changes: false,
            accounts_read_at: None,
            budgets_read_at: None,
            number: None,
            questions: 0,
            areas: Areas::default(),
        };
        model.use_replies(&setup.replies);
        model.conversations.filter.country = setup.country;
        model.conversations.filter.zone = model.zone.clone();
        model.conversations.reading = true;
        let list = Read::Conversations {
            generation: model.conversations.generation,
            filter: Box::new(model.conversations.filter.query()),
            range: ConversationRange::Top,
            limit: PAGE,
        };
        (model, vec![Read::Overview, list, Read::Begun])
    }

    /// Takes the canned replies and places of `replies.toml`.
    pub fn use_replies(&mut self, file: &RepliesFile) {
        self.replies = file.over(&self.strings().canned_replies());
        self.places.clone_from(&file.places);
    }

    /// The strings of the screen's language.
    pub fn strings(&self) -> &'static Strings {
        self.locale.strings()
    }

    /// The usable account with this name, if there is one.
    pub fn account(&self, name: &AccountName) -> Option<&AccountStatus> {
        self.accounts.iter().find(|a| a.account.name == *name)
    }

    /// Whether an account has this name, one whose settings cannot be used included.
    pub(crate) fn has_account(&self, name: &AccountName) -> bool {
        self.account(name).is_some() || self.invalid_accounts.iter().any(|invalid| invalid.name == name.as_str())
    }

    /// The open conversation's account.
    pub(crate) fn open_account(&self) -> Option<&AccountStatus> {
        self.account(&self.thread.as_ref()?.conversation.account)
    }

    /// The id of the open conversation, once its messages are loaded.
    pub fn open_id(&self) -> Option<ConversationId> {
        self.thread.as_ref().map(Thread::id)
    }

    /// The account of the conversation that a command of the pane with the keys is about.
    pub(crate) fn subject_account(&self) -> Option<&AccountStatus> {
        self.account(&self.subject()?.account)
    }

    /// The conversation that a command of the pane with the keys is about.
    pub fn subject(&self) -> Option<&Conversation> {
        match self.focus {
            Pane::List => self.conversations.selected_row(),
            Pane::Thread | Pane::Composer => self.thread.as_ref().map(|t| &t.conversation),
        }
    }

    /// A conversation that is loaded, in the list or as the open one.
    pub(crate) fn conversation(&self, id: ConversationId) -> Option<&Conversation> {
        let open = self.thread.as_ref().map(|thread| &thread.conversation).filter(|open| open.id == id);
        open.or_else(|| self.conversations.get(id))
    }

    /// Whether a letter was pressed of which another one that follows quickly would make text.
    pub fn waits_for_letters(&self) -> bool {
        self.typing.is_quick(self.now)
    }

    /// Whether the reader sees what happens in the open conversation.
    pub(crate) fn is_thread_watched(&self) -> bool {
        self.focused
            && self.focus != Pane::List
            && self.overlays.iter().all(|overlay| matches!(overlay, Overlay::Note(_)))
    }

    /// The country in which local phone numbers are read and written.
    pub(crate) fn country(&self) -> Country {
        self.conversations.filter.country
    }

    /// The name of a conversation as people read it: its name, else its peer.
    pub fn title(conversation: &Conversation, home: Country) -> Clean {
        Clean::name(&conversation.name).unwrap_or_else(|| Model::peer(conversation, home))
    }

    /// The other side's number or id as people read it: phone numbers as the home country writes them.
    pub fn peer(conversation: &Conversation, home: Country) -> Clean {
        let phone = conversation.channel.uses_phone_numbers()
            && !conversation.group
            && conversation.peer.len() >= 8
            && conversation.peer.bytes().all(|b| b.is_ascii_digit());
        if phone { Clean::line(&display(&conversation.peer, home)) } else { Clean::line(&conversation.peer) }
    }

    /// Shows a notice for a few seconds; `bad` when something failed.
    pub fn notify(&mut self, text: &str, bad: bool) {
        let until = self.now.plus(if bad { FAILURE_NOTICE } else { NOTICE });
        self.notice = Some(Notice { text: Clean::line(text), bad, stays: false, undo: None, until });
    }

    /// Shows that the store could not be read.
    pub(crate) fn notify_not_read(&mut self, error: &StoreError) {
        let reason = store_error(self.locale, error);
        self.notify(&fill(&self.strings().notices.not_read, &[("reason", &reason)]), true);
    }

    /// When the screen changes although nothing happens, or something is due; `None` for never.
    pub fn deadline(&self) -> Option<Timestamp> {
        let notice = self.notice.as_ref().map(|n| n.until);
        let window = self.thread.as_ref().and_then(|t| t.conversation.window_until).and_then(|until| {
            // Whole minutes are shown, counted from the window's end.
            let left = until.millis() - self.now.millis();
            (left > 0).then(|| Timestamp(until.millis() - (left - 1) / 60_000 * 60_000))
        });
        let waiting = self.conversations.visible_rows().filter_map(|c| c.waiting_since).map(|since| {
            let span = self.now.since(since);
            self.now.plus(Ago::next_change(span))
        });
        let budgets = self.budgets_read_at.map(|at| at.plus(BUDGET_AGE));
        let overlay = self.overlays.last().and_then(|overlay| overlay.deadline(self));
        waiting
            .chain(overlay)
            .chain(self.playback.as_ref().map(|playing| playing.next_second(self.now)))
            .chain(notice)
            .chain(window)
            .chain(budgets)
            .chain(self.composer.save_at)
            .chain(self.begun.save_at)
            .chain(self.typing.due())
            .chain(self.composer.writing_until)
            .chain(self.midnight())
            .chain(self.calls.at)
            .min()
    }

    /// What other screens are to know of this one.
    pub fn presence(&self) -> Option<OpenConversation> {
        let conversation = self.open_id()?;
        Some(OpenConversation { conversation, writing: self.composer.writing_until.is_some() })
    }

    /// The account whose login is on the screen.
    pub fn login(&self) -> Option<&AccountName> {
        self.overlays.iter().rev().find_map(|overlay| match overlay {
            Overlay::Login(login) => Some(&login.account),
            _ => None,
        })
    }

    /// Whether a picture is looked at.
    pub(crate) fn is_viewing(&self) -> bool {
        self.overlays.iter().any(|overlay| matches!(overlay, Overlay::Viewer(_)))
    }

    /// When the clock shows another time.
    pub(crate) fn next_minute(&self) -> Timestamp {
        Timestamp((self.now.millis().div_euclid(60_000) + 1) * 60_000)
    }

    /// When "today" becomes another day, while a conversation or a list shows days.
    fn midnight(&self) -> Option<Timestamp> {
        if self.thread.is_none() && self.conversations.is_empty() {
            return None;
        }
        let now = jiff::Timestamp::from_millisecond(self.now.millis()).ok()?.to_zoned(self.zone.clone());
        let next = now.date().tomorrow().ok()?.to_zoned(self.zone.clone()).ok()?;
        Some(Timestamp(next.timestamp().as_millisecond()))
    }
}

/// Whether only a person can make the account work again.
pub(crate) fn needs_help(account: &Account) -> bool {
    use SessionState as S;
    matches!(account.state, S::LoggedOut | S::Banned | S::KeyRefused | S::Broken | S::Unreachable)
}

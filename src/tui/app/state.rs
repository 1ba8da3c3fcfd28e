//! The screen as a value: everything that it shows and nothing that it does.
//!
//! Invariant: nothing here reads a clock, a file, the store or the terminal; time and facts come as messages.

use super::areas::Areas;
use super::facts::{AccountView, BrokenView, Counts, Facts};
use crate::tui::composer::state::Compose;
use crate::tui::conversations;
use crate::tui::conversations::state::Inbox;
use crate::tui::effect::Read;
use crate::tui::overlays::Overlay;
use crate::tui::overlays::address::NumberQuestion;
use crate::tui::thread::state::Thread;

use std::time::Duration;

use jiff::tz::TimeZone;

use crate::config::Locale;
use crate::domain::{Account, AccountName, Conversation, ConversationId, Seq, Timestamp};
use crate::text::{Ago, Clean};
use crate::tui::commands::keymap::Keymap;
use crate::tui::commands::registry::KeyContext;
use crate::tui::effect::Effect;
use crate::tui::i18n::{Reply, Strings};
use crate::tui::theme::Theme;

/// The pane that has the keys.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Pane {
    /// The conversation list.
    #[default]
    List,
    /// The conversation.
    Thread,
    /// The composer.
    Composer,
}

impl Pane {
    /// Its place in the key map.
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
    /// What it says.
    pub text: Clean,
    /// Something failed.
    pub bad: bool,
    /// Until when it stands there.
    pub until: Timestamp,
}

/// What a screen begins with.
#[derive(Debug, Clone)]
pub struct Setup {
    /// The language.
    pub locale: Locale,
    /// Styles and signs.
    pub theme: Theme,
    /// Where the reader is.
    pub zone: TimeZone,
    /// Which key means what.
    pub keymap: Keymap,
    /// The name that stands beside own messages.
    pub agent: String,
    /// Canned replies; the language's own when there are none.
    pub replies: Vec<Reply>,
    /// Where the configuration lies, for the welcome screen.
    pub config_path: String,
    /// Columns and rows of the terminal.
    pub size: (u16, u16),
    /// The time.
    pub now: Timestamp,
    /// The newest change that the first reads will contain.
    pub seq: Seq,
}

/// The screen.
#[expect(clippy::struct_excessive_bools, reason = "facts about terminal, accounts and changes are independent")]
#[derive(Debug)]
pub struct Model {
    /// The language.
    pub locale: Locale,
    /// Styles and signs.
    pub theme: Theme,
    /// Where the reader is.
    pub zone: TimeZone,
    /// Which key means what.
    pub keymap: Keymap,
    /// The name that stands beside own messages.
    pub agent: String,
    /// Canned replies.
    pub replies: Vec<Reply>,
    /// Where the configuration lies.
    pub config_path: String,
    /// Columns and rows of the terminal.
    pub size: (u16, u16),
    /// The time, as of the newest message.
    pub now: Timestamp,
    /// The pane that has the keys.
    pub focus: Pane,
    /// The terminal has the focus, or does not tell.
    pub watched: bool,
    /// The conversation list.
    pub inbox: Inbox,
    /// The open conversation.
    pub thread: Option<Thread>,
    /// The composer.
    pub compose: Compose,
    /// The accounts.
    pub accounts: Vec<AccountView>,
    /// The accounts whose settings cannot be used.
    pub broken: Vec<BrokenView>,
    /// The accounts have been read.
    pub accounts_ready: bool,
    /// Totals.
    pub counts: Counts,
    /// About this process.
    pub facts: Facts,
    /// What lies over the panes, the last one in front.
    pub overlays: Vec<Overlay>,
    /// A short notice.
    pub notice: Option<Notice>,
    /// Up to here changes are known.
    pub seq: Seq,
    /// Changes are being read.
    pub reading_changes: bool,
    /// There may be further changes than those being read.
    pub woken: bool,
    /// When accounts were read last.
    pub facts_at: Option<Timestamp>,
    /// When rates were read last, while they are shown.
    pub rates_at: Option<Timestamp>,
    /// The newest question about a number.
    pub number: Option<NumberQuestion>,
    /// Counts questions whose answers may come late.
    pub questions: u64,
    /// Where the panes are; measured by `settle`.
    pub areas: Areas,
}

impl Model {
    /// The screen before anything is known, and what it asks first.
    pub fn new(setup: Setup) -> (Self, Vec<Effect>) {
        let replies = if setup.replies.is_empty() { setup.locale.strings().replies.clone() } else { setup.replies };
        let mut model = Model {
            locale: setup.locale,
            theme: setup.theme,
            zone: setup.zone,
            keymap: setup.keymap,
            agent: setup.agent,
            replies,
            config_path: setup.config_path,
            size: setup.size,
            now: setup.now,
            focus: Pane::List,
            watched: true,
            inbox: Inbox::default(),
            thread: None,
            compose: Compose::default(),
            accounts: Vec::new(),
            broken: Vec::new(),
            accounts_ready: false,
            counts: Counts::default(),
            facts: Facts::default(),
            overlays: Vec::new(),
            notice: None,
            seq: setup.seq,
            reading_changes: false,
            woken: false,
            facts_at: None,
            rates_at: None,
            number: None,
            questions: 0,
            areas: Areas::default(),
        };
        model.inbox.reading = true;
        let list = Effect::Read(Read::List {
            generation: model.inbox.generation,
            filter: model.inbox.filter.query(),
            after: None,
            limit: conversations::state::PAGE,
        });
        (model, vec![Effect::Read(Read::Facts), list])
    }

    /// The words of the screen's language.
    pub fn strings(&self) -> &'static Strings {
        self.locale.strings()
    }

    /// The account of a conversation.
    pub fn account(&self, name: &AccountName) -> Option<&AccountView> {
        self.accounts.iter().find(|a| a.account.name == *name)
    }

    /// The open conversation's account.
    pub fn open_account(&self) -> Option<&AccountView> {
        self.account(&self.thread.as_ref()?.conversation.account)
    }

    /// The open conversation.
    pub fn open_id(&self) -> Option<ConversationId> {
        self.thread.as_ref().map(Thread::id)
    }

    /// The conversation that a command of the pane with the keys is about.
    pub fn subject(&self) -> Option<&Conversation> {
        match self.focus {
            Pane::List => self.inbox.selected_row(),
            Pane::Thread | Pane::Composer => self.thread.as_ref().map(|t| &t.conversation),
        }
    }

    /// The name of a conversation as people read it: its name, else its peer.
    pub fn title(conversation: &Conversation) -> Clean {
        let name = Clean::line(conversation.name.trim());
        if !name.as_str().trim().is_empty() {
            return name;
        }
        Model::peer(conversation)
    }

    /// The other side's number or id as people read it: phone numbers with their `+`.
    pub fn peer(conversation: &Conversation) -> Clean {
        let phone = conversation.channel.uses_phone_numbers()
            && !conversation.group
            && conversation.peer.len() >= 8
            && conversation.peer.bytes().all(|b| b.is_ascii_digit());
        if phone { Clean::line(&format!("+{}", conversation.peer)) } else { Clean::line(&conversation.peer) }
    }

    /// Shows a notice for a few seconds.
    pub fn notify(&mut self, text: &str, bad: bool) {
        let stay = Duration::from_secs(if bad { 10 } else { 4 });
        self.notice = Some(Notice { text: Clean::line(text), bad, until: self.now.plus(stay) });
    }

    /// When the screen looks different although nothing happens, or something is due; `None` = never.
    pub fn deadline(&self) -> Option<Timestamp> {
        let notice = self.notice.as_ref().map(|n| n.until);
        let window = self.thread.as_ref().and_then(|t| t.conversation.window_until).and_then(|until| {
            // Whole minutes are shown, counted up from the end.
            let left = until.millis() - self.now.millis();
            (left > 0).then(|| Timestamp(until.millis() - (left - 1) / 60_000 * 60_000))
        });
        let waiting = self.inbox.visible_rows().filter_map(|c| c.waiting_since).map(|since| {
            let span = self.now.since(since);
            self.now.plus(Ago::next_change(span))
        });
        let rates = self.rates_at.map(|at| at.plus(Duration::from_secs(5)));
        let over = self.overlays.last().and_then(|over| over.deadline(self));
        waiting
            .chain(over)
            .chain(notice)
            .chain(window)
            .chain(rates)
            .chain(self.compose.due)
            .chain(self.midnight())
            .min()
    }

    /// The account whose login is on the screen.
    pub fn login(&self) -> Option<&AccountName> {
        self.overlays.iter().rev().find_map(|over| match over {
            Overlay::Login(login) => Some(&login.account),
            _ => None,
        })
    }

    /// When "today" becomes another day, while a conversation shows days.
    fn midnight(&self) -> Option<Timestamp> {
        self.thread.as_ref()?;
        let now = jiff::Timestamp::from_millisecond(self.now.millis()).ok()?.to_zoned(self.zone.clone());
        let next = now.date().tomorrow().ok()?.to_zoned(self.zone.clone()).ok()?;
        Some(Timestamp(next.timestamp().as_millisecond()))
    }
}

/// Whether something about an account's state needs a person.
pub fn needs_help(account: &Account) -> bool {
    use crate::domain::SessionState as S;
    matches!(account.state, S::LoggedOut | S::Banned | S::KeyRefused | S::Broken | S::Unreachable)
}

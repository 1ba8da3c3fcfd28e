//! Styles by meaning. What a theme does not name looks like the meaning above it.
//!
//! Invariant: a theme sets no background.

use super::entries::Entries;
use ratatui::style::Style;

macro_rules! meanings {
    ($($(#[$doc:meta])* $variant:ident = $name:literal),* $(,)?) => {
        /// What a piece of the screen means.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum Meaning { $($(#[$doc])* $variant,)* }

        impl Meaning {
            pub const ALL: &[Meaning] = &[$(Meaning::$variant),*];

            /// Its name in theme files.
            pub fn name(self) -> &'static str {
                match self { $(Meaning::$variant => $name,)* }
            }
        }
    };
}

meanings! {
    Text = "text",
    Dim = "text.dim",
    Strong = "text.strong",
    /// The program's own colour.
    Accent = "accent",
    /// The program's own colour, strong: titles of the pane that has the keys.
    AccentStrong = "accent.strong",
    Rule = "rule",
    /// The line of the pane that has the keys.
    RuleFocus = "rule.focus",
    /// The chosen row of the pane that has the keys.
    Selected = "selected",
    /// The chosen row of another pane.
    SelectedAway = "selected.away",
    /// Letters that match what was typed.
    Match = "match",
    Key = "key",
    /// A badge such as SANDBOX.
    Badge = "badge",
    Notice = "notice",
    /// A short notice that something failed.
    NoticeBad = "notice.bad",
    ListName = "list.name",
    /// A conversation's name when something in it is unread.
    ListNameUnread = "list.name.unread",
    /// A conversation's newest text.
    ListPreview = "list.preview",
    /// The number of unread messages.
    ListUnread = "list.unread",
    /// How long a customer waits.
    ListWaiting = "list.waiting",
    /// How long a customer waits, when that is long.
    ListWaitingLong = "list.waiting.long",
    /// The mark of a draft.
    ListDraft = "list.draft",
    /// The mark of a newest message that failed.
    ListFailed = "list.failed",
    /// A conversation that is done or put off.
    ListDone = "list.done",
    /// Edge of a customer's message.
    MessageIn = "message.in",
    /// Edge of an own message.
    MessageOut = "message.out",
    MessageRule = "message.rule",
    MessageSender = "message.sender",
    MessageMeta = "message.meta",
    /// The line that names a picture, sound, file or place.
    MessageMedia = "message.media",
    MessageQuote = "message.quote",
    /// A notice of the channel.
    MessageSystem = "message.system",
    /// Mark of a message in the outbox.
    MessageQueued = "message.queued",
    /// Mark of a message that was accepted or delivered.
    MessageSent = "message.sent",
    /// Mark of a message that was read.
    MessageRead = "message.read",
    /// Mark and reason of a message of which nobody knows whether it arrived.
    MessageUnsure = "message.unsure",
    /// Mark and reason of a message that failed.
    MessageFailed = "message.failed",
    /// The line above the first unread message.
    MessageDivider = "message.divider",
    /// The line that names a day.
    MessageDate = "message.date",
    ChannelWhatsApp = "channel.whatsapp",
    ChannelTelegram = "channel.telegram",
    ChannelInstagram = "channel.instagram",
    ChannelMessenger = "channel.messenger",
    HealthGood = "health.good",
    /// An account that needs help.
    HealthBad = "health.bad",
    /// An account of which nothing is known.
    HealthUnknown = "health.unknown",
    /// Why the message cannot be sent.
    ComposerObjection = "composer.objection",
    ComposerNear = "composer.near",
    ComposerSending = "composer.sending",
    /// A label of a conversation.
    Label = "label",
    /// The agent to whom a conversation is assigned.
    Assignee = "assignee",
    /// A private note, which is never sent.
    Note = "note",
    /// Edge and border of a private note.
    NoteEdge = "note.edge",
    /// That another agent is here.
    Presence = "presence",
}

/// A style for every meaning.
#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) struct Styles {
    styles: Vec<Style>,
}

impl Styles {
    /// The styles that a theme's entries give to the meanings.
    pub(crate) fn of(entries: &Entries) -> Self {
        Styles { styles: Meaning::ALL.iter().map(|meaning| entries.style(meaning.name())).collect() }
    }

    /// The same theme with attributes only.
    #[must_use]
    pub(crate) fn without_colours(mut self) -> Self {
        for style in &mut self.styles {
            style.fg = None;
        }
        self
    }

    /// The style of a meaning.
    pub(crate) fn style(&self, meaning: Meaning) -> Style {
        self.styles.get(meaning as usize).copied().unwrap_or_default()
    }
}

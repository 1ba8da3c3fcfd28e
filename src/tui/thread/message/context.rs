//! What the rows of a message depend on beside the message.

use jiff::tz::TimeZone;

use crate::config::Locale;
use crate::domain::{Message, MessageId};
use crate::tui::i18n::time::Day;
use crate::tui::previews::playback::Progress;
use crate::tui::previews::preview::{Preview, PreviewSize};
use crate::tui::theme::Theme;

/// What is drawn around a message because of its neighbours.
#[expect(clippy::struct_excessive_bools, reason = "each is about another neighbour")]
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Decorations {
    /// The day stands above it.
    pub(crate) shows_day: bool,
    /// The line "unread" stands above it.
    pub(crate) divider: bool,
    /// An empty row stands above it.
    pub(crate) gap: bool,
    pub(crate) shows_sender: bool,
    /// The message that it answers or reacts to, when that is loaded.
    pub quoted: Option<MessageId>,
    pub(crate) notes: NoteRun,
}

/// Where a message stands among those in a row that failed, wait or are unsure for the same cause.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum NoteRun {
    /// A later one of the row has the note.
    Covered,
    /// It has the note, for so many messages.
    Last(u16),
}

impl Default for NoteRun {
    fn default() -> Self {
        NoteRun::Last(1)
    }
}

/// What the rows of a message depend on beside the message itself.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Context<'a> {
    pub(crate) locale: Locale,
    pub(crate) theme: &'a Theme,
    /// The reader's time zone.
    pub(crate) zone: &'a TimeZone,
    /// The width in cells.
    pub(crate) width: u16,
    /// The day that is today in the reader's time zone.
    pub(crate) today: Day,
    pub(crate) decorations: Decorations,
    /// The message that this one answers or reacts to, when it is loaded.
    pub(crate) quoted: Option<&'a Message>,
    /// The name beside own messages, which is not repeated there.
    pub(crate) agent: &'a str,
    /// The account has a phone on which the messages can be seen too.
    pub(crate) phone: bool,
    /// The conversation is a group's.
    pub(crate) group: bool,
    /// The place for its preview, if it has one.
    pub(crate) preview_size: Option<PreviewSize>,
    /// Its preview, once that is made.
    pub(crate) preview: Option<&'a Preview>,
    /// How far it has been played, while it is.
    pub(crate) progress: Option<Progress>,
    /// The reactions that stand on the message.
    pub(crate) reactions: Option<&'a str>,
}

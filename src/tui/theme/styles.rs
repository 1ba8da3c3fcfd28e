//! Styles by meaning, read from a theme file. What a theme does not name looks like the meaning above it.
//!
//! Invariant: a theme sets no background and knows only the terminal's own sixteen colours.

use ratatui::style::{Color, Modifier, Style};
use serde::Deserialize;
use std::collections::BTreeMap;

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

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    styles: BTreeMap<String, Entry>,
}

#[expect(clippy::struct_excessive_bools, reason = "a file's attributes are switches of their own")]
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Entry {
    fg: Option<String>,
    bold: bool,
    dim: bool,
    italic: bool,
    underline: bool,
    reversed: bool,
}

/// A theme file that cannot be used: the line or name that is wrong, in words for its author.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub(crate) struct StylesError(String);

/// A style for every meaning.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Styles {
    styles: Vec<Style>,
}

impl Styles {
    /// The theme that comes with the program.
    pub(crate) fn built_in() -> Self {
        // A theme that cannot be read would show plain text; a test reads it.
        Styles::parse(include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/assets/themes/default.toml")))
            .unwrap_or_else(|_| Styles { styles: Vec::new() })
    }

    /// Reads a theme file.
    pub(crate) fn parse(text: &str) -> Result<Self, StylesError> {
        let file: File = toml::from_str(text).map_err(|e| StylesError(e.to_string()))?;
        for name in file.styles.keys() {
            if !Meaning::ALL.iter().any(|m| m.name() == name || m.name().starts_with(&format!("{name}."))) {
                return Err(StylesError(format!("no such meaning: {name}")));
            }
        }
        let mut styles = Vec::with_capacity(Meaning::ALL.len());
        for meaning in Meaning::ALL {
            styles.push(lookup(&file.styles, meaning.name())?);
        }
        Ok(Styles { styles })
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

fn lookup(entries: &BTreeMap<String, Entry>, name: &str) -> Result<Style, StylesError> {
    let mut name = name;
    loop {
        if let Some(entry) = entries.get(name) {
            return style(name, entry);
        }
        match name.rsplit_once('.') {
            Some((above, _)) => name = above,
            None => return Ok(Style::default()),
        }
    }
}

fn style(name: &str, entry: &Entry) -> Result<Style, StylesError> {
    let mut style = Style::default();
    if let Some(word) = &entry.fg {
        style = style.fg(colour(word).ok_or_else(|| {
            StylesError(format!("{name}: no colour of text: {word} (one of red, green, yellow, blue, magenta, cyan)"))
        })?);
    }
    let modifiers = [
        (entry.bold, Modifier::BOLD),
        (entry.dim, Modifier::DIM),
        (entry.italic, Modifier::ITALIC),
        (entry.underline, Modifier::UNDERLINED),
        (entry.reversed, Modifier::REVERSED),
    ];
    for (on, modifier) in modifiers {
        if on {
            style = style.add_modifier(modifier);
        }
    }
    Ok(style)
}

/// White, black and gray are no choice: each is unreadable on some background.
fn colour(word: &str) -> Option<Color> {
    Some(match word {
        "red" => Color::Red,
        "green" => Color::Green,
        "yellow" => Color::Yellow,
        "blue" => Color::Blue,
        "magenta" => Color::Magenta,
        "cyan" => Color::Cyan,
        "light_red" => Color::LightRed,
        "light_green" => Color::LightGreen,
        "light_yellow" => Color::LightYellow,
        "light_blue" => Color::LightBlue,
        "light_magenta" => Color::LightMagenta,
        "light_cyan" => Color::LightCyan,
        "reset" => Color::Reset,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_built_in_theme_names_every_meaning_and_sets_no_background() {
        let text = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/assets/themes/default.toml"));
        let file: File = toml::from_str(text).unwrap();
        for meaning in Meaning::ALL {
            assert!(file.styles.contains_key(meaning.name()), "{}", meaning.name());
        }
        let theme = Styles::parse(text).unwrap();
        for meaning in Meaning::ALL {
            let style = theme.style(*meaning);
            assert_eq!(style.bg, None);
            assert!(!matches!(
                style.fg,
                Some(Color::White | Color::Black | Color::Gray | Color::DarkGray | Color::Yellow)
            ));
        }
        assert!(theme.without_colours().styles.iter().all(|s| s.fg.is_none()));
    }

    #[test]
    fn a_meaning_that_is_not_named_looks_like_the_one_above() {
        let theme = Styles::parse("[styles]\nmessage = { fg = \"red\" }\n").unwrap();
        assert_eq!(theme.style(Meaning::MessageFailed).fg, Some(Color::Red));
        assert_eq!(theme.style(Meaning::Accent), Style::default());
        assert!(Styles::parse("[styles]\n\"message.failde\" = {}\n").is_err());
        assert!(Styles::parse("[styles]\ntext = { fg = \"white\" }\n").is_err());
    }
}

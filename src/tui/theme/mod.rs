//! The theme: how each meaning is shown, by colours, attributes and signs.
//!
//! Invariant: no state is shown by colour alone, and no colour is set on the background.

mod entries;
pub(crate) mod glyphs;
pub(crate) mod picture_colours;
pub(crate) mod styles;
pub(crate) mod themes;

pub(crate) use glyphs::Glyphs;
pub use picture_colours::PictureColours;
pub(crate) use styles::{Meaning, Styles};
use themes::Themes;

use crate::config::ScreenSettings;
use crate::domain::{Channel, Status};
use ratatui::style::{Color, Style};

/// Styles and signs of a run of the program.
#[derive(Debug, Clone)]
pub struct Theme {
    pub(crate) styles: Styles,
    /// Off keeps attributes only.
    colours: bool,
    /// Off shows ASCII only.
    pub(crate) unicode: bool,
    pictures: PictureColours,
    pub glyphs: &'static Glyphs,
}

impl Theme {
    /// The default theme; `colours` off keeps attributes only (`NO_COLOR`), `unicode` off uses ASCII signs.
    pub fn new(colours: bool, unicode: bool) -> Self {
        // The built-in theme can be read: a test reads it.
        let styles = Themes::default().styles(ScreenSettings::DEFAULT_THEME).unwrap_or_default();
        let glyphs = if unicode { &Glyphs::UNICODE } else { &Glyphs::ASCII };
        let mut theme = Theme { styles: Styles::default(), colours, unicode, pictures: PictureColours::All, glyphs };
        theme.set_styles(styles);
        theme
    }

    /// The theme for a terminal that has these colours for pictures.
    #[must_use]
    pub fn with_pictures(self, pictures: PictureColours) -> Self {
        Theme { pictures, ..self }
    }

    /// Whether pictures are drawn: it takes colours and half blocks.
    pub(crate) fn shows_pictures(&self) -> bool {
        self.colours && self.unicode && self.pictures != PictureColours::Few
    }

    /// How a pixel of a picture is shown.
    pub(crate) fn picture_colour(&self, rgb: [u8; 3]) -> Color {
        self.pictures.nearest(rgb)
    }

    /// Takes other styles, without their colours where none are wanted.
    pub(crate) fn set_styles(&mut self, styles: Styles) {
        self.styles = if self.colours { styles } else { styles.without_colours() };
    }

    /// The style of a meaning.
    pub fn style(&self, meaning: Meaning) -> Style {
        self.styles.style(meaning)
    }

    /// The sign of an account's health.
    pub(crate) fn health_sign(&self, health: Meaning) -> &'static str {
        match health {
            Meaning::HealthGood => self.glyphs.good,
            Meaning::HealthUnknown => self.glyphs.unknown,
            _ => self.glyphs.bad,
        }
    }

    /// The sign and meaning of a delivery state.
    pub fn mark(&self, status: Status) -> (&'static str, Meaning) {
        let g = self.glyphs;
        match status {
            Status::Received => ("", Meaning::MessageMeta),
            Status::Queued => (g.queued, Meaning::MessageQueued),
            Status::Sending => (g.sending, Meaning::MessageQueued),
            Status::Unsure => (g.unsure, Meaning::MessageUnsure),
            Status::Sent => (g.sent, Meaning::MessageSent),
            Status::Failed => (g.failed, Meaning::MessageFailed),
            Status::Delivered => (g.delivered, Meaning::MessageSent),
            Status::Read => (g.read, Meaning::MessageRead),
        }
    }

    /// The letter and meaning of a channel.
    pub fn channel(&self, channel: Channel) -> (&'static str, Meaning) {
        match channel {
            Channel::WhatsApp => ("W", Meaning::ChannelWhatsApp),
            Channel::Telegram => ("T", Meaning::ChannelTelegram),
            Channel::Instagram => ("I", Meaning::ChannelInstagram),
            Channel::Messenger => ("M", Meaning::ChannelMessenger),
        }
    }
}

impl Default for Theme {
    fn default() -> Self {
        Theme::new(true, true)
    }
}

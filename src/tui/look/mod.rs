//! How meanings look: colours, attributes and signs. The text says what is meant, this says how it is shown.
//!
//! Invariant: nothing is told by colour alone, and no colour is set on the background.

mod glyphs;
mod theme;

pub use glyphs::Glyphs;
pub use theme::{Meaning, Theme, ThemeError};

use ratatui::style::Style;

use crate::domain::{Channel, Status};

/// The look of a run of the program.
#[derive(Debug, Clone)]
pub struct Look {
    /// Styles by meaning.
    pub theme: Theme,
    /// Signs.
    pub glyphs: &'static Glyphs,
}

impl Look {
    /// The built-in look; `colours` off keeps attributes only (`NO_COLOR`), `unicode` off uses ASCII signs.
    pub fn new(colours: bool, unicode: bool) -> Self {
        let theme = Theme::built_in();
        let theme = if colours { theme } else { theme.without_colours() };
        Look { theme, glyphs: if unicode { &Glyphs::UNICODE } else { &Glyphs::ASCII } }
    }

    /// The style of a meaning.
    pub fn style(&self, meaning: Meaning) -> Style {
        self.theme.style(meaning)
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

impl Default for Look {
    fn default() -> Self {
        Look::new(true, true)
    }
}

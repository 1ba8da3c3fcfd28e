//! Which of Cetar's two products an account uses.

use crate::providers::types::Profile;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Mode {
    /// WhatsApp by a linked phone, and Telegram.
    Unofficial,
    /// WhatsApp by Meta's official API.
    Meta,
}

impl Mode {
    /// The product that `mode = "…"` names; the unofficial one is the default.
    pub(super) fn from_setting(mode: Option<&str>) -> Self {
        if mode == Some("meta") { Mode::Meta } else { Mode::Unofficial }
    }

    pub(super) fn of(profile: &Profile) -> Self {
        Mode::from_setting(profile.mode)
    }
}

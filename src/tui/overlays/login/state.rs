//! A login by QR code as it lies over the screen.
//!
//! Invariant: the code itself can be printed by nobody but the drawing.

use std::time::Duration;

use ratatui::layout::Rect;

use crate::domain::{AccountName, Secret, Timestamp};
use crate::tui::widgets::qr::{QrOptions, QrPlan, QrSize};

/// How long "connected" stands before it closes by itself.
pub const LINGERS: Duration = Duration::from_secs(2);

/// Where the login stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LoginStage {
    /// The gateway was asked and has not answered yet.
    Asking,
    /// The gateway prepares a code.
    Waiting,
    /// There is a code to be scanned.
    Code {
        /// The code.
        code: Secret,
        /// Until when it is likely good.
        good_until: Timestamp,
    },
    /// The session is connected; closes at this time.
    Connected {
        /// As which number or name.
        who: String,
        /// When it closes by itself.
        closes: Timestamp,
    },
    /// It cannot be done here; why, in words.
    Ended(String),
}

/// How the code is laid out; measured by `settle`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Laid {
    /// What was measured: the room, the code, the person's choices.
    pub of: (Rect, Secret, QrOptions),
    /// The code as it fits.
    pub plan: QrPlan,
    /// Where the code is.
    pub code: Rect,
    /// Where the words are; of no size when there is no room for them.
    pub words: Rect,
}

/// A login by QR code.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LoginSheet {
    /// Whose.
    pub account: AccountName,
    /// The gateway's own name.
    pub gateway: String,
    /// Where it stands.
    pub stage: LoginStage,
    /// Nobody scanned for long: it goes on at a key.
    pub paused: bool,
    /// Why the gateway's last answer could not be used, in words; it is asked again.
    pub trouble: Option<String>,
    /// Where the picture was saved, in words.
    pub saved: Option<String>,
    /// What the person chose.
    pub options: QrOptions,
    /// The code's layout.
    pub laid: Option<Laid>,
}

impl LoginSheet {
    /// A login that begins.
    pub fn new(account: AccountName, gateway: String) -> Self {
        let (stage, options) = (LoginStage::Asking, QrOptions::default());
        LoginSheet { account, gateway, stage, paused: false, trouble: None, saved: None, options, laid: None }
    }

    /// The code that is shown.
    pub fn code(&self) -> Option<&Secret> {
        match &self.stage {
            LoginStage::Code { code, .. } => Some(code),
            _ => None,
        }
    }

    /// When it looks different although nothing happens.
    pub fn deadline(&self, now: Timestamp) -> Option<Timestamp> {
        match &self.stage {
            LoginStage::Code { good_until, .. } if !self.paused && *good_until > now => {
                // Whole seconds are shown, counted up from the end.
                let left = good_until.millis() - now.millis();
                Some(Timestamp(good_until.millis() - (left - 1) / 1000 * 1000))
            }
            LoginStage::Connected { closes, .. } => Some(*closes),
            _ => None,
        }
    }

    /// The next form of the code, from the usual one to the largest.
    pub fn resize(&mut self, by: isize) {
        const SIZES: [QrSize; 4] = [QrSize::Auto, QrSize::Sextant, QrSize::Half, QrSize::Full];
        let here = SIZES.iter().position(|size| *size == self.options.size).unwrap_or(0);
        let there = (here + SIZES.len()).saturating_add_signed(by) % SIZES.len();
        self.options.size = SIZES.get(there).copied().unwrap_or_default();
    }
}

/// What was heard of a login.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LoginNews {
    /// The gateway prepares a code.
    Waiting,
    /// A new code.
    Code {
        /// The code.
        code: Secret,
        /// Until when it is likely good.
        good_until: Timestamp,
    },
    /// The same code as before.
    Unchanged,
    /// Nobody is asked until a person says to go on.
    Paused,
    /// The session is connected.
    Connected {
        /// The phone's number or name, when the gateway says it.
        who: Option<String>,
    },
    /// The gateway has no login over its API.
    Elsewhere,
    /// The gateway refused or was not reached; it is asked again.
    Trouble(crate::domain::Failure),
    /// The account cannot be used; in words.
    Broken(String),
}

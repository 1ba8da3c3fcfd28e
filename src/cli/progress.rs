//! How far a long command has come, on standard error: one line that renews itself on a terminal, else a line now
//! and then.

use std::io::{self, IsTerminal as _, Write as _};

/// How many steps pass between two lines where the lines stay.
const EVERY: u64 = 25;

/// A line that tells how far a command has come.
pub(super) struct Progress {
    terminal: bool,
    steps: u64,
    open: bool,
}

impl Progress {
    /// A line that is not there yet.
    pub(super) fn new() -> Self {
        Progress { terminal: io::stderr().is_terminal(), steps: 0, open: false }
    }

    /// Tells how far it has come; `text` is our own words.
    pub(super) fn tell(&mut self, text: &str) {
        if self.terminal {
            self.open = true;
            let mut err = io::stderr().lock();
            // Nowhere is left to say that standard error is gone.
            drop(write!(err, "\r\u{1b}[K{text}").and_then(|()| err.flush()));
        } else {
            super::complain(text);
        }
    }

    /// The same, but only now and then where the lines stay.
    pub(super) fn tell_rarely(&mut self, text: &str) {
        self.steps += 1;
        if self.terminal || self.steps.is_multiple_of(EVERY) {
            self.tell(text);
        }
    }

    /// Leaves the line, so that other lines can follow.
    pub(super) fn end(&mut self) {
        if std::mem::take(&mut self.open) {
            super::complain("");
        }
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.end();
    }
}

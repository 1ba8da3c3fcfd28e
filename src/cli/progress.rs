//! The progress of a long command on standard error: on a terminal one line that is rewritten, else a line now and
//! then.
use super::translation::translate;
use crate::text::Clean;
use std::io::{self, IsTerminal as _, Write as _};

/// Updates between two lines where lines are not rewritten.
const EVERY: u64 = 25;

pub(super) struct Progress {
    terminal: bool,
    steps: u64,
    open: bool,
}

impl Progress {
    pub(super) fn new() -> Self {
        Progress { terminal: io::stderr().is_terminal(), steps: 0, open: false }
    }

    /// Shows `text` on one line, cleaned.
    pub(super) fn update(&mut self, text: &str) {
        if self.terminal {
            self.open = true;
            let mut err = io::stderr().lock();
            // An error on standard error can be reported nowhere.
            drop(write!(err, "\r\u{1b}[K{}", Clean::line(&translate(text))).and_then(|()| err.flush()));
        } else {
            super::stderr_line(text);
        }
    }

    /// Shows `text`, but only now and then where lines are not rewritten.
    pub(super) fn update_rarely(&mut self, text: &str) {
        self.steps += 1;
        if self.terminal || self.steps.is_multiple_of(EVERY) {
            self.update(text);
        }
    }

    /// Ends the line, so that other lines can follow.
    pub(super) fn end(&mut self) {
        if std::mem::take(&mut self.open) {
            super::stderr_line("");
        }
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.end();
    }
}

//! The login of a WhatsApp session by a QR code: when to poll the gateway, and what of its answers is new.
//!
//! Source of the timing: providers.md 4.2 (codes live 60 s, then 20 s each; poll every 15 to 20 s).
//!
//! Invariant: nothing here waits or sends a request; the caller polls.

use std::time::Duration;

use crate::domain::Timestamp;

pub(crate) use crate::providers::LoginState;

/// How often a gateway is polled.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Timing {
    /// Between two polls once a code is shown.
    pub poll: Duration,
    /// Between two polls while the gateway prepares a code.
    pub(crate) poll_for_code: Duration,
    /// How long the gateway is polled until a person says to go on.
    pub(crate) pause_after: Duration,
}

impl Default for Timing {
    fn default() -> Self {
        Timing {
            poll: Duration::from_secs(15),
            poll_for_code: Duration::from_secs(4),
            pause_after: Duration::from_secs(180),
        }
    }
}

/// How long the first code and each later one are valid, as far as is known.
const FIRST_CODE: Duration = Duration::from_secs(60);
const NEXT_CODE: Duration = Duration::from_secs(20);

/// A login under way.
#[derive(Debug, Clone)]
pub(crate) struct Login {
    timing: Timing,
    started: Timestamp,
    code: Option<String>,
    codes: u32,
    code_since: Timestamp,
}

/// What is new since the last poll.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Step {
    /// A code that was not shown before.
    Show(String),
    /// The same code as before.
    Unchanged,
    /// The gateway prepares a code.
    Waiting,
    /// The session is connected.
    Connected {
        /// The phone's number, when the gateway reports it.
        number: Option<String>,
        /// The phone's name, when the gateway reports it.
        name: Option<String>,
    },
}

impl Login {
    /// A login that starts at `now` and has no code yet.
    pub(crate) fn new(timing: Timing, now: Timestamp) -> Self {
        Login { timing, started: now, code: None, codes: 0, code_since: now }
    }

    /// Takes in what the gateway answered.
    pub(crate) fn advance(&mut self, state: LoginState, now: Timestamp) -> Step {
        match state {
            LoginState::Connected { number, name } => Step::Connected { number, name },
            LoginState::NotReady => Step::Waiting,
            LoginState::Code(code) if self.code.as_ref() == Some(&code) => Step::Unchanged,
            LoginState::Code(code) => {
                self.code = Some(code.clone());
                self.codes += 1;
                self.code_since = now;
                Step::Show(code)
            }
        }
    }

    /// How long to wait before the next poll; `None` until a person resumes the login.
    pub(crate) fn pause(&self, now: Timestamp) -> Option<Duration> {
        let polling = now.since(self.started) < self.timing.pause_after;
        polling.then_some(if self.code.is_some() { self.timing.poll } else { self.timing.poll_for_code })
    }

    /// How long the shown code is likely to stay valid; `None` without one.
    pub(crate) fn valid_for(&self, now: Timestamp) -> Option<Duration> {
        self.code.as_ref()?;
        let whole = if self.codes <= 1 { FIRST_CODE } else { NEXT_CODE };
        Some(whole.saturating_sub(now.since(self.code_since)))
    }

    /// Counts the time limit from `now`, because a person chose to go on.
    pub(crate) fn resume(&mut self, now: Timestamp) {
        self.started = now;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const POLL: Duration = Duration::from_secs(15);
    const POLL_FOR_CODE: Duration = Duration::from_secs(4);

    #[test]
    fn a_code_is_shown_once_and_renewed_until_connected() {
        let start = Timestamp::from_seconds(1_700_000_000);
        let after = |s| start.plus(Duration::from_secs(s));
        let mut login = Login::new(Timing::default(), start);
        assert_eq!(login.advance(LoginState::NotReady, start), Step::Waiting);
        assert_eq!(login.pause(start), Some(POLL_FOR_CODE));
        assert_eq!(login.advance(LoginState::Code("2@a".into()), after(4)), Step::Show("2@a".into()));
        assert_eq!(login.valid_for(after(14)), Some(Duration::from_secs(50)));
        assert_eq!(login.advance(LoginState::Code("2@a".into()), after(19)), Step::Unchanged);
        assert_eq!(login.advance(LoginState::Code("2@b".into()), after(64)), Step::Show("2@b".into()));
        assert_eq!(login.valid_for(after(74)), Some(Duration::from_secs(10)));
        assert_eq!(login.pause(after(179)), Some(POLL));
        assert_eq!(login.pause(after(180)), None);
        login.resume(after(200));
        assert_eq!(login.pause(after(201)), Some(POLL));
    }
}

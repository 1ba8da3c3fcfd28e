//! Logging a WhatsApp session in: asks the gateway for its code slowly, shows a new one when it changed, and
//! stops asking after a while.
//!
//! Source of the timing: providers.md 4.2 (codes live 60 s, then 20 s each; poll every 15 to 20 s). Nothing here
//! reads the clock or waits.

use std::time::Duration;

use crate::domain::Timestamp;
use crate::providers::LoginState;

/// Between two questions once a code is shown.
const POLL: Duration = Duration::from_secs(15);
/// Between two questions while the gateway prepares a code.
const POLL_FOR_CODE: Duration = Duration::from_secs(4);
/// How long the gateway is asked before a person says to go on.
const PATIENCE: Duration = Duration::from_secs(180);
/// How long the first code and each later one are good for, as far as is known.
const FIRST_CODE: Duration = Duration::from_secs(60);
const NEXT_CODE: Duration = Duration::from_secs(20);

/// A login under way.
#[derive(Debug, Clone)]
pub struct Login {
    started: Timestamp,
    code: Option<String>,
    codes: u32,
    code_since: Timestamp,
}

/// What there is to show.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    /// A code that was not shown before.
    Show(String),
    /// The same code as before.
    Unchanged,
    /// The gateway prepares a code.
    Waiting,
    /// The session is connected.
    Connected {
        /// The phone's number, when the gateway says it.
        number: Option<String>,
        /// The phone's name, when the gateway says it.
        name: Option<String>,
    },
}

impl Login {
    /// A login that begins now.
    pub fn begin(now: Timestamp) -> Self {
        Login { started: now, code: None, codes: 0, code_since: now }
    }

    /// The gateway said where the login stands.
    pub fn heard(&mut self, state: LoginState, now: Timestamp) -> Step {
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

    /// How long to wait before the next question; `None` when a person must say to go on.
    pub fn pause(&self, now: Timestamp) -> Option<Duration> {
        let patient = now.since(self.started) < PATIENCE;
        patient.then_some(if self.code.is_some() { POLL } else { POLL_FOR_CODE })
    }

    /// How long the shown code is likely good for yet; `None` without one.
    pub fn good_for(&self, now: Timestamp) -> Option<Duration> {
        self.code.as_ref()?;
        let whole = if self.codes <= 1 { FIRST_CODE } else { NEXT_CODE };
        Some(whole.saturating_sub(now.since(self.code_since)))
    }

    /// A person said to go on.
    pub fn go_on(&mut self, now: Timestamp) {
        self.started = now;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_shown_once_and_renewed_until_connected() {
        let start = Timestamp::from_seconds(1_700_000_000);
        let after = |s| start.plus(Duration::from_secs(s));
        let mut login = Login::begin(start);
        assert_eq!(login.heard(LoginState::NotReady, start), Step::Waiting);
        assert_eq!(login.pause(start), Some(POLL_FOR_CODE));
        assert_eq!(login.heard(LoginState::Code("2@a".into()), after(4)), Step::Show("2@a".into()));
        assert_eq!(login.good_for(after(14)), Some(Duration::from_secs(50)));
        assert_eq!(login.heard(LoginState::Code("2@a".into()), after(19)), Step::Unchanged);
        assert_eq!(login.heard(LoginState::Code("2@b".into()), after(64)), Step::Show("2@b".into()));
        assert_eq!(login.good_for(after(74)), Some(Duration::from_secs(10)));
        assert_eq!(login.pause(after(179)), Some(POLL));
        assert_eq!(login.pause(after(180)), None);
        login.go_on(after(200));
        assert_eq!(login.pause(after(201)), Some(POLL));
    }
}

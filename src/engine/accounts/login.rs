//! Logging a WhatsApp session in: asks the gateway for its code slowly, shows a new one when it changed, and
//! stops asking after a while.
//!
//! Source of the timing: providers.md 4.2 (codes live 60 s, then 20 s each; poll every 15 to 20 s).
//!
//! Invariant: nothing here waits between questions; whoever asks does.

use std::time::Duration;

use super::health;
use crate::domain::{AccountName, Failure, SessionState, Timestamp};
use crate::engine::client::Client;
use crate::engine::outbound::http::Http;
use crate::engine::outbound::query::{QueryError, ask};
use crate::providers::{Query, QueryResponse};

pub use crate::providers::LoginState;

/// How often a gateway is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Timing {
    /// Between two questions once a code is shown.
    pub poll: Duration,
    /// Between two questions while the gateway prepares a code.
    pub poll_for_code: Duration,
    /// How long the gateway is asked before a person says to go on.
    pub patience: Duration,
}

impl Default for Timing {
    fn default() -> Self {
        Timing {
            poll: Duration::from_secs(15),
            poll_for_code: Duration::from_secs(4),
            patience: Duration::from_secs(180),
        }
    }
}

/// How long the first code and each later one are good for, as far as is known.
const FIRST_CODE: Duration = Duration::from_secs(60);
const NEXT_CODE: Duration = Duration::from_secs(20);

/// A login under way.
#[derive(Debug, Clone)]
pub struct Login {
    timing: Timing,
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
        Login::with(Timing::default(), now)
    }

    /// The same in another timing.
    pub fn with(timing: Timing, now: Timestamp) -> Self {
        Login { timing, started: now, code: None, codes: 0, code_since: now }
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
        let patient = now.since(self.started) < self.timing.patience;
        patient.then_some(if self.code.is_some() { self.timing.poll } else { self.timing.poll_for_code })
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

/// A login that could not be asked for.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LoginError {
    /// The gateway has no login over its API.
    #[error("the gateway has no login over its API")]
    Unsupported,
    /// The gateway refused the question or was not reached.
    #[error("{}: {}", .0.code, .0.message)]
    Failed(Failure),
    /// The account cannot be used; in words.
    #[error("{0}")]
    Broken(String),
}

impl Client {
    /// Asks an account's gateway where its login stands. That it is connected is noted.
    pub async fn login(&self, account: &AccountName) -> Result<LoginState, LoginError> {
        let member = self.member(account.as_str()).map_err(|error| LoginError::Broken(error.to_string()))?;
        let http = Http::new().map_err(LoginError::Broken)?;
        let answer = match ask(&http, &member, &Query::Login).await {
            Ok(told) => told.answer,
            Err(QueryError::Unsupported) => return Err(LoginError::Unsupported),
            Err(QueryError::Failed(failure)) => return Err(LoginError::Failed(failure)),
        };
        let QueryResponse::Login(state) = answer else {
            return Err(LoginError::Failed(Failure::new("unreadable", "something else than a login was answered")));
        };
        if let LoginState::Connected { number, .. } = &state {
            let detail = number.as_deref().unwrap_or_default();
            health::observe(self.store(), account, SessionState::Connected, detail).await;
        }
        Ok(state)
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

//! Polls a gateway for its login code, as slowly as the engine's timing says, and saves codes as pictures.
//!
//! Invariant: a gateway is polled only while its login is on the screen.
use std::path::Path;
use std::sync::Arc;

use crate::domain::{AccountName, QueryError, Secret, Timestamp};
use crate::engine::Client;
use crate::engine::client::{Login, LoginState, Step, Timing};
use crate::files;
use crate::tui::message::{LoginUpdate, PictureError};
use crate::tui::widgets::qr;
use tokio::sync::Notify;
use tokio::task::JoinHandle;

/// The edge of a QR module in a saved picture, in pixels.
const MODULE: u32 = 8;

/// A login that is being polled; polling ends when this is dropped.
pub(super) struct LoginPoll {
    account: AccountName,
    resume: Arc<Notify>,
    task: JoinHandle<()>,
}

impl LoginPoll {
    /// Begins. `report` receives every piece of news and returns whether anybody still wants them.
    pub(super) fn begin(
        client: Client,
        account: AccountName,
        timing: Timing,
        report: impl Fn(LoginUpdate) -> bool + Send + Sync + 'static,
    ) -> Self {
        let resume = Arc::new(Notify::new());
        let (name, resumed) = (account.clone(), Arc::clone(&resume));
        let task = tokio::spawn(async move {
            poll(|| client.login(&name), || client.now(), timing, resumed, report).await;
        });
        LoginPoll { account, resume, task }
    }

    pub(super) fn account(&self) -> &AccountName {
        &self.account
    }

    /// Goes on after a pause.
    pub(super) fn resume(&self) {
        self.resume.notify_one();
    }
}

impl Drop for LoginPoll {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// Polls and reports until the login has ended, one way or another.
async fn poll<F: Future<Output = Result<LoginState, QueryError>>>(
    query: impl Fn() -> F,
    now: impl Fn() -> Timestamp,
    timing: Timing,
    resumed: Arc<Notify>,
    report: impl Fn(LoginUpdate) -> bool,
) {
    let mut login = Login::new(timing, now());
    loop {
        let (news, last) = news_of(&mut login, query().await, now());
        if !report(news) || last {
            return;
        }
        if let Some(pause) = login.pause(now()) {
            tokio::time::sleep(pause).await;
            continue;
        }
        if !report(LoginUpdate::Paused) {
            return;
        }
        resumed.notified().await;
        login.resume(now());
    }
}

/// What an answer means to the screen, and whether it is the last one.
fn news_of(login: &mut Login, answer: Result<LoginState, QueryError>, now: Timestamp) -> (LoginUpdate, bool) {
    let state = match answer {
        Ok(state) => state,
        Err(QueryError::Unsupported) => return (LoginUpdate::Elsewhere, true),
        Err(QueryError::Failed(failure)) => return (LoginUpdate::Trouble(failure), false),
        Err(error @ (QueryError::Account(_) | QueryError::Store(_))) => {
            return (LoginUpdate::Broken(error.to_string()), true);
        }
    };
    match login.advance(state, now) {
        Step::Connected { number, name } => (LoginUpdate::Connected { who: number.or(name) }, true),
        Step::Waiting => (LoginUpdate::Waiting, false),
        Step::Unchanged => (LoginUpdate::Unchanged, false),
        Step::Show(code) => {
            let good_until = now.plus(login.valid_for(now).unwrap_or_default());
            (LoginUpdate::Code { code: Secret::new(&code), good_until }, false)
        }
    }
}

/// Saves a code as a picture that only its owner can read. Returns the path.
pub(super) fn save_picture(directory: &Path, account: &AccountName, code: &Secret) -> Result<String, PictureError> {
    let path = directory.join(format!("login-{account}.png"));
    let picture = qr::png(code.expose(), MODULE).ok_or(PictureError::TooLong)?;
    match files::replace(&path, &picture) {
        Ok(()) => Ok(path.display().to_string()),
        Err(error) => Err(PictureError::Unwritable { path, reason: error.to_string() }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{AccountError, Failure};

    #[test]
    fn a_picture_is_saved_for_its_owner_only_and_replaces_an_older_one() {
        let dir = tempfile::tempdir().unwrap();
        let account = AccountName::new("toko").unwrap();
        for code in ["2@satu", "2@dua"] {
            let path = save_picture(dir.path(), &account, &Secret::new(code)).unwrap();
            assert!(std::fs::read(&path).unwrap().starts_with(b"\x89PNG"));
            #[cfg(unix)]
            {
                use std::os::unix::fs::PermissionsExt as _;
                assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
            }
        }
        assert!(save_picture(&dir.path().join("none"), &account, &Secret::new("2@x")).is_err());
    }

    #[cfg(unix)]
    #[test]
    fn what_lies_behind_a_link_is_not_overwritten() {
        let dir = tempfile::tempdir().unwrap();
        let other = dir.path().join("other");
        std::fs::write(&other, "mine").unwrap();
        std::os::unix::fs::symlink(&other, dir.path().join("login-toko.png")).unwrap();
        let account = AccountName::new("toko").unwrap();
        assert!(save_picture(dir.path(), &account, &Secret::new("2@x")).is_err());
        assert_eq!(std::fs::read_to_string(&other).unwrap(), "mine");
    }

    fn timing() -> Timing {
        let short = std::time::Duration::from_millis(1);
        Timing { poll: short, poll_for_code: short, pause_after: std::time::Duration::from_secs(3600) }
    }

    /// Everything that is reported until polling ends by itself.
    async fn reported(answers: Vec<Result<LoginState, QueryError>>, timing: Timing) -> Vec<LoginUpdate> {
        let answers = std::sync::Mutex::new(answers.into_iter());
        let (sender, mut receiver) = tokio::sync::mpsc::unbounded_channel();
        let resume = Arc::new(Notify::new());
        let wake = Arc::clone(&resume);
        let report = move |news: LoginUpdate| {
            if news == LoginUpdate::Paused {
                wake.notify_one();
            }
            sender.send(news).is_ok()
        };
        let query = || std::future::ready(answers.lock().unwrap().next().unwrap_or(Err(QueryError::Unsupported)));
        let clock = std::sync::atomic::AtomicI64::new(0);
        let now = || crate::domain::Timestamp(clock.fetch_add(10, std::sync::atomic::Ordering::SeqCst));
        poll(query, now, timing, resume, report).await;
        let mut all = Vec::new();
        while let Some(news) = receiver.recv().await {
            all.push(news);
        }
        all
    }

    #[tokio::test]
    async fn a_login_is_reported_step_by_step_until_it_is_connected() {
        let code = |text: &str| Ok(LoginState::Code(text.to_owned()));
        let trouble = Failure::new("unreachable", "no route");
        let connected = LoginState::Connected { number: Some("628".into()), name: Some("Toko".into()) };
        let answers = vec![
            Ok(LoginState::NotReady),
            code("2@a"),
            code("2@a"),
            Err(QueryError::Failed(trouble.clone())),
            code("2@b"),
            Ok(connected),
            code("2@never"),
        ];
        let news = reported(answers, timing()).await;
        let kinds: Vec<_> = news
            .iter()
            .map(|news| match news {
                LoginUpdate::Code { code, .. } => code.expose().to_owned(),
                other => format!("{other:?}"),
            })
            .collect();
        let expected = ["Waiting", "2@a", "Unchanged", &format!("Trouble({trouble:?})"), "2@b"];
        assert_eq!(kinds[..5], expected);
        assert_eq!(news[5..], [LoginUpdate::Connected { who: Some("628".into()) }]);
    }

    #[tokio::test]
    async fn a_login_pauses_after_a_while_and_goes_on_when_resumed() {
        let impatient = Timing { pause_after: std::time::Duration::ZERO, ..timing() };
        let answers = vec![Ok(LoginState::NotReady), Err(QueryError::Unsupported)];
        let news = reported(answers, impatient).await;
        assert_eq!(news, [LoginUpdate::Waiting, LoginUpdate::Paused, LoginUpdate::Elsewhere]);
    }

    #[tokio::test]
    async fn an_account_that_cannot_be_used_ends_it() {
        let news = reported(vec![Err(QueryError::Account(AccountError::Invalid("no key".into())))], timing()).await;
        assert_eq!(news, [LoginUpdate::Broken("no key".into())]);
    }
}

//! Asks a gateway for its login code, as slowly as the engine's timing says, and tells the screen.
//!
//! Invariant: a gateway is asked only while its login is on the screen.

use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use tokio::sync::Notify;
use tokio::task::JoinHandle;

use super::backend::Backend;
use crate::domain::{AccountName, Secret, Timestamp};
use crate::engine::accounts::login::LoginState;
use crate::engine::accounts::login::{Login, LoginError, Step, Timing};
use crate::tui::overlays::login::LoginNews;
use crate::tui::widgets::qr;

/// Pixels that a module of a saved code has.
const MODULE: u32 = 8;

/// A login that is being asked for; it ends when it is dropped.
pub struct Asking {
    account: AccountName,
    go_on: Arc<Notify>,
    task: JoinHandle<()>,
}

impl Asking {
    /// Begins. `tell` hears every piece of news and says whether anybody listens.
    pub fn begin<B: Backend>(
        backend: B,
        account: AccountName,
        timing: Timing,
        tell: impl Fn(LoginNews) -> bool + Send + Sync + 'static,
    ) -> Self {
        let go_on = Arc::new(Notify::new());
        let (whose, heard) = (account.clone(), Arc::clone(&go_on));
        let task = tokio::spawn(async move {
            follow(|| backend.login(&whose), || backend.now(), timing, heard, tell).await;
        });
        Asking { account, go_on, task }
    }

    /// Whose login it is.
    pub fn account(&self) -> &AccountName {
        &self.account
    }

    /// A person said to go on.
    pub fn go_on(&self) {
        self.go_on.notify_one();
    }
}

impl Drop for Asking {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// Asks and tells until the login has ended, one way or another.
async fn follow<F: Future<Output = Result<LoginState, LoginError>>>(
    ask: impl Fn() -> F,
    now: impl Fn() -> Timestamp,
    timing: Timing,
    go_on: Arc<Notify>,
    tell: impl Fn(LoginNews) -> bool,
) {
    let mut login = Login::with(timing, now());
    loop {
        let (news, last) = heard(&mut login, ask().await, now());
        if !tell(news) || last {
            return;
        }
        if let Some(pause) = login.pause(now()) {
            tokio::time::sleep(pause).await;
            continue;
        }
        if !tell(LoginNews::Paused) {
            return;
        }
        go_on.notified().await;
        login.go_on(now());
    }
}

/// What an answer is to the screen, and whether it is the last one.
fn heard(login: &mut Login, answer: Result<LoginState, LoginError>, now: Timestamp) -> (LoginNews, bool) {
    let state = match answer {
        Ok(state) => state,
        Err(LoginError::Unsupported) => return (LoginNews::Elsewhere, true),
        Err(LoginError::Broken(reason)) => return (LoginNews::Broken(reason), true),
        Err(LoginError::Failed(failure)) => return (LoginNews::Trouble(failure), false),
    };
    match login.heard(state, now) {
        Step::Connected { number, name } => (LoginNews::Connected { who: number.or(name) }, true),
        Step::Waiting => (LoginNews::Waiting, false),
        Step::Unchanged => (LoginNews::Unchanged, false),
        Step::Show(code) => {
            let good_until = now.plus(login.good_for(now).unwrap_or_default());
            (LoginNews::Code { code: Secret::new(&code), good_until }, false)
        }
    }
}

/// Saves a code as a picture that only its owner can read; says where.
pub(super) fn save_picture(directory: Option<PathBuf>, account: &AccountName, code: &Secret) -> Result<String, String> {
    let directory = directory.ok_or("there is no place for it here")?;
    let path = directory.join(format!("login-{account}.png"));
    let picture = qr::png(code.expose(), MODULE).ok_or("no QR holds this code")?;
    write_private(&path, &picture).map_err(|error| format!("{}: {error}", path.display()))?;
    Ok(path.display().to_string())
}

fn write_private(path: &Path, bytes: &[u8]) -> io::Result<()> {
    // An older picture is replaced; what lies behind a link is not touched.
    match std::fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)?.write_all(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::Failure;

    #[test]
    fn a_picture_is_saved_for_its_owner_only_and_replaces_an_older_one() {
        let dir = tempfile::tempdir().unwrap();
        let account = AccountName::new("toko").unwrap();
        for code in ["2@satu", "2@dua"] {
            let path = save_picture(Some(dir.path().to_owned()), &account, &Secret::new(code)).unwrap();
            assert!(std::fs::read(&path).unwrap().starts_with(b"\x89PNG"));
            #[cfg(unix)]
            {
                use std::os::unix::fs::PermissionsExt as _;
                assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
            }
        }
        assert!(save_picture(None, &account, &Secret::new("2@x")).is_err());
        assert!(save_picture(Some(dir.path().join("none")), &account, &Secret::new("2@x")).is_err());
    }

    #[cfg(unix)]
    #[test]
    fn what_lies_behind_a_link_is_not_overwritten() {
        let dir = tempfile::tempdir().unwrap();
        let other = dir.path().join("other");
        std::fs::write(&other, "mine").unwrap();
        std::os::unix::fs::symlink(&other, dir.path().join("login-toko.png")).unwrap();
        let account = AccountName::new("toko").unwrap();
        save_picture(Some(dir.path().to_owned()), &account, &Secret::new("2@x")).unwrap();
        assert_eq!(std::fs::read_to_string(&other).unwrap(), "mine");
    }

    fn timing() -> Timing {
        let short = std::time::Duration::from_millis(1);
        Timing { poll: short, poll_for_code: short, patience: std::time::Duration::from_secs(3600) }
    }

    /// Everything that is told until the asking ends by itself.
    async fn told(answers: Vec<Result<LoginState, LoginError>>, timing: Timing) -> Vec<LoginNews> {
        let answers = std::sync::Mutex::new(answers.into_iter());
        let (sender, mut receiver) = tokio::sync::mpsc::unbounded_channel();
        let go_on = Arc::new(Notify::new());
        let wake = Arc::clone(&go_on);
        let tell = move |news: LoginNews| {
            if news == LoginNews::Paused {
                wake.notify_one();
            }
            sender.send(news).is_ok()
        };
        let ask = || std::future::ready(answers.lock().unwrap().next().unwrap_or(Err(LoginError::Unsupported)));
        let clock = std::sync::atomic::AtomicI64::new(0);
        let now = || crate::domain::Timestamp(clock.fetch_add(10, std::sync::atomic::Ordering::SeqCst));
        follow(ask, now, timing, go_on, tell).await;
        let mut all = Vec::new();
        while let Some(news) = receiver.recv().await {
            all.push(news);
        }
        all
    }

    #[tokio::test]
    async fn a_login_is_told_step_by_step_until_it_is_connected() {
        let code = |text: &str| Ok(LoginState::Code(text.to_owned()));
        let trouble = Failure::new("unreachable", "no route");
        let connected = LoginState::Connected { number: Some("628".into()), name: Some("Toko".into()) };
        let answers = vec![
            Ok(LoginState::NotReady),
            code("2@a"),
            code("2@a"),
            Err(LoginError::Failed(trouble.clone())),
            code("2@b"),
            Ok(connected),
            code("2@never"),
        ];
        let news = told(answers, timing()).await;
        let kinds: Vec<_> = news
            .iter()
            .map(|news| match news {
                LoginNews::Code { code, .. } => code.expose().to_owned(),
                other => format!("{other:?}"),
            })
            .collect();
        let expected = ["Waiting", "2@a", "Unchanged", &format!("Trouble({trouble:?})"), "2@b"];
        assert_eq!(kinds[..5], expected);
        assert_eq!(news[5..], [LoginNews::Connected { who: Some("628".into()) }]);
    }

    #[tokio::test]
    async fn a_login_pauses_after_a_while_and_goes_on_when_told() {
        let impatient = Timing { patience: std::time::Duration::ZERO, ..timing() };
        let answers = vec![Ok(LoginState::NotReady), Err(LoginError::Unsupported)];
        let news = told(answers, impatient).await;
        assert_eq!(news, [LoginNews::Waiting, LoginNews::Paused, LoginNews::Elsewhere]);
    }

    #[tokio::test]
    async fn an_account_that_cannot_be_used_ends_it() {
        let news = told(vec![Err(LoginError::Broken("no key".into()))], timing()).await;
        assert_eq!(news, [LoginNews::Broken("no key".into())]);
    }
}

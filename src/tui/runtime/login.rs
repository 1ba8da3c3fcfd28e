//! Asks a gateway for its login code, as slowly as the engine's timing says, and tells the screen.
//!
//! Invariant: a gateway is asked only while its login is on the screen.

use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use tokio::sync::Notify;
use tokio::task::JoinHandle;

use super::backend::Backend;
use crate::domain::{AccountName, Secret};
use crate::engine::login::{Login, LoginError, LoginState, Step, Timing};
use crate::tui::model::LoginNews;
use crate::tui::qr;

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
        let task = tokio::spawn(follow(backend, account.clone(), timing, Arc::clone(&go_on), tell));
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

async fn follow<B: Backend>(
    backend: B,
    account: AccountName,
    timing: Timing,
    go_on: Arc<Notify>,
    tell: impl Fn(LoginNews) -> bool + Send + Sync,
) {
    let mut login = Login::with(timing, backend.now());
    loop {
        let answer = backend.login(&account).await;
        let (news, last) = heard(&mut login, answer, &backend);
        if !tell(news) || last {
            return;
        }
        if let Some(pause) = login.pause(backend.now()) {
            tokio::time::sleep(pause).await;
            continue;
        }
        if !tell(LoginNews::Paused) {
            return;
        }
        go_on.notified().await;
        login.go_on(backend.now());
    }
}

/// What an answer is to the screen, and whether it is the last one.
fn heard<B: Backend>(login: &mut Login, answer: Result<LoginState, LoginError>, backend: &B) -> (LoginNews, bool) {
    let now = backend.now();
    let state = match answer {
        Ok(state) => state,
        Err(LoginError::NotCarried) => return (LoginNews::Elsewhere, true),
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

//! Starts the engine as a process of its own for a screen, and again when it has died.
//!
//! Invariant: secrets reach it by a pipe only, and nothing here keeps the screen waiting. An engine that ends again and
//! again is started more and more seldom, and none where the screen's store is gone.

use std::io;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::{Duration, Instant};

use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::process::{Child, Command};
use tokio::sync::oneshot;

use super::logs;
use super::serve::{FAILED, HELD, LISTENING};
use crate::cli::Context;
use crate::domain::{EngineProblem, EngineState};
use crate::engine::client::engine_pid;
use crate::engine::{Client, EngineBeside, EngineLock};

/// How long an engine may take to start before the screen says so.
const QUIET: Duration = Duration::from_secs(1);
/// The pauses before an engine that did not start is tried again.
const RETRY: Duration = Duration::from_secs(2);
const RETRY_MAX: Duration = Duration::from_secs(30);

/// An engine that ends within this span did not really run.
const SHORT: Duration = Duration::from_secs(10);
/// So many engines in a row may end that soon before the next one has to wait.
const SHORT_RUNS: u32 = 3;

/// Sees to it that an engine runs beside a screen.
pub(super) struct EngineStarter {
    client: Client,
    arguments: Vec<std::ffi::OsString>,
    /// What the engine reads from its standard input.
    secrets: String,
}

/// How the start of an engine ended.
enum Started {
    Running,
    /// Another engine was faster.
    Held,
    Failed(EngineProblem),
}

impl EngineStarter {
    /// A starter for a screen with these settings, whose secrets have been read.
    pub(super) fn new(context: &Context, client: Client) -> Self {
        let mut arguments: Vec<std::ffi::OsString> = vec!["serve".into(), "--for-screens".into()];
        let absolute = |path: &Path| std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
        for (name, path) in [("--config", &context.paths.config_file), ("--data-dir", &context.paths.data_dir)] {
            arguments.extend([name.into(), absolute(path).into()]);
        }
        if let Some(address) = context.common.listen {
            arguments.extend(["--listen".into(), address.to_string().into()]);
        }
        EngineStarter { client, arguments, secrets: context.environment.secrets_for_pipe() }
    }

    /// Works until it is aborted. It begins when `shown` says that the screen shows its first frame: a process that
    /// starts beside it would take its time.
    pub(super) async fn run(self, shown: oneshot::Receiver<()>) {
        let database = DatabaseFile::at(self.client.store().path());
        // A screen that ended before its first frame aborts this task.
        let _ = shown.await;
        let (mut retry, mut runs) = (RETRY, Runs::default());
        loop {
            if let Some(pid) = engine_pid(self.client.data_dir()) {
                retry = RETRY;
                self.set(pid.parse().ok(), EngineState::Running);
                if !wait_until_free(self.client.data_dir()).await {
                    return;
                }
                tracing::info!(pid, "the engine beside this screen has ended");
            }
            if !database.is_there() {
                tracing::error!("the store of this screen was deleted or replaced, so no engine is started");
                return self.set(None, EngineState::Failed(EngineProblem::StoreGone));
            }
            self.set(None, EngineState::Running);
            tokio::time::sleep(runs.pause(Instant::now())).await;
            match self.start().await {
                Started::Running => runs.begin(Instant::now()),
                // It may be about to write its pid.
                Started::Held => tokio::time::sleep(Duration::from_millis(20)).await,
                Started::Failed(problem) => {
                    tracing::warn!(?problem, "no engine could be started");
                    self.set(None, EngineState::Failed(problem));
                    tokio::time::sleep(retry).await;
                    retry = (retry * 2).min(RETRY_MAX);
                }
            }
        }
    }

    fn set(&self, pid: Option<u32>, state: EngineState) {
        self.client.set_engine_beside(EngineBeside { pid, state });
    }

    /// Starts an engine and waits for its report.
    async fn start(&self) -> Started {
        let failed = |error: &io::Error| Started::Failed(EngineProblem::Other(error.to_string()));
        let mut child = match self.spawn() {
            Ok(child) => child,
            Err(error) => return failed(&error),
        };
        if let Some(mut input) = child.stdin.take() {
            // An engine that has ended says why in its report.
            drop(input.write_all(self.secrets.as_bytes()).await);
        }
        let Some(output) = child.stdout.take() else { return Started::Held };
        let mut lines = BufReader::new(output).lines();
        let mut quiet = std::pin::pin!(tokio::time::sleep(QUIET));
        let line = loop {
            tokio::select! {
                line = lines.next_line() => break line,
                () = &mut quiet, if !quiet.is_elapsed() => self.set(None, EngineState::Starting),
            }
        };
        match line {
            Ok(Some(line)) if line.starts_with(LISTENING) => Started::Running,
            Ok(Some(line)) if line == HELD => Started::Held,
            Ok(Some(line)) => Started::Failed(problem(&line)),
            Ok(None) => match child.wait().await {
                Ok(status) => Started::Failed(EngineProblem::Other(format!("the engine ended: {status}"))),
                Err(error) => failed(&error),
            },
            Err(error) => failed(&error),
        }
    }

    fn spawn(&self) -> io::Result<Child> {
        let log = logs::file(self.client.data_dir()).map_or_else(|_| Stdio::null(), Stdio::from);
        let mut command = Command::new(program());
        command.args(&self.arguments).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(log);
        #[cfg(windows)]
        {
            const DETACHED_PROCESS: u32 = 0x8;
            const CREATE_NEW_PROCESS_GROUP: u32 = 0x200;
            command.creation_flags(DETACHED_PROCESS | CREATE_NEW_PROCESS_GROUP);
        }
        command.spawn()
    }
}

/// When engines were started, and how many of them in a row have ended at once.
#[derive(Debug, Default)]
struct Runs {
    began: Option<Instant>,
    short: u32,
}

impl Runs {
    /// An engine has begun to run.
    fn begin(&mut self, now: Instant) {
        self.began = Some(now);
    }

    /// How long to wait before the next engine is started, now that none runs.
    fn pause(&mut self, now: Instant) -> Duration {
        let Some(began) = self.began.take() else { return Duration::ZERO };
        self.short = if now.duration_since(began) < SHORT { self.short.saturating_add(1) } else { 0 };
        let Some(over) = self.short.checked_sub(SHORT_RUNS) else { return Duration::ZERO };
        RETRY.saturating_mul(2_u32.saturating_pow(over)).min(RETRY_MAX)
    }
}

/// The file of a store, as it was when a screen began to use it.
#[derive(Debug)]
struct DatabaseFile {
    path: PathBuf,
    identity: Option<u64>,
}

impl DatabaseFile {
    fn at(path: &Path) -> Self {
        DatabaseFile { path: path.to_owned(), identity: identity(path) }
    }

    /// Whether it is neither deleted nor another one by now.
    fn is_there(&self) -> bool {
        self.path.exists() && identity(&self.path) == self.identity
    }
}

/// What distinguishes a file from another one that was put in its place.
#[cfg(unix)]
fn identity(path: &Path) -> Option<u64> {
    use std::os::unix::fs::MetadataExt as _;
    std::fs::metadata(path).ok().map(|metadata| metadata.ino())
}

#[cfg(not(unix))]
fn identity(_: &Path) -> Option<u64> {
    None
}

/// This program, also when its file was replaced by a newer version meanwhile.
fn program() -> PathBuf {
    match std::env::current_exe() {
        Ok(path) if path.exists() => path,
        _ if cfg!(target_os = "linux") => PathBuf::from("/proc/self/exe"),
        other => other.unwrap_or_else(|_| PathBuf::from("loket")),
    }
}

fn problem(line: &str) -> EngineProblem {
    let reason = line.strip_prefix(FAILED).and_then(|json| serde_json::from_str(json).ok());
    reason.unwrap_or_else(|| EngineProblem::Other(line.to_owned()))
}

/// Waits until no engine holds the lock of a data directory; `false` when that cannot be known.
async fn wait_until_free(data_dir: &Path) -> bool {
    let (freed, waiting) = oneshot::channel();
    let data_dir = data_dir.to_owned();
    // A thread of its own, for it sleeps in the operating system until the engine ends or this process does.
    std::thread::spawn(move || freed.send(EngineLock::wait_until_free(&data_dir)));
    match waiting.await {
        Ok(Ok(())) => true,
        Ok(Err(error)) => {
            tracing::error!(%error, "it cannot be seen whether an engine runs");
            false
        }
        Err(_) => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_engine_that_ends_again_and_again_is_started_more_and_more_seldom() {
        let (mut runs, mut now) = (Runs::default(), Instant::now());
        let mut pauses = Vec::new();
        for _ in 0..10 {
            pauses.push(runs.pause(now).as_secs());
            runs.begin(now);
            now += Duration::from_millis(100);
        }
        assert_eq!(pauses, [0, 0, 0, 2, 4, 8, 16, 30, 30, 30]);
        // One that has run for a while is followed at once.
        now += SHORT;
        assert_eq!(runs.pause(now), Duration::ZERO);
    }

    #[test]
    fn a_store_that_was_deleted_or_replaced_is_gone() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("loket.db");
        std::fs::write(&path, "1").unwrap();
        let file = DatabaseFile::at(&path);
        std::fs::write(&path, "2").unwrap();
        assert!(file.is_there());
        let other = dir.path().join("other");
        std::fs::write(&other, "3").unwrap();
        std::fs::remove_file(&path).unwrap();
        assert!(!file.is_there());
        std::fs::rename(&other, &path).unwrap();
        assert_eq!(file.is_there(), cfg!(not(unix)));
    }
}

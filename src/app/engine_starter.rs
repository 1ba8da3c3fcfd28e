//! Starts the engine as a process of its own for a screen, and again when it has died.
//!
//! Invariant: secrets reach it by a pipe only, and nothing here keeps the screen waiting.

use std::io;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

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
        // A screen that ended before its first frame aborts this task.
        let _ = shown.await;
        let mut retry = RETRY;
        loop {
            if let Some(pid) = engine_pid(self.client.data_dir()) {
                retry = RETRY;
                self.set(pid.parse().ok(), EngineState::Running);
                if !wait_until_free(self.client.data_dir()).await {
                    return;
                }
                tracing::info!(pid, "the engine beside this screen has ended");
            }
            self.set(None, EngineState::Running);
            match self.start().await {
                Started::Running => {}
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

//! The engine without a screen: `loket serve`, and the one that screens start for themselves.

use std::io::Read as _;
use std::net::SocketAddr;
use std::sync::Arc;

use super::engine_process::{BoundListener, EngineProcess, ListenError, Sockets};
use super::{logs, signals};
use crate::cli::args::{Common, Serve};
use crate::cli::{Context, Exit, runtime};
use crate::config::Settings;
use crate::domain::EngineProblem;
use crate::engine::{Client, EngineLock, LockError, Process, screens};

/// The line on standard output that names the listener's address, before it.
pub(super) const LISTENING: &str = "listening on http://";
/// The line of an engine of screens that another engine was faster than.
pub(super) const HELD: &str = "held";
/// The line of an engine of screens that does not start, before the reason as JSON.
pub(super) const FAILED: &str = "failed ";

/// Logged when an account is set to be faster than its gateway documents.
const EXCEEDED_PACE: &str = "requests_per_minute is more than the gateway advises: the number may be blocked; remove it to keep the documented pace";

/// Runs the engine until a signal ends it; for screens, until the last of them has ended.
pub(super) fn serve(common: Common, args: &Serve) -> Result<(), Exit> {
    if args.for_screens {
        return serve_screens(common);
    }
    logs::to_stderr(args.log_format);
    let context = Context::load(common)?;
    let client = context.client()?;
    let lock = EngineLock::acquire(client.data_dir())?;
    let report = |address: SocketAddr| crate::cli::line(&format!("{LISTENING}{address}"));
    run(&context.settings, &client, lock, Mode::Server { health: args.health_listen }, report).map_err(|error| {
        match error {
            ServeError::Listen(error) => error.into(),
            ServeError::Other(exit) => exit,
        }
    })
}

/// What an engine without a screen runs for.
#[derive(Clone, Copy)]
enum Mode {
    /// Until a signal ends it; `/healthz` and `/metrics` may have an address of their own.
    Server { health: Option<SocketAddr> },
    /// Until the last screen has ended.
    ForScreens,
}

fn health_error(error: &ListenError) -> Exit {
    let ListenError { address, source } = error;
    Exit::failed(format!(
        "/healthz and /metrics cannot be served on {address}: {source}; choose another address with --health-listen"
    ))
}

/// Why an engine did not start.
enum ServeError {
    Listen(ListenError),
    Other(Exit),
}

impl From<Exit> for ServeError {
    fn from(exit: Exit) -> Self {
        ServeError::Other(exit)
    }
}

/// The engine of the screens. Its standard input is a pipe with secrets, its standard output one to the screen that
/// started it, its standard error the log file.
fn serve_screens(common: Common) -> Result<(), Exit> {
    detach();
    let mut secrets = String::new();
    // Without secrets their sources are asked.
    drop(std::io::stdin().read_to_string(&mut secrets));
    let started = || -> Result<(), ServeError> {
        let context = Context::load_or_new(common)?;
        // By its name rather than by standard error, so that it begins anew when it is too long.
        logs::to_file(&context.paths.data_dir);
        context.environment.take_secrets(&secrets);
        let client = context.client()?;
        let lock = match EngineLock::acquire(client.data_dir()) {
            Err(LockError::Held { .. }) => {
                report(HELD);
                return Ok(());
            }
            lock => lock.map_err(Exit::from)?,
        };
        run(&context.settings, &client, lock, Mode::ForScreens, |address| {
            report(&format!("{LISTENING}{address}"));
            Ok(())
        })
    };
    started().map_err(|error| {
        let (problem, exit) = match error {
            ServeError::Listen(error) => {
                let (address, reason) = (error.address.to_string(), error.source.to_string());
                (EngineProblem::Listen { address, reason }, error.into())
            }
            ServeError::Other(exit) => (EngineProblem::Other(exit.message.clone()), exit),
        };
        report(&format!("{FAILED}{}", serde_json::to_string(&problem).unwrap_or_default()));
        exit
    })
}

/// Tells the screen that started this engine; the screen may have ended.
fn report(line: &str) {
    drop(crate::cli::line(line));
}

/// Leaves the terminal, so that neither its keys nor its end reach this process.
#[cfg(unix)]
fn detach() {
    // Fails only for the leader of a process group, which leads a session of its own or was started by hand.
    let _ = rustix::process::setsid();
}

#[cfg(not(unix))]
fn detach() {}

/// Runs an engine until a signal or the last screen ends it; `report` is given the listener's address.
fn run(
    settings: &Arc<Settings>,
    client: &Client,
    lock: EngineLock,
    mode: Mode,
    report: impl FnOnce(SocketAddr) -> Result<(), Exit>,
) -> Result<(), ServeError> {
    client.load_accounts_side_by_side().map_err(Exit::from)?;
    warn(settings, client);
    runtime()?.block_on(async {
        let listener = BoundListener::bind(settings.listener.bind).await.map_err(ServeError::Listen)?;
        let health = match mode {
            Mode::Server { health: Some(address) } => {
                Some(BoundListener::bind(address).await.map_err(|error| ServeError::Other(health_error(&error)))?)
            }
            _ => None,
        };
        let for_screens = matches!(mode, Mode::ForScreens);
        client.set_process(Process { listener: Some(listener.address), ..Process::default() });
        let engine = EngineProcess::start(settings, client, lock, Sockets { listener, health }, for_screens).await?;
        let (termination, hang_ups) = (signals::termination(), signals::reload_on_hang_up(engine.reload()));
        report(engine.address)?;
        let reason = tokio::select! {
            signal = termination => signal,
            () = last_screen(client), if for_screens => "the last screen has ended",
            () = hang_ups => "no signals",
        };
        tracing::info!(reason, "stopping");
        engine.stop().await;
        Ok(())
    })
}

/// Logs what is questionable in the settings.
fn warn(settings: &Settings, client: &Client) {
    for warning in &settings.warnings {
        tracing::warn!("{warning}");
    }
    for invalid in client.invalid_accounts() {
        tracing::error!(account = invalid.name, "account not started: {}", invalid.reason);
    }
    for account in client.registry().accounts() {
        if let Some((set, documented)) = account.exceeded_pace() {
            tracing::warn!(account = %account.name(), set, documented, "{EXCEEDED_PACE}");
        }
    }
}

/// Waits until no screen is open, while the engine is not to stay.
async fn last_screen(client: &Client) {
    let mut changed = client.registry().watch();
    loop {
        if client.settings().engine.stay {
            // The setting may change.
            if changed.changed().await.is_err() {
                return std::future::pending().await;
            }
            continue;
        }
        let data_dir = client.data_dir().to_owned();
        let (ended, waiting) = tokio::sync::oneshot::channel();
        // A thread of its own, for it sleeps in the operating system until the screens end or this process does.
        std::thread::spawn(move || {
            screens::wait_until_none(&data_dir);
            let _ = ended.send(());
        });
        if waiting.await.is_ok() && !client.settings().engine.stay {
            return;
        }
    }
}

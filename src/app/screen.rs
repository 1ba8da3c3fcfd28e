//! `loket` and `loket demo`: the screen with its engine, or beside a running one.
use std::io::{self, IsTerminal as _};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use super::engine_process::{BoundListener, EngineProcess};
use super::logs;
use crate::cli::{Context, Exit, runtime};
use crate::config::Settings;
use crate::engine::{Client, EngineLock, LockError, Process};
use crate::tui::commands::keymap::Keymap;
use crate::tui::runtime::{Options, Outcome, run};
use crate::tui::theme::Theme;
use jiff::tz::TimeZone;
use tokio::sync::oneshot;

/// How long the engine may take to stop after the screen has ended.
const STOP_TIMEOUT: Duration = Duration::from_secs(3);

/// Opens the inbox: with an engine of its own, or as a viewer when one runs on the data directory.
pub(super) fn open(context: &Context) -> Result<Outcome, Exit> {
    require_terminal()?;
    let client = context.client()?;
    logs::to_file(client.data_dir());
    match EngineLock::acquire(client.data_dir()) {
        Ok(lock) => with_engine(context, client, lock, false),
        Err(LockError::Held { pid }) => beside_an_engine(context, client, pid),
        Err(error) => Err(error.into()),
    }
}

/// Shows the screen on an engine that starts behind it, so that the first frame waits for nothing.
pub(super) fn with_engine(context: &Context, client: Client, lock: EngineLock, sandbox: bool) -> Result<Outcome, Exit> {
    client.load_accounts()?;
    runtime()?.block_on(async {
        let listener = BoundListener::bind(context.settings.listener.bind).await?;
        client.set_process(Process { engine_pid: None, sandbox, listener: Some(listener.address) });
        let (settings, engine_client) = (context.settings.clone(), client.clone());
        let starting =
            tokio::spawn(async move { EngineProcess::start(&settings, &engine_client, lock, listener).await });
        let shown = show(context, client).await;
        match starting.await {
            Ok(Ok(engine)) => drop(tokio::time::timeout(STOP_TIMEOUT, engine.stop()).await),
            Ok(Err(error)) => return Err(error),
            Err(_) => {
                return Err(Exit::failed("the engine stopped on a defect; the log in the data directory says where"));
            }
        }
        shown
    })
}

/// Shows the screen beside a running engine. When that engine ends, this process becomes the engine: messages that
/// wait in the outbox must not stay there unnoticed.
fn beside_an_engine(context: &Context, client: Client, pid: String) -> Result<Outcome, Exit> {
    client.load_accounts()?;
    client.set_process(Process { engine_pid: Some(pid), ..Process::default() });
    runtime()?.block_on(async {
        let (acquired, lock) = oneshot::channel();
        let data_dir = client.data_dir().to_owned();
        // A thread of its own, for it sleeps in the operating system until the engine ends or this process does.
        std::thread::spawn(move || acquired.send(EngineLock::wait(&data_dir)));
        let successor = tokio::spawn(take_over(context.settings.clone(), client.clone(), lock));
        let shown = show(context, client).await;
        if successor.is_finished() {
            if let Ok(Some(engine)) = successor.await {
                drop(tokio::time::timeout(STOP_TIMEOUT, engine.stop()).await);
            }
        } else {
            successor.abort();
        }
        shown
    })
}

async fn take_over(
    settings: Arc<Settings>,
    client: Client,
    lock: oneshot::Receiver<Result<EngineLock, LockError>>,
) -> Option<EngineProcess> {
    let lock = lock.await.ok()?.inspect_err(|error| tracing::warn!(%error, "this viewer stays one")).ok()?;
    let started = async {
        let listener = BoundListener::bind(settings.listener.bind).await?;
        let address = listener.address;
        let engine = EngineProcess::start(&settings, &client, lock, listener).await?;
        client.set_process(Process { listener: Some(address), ..Process::default() });
        Ok::<_, Exit>(engine)
    };
    match started.await {
        Ok(engine) => {
            tracing::info!("the engine beside this viewer has ended; this process is the engine now");
            Some(engine)
        }
        Err(exit) => {
            tracing::error!(
                reason = exit.message,
                "the engine beside this viewer has ended, and this process cannot be one"
            );
            None
        }
    }
}

async fn show(context: &Context, client: Client) -> Result<Outcome, Exit> {
    let options = Options {
        locale: context.locale(),
        theme: Theme::new(colours(context), unicode(context)),
        keymap: keymap(context.settings.directory())?,
        zone: TimeZone::system(),
        agent: context.settings.agent.clone(),
        country: context.settings.country,
        replies: Vec::new(),
        config_path: context.paths.config_file.display().to_string(),
    };
    run(client, options).await.map_err(|e| Exit::failed(format!("the terminal cannot be used: {e}")))
}

/// The built-in keys, overridden by the user's own.
fn keymap(directory: &Path) -> Result<Keymap, Exit> {
    let path = directory.join("keymap.toml");
    let text = match std::fs::read_to_string(&path) {
        Ok(text) => text,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Keymap::built_in().clone()),
        Err(error) => return Err(Exit::wrong(format!("{}: {error}", path.display()))),
    };
    let own = Keymap::parse(&text).map_err(|e| Exit::wrong(format!("{}: {e}", path.display())))?;
    Ok(Keymap::built_in().overlaid(&own))
}

/// `NO_COLOR`, when it is set and not empty, keeps attributes only (no-color.org).
fn colours(context: &Context) -> bool {
    context.environment.text("NO_COLOR").is_none() && context.environment.text("TERM").as_deref() != Some("dumb")
}

/// Signs beyond ASCII, unless the locale says that the terminal is not UTF-8.
fn unicode(context: &Context) -> bool {
    let locale = ["LC_ALL", "LC_CTYPE", "LANG"].into_iter().find_map(|name| context.environment.text(name));
    locale.is_none_or(|locale| {
        let locale = locale.to_ascii_lowercase();
        // "C" and "POSIX" say nothing of the terminal at the other end of an SSH connection.
        !locale.contains('.') || locale.contains("utf")
    })
}

/// Fails without a terminal.
pub(super) fn require_terminal() -> Result<(), Exit> {
    if io::stdin().is_terminal() && io::stdout().is_terminal() {
        return Ok(());
    }
    Err(Exit::wrong(
        "the inbox needs a terminal; without one use `loket serve`, or a command such as `loket conversations`",
    ))
}

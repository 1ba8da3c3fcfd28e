//! `loket` and `loket demo`: the screen with its engine, or beside a running one.

use std::io::{self, IsTerminal as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use jiff::tz::TimeZone;
use tokio::sync::oneshot;

use super::house::{House, OpenHouse, bind, record};
use super::logs;
use crate::cli::{Context, Exit, runtime};
use crate::config::Settings;
use crate::engine::{AccountSetup, Client, EngineLock, LockError, Notifier, ProcessInfo};
use crate::store::Store;
use crate::tui::commands::keymap::Keymap;
use crate::tui::runtime::{Options, Outcome, run};
use crate::tui::theme::Theme;

/// How long the end of the screen may take for what is on its way.
const LAST_WAIT: Duration = Duration::from_secs(3);

/// Opens the inbox: with an engine of its own, or as a viewer when one runs on the data directory.
pub(super) fn open(context: &Context) -> Result<Outcome, Exit> {
    needs_terminal()?;
    let (store, wake) = record(context)?;
    logs::to_file(&context.paths.data_dir);
    match EngineLock::take(&context.paths.data_dir) {
        Ok(lock) => with_engine(context, House::with(context, lock, store, wake)?, false),
        Err(LockError::Held { pid }) => beside_an_engine(context, store, wake, pid),
        Err(error) => Err(error.into()),
    }
}

/// Shows the screen on an engine that starts behind it, so that the first frame waits for nothing.
pub(super) fn with_engine(context: &Context, house: House, sandbox: bool) -> Result<Outcome, Exit> {
    runtime()?.block_on(async {
        let door = bind(context.settings.listener.bind).await?;
        let place = ProcessInfo { viewer_of: None, sandbox, listener: Some(door.address) };
        let desk = context.desk(house.store(), house.roster().clone(), house.wake(), place);
        // The demo's accounts come with it; what is written into a configuration belongs to the real inbox.
        let desk = if sandbox { desk } else { desk.with_office(office(context)?) };
        let (settings, data_dir) = (context.settings.clone(), context.paths.data_dir.clone());
        let opening = tokio::spawn(async move { house.open_at(settings, &data_dir, door).await });
        let shown = show(context, desk).await;
        match opening.await {
            Ok(Ok(open)) => drop(tokio::time::timeout(LAST_WAIT, open.close()).await),
            Ok(Err(error)) => return Err(error),
            Err(_) => {
                return Err(Exit::failed("the engine stopped on a defect; the log in the data directory says where"));
            }
        }
        shown
    })
}

/// Shows the screen beside a running engine. When that engine ends, this process becomes the engine: messages that
/// wait in the outbox must not lie there until somebody notices.
fn beside_an_engine(context: &Context, store: Store, wake: Notifier, pid: String) -> Result<Outcome, Exit> {
    let roster = context.roster(&store)?;
    let place = ProcessInfo { viewer_of: Some(pid), ..ProcessInfo::default() };
    let desk = context.desk(store, roster, wake.clone(), place).with_office(office(context)?);
    runtime()?.block_on(async {
        let (inherited, inheritance) = oneshot::channel();
        let data_dir = context.paths.data_dir.clone();
        // A thread of its own, for it sleeps in the operating system until the engine ends or this process does.
        std::thread::spawn(move || inherited.send(EngineLock::inherit(&data_dir)));
        let heir = tokio::spawn(take_over(
            context.settings.clone(),
            context.paths.data_dir.clone(),
            desk.clone(),
            wake,
            inheritance,
        ));
        let shown = show(context, desk).await;
        if heir.is_finished() {
            if let Ok(Some(open)) = heir.await {
                drop(tokio::time::timeout(LAST_WAIT, open.close()).await);
            }
        } else {
            heir.abort();
        }
        shown
    })
}

async fn take_over(
    settings: Arc<Settings>,
    data_dir: PathBuf,
    desk: Client,
    wake: Notifier,
    inheritance: oneshot::Receiver<Result<EngineLock, LockError>>,
) -> Option<OpenHouse> {
    let lock = inheritance.await.ok()?.inspect_err(|error| tracing::warn!(%error, "this viewer stays one")).ok()?;
    let opened = async {
        let door = bind(settings.listener.bind).await?;
        let listener = Some(door.address);
        let house = House::of(lock, desk.store().clone(), desk.roster().clone(), wake);
        let open = house.open_at(settings, &data_dir, door).await?;
        desk.move_to(ProcessInfo { listener, ..ProcessInfo::default() });
        Ok::<_, Exit>(open)
    };
    match opened.await {
        Ok(open) => {
            tracing::info!("the engine beside this viewer has ended; this process is the engine now");
            Some(open)
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

/// Where new accounts are written.
fn office(context: &Context) -> Result<AccountSetup, Exit> {
    let (file, listener) = (&context.paths.config_file, &context.settings.listener);
    let config_file = std::path::absolute(file).map_err(|error| Exit::wrong(format!("{}: {error}", file.display())))?;
    Ok(AccountSetup {
        config_file,
        environment: context.environment.clone(),
        // A viewer knows of a tunnel only what the engine wrote down.
        public_url: listener.public_url.clone().or_else(|| {
            crate::engine::tunnel::remembered(&context.paths.data_dir).filter(|_| listener.tunnel.is_some())
        }),
        bind: listener.bind,
    })
}

async fn show(context: &Context, desk: Client) -> Result<Outcome, Exit> {
    let options = Options {
        locale: context.locale(),
        theme: Theme::new(colours(context), unicode(context)),
        keymap: keymap(context.settings.directory())?,
        zone: TimeZone::system(),
        agent: context.settings.agent.clone(),
        replies: Vec::new(),
        config_path: context.paths.config_file.display().to_string(),
    };
    run(desk, options).await.map_err(|e| Exit::failed(format!("the terminal cannot be used: {e}")))
}

/// The built-in keys, with the user's own over them.
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
    let said = ["LC_ALL", "LC_CTYPE", "LANG"].into_iter().find_map(|name| context.environment.text(name));
    said.is_none_or(|locale| {
        let locale = locale.to_ascii_lowercase();
        // "C" and "POSIX" say nothing of the terminal at the other end of an SSH line.
        !locale.contains('.') || locale.contains("utf")
    })
}

/// Without a terminal, says so.
pub(super) fn needs_terminal() -> Result<(), Exit> {
    if io::stdin().is_terminal() && io::stdout().is_terminal() {
        return Ok(());
    }
    Err(Exit::wrong(
        "the inbox needs a terminal; without one use `loket serve`, or a command such as `loket conversations`",
    ))
}

//! `loket`: the screen, beside an engine of another process, which is started when none runs.
use std::io::{self, IsTerminal as _};
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::engine_starter::EngineStarter;
use super::logs;
use crate::cli::{Context, Exit, runtime};
use crate::config::Environment;
use crate::domain::EngineState;
use crate::engine::client::engine_pid;
use crate::engine::{Client, EngineBeside, OpenScreen, Process, config_watch};
use crate::tui::i18n::fill;
use crate::tui::runtime::{Options, Outcome, run};
use crate::tui::{PictureColours, Theme};
use jiff::tz::TimeZone;
use tokio::sync::oneshot;

/// How long the last screen waits for its engine to end, so that what is typed next finds it ended.
const ENGINE_END: Duration = Duration::from_millis(1500);
const POLL: Duration = Duration::from_millis(10);

/// Opens the inbox. The engine starts beside it, so that the first frame waits for nothing.
pub(super) fn open(context: &Context) -> Result<Outcome, Exit> {
    require_terminal()?;
    let client = context.client()?;
    logs::to_file(client.data_dir());
    // A program that gives a secret may ask at the terminal, which must be the person's still.
    client.load_accounts()?;
    let screen = match OpenScreen::announce(client.data_dir()) {
        Ok(screen) => Some(Arc::new(screen)),
        Err(error) => {
            tracing::warn!(%error, "the engine cannot know of this screen");
            None
        }
    };
    let pid = engine_pid(client.data_dir()).and_then(|pid| pid.parse().ok());
    let beside = EngineBeside { pid, state: EngineState::Running };
    client.set_process(Process { beside: Some(beside), screen, ..Process::default() });
    runtime()?.block_on(async {
        let (shown, first_frame) = oneshot::channel();
        let starter = tokio::spawn(EngineStarter::new(context, client.clone()).run(first_frame));
        let watch = tokio::spawn(config_watch::run(client.clone(), Arc::default()));
        let ended = show(context, client.clone(), Some(shown)).await;
        starter.abort();
        watch.abort();
        if matches!(ended, Ok(Outcome::Quit)) {
            say_what_goes_on(context, &client);
        }
        ended
    })
}

/// Says whether messages are still received, and what waits, once the terminal is given back.
fn say_what_goes_on(context: &Context, client: &Client) {
    let Ok(status) = client.quit_status() else { return };
    if context.settings.accounts.is_empty() && status.queued == 0 {
        return;
    }
    let strings = &context.locale().strings().cli;
    let pid = engine_pid(client.data_dir());
    let line = match (status.engine_ends, pid) {
        (false, Some(pid)) => fill(&strings.reception_goes_on, &[("pid", &pid)]),
        _ if status.queued > 0 => fill(&strings.reception_ended_queued, &[("n", &status.queued.to_string())]),
        _ => strings.reception_ended.clone(),
    };
    crate::cli::stderr_line(&line);
    if status.engine_ends {
        // The engine ends as soon as it knows that this screen has.
        client.set_process(Process::default());
        let start = Instant::now();
        while engine_pid(client.data_dir()).is_some() && start.elapsed() < ENGINE_END {
            std::thread::sleep(POLL);
        }
    }
}

/// Shows the screen until it ends. `shown` receives a value after the first frame.
pub(super) async fn show(
    context: &Context,
    client: Client,
    shown: Option<oneshot::Sender<()>>,
) -> Result<Outcome, Exit> {
    let options = Options {
        theme: Theme::new(colours(context), context.environment.shows_unicode())
            .with_pictures(PictureColours::of_terminal(|name| Environment::process().text(name))),
        zone: TimeZone::system(),
        agent: context.settings.agent.clone(),
        config_path: context.paths.config_file.display().to_string(),
        shown,
    };
    Box::pin(run(client, options)).await.map_err(|e| Exit::failed(format!("the terminal cannot be used: {e}")))
}

/// `NO_COLOR`, when it is set and not empty, keeps attributes only (no-color.org).
fn colours(context: &Context) -> bool {
    context.environment.text("NO_COLOR").is_none()
}

/// Fails without a terminal, and on one that can only show lines.
pub(super) fn require_terminal() -> Result<(), Exit> {
    if Environment::process().text("TERM").as_deref() == Some("dumb") {
        return Err(Exit::wrong(
            "the inbox needs a terminal that can place the cursor, and TERM is dumb; set TERM to the terminal's name, \
             such as xterm-256color, or use a command such as `loket conversations`",
        ));
    }
    if io::stdin().is_terminal() && io::stdout().is_terminal() {
        return Ok(());
    }
    Err(Exit::wrong(
        "the inbox needs a terminal; without one use `loket serve`, or a command such as `loket conversations`",
    ))
}

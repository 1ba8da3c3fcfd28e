//! The composition root: start and stop order of the screen, the engine, the listener and the sandbox.

mod demo;
mod engine_process;
mod logs;
mod screen;
mod signals;
mod tunnel;

use std::process::ExitCode;

use self::engine_process::{BoundListener, EngineProcess};
use crate::cli::args::{Command, Common, LogFormat};
use crate::cli::{Cli, Context, Exit, runtime};
use crate::engine::{EngineLock, Process};
use crate::text::Clean;
use crate::tui::runtime::Outcome;
use clap::Parser as _;

/// Logged when an account is set to be faster than its gateway documents.
const EXCEEDED_PACE: &str = "requests_per_minute is more than the gateway advises: the number may be blocked; remove it to keep the documented pace";

/// Runs the program; the exit status is the contract's.
pub fn main() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => return wrong_usage(&error),
    };
    match run(cli) {
        Ok(()) => ExitCode::SUCCESS,
        Err(exit) => {
            if !exit.message.is_empty() {
                crate::cli::stderr_line(&format!("loket: {}", exit.message));
            }
            ExitCode::from(exit.status)
        }
    }
}

/// Prints help, or what is wrong with the arguments; these may hold text of strangers when a script passes it on.
fn wrong_usage(error: &clap::Error) -> ExitCode {
    let text = error.render().to_string();
    let cleaned = Clean::printed(&text);
    if cleaned.as_str() == text {
        error.exit();
    }
    crate::cli::stderr_line(cleaned.trim_end());
    ExitCode::from(u8::try_from(error.exit_code()).unwrap_or(2))
}

fn run(cli: Cli) -> Result<(), Exit> {
    match cli.command {
        None => open_inbox(cli.common),
        Some(Command::Demo) => demo::demo(&cli.common),
        Some(Command::Serve(args)) => serve(&Context::load(cli.common)?, args.log_format),
        Some(Command::Sandbox(args)) => demo::sandbox(&cli.common, &args),
        Some(command) => {
            logs::errors_only();
            crate::cli::run(cli.common, command)
        }
    }
}

/// The inbox, and the demo when the person asks for it on the first screen. A configuration file that is named and
/// not there yet is one without accounts: the form makes it.
fn open_inbox(common: Common) -> Result<(), Exit> {
    let mut demo = common.clone();
    match screen::open(&Context::load_or_new(common)?)? {
        Outcome::Quit => Ok(()),
        Outcome::Demo => {
            // The demo stores nothing in the inbox's data directory.
            demo.data_dir = None;
            demo::demo(&demo)
        }
    }
}

fn serve(context: &Context, format: LogFormat) -> Result<(), Exit> {
    logs::to_stderr(format);
    let client = context.client()?;
    let lock = EngineLock::acquire(client.data_dir())?;
    client.load_accounts()?;
    for warning in &context.settings.warnings {
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
    runtime()?.block_on(async {
        let listener = BoundListener::bind(context.settings.listener.bind).await?;
        client.set_process(Process { listener: Some(listener.address), ..Process::default() });
        let engine = EngineProcess::start(&context.settings, &client, lock, listener).await?;
        let termination = signals::termination();
        crate::cli::line(&format!("listening on http://{}", engine.address))?;
        let reason = termination.await;
        tracing::info!(reason, "stopping");
        engine.stop().await;
        Ok(())
    })
}

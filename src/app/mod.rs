//! The composition root: what is started in which order, and how it ends.

mod demo;
mod house;
mod inbox;
mod logs;
mod passage;
mod signals;

use std::process::ExitCode;

use clap::Parser as _;

use crate::cli::args::{Command, Common, LogFormat};
use crate::cli::{Cli, Context, Exit};
use crate::tui::runtime::Outcome;
use house::House;

/// Runs the program; the exit status is the contract's.
pub fn main() -> ExitCode {
    match run(Cli::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(exit) => {
            if !exit.message.is_empty() {
                crate::cli::complain(&format!("loket: {}", exit.message));
            }
            ExitCode::from(exit.status)
        }
    }
}

fn run(cli: Cli) -> Result<(), Exit> {
    match cli.command {
        None => open_inbox(cli.common),
        Some(Command::Demo) => demo::demo(&cli.common),
        Some(Command::Serve(args)) => serve(&Context::load(cli.common)?, args.log_format),
        Some(Command::Sandbox(args)) => demo::sandbox(&cli.common, &args),
        Some(command) => {
            logs::errors_only();
            crate::cli::start(cli.common, command)
        }
    }
}

/// Where the tunnel of a data directory's engine was reachable last.
pub fn tunnel_url(data_dir: &std::path::Path) -> Option<String> {
    let url = std::fs::read_to_string(passage::memory(data_dir)).ok()?;
    (!url.trim().is_empty()).then(|| url.trim().to_owned())
}

/// The inbox, and the demo when the person asks for it on the first screen. A configuration file that is named and
/// not there yet is one without accounts: the form makes it.
fn open_inbox(common: Common) -> Result<(), Exit> {
    let mut demo = common.clone();
    match inbox::open(&Context::load_or_new(common)?)? {
        Outcome::Quit => Ok(()),
        Outcome::Demo => {
            // The demo keeps nothing in the inbox's own place.
            demo.data_dir = None;
            demo::demo(&demo)
        }
    }
}

/// An async runtime of two threads: one for what people wait for, one for what gateways wait for.
pub fn runtime() -> Result<tokio::runtime::Runtime, Exit> {
    tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .map_err(|e| Exit::failed(format!("the async runtime does not start: {e}")))
}

fn serve(context: &Context, format: LogFormat) -> Result<(), Exit> {
    logs::to_stderr(format);
    let house = House::prepare(context)?;
    for warning in &context.settings.warnings {
        tracing::warn!("{warning}");
    }
    for broken in house.roster().broken() {
        tracing::error!(account = broken.name, "account not started: {}", broken.reason);
    }
    for member in house.roster().members() {
        if let Some((set, documented)) = member.over_pace() {
            tracing::warn!(account = %member.name(), set, documented, "{}", house::OVER_PACE);
        }
    }
    runtime()?.block_on(async {
        let open = house.open(context).await?;
        crate::cli::line(&format!("listening on http://{}", open.address()))?;
        let reason = signals::termination().await;
        tracing::info!(reason, "stopping");
        open.close().await;
        Ok(())
    })
}

//! The composition root: what is started in which order, and how it ends.

mod demo;
mod house;
mod inbox;
mod logs;
mod passage;
mod signals;

use std::process::ExitCode;

use clap::Parser as _;

use self::house::House;
use crate::cli::args::{Command, Common, LogFormat};
use crate::cli::{Cli, Context, Exit, runtime};
use crate::tui::runtime::Outcome;

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
        let termination = signals::termination();
        crate::cli::line(&format!("listening on http://{}", open.address()))?;
        let reason = termination.await;
        tracing::info!(reason, "stopping");
        open.close().await;
        Ok(())
    })
}

//! The composition root: start and stop order of the screen, the engine, the listener and the sandbox.

mod demo;
mod engine_process;
mod engine_starter;
mod file_limit;
mod logs;
mod screen;
mod serve;
mod signals;
mod tunnel;

use std::process::ExitCode;

use crate::cli::args::{Command, Common};
use crate::cli::{Cli, Context, Exit, wrong_usage};
use crate::tui::runtime::Outcome;
use clap::Parser as _;

/// Runs the program; the exit status is the contract's.
pub fn main() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => return ExitCode::from(wrong_usage(&error)),
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

fn run(cli: Cli) -> Result<(), Exit> {
    match cli.command {
        None => open_inbox(cli.common),
        Some(Command::Demo) => demo::demo(&cli.common),
        Some(Command::Serve(args)) => serve::serve(cli.common, &args),
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

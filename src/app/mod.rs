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
use crate::cli::{Cli, Context, Exit};
use crate::config::Environment;
use crate::text::Clean;
use crate::tui::runtime::Outcome;
use clap::Parser as _;

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
    if cleaned.as_str() == text && (text.is_ascii() || Environment::process().shows_unicode()) {
        error.exit();
    }
    if error.exit_code() == 0 {
        // Help that the locale's character set cannot show as it is.
        let printed = crate::cli::line(cleaned.trim_end());
        return printed.map_or(ExitCode::FAILURE, |()| ExitCode::SUCCESS);
    }
    crate::cli::stderr_line(cleaned.trim_end());
    ExitCode::from(u8::try_from(error.exit_code()).unwrap_or(2))
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

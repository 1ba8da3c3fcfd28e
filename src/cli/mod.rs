//! The commands: arguments in, lines and an exit status out.
//!
//! Invariant: logic worth a unit test lives below; foreign text reaches standard output only cleaned or escaped.

mod account;
mod account_add;
mod account_client;
pub mod args;
mod contacts;
mod context;
mod doctor;
mod exit;
mod hidden;
mod login;
mod print;
mod progress;
mod query;
mod read;
mod runtime;
mod send;
mod transfer;
mod wording;

pub use args::Cli;
pub use context::Context;
pub use exit::Exit;
pub use print::{complain, line};
pub use runtime::runtime;

use self::args::{AccountCommand, Command};

/// Reads the configuration and runs a command that needs neither a screen nor a long-running engine.
pub fn start(common: args::Common, command: Command) -> Result<(), Exit> {
    match command {
        // The first account may make the file.
        Command::Account(AccountCommand::Add(args)) => account_add::add(&Context::load_or_new(common)?, &args),
        Command::Doctor => doctor::run(common),
        command => run(&Context::load(common)?, command),
    }
}

/// Runs a command that needs neither a screen nor a long-running engine.
pub fn run(context: &Context, command: Command) -> Result<(), Exit> {
    match command {
        Command::Account(command) => account::run(context, command),
        Command::Send(send) => send::run(context, *send),
        Command::Conversations(list) => read::conversations(context, &list),
        Command::Messages(list) => read::messages(context, &list),
        Command::Search(search) => read::search(context, &search),
        Command::Groups(only) => query::groups(context, &only.account),
        Command::Templates(only) => query::templates(context, &only.account),
        Command::CheckNumber(check) => query::check_number(context, &check),
        Command::Login(login) => login::run(context, &login),
        Command::Completions(completions) => print::completions(completions.shell),
        Command::Export => transfer::export(context),
        Command::Import(args) => transfer::import(context, &args.file),
        Command::Contacts(command) => contacts::run(context, &command),
        Command::Demo | Command::Serve(_) | Command::Sandbox(_) | Command::Doctor => {
            Err(Exit::wrong("this command is started elsewhere"))
        }
    }
}

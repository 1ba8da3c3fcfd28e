//! Which function runs which command.
use super::args::{AccountCommand, Command, Common};
use super::usage::choose_locale;
use super::{
    Context, Exit, account, account_add, backup, contacts, conversation, doctor, forget, login, media, print, query,
    read, report, send,
};
use crate::engine::tunnel::run_guarded;

/// Reads the configuration and runs a command that needs neither a screen nor a long-running engine.
pub(crate) fn run(common: Common, command: Command) -> Result<(), Exit> {
    match command {
        // The first account may create the file.
        Command::Account(AccountCommand::Add(args)) => account_add::add(&Context::load_or_new(common)?, &args),
        Command::Doctor(args) => doctor::run(common, &args),
        Command::Man(man) => {
            // Packages make the manual where there is no configuration.
            choose_locale();
            print::manual(man.dir.as_deref())
        }
        Command::Guard(guard) => guard_program(&guard.command),
        command => run_configured(&Context::load(common)?, command),
    }
}

fn run_configured(context: &Context, command: Command) -> Result<(), Exit> {
    match command {
        Command::Account(command) => run_account(context, command),
        Command::Send(send) => send::run(context, *send),
        Command::Conversations(list) => read::conversations(context, &list),
        Command::Conversation(arguments) => conversation::run(context, arguments),
        Command::Messages(list) => read::messages(context, &list),
        Command::Search(search) => read::search(context, &search),
        Command::Groups(args) => query::groups(context, &args.account),
        Command::Templates(args) => query::templates(context, &args.account),
        Command::CheckNumber(check) => query::check_number(context, &check),
        Command::Login(login) => login::run(context, &login),
        Command::Completions(completions) => print::completions(completions.shell),
        Command::Media(args) => media::run(context, &args),
        Command::Report(args) => report::run(context, &args),
        Command::Backup(args) => backup::backup(context, &args.file),
        Command::Export(args) => backup::export(context, args.with_media),
        Command::Import(args) => backup::import(context, &args.file),
        Command::Forget(args) => forget::run(context, &args),
        Command::Contacts(command) => contacts::run(context, &command),
        Command::Demo
        | Command::Serve(_)
        | Command::Sandbox(_)
        | Command::Doctor(_)
        | Command::Guard(_)
        | Command::Man(_) => Err(Exit::wrong("this command is started elsewhere")),
    }
}

fn run_account(context: &Context, command: AccountCommand) -> Result<(), Exit> {
    match command {
        AccountCommand::List => account::list(context),
        AccountCommand::Url { name, path } => account::url(context, &name, path),
        AccountCommand::Show { name } => account::show(context, &name),
        AccountCommand::Check { name } => query::check_account(context, &name),
        AccountCommand::RotateToken { name } => account::rotate_token(context, &name),
        AccountCommand::Add(args) => account_add::add(context, &args),
        AccountCommand::Remove { name } => account_add::remove(context, &name),
    }
}

/// `loket guard`: the exit status is the program's.
fn guard_program(command: &[String]) -> Result<(), Exit> {
    match run_guarded(command) {
        Ok(0) => Ok(()),
        Ok(status) => Err(Exit { status, message: String::new() }),
        Err(error) => Err(Exit::failed(error.to_string())),
    }
}

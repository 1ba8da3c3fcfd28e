//! The command line as data. Nothing here runs anything.

use clap::{Args, Parser, Subcommand, ValueEnum};
use std::net::SocketAddr;
use std::path::PathBuf;

mod account;
mod contacts;
mod conversation;
mod media;
mod report;
mod send;

use crate::domain::ConversationState;
pub(crate) use account::{AccountAdd, AccountCommand, Login};
pub(crate) use contacts::ContactsCommand;
pub(crate) use conversation::{Conversation, ConversationAction};
pub(crate) use media::Media;
pub(crate) use report::Report;
pub(crate) use send::Send;

/// A terminal inbox for customer service over WhatsApp, Telegram, Instagram and Messenger gateways.
///
/// Without a command it opens the inbox. `loket demo` tries it with simulated customers: no account, no network.
#[derive(Debug, Parser)]
#[command(name = "loket", version, propagate_version = true, max_term_width = 100)]
#[command(after_help = "Exit status: 0 done; 1 refused or failed, by the gateway or the network; 2 wrong usage, \
    input or configuration; 3 accepted into the outbox but not yet sent.")]
pub struct Cli {
    /// What every command knows.
    #[command(flatten)]
    pub(crate) common: Common,
    /// What to do; nothing = open the inbox.
    #[command(subcommand)]
    pub command: Option<Command>,
}

/// What every command knows.
#[derive(Debug, Clone, Args)]
pub(crate) struct Common {
    /// The configuration file to read and change.
    #[arg(long, value_name = "FILE", env = "LOKET_CONFIG", global = true, help_heading = "Common options")]
    pub config: Option<PathBuf>,
    /// Where the data lives.
    #[arg(long, value_name = "DIR", env = "LOKET_DATA_DIR", global = true, help_heading = "Common options")]
    pub data_dir: Option<PathBuf>,
    /// Who acts: the author of messages, notes and assignments (default: `agent` of the configuration, else your user name).
    #[arg(long, value_name = "NAME", env = "LOKET_AGENT", global = true, help_heading = "Common options")]
    pub agent: Option<String>,
    /// JSON Lines on standard output and nothing else.
    #[arg(long, global = true, help_heading = "Common options")]
    pub json: bool,
    /// The address on which webhooks are taken (port 0: a free one).
    #[arg(long, value_name = "ADDR", global = true, help_heading = "Common options")]
    pub listen: Option<SocketAddr>,
    /// The language of what people read.
    #[arg(long, value_name = "en|id", env = "LOKET_LOCALE", global = true, help_heading = "Common options", value_parser = ["en", "id"])]
    pub locale: Option<String>,
}

/// The commands of `loket`.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Open the inbox on an embedded sandbox with simulated customers
    Demo,
    /// Run the engine without a screen: listener, outbox, sync
    Serve(Serve),
    /// Run the simulated gateways alone and print a ready-to-use configuration
    Sandbox(Sandbox),
    /// The accounts of the configuration
    #[command(subcommand)]
    Account(AccountCommand),
    /// Log a WhatsApp session in by a QR code drawn as text
    Login(Login),
    /// Send one message of any kind to a person or a group
    Send(Box<Send>),
    /// List conversations, newest activity first
    Conversations(Conversations),
    /// Take, assign, label, note, resolve or put off a conversation
    Conversation(Conversation),
    /// List messages, oldest first
    Messages(Messages),
    /// Find messages by their words, newest first
    Search(Search),
    /// The gateway's address book, and a CRM's
    #[command(subcommand)]
    Contacts(ContactsCommand),
    /// List the groups of an account's phone
    Groups(AccountOnly),
    /// List the templates of an account
    Templates(AccountOnly),
    /// Say whether a number is on WhatsApp
    CheckNumber(CheckNumber),
    /// Fetch the file of a message where it is not here, and print its path
    Media(Media),
    /// Say how long customers wait and conversations take
    Report(Report),
    /// Copy the whole store to a file, also while an engine runs
    Backup(Backup),
    /// Print every message as JSON Lines that `loket import` takes back
    Export(Export),
    /// Take messages back that were exported; what is there already stays as it is
    Import(Import),
    /// Delete a customer everywhere, for good: messages, drafts, contact, raw events and search index
    Forget(Forget),
    /// Look at configuration, secrets, store, listener and gateways, and say what to do
    Doctor(Doctor),
    /// Print a script that completes the commands in a shell
    Completions(Completions),
    /// Print the manual page, or write the pages of all commands
    Man(Man),
    /// Run a program for the engine until standard input is closed, and end it then
    #[command(hide = true)]
    Guard(Guard),
}

/// The arguments of `loket doctor`.
#[derive(Debug, Args)]
pub struct Doctor {
    /// Interpret the events again that were not understood, as every new version does by itself.
    #[arg(long)]
    pub(crate) read_again: bool,
}

/// The arguments of `loket serve`.
#[derive(Debug, Args)]
pub struct Serve {
    /// How log lines on standard error look.
    #[arg(long, value_enum, default_value_t = LogFormat::Text)]
    pub(crate) log_format: LogFormat,
    /// Serve `/healthz` and `/metrics` here, to everybody who reaches this address; port 0 picks a free one, which the log
    /// names.
    #[arg(long, value_name = "ADDR")]
    pub(crate) health_listen: Option<SocketAddr>,
    /// Started by a screen: takes secrets from standard input, ends with the last screen.
    #[arg(long, hide = true)]
    pub(crate) for_screens: bool,
}

/// How log lines look.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum LogFormat {
    /// For people: a line of plain text each.
    Text,
    /// For programs: a JSON object a line.
    Json,
}

/// The arguments of `loket sandbox`.
#[derive(Debug, Args)]
pub struct Sandbox {
    /// Add faults: 429, 500, timeouts, doubled, late and shuffled deliveries; the same seed gives the same faults.
    #[arg(long, value_name = "SEED")]
    pub chaos: Option<u64>,
    /// Where the printed configuration puts the listener of `loket`.
    #[arg(long, value_name = "URL", default_value = "http://127.0.0.1:8484")]
    pub receiver: String,
    /// No simulated customers: gateways only.
    #[arg(long)]
    pub quiet: bool,
}

/// The arguments of `loket conversations`.
#[derive(Debug, Args)]
pub struct Conversations {
    /// Only conversations of this account.
    #[arg(long)]
    pub account: Option<String>,
    /// Only those with unread messages.
    #[arg(long)]
    pub unread: bool,
    /// Only those in this state: open, snoozed or resolved.
    #[arg(long)]
    pub state: Option<ConversationState>,
}

/// The arguments of `loket messages`.
#[derive(Debug, Args)]
pub struct Messages {
    /// Only messages of this account.
    #[arg(long, required_unless_present = "conversation", conflicts_with = "conversation")]
    pub account: Option<String>,
    /// Only messages of the conversation with this number or id.
    #[arg(long, requires = "account")]
    pub peer: Option<String>,
    /// Only messages of the conversation with this id.
    #[arg(long, value_name = "ID")]
    pub conversation: Option<i64>,
    /// At most so many: the newest.
    #[arg(long, value_name = "N", default_value_t = 50)]
    pub limit: usize,
    /// Only those before this message.
    #[arg(long, value_name = "ID")]
    pub before: Option<i64>,
}

/// The arguments of `loket search`.
#[derive(Debug, Args)]
pub struct Search {
    /// Words of the message, of which the last may be unfinished; and words with a colon
    ///
    /// from:NAME-OR-NUMBER, account:NAME, channel:whatsapp|telegram|instagram|messenger, label:LABEL, assignee:NAME,
    /// is:waiting|unread|snoozed|resolved|unassigned, before:2026-11-30, after:2026-11-01. What has a space goes in
    /// quotation marks: label:"very important". `from` is who wrote the message; `label`, `assignee` and `is` are
    /// those of its conversation; days begin at midnight here.
    pub query: String,
    /// Only messages of this account.
    #[arg(long)]
    pub account: Option<String>,
    /// At most so many.
    #[arg(long, value_name = "N", default_value_t = 50)]
    pub limit: usize,
}

/// A command that needs only an account.
#[derive(Debug, Args)]
pub struct AccountOnly {
    /// The account's name in the configuration.
    pub account: String,
}

/// The arguments of `loket check-number`.
#[derive(Debug, Args)]
pub struct CheckNumber {
    /// The account's name in the configuration.
    pub account: String,
    /// The phone number in any usual form.
    pub phone: String,
}

/// The arguments of `loket backup`.
#[derive(Debug, Args)]
pub struct Backup {
    /// A file that does not exist yet. Customers' files are in it. To restore it, make it the `loket.db` of an empty data directory.
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
}

/// The arguments of `loket export`.
#[derive(Debug, Args)]
pub struct Export {
    /// Customers' files too, as base64 in `file_data` of the first message that has each.
    #[arg(long)]
    pub with_media: bool,
}

/// The arguments of `loket import`.
#[derive(Debug, Args)]
pub struct Import {
    /// A file that `loket export` printed.
    #[arg(value_name = "FILE.jsonl")]
    pub file: PathBuf,
}

/// The arguments of `loket forget`.
#[derive(Debug, Args)]
pub struct Forget {
    /// The account's name in the configuration.
    #[arg(long)]
    pub account: String,
    /// The customer: a phone number in any usual form, or an id as the gateway writes it; a group's id for a group.
    #[arg(long)]
    pub peer: String,
    /// Delete without asking first.
    #[arg(long)]
    pub yes: bool,
}

/// The arguments of `loket completions`.
#[derive(Debug, Args)]
pub struct Completions {
    /// The shell that the script is for.
    pub shell: clap_complete::Shell,
}

/// The arguments of `loket man`.
#[derive(Debug, Args)]
pub struct Man {
    /// Write a page of every command into this directory, which exists.
    #[arg(long, value_name = "DIR")]
    pub dir: Option<PathBuf>,
}

/// The arguments of `loket guard`, which the engine runs.
#[derive(Debug, Args)]
pub struct Guard {
    /// The program and its arguments.
    #[arg(required = true, trailing_var_arg = true, allow_hyphen_values = true, value_name = "PROGRAM")]
    pub command: Vec<String>,
}

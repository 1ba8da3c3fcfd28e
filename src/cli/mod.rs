//! The commands: arguments in, lines and an exit status out.
//!
//! Invariant: the engine is reached by its client only, and foreign text reaches standard output only cleaned or escaped.

mod account;
mod account_add;
mod account_client;
mod account_details;
pub(crate) mod args;
mod backup;
mod contacts;
mod context;
mod conversation;
mod dispatch;
mod doctor;
mod exit;
mod forget;
mod help;
mod hidden;
mod login;
mod media;
mod print;
mod progress;
mod query;
mod read;
mod report;
mod runtime;
mod send;
mod translation;
mod usage;
mod wording;

pub use args::Cli;
pub(crate) use context::Context;
pub(crate) use dispatch::run;
pub(crate) use exit::Exit;
pub(crate) use print::{line, stderr_line};
pub(crate) use runtime::runtime;
pub(crate) use usage::{choose_locale, wrong_usage};

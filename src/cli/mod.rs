//! The commands: arguments in, lines and an exit status out.
//!
//! Invariant: the engine is reached by its client only, and foreign text reaches standard output only cleaned or escaped.

mod account;
mod account_add;
mod account_client;
mod account_details;
pub mod args;
mod backup;
mod contacts;
mod context;
mod dispatch;
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
mod wording;

pub use args::Cli;
pub use context::Context;
pub use dispatch::run;
pub use exit::Exit;
pub use print::{line, stderr_line};
pub use runtime::runtime;

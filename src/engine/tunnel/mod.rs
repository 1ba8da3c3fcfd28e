//! The program that makes the listener reachable from outside, and its public URL.

mod command;
mod guard;
mod program;
mod url_file;

pub(crate) use command::{TunnelProcess, check};
pub(crate) use guard::run_guarded;
pub(crate) use program::{Tunnel, TunnelEvent};
pub(crate) use url_file::{last_url, store_url};

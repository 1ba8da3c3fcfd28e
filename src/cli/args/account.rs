//! The arguments of `loket account` and `loket login`.
use std::path::PathBuf;

use clap::{Args, Subcommand};

use crate::domain::Channel;

/// The commands below `loket account`.
#[derive(Debug, Subcommand)]
pub enum AccountCommand {
    /// List the accounts and what is known of them
    List,
    /// Print the webhook URL to paste in the gateway's dashboard
    Url {
        /// The account's name in the configuration.
        name: String,
        /// Print only the URL's path, without scheme and host.
        #[arg(long)]
        path: bool,
    },
    /// Show an account's settings, secrets hidden
    Show {
        /// The account's name in the configuration.
        name: String,
    },
    /// Ask the gateway whether it accepts the account's key
    Check {
        /// The account's name in the configuration.
        name: String,
    },
    /// Replace the random part of the account's webhook URL
    RotateToken {
        /// The account's name in the configuration.
        name: String,
    },
    /// Add an account to the configuration
    Add(Box<AccountAdd>),
    /// Take an account out of the configuration; its conversations stay
    Remove {
        /// The account's name in the configuration.
        name: String,
    },
}

/// The arguments of `loket account add`.
#[derive(Debug, Args)]
pub struct AccountAdd {
    /// A name of your own: a-z, 0-9 and -, at most 32.
    pub name: String,
    /// The gateway's name in lower case, such as chatera.
    #[arg(long)]
    pub provider: String,
    /// The gateway's base URL, where it has more than one address.
    #[arg(long, value_name = "URL")]
    pub base_url: Option<String>,
    /// The gateway's mode, where it has several.
    #[arg(long)]
    pub mode: Option<String>,
    /// Where the key is: `env:NAME`, `file:PATH`, `keyring:NAME`, `command:PROGRAM ARG…`, or `-`: from standard input.
    #[arg(long, value_name = "SOURCE")]
    pub api_key: String,
    /// Where the webhook secret is, in the same forms.
    #[arg(long, value_name = "SOURCE")]
    pub webhook_secret: Option<String>,
    /// The session or channel id, where one key has several.
    #[arg(long)]
    pub session: Option<String>,
    /// The channel of conversations that start here.
    #[arg(long)]
    pub channel: Option<Channel>,
    /// Where a key read from standard input is kept: keyring, file or config (in clear).
    #[arg(long, value_name = "PLACE", default_value = "auto", value_parser = ["auto", "keyring", "file", "config"])]
    pub store: String,
    /// Do not ask the gateway whether it accepts the key.
    #[arg(long)]
    pub(crate) no_check: bool,
}

/// The arguments of `loket login`.
#[derive(Debug, Args)]
pub struct Login {
    /// The account's name in the configuration.
    pub account: String,
    /// Light modules on a dark ground, for scanners that want it.
    #[arg(long)]
    pub invert: bool,
    /// Save the code as a PNG picture too.
    #[arg(long, value_name = "FILE")]
    pub png: Option<PathBuf>,
}

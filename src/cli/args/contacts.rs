//! The arguments of `loket contacts`.
use std::path::PathBuf;

use clap::Subcommand;

/// The commands below `loket contacts`.
#[derive(Debug, Subcommand)]
pub enum ContactsCommand {
    /// List the gateway's address book
    List {
        /// The account's name in the configuration.
        #[arg(long)]
        account: String,
        /// Only contacts whose name, number or e-mail contains this.
        #[arg(long)]
        search: Option<String>,
    },
    /// Copy the gateway's address book into the local one
    Sync {
        /// The account's name in the configuration.
        #[arg(long)]
        account: String,
    },
    /// Add a contact to the gateway's address book
    Create {
        /// The account's name in the configuration.
        #[arg(long)]
        account: String,
        /// The phone number in any usual form.
        #[arg(long)]
        phone: String,
        /// The contact's full name.
        #[arg(long)]
        name: Option<String>,
        /// The contact's e-mail address.
        #[arg(long)]
        email: Option<String>,
        /// A tag; may be repeated.
        #[arg(long = "tag")]
        tags: Vec<String>,
        /// A custom field as NAME=VALUE; numbers, true and false keep their type; may be repeated.
        #[arg(long = "field", value_name = "NAME=VALUE")]
        fields: Vec<String>,
    },
    /// Add a CRM's contacts from a CSV file; goes on where an interrupted import stopped
    Import {
        /// The CSV file; columns phone, name, email, tags, any other is a custom field.
        file: PathBuf,
        /// The account's name in the configuration.
        #[arg(long)]
        account: String,
    },
    /// Print the local address book as CSV (--json: JSON Lines)
    Export {
        /// The account's name in the configuration.
        #[arg(long)]
        account: String,
    },
}

//! Files and environment become typed settings, once, at start-up; and where secrets come from.
//!
//! Invariant: nothing here knows a gateway (provider words, modes and their defaults stay text, with their place in
//! the file, for the engine to judge), nothing reads the process environment except [`Environment::process`], and no
//! error, warning or `Debug` holds a secret or a line of the configuration file.

mod account;
mod command;
mod edit;
mod environment;
mod error;
mod keep;
mod keyring;
mod load;
mod paths;
mod read;
mod replace;
mod rules;
mod secret;
mod settings;
mod splice;

pub use edit::{FieldValue, add_account, remove_account, set_account_field, set_listener_field, set_top_level};
pub use environment::Environment;
pub use error::{ConfigError, Location, Warning};
pub use keep::{SecretField, SecretStorage, discard_secret, store_secret};
pub use keyring::keyring_available;
pub use paths::{Overrides, Paths};
pub use rules::{Answer, Hours, Repeat, RuleSettings, Trigger};
pub use secret::{AccountSecrets, SecretSource};
pub use settings::{
    AccountSettings, InvalidAccountSettings, Listener, Locale, Origin, Settings, Tunnel, UnknownLocale,
};

//! Files and environment become typed settings, once, at start-up; and where secrets come from.
//!
//! Invariant: nothing here knows a gateway (provider words, modes and their defaults stay text, with their place in
//! the file, for the engine to judge), nothing reads the process environment except [`Environment::process`], and no
//! error, warning or `Debug` holds a secret or a line of the configuration file.

mod account;
mod environment;
mod error;
mod load;
mod paths;
mod read;
mod rules;
mod secret;
mod settings;

pub use environment::Environment;
pub use error::{ConfigError, Place, Warning};
pub use paths::{Overrides, Paths};
pub use rules::{Answer, Hours, Repeat, RuleSettings, Trigger};
pub use secret::{AccountSecrets, SecretSource};
pub use settings::{AccountSettings, BrokenAccount, Listener, Locale, Origin, Settings, Tunnel};

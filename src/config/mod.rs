//! Turns the configuration file, the environment and flags into typed settings, once at start-up, and reads secrets
//! from their sources.
//!
//! Invariants: nothing here knows a gateway (provider names, modes and their defaults stay text with their location,
//! for the engine to check), only [`Environment::process`] reads the process environment, and no error, warning or
//! `Debug` output holds a secret or a line of the configuration file.

mod assist;
mod edit;
mod edit_setting;
mod environment;
mod error;
mod listing;
mod media;
mod network;
mod parse;
mod paths;
mod rules;
mod screen;
mod secrets;
mod settings;
pub use assist::AssistSettings;
pub use edit::{add_account, remove_account};
pub use edit_setting::set_setting;
pub use environment::Environment;
pub(crate) use error::nearest;
pub use error::{ConfigError, Warning};
pub use listing::{Setting, SettingKind};
pub use media::{HostPort, InvalidHostPort, MediaSettings};
pub use network::{InvalidNetwork, Network};
pub use parse::RepliesFile;
pub(crate) use parse::{SavedView, fingerprint, parse_views, read_text};
pub use paths::Paths;
pub(crate) use rules::RuleSettings;
pub use rules::{Answer, Hours, Repeat, Trigger};
pub use screen::{KeySet, MapService, NotifyHow, NotifySettings, PixelSetting, ScreenSettings};
pub(crate) use secrets::{AccountSecrets, SecretField, discard_secret, keyring_available, store_secret};
pub use secrets::{SecretSource, SecretStorage};
pub use settings::{
    AccountSettings, CustomerSettings, EngineSettings, Listener, Locale, Overrides, Privacy, Settings, Tunnel,
};

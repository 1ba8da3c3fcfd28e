//! Where secrets come from and where new ones are stored.

mod command;
mod keyring;
mod source;
mod store;

pub(super) use source::require_one_line;

pub use keyring::keyring_available;
pub use source::{AccountSecrets, SecretSource};
pub use store::{SecretField, SecretStorage, discard_secret, store_secret};

//! Where secrets come from and where new ones are stored.

mod command;
mod keyring;
mod remembered;
mod source;
mod store;

pub(super) use source::require_one_line;

pub(crate) use keyring::keyring_available;
pub(super) use remembered::RememberedSecrets;
pub(crate) use source::AccountSecrets;
pub use source::SecretSource;
pub use store::SecretStorage;
pub(crate) use store::{SecretField, discard_secret, store_secret};

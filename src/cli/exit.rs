//! The contract's exit statuses, each with a message.

use crate::config::ConfigError;
use crate::domain::{AccountSetupError, StoreError};
use crate::engine::LockError;

/// Why a command failed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Exit {
    /// 1, 2 or 3.
    pub status: u8,
    /// What is wrong, where, and what to do; empty when it has been printed already.
    pub message: String,
}

impl Exit {
    /// 1: refused or failed, by the gateway or the network.
    pub(crate) fn failed(message: impl Into<String>) -> Self {
        Exit { status: 1, message: message.into() }
    }

    /// 2: wrong usage, input or configuration, found before anything is sent.
    pub(crate) fn wrong(message: impl Into<String>) -> Self {
        Exit { status: 2, message: message.into() }
    }

    /// 3: accepted into the outbox but not yet sent.
    pub(crate) fn waiting(message: impl Into<String>) -> Self {
        Exit { status: 3, message: message.into() }
    }
}

impl From<ConfigError> for Exit {
    fn from(error: ConfigError) -> Self {
        Exit::wrong(error.to_string())
    }
}

impl From<StoreError> for Exit {
    fn from(error: StoreError) -> Self {
        Exit::failed(error.to_string())
    }
}

impl From<LockError> for Exit {
    fn from(error: LockError) -> Self {
        Exit::failed(error.to_string())
    }
}

impl From<AccountSetupError> for Exit {
    fn from(error: AccountSetupError) -> Self {
        match error {
            AccountSetupError::Store(error) => error.into(),
            AccountSetupError::KeyRefused(_) | AccountSetupError::KeyUnchecked(_) => Exit::failed(error.to_string()),
            AccountSetupError::Settings(_) | AccountSetupError::Unavailable => Exit::wrong(error.to_string()),
        }
    }
}

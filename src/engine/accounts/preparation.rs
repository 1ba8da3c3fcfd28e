//! Accounts made ready side by side, so that the secrets of one keep no other waiting.

use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::{Duration, Instant};

use super::account::ConfiguredAccount;
use crate::config::{AccountSettings, Environment};
use crate::domain::{AccountName, AccountSetupError};
use crate::store::{Store, StoreError};

/// An account that is ready, or why it cannot be used.
pub(super) type Prepared = Result<ConfiguredAccount, AccountSetupError>;

/// Accounts that are being made ready, a thread for each.
pub(super) struct Preparation {
    ready: Vec<(AccountName, Prepared)>,
    /// The accounts that are not ready yet.
    missing: usize,
    results: Receiver<(AccountName, Prepared)>,
}

impl Preparation {
    /// Begins with all accounts.
    pub(super) fn start(
        accounts: Vec<AccountSettings>,
        public_url: Option<&str>,
        environment: &Environment,
        store: &Store,
    ) -> Self {
        let (sender, results) = channel();
        let missing = accounts.len();
        for account in accounts {
            let (environment, store, sender) = (environment.clone(), store.clone(), sender.clone());
            let (name, public_url) = (account.name.clone(), public_url.map(str::to_owned));
            let failing: Sender<_> = sender.clone();
            let prepare = move || {
                let prepared = ConfiguredAccount::prepare(&account, public_url.as_deref(), &environment, &store);
                // Nobody waits when the process ends.
                drop(sender.send((account.name, prepared)));
            };
            if std::thread::Builder::new().name("account".to_owned()).spawn(prepare).is_err() {
                drop(failing.send((name, Err(AccountSetupError::Store(StoreError::Closed)))));
            }
        }
        Preparation { ready: Vec::new(), missing, results }
    }

    /// Waits until all are ready, at most for `limit`.
    pub(super) fn wait(&mut self, limit: Duration) {
        let deadline = Instant::now() + limit;
        while self.missing > 0 {
            let left = deadline.saturating_duration_since(Instant::now());
            let Ok(result) = self.results.recv_timeout(left) else { return };
            self.missing -= 1;
            self.ready.push(result);
        }
    }

    /// The account if it is ready; it is not returned again.
    pub(super) fn take(&mut self, name: &AccountName) -> Option<Prepared> {
        let at = self.ready.iter().position(|(ready, _)| ready == name)?;
        Some(self.ready.swap_remove(at).1)
    }

    /// Gives `complete` each account that gets ready from now on.
    pub(super) fn finish_later(self, complete: impl Fn(&AccountName, Prepared) + Send + 'static) {
        if self.missing == 0 {
            return;
        }
        let finish = move || {
            for (name, prepared) in self.results.iter().take(self.missing) {
                complete(&name, prepared);
            }
        };
        // Without a thread the accounts stay as they are until the configuration is read again.
        if let Err(error) = std::thread::Builder::new().name("accounts".to_owned()).spawn(finish) {
            tracing::error!(%error, "accounts whose secrets take long cannot be used");
        }
    }
}

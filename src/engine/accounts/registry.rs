//! The accounts of a configuration, usable ones and invalid ones.
//!
//! Invariant: an invalid account does not stop the others; it is listed with its reason.
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use tokio::sync::watch;

use super::account::ConfiguredAccount;
use super::preparation::{Preparation, Prepared};
use crate::config::{AccountSettings, Environment, Settings};
use crate::domain::{AccountError, AccountName, AccountSetupError, InvalidAccount, Secret};
use crate::engine::clock;
use crate::store::{Store, StoreError};

/// How long the accounts wait for each other's secrets.
const SECRETS_WAIT: Duration = Duration::from_secs(2);
/// Longer than any secret may take: programs and keyrings have limits of their own.
const SECRETS_MAX: Duration = Duration::from_secs(70);
/// The reason why an account is invalid while its program or keyring has not answered.
const STILL_READ: &str =
    "its secrets are still being read; when that takes long, run its secret's command by hand to see why";

/// Every account of a configuration. Cheap to clone; all clones share one list.
#[derive(Clone)]
pub(crate) struct AccountRegistry {
    entries: Arc<RwLock<Entries>>,
    /// Changes with the accounts.
    changed: Arc<watch::Sender<u64>>,
}

#[derive(Default)]
struct Entries {
    usable: Vec<Arc<ConfiguredAccount>>,
    invalid: Vec<Invalid>,
    /// Usable accounts whose settings were changed to what cannot be used: the old ones are in force.
    rejected: Vec<InvalidAccount>,
    /// Where a tunnel made the listener reachable.
    tunnel_url: Option<String>,
    /// Accounts whose secrets are still being read; invalid meanwhile, or their old settings are in force.
    pending: Vec<AccountName>,
    /// Grows with every load of a configuration.
    generation: u64,
    /// The tunnel's URL is another one than the gateways' dashboards were given.
    moved: bool,
}

impl Entries {
    /// A pending account is ready, or invalid for good.
    fn complete(&mut self, name: &AccountName, prepared: Prepared) {
        self.pending.retain(|pending| pending != name);
        match prepared {
            Ok(account) => {
                tracing::info!(account = %name, "the account's secrets are there: it is used");
                if let Some(url) = &self.tunnel_url {
                    account.set_public_url(Some(url));
                }
                self.invalid.retain(|invalid| invalid.account.name != name.as_str());
                self.usable.retain(|other| other.name() != name);
                self.usable.push(Arc::new(account));
            }
            Err(error) => {
                let reason = error.to_string();
                tracing::error!(account = %name, "account not started: {reason}");
                match self.invalid.iter_mut().find(|invalid| invalid.account.name == name.as_str()) {
                    Some(invalid) => invalid.account.reason = reason,
                    None => self.rejected.push(InvalidAccount { name: name.to_string(), reason }),
                }
            }
        }
    }
}

struct Invalid {
    account: InvalidAccount,
    /// The token of its webhook URL, if it had one before it became invalid.
    token: Option<Secret>,
}

impl Invalid {
    /// An account whose secrets are still being read.
    fn pending(settings: &AccountSettings, store: &Store) -> Result<Self, StoreError> {
        let mut invalid = Self::new(settings.name.as_str(), settings.error("", STILL_READ).to_string(), store)?;
        if let Some(fixed) = &settings.webhook_token {
            invalid.token = Some(fixed.clone());
        }
        Ok(invalid)
    }

    fn new(name: &str, reason: String, store: &Store) -> Result<Self, StoreError> {
        let row = AccountName::new(name).map(|name| store.account(&name)).transpose()?.flatten();
        let account = InvalidAccount { name: name.to_owned(), reason };
        Ok(Invalid { account, token: row.map(|row| Secret::new(&row.token)) })
    }
}

impl AccountRegistry {
    /// The names of all accounts of the configuration, usable or not.
    pub(crate) fn names(&self) -> Vec<AccountName> {
        self.read(|entries| {
            let usable = entries.usable.iter().map(|account| account.name().clone());
            usable.chain(entries.invalid.iter().filter_map(|invalid| AccountName::new(&invalid.account.name))).collect()
        })
    }

    /// A registry without accounts; [`AccountRegistry::load`] fills it.
    pub(crate) fn new() -> Self {
        AccountRegistry { entries: Arc::default(), changed: Arc::new(watch::Sender::new(0)) }
    }

    /// Takes over the accounts of a configuration. Those whose settings are the same stay as they are; one whose change
    /// cannot be used stays too, and is rejected. Blocks: secrets may come from programs and the keyring, all asked at
    /// once, each for as long as it may take.
    pub(crate) fn load(&self, settings: &Settings, environment: &Environment, store: &Store) -> Result<(), StoreError> {
        if clock::is_virtual() {
            // In order, so that a seed always gives the same history.
            return self
                .load_by(settings, store, |account, public_url| {
                    Some(ConfiguredAccount::prepare(account, public_url, environment, store))
                })
                .map(drop);
        }
        self.load_within(SECRETS_MAX, settings, environment, store)
    }

    /// As [`AccountRegistry::load`], but the accounts' secrets are read side by side, and one that takes longer than
    /// others wait for is invalid until it is there, or its old settings stay in force. Blocks for that time at most.
    pub(crate) fn load_side_by_side(
        &self,
        settings: &Settings,
        environment: &Environment,
        store: &Store,
    ) -> Result<(), StoreError> {
        self.load_within(SECRETS_WAIT, settings, environment, store)
    }

    fn load_within(
        &self,
        wait: Duration,
        settings: &Settings,
        environment: &Environment,
        store: &Store,
    ) -> Result<(), StoreError> {
        let tunnel_url = self.tunnel_url();
        let public_url = tunnel_url.as_deref().or(settings.listener.public_url.as_deref());
        let before = self.accounts();
        let changed: Vec<_> = settings
            .accounts
            .iter()
            .filter(|account| !before.iter().any(|old| old.settings.is_same_as(account)))
            .cloned()
            .collect();
        let mut preparation = Preparation::start(changed, public_url, environment, store);
        preparation.wait(wait);
        let generation = self.load_by(settings, store, |account, _| preparation.take(&account.name))?;
        let registry = self.clone();
        preparation.finish_later(move |name, prepared| registry.complete(generation, name, prepared));
        Ok(())
    }

    /// Takes over the accounts of a configuration; `prepare` makes one ready, or returns `None` while its secrets are
    /// still being read. Returns the number of this load.
    fn load_by(
        &self,
        settings: &Settings,
        store: &Store,
        mut prepare: impl FnMut(&AccountSettings, Option<&str>) -> Option<Prepared>,
    ) -> Result<u64, StoreError> {
        let (before, tunnel_url) = self.read(|entries| (entries.usable.clone(), entries.tunnel_url.clone()));
        let public_url = tunnel_url.as_deref().or(settings.listener.public_url.as_deref());
        let mut new = Entries { tunnel_url: tunnel_url.clone(), ..Entries::default() };
        let reject = |new: &mut Entries, name: &str, reason: String| {
            let taken = new.usable.iter().any(|account| account.name().as_str() == name);
            if let Some(old) = before.iter().find(|old| old.name().as_str() == name).filter(|_| !taken) {
                new.usable.push(old.clone());
                new.rejected.push(InvalidAccount { name: name.to_owned(), reason });
            } else {
                new.invalid.push(Invalid::new(name, reason, store)?);
            }
            Ok(())
        };
        for account in &settings.accounts {
            let same = before.iter().find(|old| old.settings.is_same_as(account));
            match same.map_or_else(
                || prepare(account, public_url).map(|prepared| prepared.map(Arc::new)),
                |old| Some(Ok(old.clone())),
            ) {
                Some(Ok(account)) => new.usable.push(account),
                Some(Err(AccountSetupError::Store(error))) => return Err(error),
                Some(Err(error)) => reject(&mut new, account.name.as_str(), error.to_string())?,
                None => {
                    new.pending.push(account.name.clone());
                    match before.iter().find(|old| old.name() == &account.name) {
                        Some(old) => new.usable.push(old.clone()),
                        None => new.invalid.push(Invalid::pending(account, store)?),
                    }
                }
            }
        }
        for account in &settings.invalid_accounts {
            reject(&mut new, &account.name, account.error.to_string())?;
        }
        for account in &new.usable {
            account.set_public_url(public_url);
        }
        let generation = {
            let mut entries = self.entries.write().unwrap_or_else(PoisonError::into_inner);
            (new.moved, new.generation) = (entries.moved, entries.generation + 1);
            *entries = new;
            entries.generation
        };
        self.notify();
        Ok(generation)
    }

    /// Takes over an account whose secrets took long, unless the configuration was loaded again since.
    fn complete(&self, generation: u64, name: &AccountName, prepared: Prepared) {
        {
            let mut entries = self.entries.write().unwrap_or_else(PoisonError::into_inner);
            if entries.generation != generation || !entries.pending.contains(name) {
                return;
            }
            entries.complete(name, prepared);
        }
        self.notify();
    }

    /// Makes an account ready that was added to the configuration, in place of one of the same name; it is invalid when
    /// its secrets cannot be read. Blocks.
    pub(crate) fn add(
        &self,
        settings: &AccountSettings,
        public_url: Option<&str>,
        environment: &Environment,
        store: &Store,
    ) -> Result<(), StoreError> {
        let name = settings.name.as_str();
        let tunnel_url = self.tunnel_url();
        let public_url = tunnel_url.as_deref().or(public_url);
        let prepared = match ConfiguredAccount::prepare(settings, public_url, environment, store) {
            Ok(account) => Ok(Arc::new(account)),
            Err(AccountSetupError::Store(error)) => return Err(error),
            Err(error) => Err(Invalid::new(name, error.to_string(), store)?),
        };
        {
            let mut entries = self.entries.write().unwrap_or_else(PoisonError::into_inner);
            entries.invalid.retain(|invalid| invalid.account.name != name);
            entries.usable.retain(|other| other.name() != &settings.name);
            entries.pending.retain(|other| other != &settings.name);
            match prepared {
                Ok(account) => entries.usable.push(account),
                Err(invalid) => entries.invalid.push(invalid),
            }
        }
        self.changed.send_modify(|n| *n += 1);
        Ok(())
    }

    /// A tunnel made the listener reachable at `url`: acknowledgements go there from now on. `moved`: it was reachable
    /// elsewhere before, so that the webhook URLs must be pasted again.
    pub(crate) fn set_tunnel_url(&self, url: &str, moved: bool) {
        let mut entries = self.entries.write().unwrap_or_else(PoisonError::into_inner);
        entries.tunnel_url = Some(url.to_owned());
        entries.moved |= moved;
        for account in &entries.usable {
            account.set_public_url(Some(url));
        }
    }

    /// Where the listener moved to, when the webhook URLs must be pasted again.
    pub(crate) fn moved_to(&self) -> Option<String> {
        self.read(|entries| entries.tunnel_url.clone().filter(|_| entries.moved))
    }

    /// Where a tunnel made the listener reachable.
    pub(crate) fn tunnel_url(&self) -> Option<String> {
        self.read(|entries| entries.tunnel_url.clone())
    }

    /// Becomes changed when an account is added, changed or removed.
    pub(crate) fn watch(&self) -> watch::Receiver<u64> {
        self.changed.subscribe()
    }

    /// Wakes those who follow the accounts and the configuration.
    pub(crate) fn notify(&self) {
        self.changed.send_modify(|n| *n += 1);
    }

    /// The accounts that can be used, in the configuration's order.
    pub(crate) fn accounts(&self) -> Vec<Arc<ConfiguredAccount>> {
        self.read(|entries| entries.usable.clone())
    }

    /// The accounts that cannot be used.
    pub(crate) fn invalid(&self) -> Vec<InvalidAccount> {
        self.read(|entries| entries.invalid.iter().map(|invalid| invalid.account.clone()).collect())
    }

    /// The changes of accounts that cannot be used, so that the old settings are in force.
    pub(crate) fn rejected(&self) -> Vec<InvalidAccount> {
        self.read(|entries| entries.rejected.clone())
    }

    /// Whether this is the webhook URL of an invalid account: its events must not be lost.
    pub(crate) fn is_invalid(&self, name: &str, token: &str) -> bool {
        let matches = |invalid: &Invalid| {
            invalid.account.name == name && invalid.token.as_ref().is_some_and(|own| own.matches(token))
        };
        self.read(|entries| entries.invalid.iter().any(matches))
    }

    /// A usable account by name; `None` if it is unknown or invalid.
    pub(crate) fn find(&self, name: &str) -> Option<Arc<ConfiguredAccount>> {
        self.read(|entries| entries.usable.iter().find(|account| account.name().as_str() == name).cloned())
    }

    /// An account by name, or why it cannot be used.
    pub(crate) fn get(&self, name: &AccountName) -> Result<Arc<ConfiguredAccount>, AccountError> {
        self.find(name.as_str()).ok_or_else(|| {
            let invalid = self.invalid().into_iter().find(|invalid| invalid.name == name.as_str());
            invalid.map_or(AccountError::Unknown, |invalid| AccountError::Invalid(invalid.reason))
        })
    }

    fn read<T>(&self, select: impl FnOnce(&Entries) -> T) -> T {
        select(&self.entries.read().unwrap_or_else(PoisonError::into_inner))
    }
}

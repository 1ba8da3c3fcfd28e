//! A changed configuration takes effect in this process.
//!
//! Invariant: a change that cannot be used leaves the old settings in force.

use std::path::Path;
use std::sync::atomic::Ordering;
use std::sync::{Arc, PoisonError};

use tokio::sync::watch;

use super::Client;
use crate::config::{ConfigError, Paths, Settings};
use crate::domain::ConfigNotice;
use crate::store::StoreError;

impl Client {
    /// The settings in force.
    pub(crate) fn settings(&self) -> Arc<Settings> {
        self.shared.settings.borrow().clone()
    }

    /// Becomes changed when other settings are in force.
    pub(crate) fn watch_settings(&self) -> watch::Receiver<Arc<Settings>> {
        self.shared.settings.subscribe()
    }

    /// The configuration file; it may be missing.
    pub(crate) fn config_file(&self) -> &Path {
        &self.shared.paths.config_file
    }

    /// Reads the configuration again and takes over what has changed. Blocks for some seconds at most: an account whose
    /// secrets take longer follows.
    pub(crate) fn reload(&self) -> Result<(), StoreError> {
        let before = self.settings();
        let result = match self.read_config(&before) {
            Ok(settings) => {
                let shared = &*self.shared;
                shared.registry.load_side_by_side(&settings, &shared.environment, &shared.store)?;
                shared.settings.send_replace(Arc::new(settings));
                let rejected = shared.registry.rejected();
                rejected.first().map_or(Ok(()), |account| Err(account.reason.clone()))
            }
            Err(error) => Err(error.to_string()),
        };
        self.note_config_error(result.err());
        self.registry().notify();
        self.shared.accounts_changed.store(true, Ordering::Relaxed);
        self.notifier().notify();
        Ok(())
    }

    fn read_config(&self, before: &Settings) -> Result<Settings, ConfigError> {
        // A file that is gone is being replaced, or was removed by mistake: its accounts go on.
        let paths = Paths { config_named: before.fingerprint.is_some(), ..self.shared.paths.clone() };
        Settings::load(&paths, &before.overrides, &self.shared.environment)
    }

    /// Keeps why the newest configuration is not in force, and logs it once.
    fn note_config_error(&self, error: Option<String>) {
        let mut known = self.shared.config_error.lock().unwrap_or_else(PoisonError::into_inner);
        match &error {
            Some(reason) if *known != error => {
                tracing::error!(reason, "the changed configuration cannot be used; the old one stays in force");
            }
            Some(_) => {}
            None => tracing::info!("the changed configuration is in force"),
        }
        *known = error;
    }

    /// Why the newest configuration is not in force.
    pub(crate) fn config_error(&self) -> Option<String> {
        self.shared.config_error.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// What people should know of the configuration: that its newest version is not in force, or which settings take
    /// effect at the next start only.
    pub(crate) fn config_notice(&self) -> Option<ConfigNotice> {
        if let Some(reason) = self.config_error() {
            return Some(ConfigNotice::NotInForce(reason));
        }
        let (first, now) = (&self.shared.first_settings, self.settings());
        let later = [
            ("[listener] bind", first.listener.bind != now.listener.bind),
            ("[listener] tunnel", first.listener.tunnel != now.listener.tunnel),
            ("[listener] metrics_public", first.listener.metrics_public != now.listener.metrics_public),
        ];
        let later: Vec<_> = later.into_iter().filter(|(_, changed)| *changed).map(|(name, _)| name).collect();
        (!later.is_empty()).then(|| ConfigNotice::NextStart(later.join(", ")))
    }

    /// Whether the accounts have changed since this was last asked.
    pub(crate) fn take_accounts_changed(&self) -> bool {
        self.shared.accounts_changed.swap(false, Ordering::Relaxed)
    }
}

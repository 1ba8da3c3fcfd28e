//! What every command starts from: flags, environment and configuration, read once.

use std::sync::Arc;

use super::{Exit, args::Common};
use crate::config::{Environment, Locale, Overrides, Paths, Settings};
use crate::engine::{AccountRegistry, Agent, Client, Notifier, ProcessInfo};
use crate::store::Store;

/// What every command starts from.
pub struct Context {
    /// The flags.
    pub common: Common,
    /// The process environment.
    pub environment: Environment,
    /// Where configuration and data lie.
    pub paths: Paths,
    /// The configuration.
    pub settings: Arc<Settings>,
}

impl Context {
    /// Reads flags, environment and configuration.
    pub fn load(common: Common) -> Result<Self, Exit> {
        Context::read(common, |_| {})
    }

    fn read(common: Common, adjust: impl FnOnce(&mut Paths)) -> Result<Self, Exit> {
        let environment = Environment::process();
        let overrides = overrides(&common);
        let mut paths = Paths::find(&overrides, &environment)?;
        adjust(&mut paths);
        let settings = Arc::new(Settings::load(&paths, &overrides, &environment)?);
        Ok(Context { common, environment, paths, settings })
    }

    /// The same, but a configuration file that is named and not there is one without settings.
    pub fn load_or_new(common: Common) -> Result<Self, Exit> {
        Context::read(common, |paths| paths.config_named = false)
    }

    /// The same on a configuration that is a text rather than a file. The person's own language stays, by flag,
    /// environment or system.
    pub fn of_text(common: Common, text: &str) -> Result<Self, Exit> {
        let environment = Environment::process();
        let overrides = overrides(&common);
        let paths = Paths::find(&overrides, &environment)?;
        let mut settings = Settings::from_text(text, &paths.config_file, &overrides, &environment)?;
        settings.locale = Settings::from_text("", &paths.config_file, &overrides, &environment)?.locale;
        Ok(Context { common, environment, paths, settings: Arc::new(settings) })
    }

    /// The language of what people read.
    pub fn locale(&self) -> Locale {
        self.settings.locale
    }

    /// Opens the store.
    pub fn store(&self) -> Result<Store, Exit> {
        Ok(Store::open(&self.paths.data_dir)?)
    }

    /// Makes the accounts ready. Blocks.
    pub fn roster(&self, store: &Store) -> Result<AccountRegistry, Exit> {
        Ok(AccountRegistry::prepare(&self.settings, &self.environment, store)?)
    }

    /// A counter on a store.
    pub fn desk(&self, store: Store, roster: AccountRegistry, wake: Notifier, place: ProcessInfo) -> Client {
        Client::new(store, roster, wake, self.person(), place)
    }

    /// Who sits at the counter.
    pub fn person(&self) -> Agent {
        Agent {
            name: self.settings.agent.clone(),
            home: self.settings.country,
            language: self.settings.locale.as_str(),
        }
    }
}

fn overrides(common: &Common) -> Overrides {
    Overrides {
        config: common.config.clone(),
        data_dir: common.data_dir.clone(),
        locale: common.locale.as_deref().and_then(|word| word.parse::<Locale>().ok()),
        listen: common.listen,
    }
}

//! Flags, environment and configuration of a command, read once.

use super::translation::set_locale;
use super::{Exit, args::Common, print};
use crate::config::{Environment, Locale, Overrides, Paths, Settings};
use crate::engine::Client;
use crate::engine::client::needs_upgrade;
use std::sync::Arc;

/// Flags, environment and configuration.
pub(crate) struct Context {
    pub(crate) common: Common,
    pub environment: Environment,
    pub paths: Paths,
    pub settings: Arc<Settings>,
}

impl Context {
    /// Reads flags, environment and configuration.
    pub(crate) fn load(common: Common) -> Result<Self, Exit> {
        Context::read(common, |_| {})
    }

    fn read(common: Common, adjust: impl FnOnce(&mut Paths)) -> Result<Self, Exit> {
        let environment = Environment::process();
        let overrides = overrides(&common);
        let mut paths = Paths::find(&overrides, &environment)?;
        adjust(&mut paths);
        // What is wrong with the file is said in the person's language, too.
        if let Ok(settings) = Settings::from_text("", &paths.config_file, &overrides, &environment) {
            set_locale(settings.locale);
        }
        let settings = Arc::new(Settings::load(&paths, &overrides, &environment)?);
        set_locale(settings.locale);
        // Files of secrets are stored beside it, and are read from other directories too.
        paths.config_file = std::path::absolute(&paths.config_file).unwrap_or(paths.config_file);
        Ok(Context { common, environment, paths, settings })
    }

    /// The same, but a configuration file that is named and does not exist is an empty one.
    pub(crate) fn load_or_new(common: Common) -> Result<Self, Exit> {
        Context::read(common, |paths| paths.config_named = false)
    }

    /// The same with a configuration given as text. The language is still the person's, by flag, environment or system.
    pub(crate) fn of_text(common: Common, text: &str) -> Result<Self, Exit> {
        let environment = Environment::process();
        let overrides = overrides(&common);
        let paths = Paths::find(&overrides, &environment)?;
        let mut settings = Settings::from_text(text, &paths.config_file, &overrides, &environment)?;
        settings.locale = Settings::from_text("", &paths.config_file, &overrides, &environment)?.locale;
        set_locale(settings.locale);
        Ok(Context { common, environment, paths, settings: Arc::new(settings) })
    }

    /// The language of what people read.
    pub(crate) fn locale(&self) -> Locale {
        self.settings.locale
    }

    /// The engine's client, without accounts: their secrets are not read.
    pub(crate) fn client(&self) -> Result<Client, Exit> {
        if needs_upgrade(&self.paths.data_dir) {
            print::stderr_line(&self.locale().strings().cli.upgrading);
        }
        Ok(Client::open(self.settings.clone(), self.paths.clone(), self.environment.clone())?)
    }

    /// The engine's client with the accounts of the configuration. Blocks: secrets may come from programs.
    pub(crate) fn client_with_accounts(&self) -> Result<Client, Exit> {
        let client = self.client()?;
        client.load_accounts()?;
        Ok(client)
    }
}

fn overrides(common: &Common) -> Overrides {
    Overrides {
        config: common.config.clone(),
        data_dir: common.data_dir.clone(),
        locale: common.locale.as_deref().and_then(|word| word.parse::<Locale>().ok()),
        listen: common.listen,
        agent: common.agent.clone(),
    }
}

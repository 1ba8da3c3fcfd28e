//! Where the configuration and the data lie. Nothing here creates a file or a directory.

use std::net::SocketAddr;
use std::path::PathBuf;

use super::{ConfigError, Environment, Locale};

/// What the command line says over environment and file. `Default` says nothing.
#[derive(Debug, Clone, Default)]
pub struct Overrides {
    /// `--config FILE`.
    pub config: Option<PathBuf>,
    /// `--data-dir DIR`.
    pub data_dir: Option<PathBuf>,
    /// `--locale en|id`.
    pub locale: Option<Locale>,
    /// `--listen ADDR`.
    pub listen: Option<SocketAddr>,
}

/// Where the configuration and the data lie.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Paths {
    /// `config.toml`; need not exist.
    pub config_file: PathBuf,
    /// The directory of `loket.db`; need not exist.
    pub data_dir: PathBuf,
    /// The user named `config_file`, by flag or environment: that it does not exist is an error.
    pub config_named: bool,
}

impl Paths {
    /// Flag, then environment (`LOKET_CONFIG`, `LOKET_DATA_DIR`), then the platform's directories.
    /// An error only when a path is named nowhere and there is no home directory.
    pub fn find(overrides: &Overrides, environment: &Environment) -> Result<Self, ConfigError> {
        let config = overrides.config.clone().or_else(|| environment.path("LOKET_CONFIG"));
        let data = overrides.data_dir.clone().or_else(|| environment.path("LOKET_DATA_DIR"));
        let platform = directories::ProjectDirs::from("", "", "loket");
        let or_platform =
            |named: Option<PathBuf>, flag: &str, choose: &dyn Fn(&directories::ProjectDirs) -> PathBuf| {
                named.or_else(|| platform.as_ref().map(choose)).ok_or_else(|| {
                    ConfigError::new("", format!("there is no home directory on this system; say where with {flag}"))
                })
            };
        Ok(Paths {
            config_named: config.is_some(),
            config_file: or_platform(config, "--config FILE", &|dirs| dirs.config_dir().join("config.toml"))?,
            data_dir: or_platform(data, "--data-dir DIR", &|dirs| dirs.data_dir().to_owned())?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_flag_wins_over_the_environment_and_both_count_as_named() {
        let environment = Environment::of([("LOKET_CONFIG", "/env/config.toml"), ("LOKET_DATA_DIR", "/env/data")]);
        let flags = Overrides { config: Some("/flag/config.toml".into()), ..Overrides::default() };
        let paths = Paths::find(&flags, &environment).unwrap();
        assert_eq!(paths.config_file, PathBuf::from("/flag/config.toml"));
        assert_eq!(paths.data_dir, PathBuf::from("/env/data"));
        assert!(paths.config_named);
    }

    #[test]
    fn an_empty_variable_names_nothing() {
        let environment = Environment::of([("LOKET_CONFIG", ""), ("LOKET_DATA_DIR", "/env/data")]);
        if let Ok(paths) = Paths::find(&Overrides::default(), &environment) {
            assert!(!paths.config_named);
            assert!(paths.config_file.ends_with("config.toml"));
        }
    }
}

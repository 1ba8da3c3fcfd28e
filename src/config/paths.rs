//! The locations of the configuration and the data. Nothing here creates a file or a directory.

use std::path::PathBuf;

use super::environment::Environment;
use super::error::ConfigError;
use super::settings::Overrides;

/// The locations of the configuration and the data.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Paths {
    /// `config.toml`; may be missing.
    pub config_file: PathBuf,
    /// The directory of `loket.db`; may be missing.
    pub data_dir: PathBuf,
    /// `config_file` was named by flag or environment, so that it is an error if it is missing.
    pub config_named: bool,
}

impl Paths {
    /// Looks at the flags, then at the environment (`LOKET_CONFIG`, `LOKET_DATA_DIR`), then at the platform's
    /// directories. Fails only if neither names a path and there is no home directory.
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
    fn flags_override_the_environment_and_both_count_as_named() {
        let environment = Environment::of([("LOKET_CONFIG", "/env/config.toml"), ("LOKET_DATA_DIR", "/env/data")]);
        let flags = Overrides { config: Some("/flag/config.toml".into()), ..Overrides::default() };
        let paths = Paths::find(&flags, &environment).unwrap();
        assert_eq!(paths.config_file, PathBuf::from("/flag/config.toml"));
        assert_eq!(paths.data_dir, PathBuf::from("/env/data"));
        assert!(paths.config_named);
    }

    #[test]
    fn empty_variables_are_ignored() {
        let environment = Environment::of([("LOKET_CONFIG", ""), ("LOKET_DATA_DIR", "/env/data")]);
        if let Ok(paths) = Paths::find(&Overrides::default(), &environment) {
            assert!(!paths.config_named);
            assert!(paths.config_file.ends_with("config.toml"));
        }
    }
}

//! Environment variables as a value, so that only one place reads those of the process and tests need none.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::secrets::RememberedSecrets;
use crate::domain::Secret;

/// A source of environment variables, and the secrets that were read so far. Cheap to clone; clones share the secrets,
/// and `Debug` shows nothing.
#[derive(Clone)]
pub struct Environment {
    lookup: Arc<Lookup>,
    secrets: Arc<Mutex<RememberedSecrets>>,
}

enum Lookup {
    Process,
    Fixed(BTreeMap<String, OsString>),
}

impl Environment {
    /// The environment of the process, read at each look-up.
    pub fn process() -> Self {
        Environment { lookup: Arc::new(Lookup::Process), secrets: Arc::default() }
    }

    /// Exactly these variables. `loket demo` uses it so as to depend on nothing outside.
    pub fn of<'a>(variables: impl IntoIterator<Item = (&'a str, &'a str)>) -> Self {
        let fixed = variables.into_iter().map(|(name, value)| (name.to_owned(), value.into())).collect();
        Environment { lookup: Arc::new(Lookup::Fixed(fixed)), secrets: Arc::default() }
    }

    /// The secrets that programs and the keyring have given, for a pipe to the process that is to use them too.
    pub(crate) fn secrets_for_pipe(&self) -> String {
        self.secrets().for_pipe()
    }

    /// Takes the secrets that another process wrote into a pipe: their sources are not asked again.
    pub(crate) fn take_secrets(&self, piped: &str) {
        self.secrets().take_piped(piped);
    }

    /// Reads a secret from its source by `ask`, unless another process gave it. When that fails, an earlier secret of
    /// the source is still good.
    pub(super) fn secret(&self, source: &str, ask: impl FnOnce() -> Result<Secret, String>) -> Result<Secret, String> {
        // Not held while the source is asked: others are asked meanwhile.
        let handed = self.secrets().take_handed(source);
        match handed.map_or_else(ask, Ok) {
            Ok(secret) => {
                self.secrets().remember(source, &secret);
                Ok(secret)
            }
            Err(reason) => self.secrets().newest(source).ok_or(reason),
        }
    }

    fn secrets(&self) -> MutexGuard<'_, RememberedSecrets> {
        self.secrets.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The raw value of a variable; `None` if it is not set.
    pub(super) fn raw(&self, name: &str) -> Option<OsString> {
        match &*self.lookup {
            Lookup::Process => std::env::var_os(name),
            Lookup::Fixed(variables) => variables.get(name).cloned(),
        }
    }

    /// The names of the variables that begin so.
    pub(super) fn names_beginning(&self, start: &str) -> Vec<OsString> {
        let begins = |name: &OsString| name.to_string_lossy().starts_with(start);
        match &*self.lookup {
            Lookup::Process => std::env::vars_os().map(|(name, _)| name).filter(begins).collect(),
            Lookup::Fixed(variables) => variables.keys().map(OsString::from).filter(begins).collect(),
        }
    }

    /// A variable as text; `None` if it is not set, empty or not Unicode.
    pub fn text(&self, name: &str) -> Option<String> {
        self.raw(name)?.into_string().ok().filter(|value| !value.is_empty())
    }

    /// Whether the terminal shows more than ASCII: it does unless the locale names a character set other than UTF-8.
    pub(crate) fn shows_unicode(&self) -> bool {
        let locale = ["LC_ALL", "LC_CTYPE", "LANG"].into_iter().find_map(|name| self.text(name));
        locale.is_none_or(|locale| {
            let locale = locale.to_ascii_lowercase();
            // "C" and "POSIX" say nothing of the terminal at the other end of an SSH connection.
            !locale.contains('.') || locale.contains("utf")
        })
    }

    /// A variable as a path; `None` if it is not set or empty.
    pub(super) fn path(&self, name: &str) -> Option<PathBuf> {
        self.raw(name).filter(|value| !value.is_empty()).map(PathBuf::from)
    }

    /// The user's home directory.
    pub(super) fn home(&self) -> Option<PathBuf> {
        match &*self.lookup {
            Lookup::Process => directories::BaseDirs::new().map(|dirs| dirs.home_dir().to_owned()),
            Lookup::Fixed(_) => self.path("HOME"),
        }
    }

    /// Resolves a path as people write it: `~/` is the home directory, and a relative path starts at `base`.
    pub fn expand(&self, written: &str, base: &Path) -> PathBuf {
        let below_home = written.strip_prefix("~/").or_else(|| written.strip_prefix("~\\"));
        match (below_home, self.home()) {
            (Some(rest), Some(home)) => home.join(rest),
            _ => base.join(written),
        }
    }
}

impl fmt::Debug for Environment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Environment(***)")
    }
}

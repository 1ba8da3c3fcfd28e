//! Environment variables as a value, so that only one place reads those of the process and tests need none.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// A source of environment variables. Cheap to clone; `Debug` shows none of them.
#[derive(Clone)]
pub struct Environment(Arc<Lookup>);

enum Lookup {
    Process,
    Fixed(BTreeMap<String, OsString>),
}

impl Environment {
    /// The environment of the process, read at each look-up.
    pub fn process() -> Self {
        Environment(Arc::new(Lookup::Process))
    }

    /// Exactly these variables. `loket demo` uses it so as to depend on nothing outside.
    pub fn of<'a>(variables: impl IntoIterator<Item = (&'a str, &'a str)>) -> Self {
        let fixed = variables.into_iter().map(|(name, value)| (name.to_owned(), value.into())).collect();
        Environment(Arc::new(Lookup::Fixed(fixed)))
    }

    /// The raw value of a variable; `None` if it is not set.
    pub(super) fn raw(&self, name: &str) -> Option<OsString> {
        match &*self.0 {
            Lookup::Process => std::env::var_os(name),
            Lookup::Fixed(variables) => variables.get(name).cloned(),
        }
    }

    /// The names of the variables that begin so.
    pub(super) fn names_beginning(&self, start: &str) -> Vec<OsString> {
        let begins = |name: &OsString| name.to_string_lossy().starts_with(start);
        match &*self.0 {
            Lookup::Process => std::env::vars_os().map(|(name, _)| name).filter(begins).collect(),
            Lookup::Fixed(variables) => variables.keys().map(OsString::from).filter(begins).collect(),
        }
    }

    /// A variable as text; `None` if it is not set, empty or not Unicode.
    pub fn text(&self, name: &str) -> Option<String> {
        self.raw(name)?.into_string().ok().filter(|value| !value.is_empty())
    }

    /// A variable as a path; `None` if it is not set or empty.
    pub(super) fn path(&self, name: &str) -> Option<PathBuf> {
        self.raw(name).filter(|value| !value.is_empty()).map(PathBuf::from)
    }

    /// The user's home directory.
    pub(super) fn home(&self) -> Option<PathBuf> {
        match &*self.0 {
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

//! The SQL texts that ran, for the test of their plans.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::{LazyLock, Mutex};

/// The texts that ran on each database of this process.
static TEXTS: LazyLock<Mutex<BTreeMap<String, BTreeSet<String>>>> = LazyLock::new(Mutex::default);

/// Records that `sql` is about to run.
pub(crate) fn record(conn: &rusqlite::Connection, sql: &str) {
    let path = conn.path().unwrap_or_default().to_owned();
    TEXTS.lock().unwrap().entry(path).or_default().insert(sql.to_owned());
}

/// The texts that ran on the database at `path`.
pub(crate) fn texts(path: &Path) -> BTreeSet<String> {
    TEXTS.lock().unwrap().get(&path.display().to_string()).cloned().unwrap_or_default()
}

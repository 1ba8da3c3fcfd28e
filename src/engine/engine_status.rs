//! What a running engine tells the screens beside it, in a file of the data directory.
//!
//! Invariant: the file holds nothing that the store has; without it (an older engine) a screen works all the same.

use std::fs;
use std::io;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::files;

/// The file's name in the data directory.
pub(crate) const FILE: &str = "engine.json";

/// A running engine as others see it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct EngineStatus {
    /// The process id of the engine.
    pub pid: u32,
    /// It was started by a screen and serves screens only.
    pub for_screens: bool,
    /// It stays when the last screen has ended.
    pub stays: bool,
    /// Where it takes webhooks.
    pub listener: Option<SocketAddr>,
    /// Where a tunnel made the listener reachable (foreign text).
    pub tunnel_url: Option<String>,
    /// The tunnel's URL is another one than the gateways' dashboards were given.
    pub moved: bool,
    /// Which version of the configuration file is in force there, by its fingerprint.
    pub config: Option<u64>,
    /// Why the newest configuration is not in force there.
    pub config_error: Option<String>,
    /// The tasks that have panicked, with how often.
    pub failed_tasks: Vec<(String, u64)>,
}

/// The status of the engine with this pid; `None` when that engine has written none.
pub(crate) fn read(data_dir: &Path, pid: u32) -> Option<EngineStatus> {
    let text = fs::read(data_dir.join(FILE)).ok()?;
    serde_json::from_slice(&text).ok().filter(|status: &EngineStatus| status.pid == pid)
}

/// Replaces the status; readers see the old or the new one, never a part.
pub(crate) fn write(data_dir: &Path, status: &EngineStatus) -> io::Result<()> {
    files::replace(&data_dir.join(FILE), &serde_json::to_vec(status)?)
}

/// Removes the status when its engine ends.
pub(crate) fn remove(data_dir: &Path) {
    let path: PathBuf = data_dir.join(FILE);
    // A status that stays is harmless: its pid is no running engine's.
    drop(fs::remove_file(path));
}

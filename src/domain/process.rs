//! This process and the engine, among those that share a data directory.

use serde::{Deserialize, Serialize};

/// Whether a screen has its own engine.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Role {
    /// The engine is in this process, or was started by the screens and ends with the last of them.
    #[default]
    Engine,
    /// Another process runs it, which the screens did not start.
    Viewer {
        /// The process id of that process; 0 when it is not known.
        pid: u32,
    },
}

/// Whether the engine runs that a screen needs.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum EngineState {
    #[default]
    Running,
    /// It has been started and takes longer than usual: another process may have its lock.
    Starting,
    /// It does not start, and why; it is tried again unless the store is gone.
    Failed(EngineProblem),
}

/// Why an engine does not start.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EngineProblem {
    /// Webhooks cannot be taken on this address; the reason is the system's.
    Listen { address: String, reason: String },
    /// The screen's store was deleted or replaced: what is written here is lost.
    StoreGone,
    /// Another reason, as a sentence of the log.
    Other(String),
}

/// What people should know of the configuration file's newest version.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ConfigNotice {
    /// It cannot be used, and why; the version before it is in force.
    NotInForce(String),
    /// These settings of it take effect at the next start.
    NextStart(String),
}

/// What people are shown about this process and its engine.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ProcessStatus {
    pub role: Role,
    pub engine: EngineState,
    pub config: Option<ConfigNotice>,
    /// The tasks of the engine that have panicked, with how often.
    pub failed_tasks: Vec<(String, u64)>,
    /// The name beside messages that are sent from here; `None` leaves it as it was.
    pub agent: Option<String>,
    /// All gateways are simulated.
    pub sandbox: bool,
    /// Where gateways reach the listener: the tunnel's URL, else the listener's address.
    pub listener: Option<String>,
    /// The listener's new public URL while the gateways' dashboards still have an older one (foreign text).
    pub moved_to: Option<String>,
}

/// What a person who quits should know first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct QuitStatus {
    /// Messages that wait to be sent, or are being sent.
    pub queued: u64,
    /// No engine is left once this screen has ended.
    pub engine_ends: bool,
}

//! This process among those that share a data directory.

/// Whether this process runs the engine.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Role {
    #[default]
    Engine,
    /// Another process runs it.
    Viewer {
        /// The process id of that process; 0 when it is not known.
        pid: u32,
    },
}

/// What people are shown about this process.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ProcessStatus {
    pub role: Role,
    /// All gateways are simulated.
    pub sandbox: bool,
    /// Where gateways reach the listener: the tunnel's URL, else the listener's address.
    pub listener: Option<String>,
    /// The listener's new public URL while the gateways' dashboards still have an older one (foreign text).
    pub moved_to: Option<String>,
}

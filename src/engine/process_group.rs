//! The process group of a program that was started: a wrapper script and all that it starts end together.

use std::path::PathBuf;

use tokio::process::Child;

/// A process group that is killed when this is dropped.
pub(crate) struct ProcessGroup {
    #[cfg(unix)]
    leader: Option<rustix::process::Pid>,
}

impl ProcessGroup {
    /// The group that a child leads which has just been started in a group of its own.
    #[cfg(unix)]
    pub(crate) fn of(child: &Child) -> Self {
        ProcessGroup { leader: child.id().and_then(|id| rustix::process::Pid::from_raw(id.cast_signed())) }
    }

    /// No group: on this system only the program itself is killed, by its handle.
    #[cfg(not(unix))]
    pub(crate) fn of(_child: &Child) -> Self {
        ProcessGroup {}
    }
}

impl Drop for ProcessGroup {
    fn drop(&mut self) {
        #[cfg(unix)]
        if let Some(leader) = self.leader {
            // Fails when nobody is left in it.
            let _ = rustix::process::kill_process_group(leader, rustix::process::Signal::KILL);
        }
    }
}

/// This very program, also after its file was replaced by a newer one.
pub(crate) fn own_program() -> Option<PathBuf> {
    if cfg!(target_os = "linux") { Some(PathBuf::from("/proc/self/exe")) } else { std::env::current_exe().ok() }
}

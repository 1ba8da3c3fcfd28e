//! How many files the process may have open, and how many of them may be the listener's connections.

/// The limit that is asked for. More connections than this can hold are never open.
#[cfg(unix)]
const WANTED: u64 = 8192;
/// The limit where the system does not tell.
#[cfg(not(unix))]
const ASSUMED: u64 = 1024;
/// Files that connections leave to the store, to sends and to programs.
const RESERVE: u64 = 128;
/// The connections that are open at most: each takes some tens of kilobytes.
const CONNECTIONS_MAX: u64 = 2048;

/// Raises the process's limit of open files as far as it may, and returns how many connections fit into it.
pub(super) fn raise() -> usize {
    connections(raise_soft())
}

/// The connections that fit into a limit of open files.
fn connections(files: u64) -> usize {
    let connections = files.saturating_sub(RESERVE).max(files / 4).min(CONNECTIONS_MAX);
    usize::try_from(connections).unwrap_or(1)
}

/// Raises the soft limit to the hard one; returns the limit then.
#[cfg(unix)]
fn raise_soft() -> u64 {
    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
    let Rlimit { current, maximum } = getrlimit(Resource::Nofile);
    let (Some(now), wanted) = (current, maximum.unwrap_or(WANTED).min(WANTED)) else { return WANTED };
    if now >= wanted {
        return now;
    }
    match setrlimit(Resource::Nofile, Rlimit { current: Some(wanted), maximum }) {
        Ok(()) => wanted,
        Err(error) => {
            tracing::warn!(%error, limit = now, "the limit of open files cannot be raised");
            now
        }
    }
}

#[cfg(not(unix))]
fn raise_soft() -> u64 {
    ASSUMED
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn connections_leave_files_to_the_rest() {
        for (files, expected) in [(8192, 2048), (1024, 896), (256, 128), (140, 35), (64, 16)] {
            assert_eq!(connections(files), expected, "{files}");
        }
    }
}

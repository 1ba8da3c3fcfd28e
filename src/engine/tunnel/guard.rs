//! `loket guard`: runs a program for an engine that may be killed, and ends it and all that it has started then.
//!
//! The engine holds the other end of standard input, a pipe into which nothing is written. It closes when the engine
//! ends, also by `kill -9`, which the engine itself cannot notice. The system's own signal for a parent's death needs
//! unsafe code, and would not reach what the program has started.

use std::io;

/// Runs a program and its arguments until it ends, and returns its exit status, or until standard input is closed, and
/// kills the process group then. Must lead a process group of its own.
#[cfg(unix)]
pub(crate) fn run_guarded(command: &[String]) -> io::Result<u8> {
    use rustix::process::{Signal, getpgrp, getpid, kill_current_process_group};
    use std::io::Read as _;
    use std::process::{Command, Stdio};
    if getpgrp() != getpid() {
        return Err(io::Error::other("the guard is started by the engine only, in a process group of its own"));
    }
    std::thread::Builder::new().name("guard".to_owned()).spawn(|| {
        let mut byte = [0];
        while matches!(io::stdin().read(&mut byte), Ok(1..)) {}
        // Fails never for a group that one is in.
        let _ = kill_current_process_group(Signal::KILL);
    })?;
    let (program, arguments) = command.split_first().ok_or(io::ErrorKind::InvalidInput)?;
    let status = Command::new(program).args(arguments).stdin(Stdio::null()).status().map_err(|error| {
        let reason = match error.kind() {
            io::ErrorKind::NotFound => format!("{program} is not installed, or not in PATH"),
            _ => format!("{program} cannot be started: {error}"),
        };
        io::Error::new(error.kind(), reason)
    })?;
    Ok(status.code().and_then(|code| u8::try_from(code).ok()).unwrap_or(1))
}

/// Refuses: there are no process groups here, and the engine starts tunnel programs itself.
#[cfg(not(unix))]
pub(crate) fn run_guarded(_command: &[String]) -> io::Result<u8> {
    Err(io::ErrorKind::Unsupported.into())
}

//! The signals that ask the program to end, and the one that suspends it.
//!
//! Invariant: no signal kills the program before its drafts are saved.

#[cfg(unix)]
mod stop {
    use std::io;
    use tokio::signal::unix::{Signal, SignalKind, signal};

    /// SIGINT, SIGTERM and SIGHUP.
    pub(crate) struct StopSignals {
        interrupt: Signal,
        terminate: Signal,
        hangup: Signal,
    }

    impl StopSignals {
        /// Catches the three signals from now on; fails when the system refuses a handler.
        pub(crate) fn new() -> io::Result<Self> {
            Ok(StopSignals {
                interrupt: signal(SignalKind::interrupt())?,
                terminate: signal(SignalKind::terminate())?,
                hangup: signal(SignalKind::hangup())?,
            })
        }

        /// Waits for the next signal.
        pub(crate) async fn recv(&mut self) {
            tokio::select! {
                _ = self.interrupt.recv() => {}
                _ = self.terminate.recv() => {}
                _ = self.hangup.recv() => {}
            }
        }

        /// Waits for the next signal but SIGINT, which is meant for the program that has the terminal.
        pub(crate) async fn recv_termination(&mut self) {
            tokio::select! {
                _ = self.terminate.recv() => {}
                _ = self.hangup.recv() => {}
            }
        }

        /// Drops a pending SIGINT, which was meant for the editor.
        pub(crate) fn forget_interrupt(&mut self) -> io::Result<()> {
            self.interrupt = signal(SignalKind::interrupt())?;
            Ok(())
        }
    }
}

#[cfg(not(unix))]
mod stop {
    use std::io;

    /// Ctrl+C as the console reports it to the process.
    pub(crate) struct StopSignals;

    impl StopSignals {
        /// Never fails here: the handler is set only when `recv` is first waited for.
        pub(crate) fn new() -> io::Result<Self> {
            Ok(StopSignals)
        }

        /// Waits for the next signal.
        pub(crate) async fn recv(&mut self) {
            let _ = tokio::signal::ctrl_c().await;
        }

        /// Never returns: there is no such signal here.
        pub(crate) async fn recv_termination(&mut self) {
            std::future::pending().await
        }

        /// Does nothing: the editor has a console of its own here.
        pub(crate) fn forget_interrupt(&mut self) -> io::Result<()> {
            Ok(())
        }
    }
}

pub(super) use stop::StopSignals;

/// Suspends the process, as Ctrl+Z does elsewhere; returns when it is resumed.
#[cfg(unix)]
pub(super) fn suspend() {
    // In a process group without a shell's job control the signal does nothing, and the program goes on.
    let _ = rustix::process::kill_current_process_group(rustix::process::Signal::TSTP);
}

/// Does nothing: this system has no such suspension.
#[cfg(not(unix))]
pub(super) fn suspend() {}

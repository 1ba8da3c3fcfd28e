//! The signals that ask the program to end.
//!
//! Invariant: none of them kills the program before its drafts are kept.

use std::io;

#[cfg(unix)]
mod ends {
    use super::io;
    use tokio::signal::unix::{Signal, SignalKind, signal};

    /// SIGINT, SIGTERM and SIGHUP.
    pub(in super::super) struct Ends {
        interrupt: Signal,
        terminate: Signal,
        hangup: Signal,
    }

    impl Ends {
        pub(in super::super) fn new() -> io::Result<Self> {
            Ok(Ends {
                interrupt: signal(SignalKind::interrupt())?,
                terminate: signal(SignalKind::terminate())?,
                hangup: signal(SignalKind::hangup())?,
            })
        }

        /// Waits for one of them.
        pub(in super::super) async fn recv(&mut self) {
            tokio::select! {
                _ = self.interrupt.recv() => {}
                _ = self.terminate.recv() => {}
                _ = self.hangup.recv() => {}
            }
        }

        /// Forgets an interrupt that was meant for the editor.
        pub(in super::super) fn forget_interrupt(&mut self) -> io::Result<()> {
            self.interrupt = signal(SignalKind::interrupt())?;
            Ok(())
        }
    }
}

#[cfg(not(unix))]
mod ends {
    use super::io;

    /// Ctrl+C from outside.
    pub(in super::super) struct Ends;

    impl Ends {
        pub(in super::super) fn new() -> io::Result<Self> {
            Ok(Ends)
        }

        /// Waits for it.
        pub(in super::super) async fn recv(&mut self) {
            let _ = tokio::signal::ctrl_c().await;
        }

        /// Nothing to forget.
        pub(in super::super) fn forget_interrupt(&mut self) -> io::Result<()> {
            Ok(())
        }
    }
}

pub(super) use ends::Ends;

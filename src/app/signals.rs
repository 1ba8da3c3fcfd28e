//! Signals that end the program.

/// Catches the signals from this call on; the future waits for one and returns its name for the log. Must be called
/// inside the runtime, before others learn that the program runs: an uncaught signal kills it without a clean end.
#[cfg(unix)]
pub(super) fn termination() -> impl Future<Output = &'static str> {
    use tokio::signal::unix::{SignalKind, signal};
    let signals = (signal(SignalKind::terminate()), signal(SignalKind::hangup()), signal(SignalKind::interrupt()));
    async {
        let (Ok(mut term), Ok(mut hup), Ok(mut int)) = signals else {
            return std::future::pending().await;
        };
        tokio::select! {
            _ = term.recv() => "SIGTERM",
            _ = hup.recv() => "SIGHUP",
            _ = int.recv() => "SIGINT",
        }
    }
}

/// Waits for Ctrl+C and returns its name for the log.
#[cfg(not(unix))]
pub(super) async fn termination() -> &'static str {
    if tokio::signal::ctrl_c().await.is_err() {
        return std::future::pending().await;
    }
    "Ctrl+C"
}

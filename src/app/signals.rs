//! The system's word to end.

/// Listens for it from this call on; the future waits for it and returns its name for the log. Must be called inside
/// the runtime, before anything tells others that the program runs: an unlistened signal kills it without a clean end.
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

/// Waits for it, and names it for the log.
#[cfg(not(unix))]
pub(super) async fn termination() -> &'static str {
    if tokio::signal::ctrl_c().await.is_err() {
        return std::future::pending().await;
    }
    "Ctrl+C"
}

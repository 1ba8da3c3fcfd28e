//! Signals that end the program, and the one that lets it read its configuration again.

use std::sync::Arc;

use tokio::sync::Notify;

/// Catches the signals from this call on; the future waits for one and returns its name for the log. Must be called
/// inside the runtime, before others learn that the program runs: an uncaught signal kills it without a clean end.
#[cfg(unix)]
pub(super) fn termination() -> impl Future<Output = &'static str> {
    use tokio::signal::unix::{SignalKind, signal};
    let signals = (signal(SignalKind::terminate()), signal(SignalKind::interrupt()));
    async {
        let (Ok(mut term), Ok(mut int)) = signals else {
            return std::future::pending().await;
        };
        tokio::select! {
            _ = term.recv() => "SIGTERM",
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

/// Notifies `reload` of every SIGHUP, which service managers send for that, and never ends. Catches it from this call
/// on.
#[cfg(unix)]
pub(super) fn reload_on_hang_up(reload: Arc<Notify>) -> impl Future<Output = ()> {
    use tokio::signal::unix::{SignalKind, signal};
    let signal = signal(SignalKind::hangup());
    async move {
        if let Ok(mut hang_up) = signal {
            while hang_up.recv().await.is_some() {
                tracing::info!("SIGHUP: the configuration is read again");
                reload.notify_one();
            }
        }
        std::future::pending::<()>().await;
    }
}

/// Never ends: this system has no such signal.
#[cfg(not(unix))]
pub(super) async fn reload_on_hang_up(_reload: Arc<Notify>) {
    std::future::pending::<()>().await;
}

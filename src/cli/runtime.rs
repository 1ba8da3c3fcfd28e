//! The async runtime that commands and the program itself run on.

use super::Exit;

/// A runtime of two threads, so that a blocked one does not hold up webhooks.
pub(crate) fn runtime() -> Result<tokio::runtime::Runtime, Exit> {
    tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .map_err(|e| Exit::failed(format!("the async runtime does not start: {e}")))
}

//! The async runtime that commands and the program itself run on.

use super::Exit;

/// An async runtime of two threads: one for what people wait for, one for what gateways wait for.
pub fn runtime() -> Result<tokio::runtime::Runtime, Exit> {
    tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .map_err(|e| Exit::failed(format!("the async runtime does not start: {e}")))
}

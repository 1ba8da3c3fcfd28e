//! Reading the store, which blocks, from tasks.

use crate::engine::clock;
use crate::store::StoreError;

/// Runs `work` on a blocking thread; in a simulation on this one, so that a seed always gives the same history.
pub(crate) async fn read<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, StoreError> + Send + 'static,
) -> Result<T, StoreError> {
    if clock::is_virtual() {
        return work();
    }
    tokio::task::spawn_blocking(work).await.map_err(|_| StoreError::Closed)?
}

//! Whether the store can be written, asked of the disk at most once a second.

use std::sync::Arc;
use std::time::Duration;

use crate::store::Store;
use tokio::sync::Mutex;
use tokio::time::Instant;

/// How long an answer is good for.
const INTERVAL: Duration = Duration::from_secs(1);
/// A store that takes longer cannot write: webhooks do not wait longer either.
const TIMEOUT: Duration = Duration::from_millis(1500);

/// Checks whether the store can write. Cheap to clone; all clones share their answers.
#[derive(Clone, Default)]
pub(super) struct WriteCheck(Arc<Mutex<Option<(Instant, bool)>>>);

impl WriteCheck {
    /// Whether the store could write within the last second; writes durably to find out. Those who ask meanwhile wait for
    /// that answer.
    pub(super) async fn can_write(&self, store: &Store) -> bool {
        let mut last = self.0.lock().await;
        if let Some((at, can_write)) = *last
            && at.elapsed() < INTERVAL
        {
            return can_write;
        }
        let can_write = tokio::time::timeout(TIMEOUT, store.flush()).await.is_ok_and(|flushed| flushed.is_ok());
        *last = Some((Instant::now(), can_write));
        can_write
    }
}

//! The limits of requests' bodies: of each, and of all that are held at once.

use std::sync::Arc;
use std::time::Duration;

use axum::body::{Body, HttpBody as _};
use futures_util::StreamExt as _;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// The largest webhook that is accepted, in bytes.
const BODY_MAX: usize = 4 * 1024 * 1024;
/// The bytes of all bodies that are being read or worked on.
const BUDGET: usize = 8 * 1024 * 1024;
/// The least that a body takes of the budget, in bytes.
const SHARE_MIN: usize = 4 * 1024;
/// The longest that a body may take to arrive.
const BODY_TIMEOUT: Duration = Duration::from_secs(20);

/// Why a body was not read.
pub(super) enum BodyError {
    TooLarge,
    TooSlow,
    /// The connection ended before the body did.
    Incomplete,
    /// Other bodies take all the memory that there is for them.
    Full,
}

/// The memory for the bodies of all connections. Cheap to clone; all clones share it.
#[derive(Clone)]
pub(super) struct BodyBudget(Arc<Semaphore>);

/// The part of the budget that a body takes, given back when it is dropped.
pub(super) struct BodyShare(Option<OwnedSemaphorePermit>);

impl Default for BodyBudget {
    fn default() -> Self {
        BodyBudget(Arc::new(Semaphore::new(BUDGET)))
    }
}

impl BodyBudget {
    /// Reads a body within the limits. What is beyond them is left unread.
    pub(super) async fn read(&self, body: Body) -> Result<(Vec<u8>, BodyShare), BodyError> {
        if body.size_hint().lower() > BODY_MAX as u64 {
            return Err(BodyError::TooLarge);
        }
        tokio::time::timeout(BODY_TIMEOUT, self.read_all(body)).await.unwrap_or(Err(BodyError::TooSlow))
    }

    async fn read_all(&self, body: Body) -> Result<(Vec<u8>, BodyShare), BodyError> {
        let mut stream = body.into_data_stream();
        let (mut bytes, mut share) = (Vec::new(), BodyShare(None));
        while let Some(chunk) = stream.next().await {
            let chunk = chunk.map_err(|_| BodyError::Incomplete)?;
            let length = bytes.len() + chunk.len();
            if length > BODY_MAX {
                return Err(BodyError::TooLarge);
            }
            if length > bytes.capacity() {
                self.reserve(&mut bytes, &mut share, length)?;
            }
            bytes.extend_from_slice(&chunk);
        }
        Ok((bytes, share))
    }

    /// Makes room for `length` bytes at least.
    fn reserve(&self, bytes: &mut Vec<u8>, share: &mut BodyShare, length: usize) -> Result<(), BodyError> {
        let capacity = (length * 2).clamp(SHARE_MIN, BODY_MAX);
        let more = u32::try_from(capacity - bytes.capacity()).map_err(|_| BodyError::Full)?;
        let taken = self.0.clone().try_acquire_many_owned(more).map_err(|_| BodyError::Full)?;
        match &mut share.0 {
            Some(permit) => permit.merge(taken),
            None => share.0 = Some(taken),
        }
        bytes.reserve_exact(capacity - bytes.len());
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A body whose length is not announced.
    fn chunked(length: usize) -> Body {
        let chunks = (0..length.div_ceil(1000)).map(move |n| vec![b'x'; 1000.min(length - n * 1000)]);
        Body::from_stream(futures_util::stream::iter(chunks.map(Ok::<_, std::io::Error>)))
    }

    #[tokio::test]
    async fn bodies_share_a_budget_and_give_it_back() {
        let budget = BodyBudget::default();
        let mut held = Vec::new();
        loop {
            match budget.read(chunked(BODY_MAX)).await {
                Ok((bytes, share)) => {
                    assert_eq!(bytes.len(), BODY_MAX);
                    held.push(share);
                }
                Err(error) => break assert!(matches!(error, BodyError::Full)),
            }
        }
        assert!(held.len() <= BUDGET / BODY_MAX, "{} bodies", held.len());
        drop(held.pop());
        assert!(budget.read(chunked(BODY_MAX)).await.is_ok(), "what is given back is there for others");
        drop(held);
        assert_eq!(budget.0.available_permits(), BUDGET);
    }

    #[tokio::test]
    async fn a_body_is_refused_as_soon_as_it_is_too_large() {
        let budget = BodyBudget::default();
        assert!(matches!(budget.read(Body::from(vec![b'x'; BODY_MAX + 1])).await, Err(BodyError::TooLarge)));
        assert!(matches!(budget.read(chunked(BODY_MAX + 1)).await, Err(BodyError::TooLarge)));
        assert_eq!(budget.0.available_permits(), BUDGET);
    }
}

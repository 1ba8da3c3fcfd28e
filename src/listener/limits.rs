//! The limits of a request's body.

use std::time::Duration;

use axum::body::Body;
use futures_util::StreamExt as _;

/// The largest webhook that is accepted.
const BODY_MAX: usize = 4 * 1024 * 1024;
/// A larger body is read to its end, up to here, so that its sender sees the refusal instead of a closed connection.
const DRAIN_MAX: usize = 64 * 1024 * 1024;
/// The longest that a body may take to arrive.
const BODY_TIMEOUT: Duration = Duration::from_secs(20);

/// Why a body was not read.
pub(super) enum BodyError {
    TooLarge,
    TooSlow,
    /// The connection ended before the body did.
    Incomplete,
}

/// Reads a body within the limits.
pub(super) async fn read(body: Body) -> Result<Vec<u8>, BodyError> {
    tokio::time::timeout(BODY_TIMEOUT, read_all(body)).await.unwrap_or(Err(BodyError::TooSlow))
}

async fn read_all(body: Body) -> Result<Vec<u8>, BodyError> {
    let mut stream = body.into_data_stream();
    let mut bytes = Vec::new();
    let mut length = 0_usize;
    while let Some(chunk) = stream.next().await {
        let chunk = chunk.map_err(|_| BodyError::Incomplete)?;
        length += chunk.len();
        if length > DRAIN_MAX {
            return Err(BodyError::TooLarge);
        }
        if length <= BODY_MAX {
            bytes.extend_from_slice(&chunk);
        }
    }
    if length > BODY_MAX { Err(BodyError::TooLarge) } else { Ok(bytes) }
}

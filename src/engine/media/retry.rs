//! What follows from an attempt that did not bring a file: when it is tried again, or why never.

use std::time::Duration;

use crate::domain::{MediaFault, MediaState, Timestamp};
use crate::engine::outside::FetchError;
use crate::store::MediaFailure;

/// The pauses after failures that pass; the last one repeats.
const PAUSES: &[u64] = &[5, 20, 60, 5 * 60, 15 * 60, 3600, 3 * 3600];
/// After so long no server comes back that has the file.
const GIVE_UP: Duration = Duration::from_secs(3 * 24 * 3600);
/// How often a file that is not there is looked for: gateways send the event before they have stored the file.
const ATTEMPTS_GONE: u32 = 4;

/// What to record of a failure. `attempts`: how many failed before; `since`: when the first one could begin.
pub(super) fn after(failed: FetchError, attempts: u32, since: Timestamp, now: Timestamp) -> MediaFailure {
    let pause = PAUSES.get(usize::try_from(attempts).unwrap_or(usize::MAX)).or(PAUSES.last()).copied();
    let next_at = now.plus(Duration::from_secs(pause.unwrap_or_default()));
    let state = match failed.error.fault {
        MediaFault::TooBig | MediaFault::PrivateAddress => MediaState::Refused,
        MediaFault::NoLink | MediaFault::BadLink | MediaFault::Redirects => MediaState::Failed,
        MediaFault::Gone if failed.status == Some(410) => MediaState::Failed,
        MediaFault::Gone | MediaFault::Forbidden | MediaFault::WebPage | MediaFault::Empty
            if attempts + 1 >= ATTEMPTS_GONE =>
        {
            MediaState::Failed
        }
        MediaFault::Status if failed.status.is_some_and(is_final) => MediaState::Failed,
        _ if next_at.since(since) > GIVE_UP => MediaState::Failed,
        _ => MediaState::Waiting,
    };
    let next_at = (state == MediaState::Waiting).then_some(next_at);
    MediaFailure { error: failed.error, state, next_at }
}

/// Whether a server that answers so answers so for ever.
fn is_final(status: u16) -> bool {
    (300..500).contains(&status) && !matches!(status, 408 | 409 | 423 | 425 | 429)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::MediaError;

    const SINCE: Timestamp = Timestamp(1_700_000_000_000);

    fn failed(fault: MediaFault, status: Option<u16>) -> FetchError {
        FetchError { error: MediaError::new(fault), status }
    }

    fn state(fault: MediaFault, status: Option<u16>, attempts: u32, hours: u64) -> MediaState {
        let now = SINCE.plus(Duration::from_secs(hours * 3600));
        after(failed(fault, status), attempts, SINCE, now).state
    }

    #[test]
    fn what_passes_is_tried_again_and_what_does_not_is_not() {
        use MediaFault::*;
        for (fault, status, attempts, hours, expected) in [
            (Timeout, None, 0, 0, MediaState::Waiting),
            (Unreachable, None, 30, 60, MediaState::Waiting),
            (Unreachable, None, 30, 70, MediaState::Failed),
            (Status, Some(503), 3, 1, MediaState::Waiting),
            (Status, Some(429), 3, 1, MediaState::Waiting),
            (Status, Some(400), 0, 0, MediaState::Failed),
            (Gone, Some(404), 0, 0, MediaState::Waiting),
            (Gone, Some(404), 3, 0, MediaState::Failed),
            (Gone, Some(410), 0, 0, MediaState::Failed),
            (Forbidden, Some(403), 1, 0, MediaState::Waiting),
            (Forbidden, Some(403), 3, 0, MediaState::Failed),
            (TooBig, None, 0, 0, MediaState::Refused),
            (PrivateAddress, None, 0, 0, MediaState::Refused),
            (BadLink, None, 0, 0, MediaState::Failed),
            (Disk, None, 9, 1, MediaState::Waiting),
        ] {
            assert_eq!(state(fault, status, attempts, hours), expected, "{fault:?} {status:?} {attempts}");
        }
    }

    #[test]
    fn pauses_grow() {
        let pause = |attempts| {
            let failure = after(failed(MediaFault::Timeout, None), attempts, SINCE, SINCE);
            failure.next_at.unwrap().since(SINCE).as_secs()
        };
        assert_eq!([0, 1, 2, 6, 7, 50].map(pause), [5, 20, 60, 10_800, 10_800, 10_800]);
    }
}

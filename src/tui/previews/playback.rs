//! The voice note that is being played: how far it is and how fast.
//!
//! Invariant: a time passes here only while something plays.

use std::time::Duration;

use crate::domain::{MessageId, Timestamp};

/// A voice note that is being played.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Playback {
    pub(crate) message: MessageId,
    /// When the sound began, at `from`.
    pub(crate) began: Timestamp,
    pub(crate) from: Duration,
    /// In percent of the usual one.
    pub(crate) speed: u16,
    /// The player can begin anywhere and play faster. `None` until it runs.
    pub(crate) can_seek: Option<bool>,
}

/// How far a voice note has been played, as the thread shows it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Progress {
    /// Whole seconds of the note.
    pub(crate) seconds: u64,
    /// In percent of the usual one.
    pub(crate) speed: u16,
}

impl Playback {
    /// Where in the note the sound is.
    pub(crate) fn position(&self, now: Timestamp) -> Duration {
        self.from + now.since(self.began) * u32::from(self.speed) / 100
    }

    /// How far it is, if it is this message's.
    pub(crate) fn progress_of(&self, message: MessageId, now: Timestamp) -> Option<Progress> {
        (self.message == message).then(|| Progress { seconds: self.position(now).as_secs(), speed: self.speed })
    }

    /// When the next second of the note begins.
    pub(crate) fn next_second(&self, now: Timestamp) -> Timestamp {
        let next = Duration::from_secs(self.position(now).as_secs() + 1).saturating_sub(self.from);
        // A millisecond more, so that the second has begun by then.
        self.began.plus(next * 100 / u32::from(self.speed.max(1)) + Duration::from_millis(1))
    }
}

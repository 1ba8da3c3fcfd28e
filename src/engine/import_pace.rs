//! How fast an import writes: in large groups while it is alone, in short ones with rests beside a running engine, so
//! that no webhook waits long for the store.

use std::path::PathBuf;
use std::time::{Duration, Instant};

use super::lock::running;

/// The time that one group takes, about, while no engine runs. The larger the groups, the more seldom the same pages of
/// indexes are written. An engine that starts meanwhile waits for one of them.
const ALONE: Duration = Duration::from_secs(1);
/// The same beside an engine: what one of its writes waits for.
const BESIDE_ENGINE: Duration = Duration::from_millis(50);
/// The longest rest after a group.
const REST_MAX: Duration = Duration::from_millis(200);
/// Messages of the first group, before the speed of this machine is known.
const FIRST: usize = 1000;
const MIN: usize = 50;
/// The messages of a group and of the next are in memory.
const MAX: usize = 20_000;

/// The size of the next group of messages, and the rest before it.
#[derive(Debug)]
pub(super) struct Pace {
    data_dir: PathBuf,
    beside_engine: bool,
    size: usize,
}

impl Pace {
    /// The pace of an import into the store of a data directory.
    pub(super) fn new(data_dir: PathBuf) -> Self {
        let beside_engine = running(&data_dir).is_some();
        Pace { data_dir, beside_engine, size: FIRST }
    }

    /// How many messages the next group has.
    pub(super) fn size(&self) -> usize {
        self.size
    }

    /// Whether an engine works with the store at the same time.
    pub(super) fn beside_engine(&self) -> bool {
        self.beside_engine
    }

    /// Learns that a group of `messages`, begun at `begun`, is durable. Beside an engine it rests as long as that took:
    /// whoever waits for the store only looks now and then whether it is free.
    pub(super) fn after_group(&mut self, messages: usize, begun: Instant) {
        let elapsed = begun.elapsed();
        self.beside_engine = running(&self.data_dir).is_some();
        self.size = next_size(messages, elapsed, if self.beside_engine { BESIDE_ENGINE } else { ALONE });
        self.rest(elapsed);
    }

    /// Beside an engine: rests as long as a write took.
    pub(super) fn rest(&self, elapsed: Duration) {
        if self.beside_engine {
            std::thread::sleep(elapsed.min(REST_MAX));
        }
    }
}

/// The number of messages that take `budget` if `messages` took `elapsed`; at most twice as many.
fn next_size(messages: usize, elapsed: Duration, budget: Duration) -> usize {
    let fits = messages.saturating_mul(usize::try_from(budget.as_micros()).unwrap_or(usize::MAX))
        / usize::try_from(elapsed.as_micros()).unwrap_or(usize::MAX).max(1);
    fits.min(messages.saturating_mul(2)).clamp(MIN, MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::lock::EngineLock;

    #[test]
    fn a_group_grows_and_shrinks_towards_its_time() {
        let size = |messages, millis, budget| next_size(messages, Duration::from_millis(millis), budget);
        assert_eq!(size(1000, 40, ALONE), 2000);
        assert_eq!(size(1000, 40, BESIDE_ENGINE), 1250);
        assert_eq!(size(16_000, 640, ALONE), MAX);
        assert_eq!(size(MAX, 1000, BESIDE_ENGINE), 1000, "at once, when an engine starts");
        assert_eq!(size(100, 9000, BESIDE_ENGINE), MIN);
        assert_eq!(size(0, 0, ALONE), MIN);
    }

    #[test]
    fn an_engine_that_starts_or_ends_meanwhile_is_noticed() {
        let dir = tempfile::tempdir().unwrap();
        let mut pace = Pace::new(dir.path().to_owned());
        assert!(!pace.beside_engine());
        let lock = EngineLock::acquire(dir.path()).unwrap();
        pace.after_group(1, Instant::now());
        assert!(pace.beside_engine());
        assert!(Pace::new(dir.path().to_owned()).beside_engine());
        drop(lock);
        pace.after_group(1, Instant::now());
        assert!(!pace.beside_engine());
    }
}

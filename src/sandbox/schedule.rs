//! A queue of future steps. Time is a duration since the start; nothing reads a clock.

use std::collections::BTreeMap;
use std::time::Duration;

/// Items in the order of their time, then in the order in which they were added.
#[derive(Debug)]
pub(crate) struct Schedule<T> {
    entries: BTreeMap<(Duration, u64), T>,
    added: u64,
}

impl<T> Schedule<T> {
    /// A schedule in which nothing is due.
    pub(crate) fn new() -> Self {
        Schedule { entries: BTreeMap::new(), added: 0 }
    }

    /// Adds an item that is due at a time.
    pub(crate) fn add(&mut self, at: Duration, item: T) {
        self.added += 1;
        self.entries.insert((at, self.added), item);
    }

    /// The time of the next item.
    pub(crate) fn next(&self) -> Option<Duration> {
        self.entries.keys().next().map(|(at, _)| *at)
    }

    /// Removes the next item that is due at `now`, and returns it with its time.
    pub(crate) fn take_due(&mut self, now: Duration) -> Option<(Duration, T)> {
        let entry = self.entries.first_entry().filter(|e| e.key().0 <= now)?;
        let ((at, _), item) = entry.remove_entry();
        Some((at, item))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn items_are_due_in_the_order_of_time_then_of_adding() {
        let mut schedule = Schedule::new();
        for (at, item) in [(3, "c"), (1, "a"), (1, "b"), (9, "z")] {
            schedule.add(Duration::from_secs(at), item);
        }
        assert_eq!(schedule.next(), Some(Duration::from_secs(1)));
        let due: Vec<_> =
            std::iter::from_fn(|| schedule.take_due(Duration::from_secs(3)).map(|(_, item)| item)).collect();
        assert_eq!(due, ["a", "b", "c"]);
        assert_eq!(schedule.next(), Some(Duration::from_secs(9)));
    }
}

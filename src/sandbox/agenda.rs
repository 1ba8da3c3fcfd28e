//! What is due when. Time here is a span since the start; nothing reads a clock.

use std::collections::BTreeMap;
use std::time::Duration;

/// Things to come, in the order of their time, then of their entry.
#[derive(Debug)]
pub(super) struct Agenda<T> {
    entries: BTreeMap<(Duration, u64), T>,
    entered: u64,
}

impl<T> Agenda<T> {
    pub(super) fn new() -> Self {
        Agenda { entries: BTreeMap::new(), entered: 0 }
    }

    /// Enters something for a time.
    pub(super) fn enter(&mut self, at: Duration, what: T) {
        self.entered += 1;
        self.entries.insert((at, self.entered), what);
    }

    /// When the next thing is due.
    pub(super) fn next(&self) -> Option<Duration> {
        self.entries.keys().next().map(|(at, _)| *at)
    }

    /// Takes the next thing that is due at `now`, with its time.
    pub(super) fn take_due(&mut self, now: Duration) -> Option<(Duration, T)> {
        let entry = self.entries.first_entry().filter(|e| e.key().0 <= now)?;
        let ((at, _), what) = entry.remove_entry();
        Some((at, what))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_due_comes_in_the_order_of_time_then_of_entry() {
        let mut agenda = Agenda::new();
        for (at, what) in [(3, "c"), (1, "a"), (1, "b"), (9, "z")] {
            agenda.enter(Duration::from_secs(at), what);
        }
        assert_eq!(agenda.next(), Some(Duration::from_secs(1)));
        let due: Vec<_> =
            std::iter::from_fn(|| agenda.take_due(Duration::from_secs(3)).map(|(_, what)| what)).collect();
        assert_eq!(due, ["a", "b", "c"]);
        assert_eq!(agenda.next(), Some(Duration::from_secs(9)));
    }
}

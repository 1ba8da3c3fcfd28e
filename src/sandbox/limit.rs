//! The documented number of requests in a minute. Nothing here waits.

use std::collections::VecDeque;
use std::time::Duration;

/// Counts the requests of the last minute.
#[derive(Debug)]
pub(super) struct Limit {
    per_minute: usize,
    taken: VecDeque<Duration>,
}

const MINUTE: Duration = Duration::from_secs(60);

impl Limit {
    /// At most so many in a minute; `None` = the gateway refuses none.
    pub(super) fn new(per_minute: Option<u32>) -> Self {
        let per_minute = per_minute.and_then(|n| usize::try_from(n).ok()).unwrap_or(usize::MAX);
        Limit { per_minute, taken: VecDeque::new() }
    }

    /// Takes one, or says after how many whole seconds there is one again. `now` is a span since the start.
    pub(super) fn take(&mut self, now: Duration) -> Result<(), u64> {
        if self.per_minute == usize::MAX {
            return Ok(());
        }
        while self.taken.front().is_some_and(|first| *first + MINUTE <= now) {
            self.taken.pop_front();
        }
        match self.taken.front() {
            Some(first) if self.taken.len() >= self.per_minute => {
                let wait = (*first + MINUTE).saturating_sub(now);
                Err((wait.as_secs() + u64::from(wait.subsec_nanos() > 0)).max(1))
            }
            _ => {
                self.taken.push_back(now);
                Ok(())
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sixty_first_request_of_a_minute_is_told_when_to_come_back() {
        let mut limit = Limit::new(Some(60));
        for second in 0..60 {
            assert_eq!(limit.take(Duration::from_millis(second * 100)), Ok(()));
        }
        assert_eq!(limit.take(Duration::from_secs(10)), Err(50));
        assert_eq!(limit.take(Duration::from_millis(59_950)), Err(1));
        assert_eq!(limit.take(Duration::from_secs(60)), Ok(()));
        assert_eq!(limit.take(Duration::from_secs(60)), Err(1));
    }

    #[test]
    fn a_gateway_without_a_limit_refuses_none() {
        let mut limit = Limit::new(None);
        assert!((0..10_000).all(|_| limit.take(Duration::ZERO).is_ok()));
    }
}

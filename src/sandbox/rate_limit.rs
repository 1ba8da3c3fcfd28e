//! The documented rate limit of a gateway. Nothing here waits.

use std::collections::VecDeque;
use std::time::Duration;

/// Counts the requests of the last minute.
#[derive(Debug)]
pub(crate) struct RateLimiter {
    per_minute: usize,
    requests: VecDeque<Duration>,
}

const MINUTE: Duration = Duration::from_secs(60);

impl RateLimiter {
    /// At most `per_minute` requests in a minute; `None` = no limit.
    pub(crate) fn new(per_minute: Option<u32>) -> Self {
        let per_minute = per_minute.and_then(|n| usize::try_from(n).ok()).unwrap_or(usize::MAX);
        RateLimiter { per_minute, requests: VecDeque::new() }
    }

    /// Counts one request; the error is the number of whole seconds to wait. `now` is the duration since the start.
    pub(crate) fn try_acquire(&mut self, now: Duration) -> Result<(), u64> {
        if self.per_minute == usize::MAX {
            return Ok(());
        }
        while self.requests.front().is_some_and(|first| *first + MINUTE <= now) {
            self.requests.pop_front();
        }
        match self.requests.front() {
            Some(first) if self.requests.len() >= self.per_minute => {
                let wait = (*first + MINUTE).saturating_sub(now);
                Err((wait.as_secs() + u64::from(wait.subsec_nanos() > 0)).max(1))
            }
            _ => {
                self.requests.push_back(now);
                Ok(())
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sixty_first_request_of_a_minute_must_wait() {
        let mut limit = RateLimiter::new(Some(60));
        for second in 0..60 {
            assert_eq!(limit.try_acquire(Duration::from_millis(second * 100)), Ok(()));
        }
        assert_eq!(limit.try_acquire(Duration::from_secs(10)), Err(50));
        assert_eq!(limit.try_acquire(Duration::from_millis(59_950)), Err(1));
        assert_eq!(limit.try_acquire(Duration::from_secs(60)), Ok(()));
        assert_eq!(limit.try_acquire(Duration::from_secs(60)), Err(1));
    }

    #[test]
    fn a_gateway_without_a_limit_refuses_none() {
        let mut limit = RateLimiter::new(None);
        assert!((0..10_000).all(|_| limit.try_acquire(Duration::ZERO).is_ok()));
    }
}

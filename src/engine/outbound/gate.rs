//! Whether an account's gateway is tried now: at once while it answers, else by one attempt at a time, with growing pauses.
//!
//! Invariant: deadlines are monotonic, so that a clock that is set cannot stretch them, and none is further away than
//! the longest pause of its cause.

use std::time::Duration;
use tokio::time::Instant;

/// The first pause after an attempt that failed.
const FIRST_PAUSE: Duration = Duration::from_secs(1);
/// The longest pause between attempts to connect: one costs the gateway nothing, and people wait for it to come back.
pub(crate) const UNREACHABLE_MAX: Duration = Duration::from_secs(10);
/// The longest pause between attempts that the gateway answered with a refusal of the account, or not at all.
pub(crate) const REFUSED_MAX: Duration = Duration::from_secs(60);

/// What may begin now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Admission {
    /// As many attempts as usual.
    Open,
    /// One attempt, when none is being made.
    Probe,
    /// No attempt before that time.
    Wait(Instant),
}

/// The state of an account's gateway as its sends show it.
#[derive(Debug, Default)]
pub(crate) struct Gate {
    closed: Option<Closed>,
}

#[derive(Debug)]
struct Closed {
    until: Instant,
    pause: Duration,
}

impl Gate {
    /// A gate of an account that was in trouble when it was last used: the first attempt is a probe.
    pub(crate) fn probing(now: Instant) -> Self {
        Gate { closed: Some(Closed { until: now, pause: Duration::ZERO }) }
    }

    /// What may begin now.
    pub(crate) fn admits(&self, now: Instant) -> Admission {
        match &self.closed {
            None => Admission::Open,
            Some(closed) if closed.until > now => Admission::Wait(closed.until),
            Some(_) => Admission::Probe,
        }
    }

    /// The gateway answered about a message.
    pub(crate) fn answered(&mut self) {
        self.closed = None;
    }

    /// The gateway refused the account or did not answer. Returns the pause until the next attempt, which doubles from
    /// one second to `max`. Attempts that failed together count as one.
    pub(crate) fn failed(&mut self, now: Instant, max: Duration) -> Duration {
        let pause = match &self.closed {
            Some(closed) if closed.until > now => closed.pause,
            Some(closed) => closed.pause.saturating_mul(2).max(FIRST_PAUSE),
            None => FIRST_PAUSE,
        };
        let pause = pause.min(max);
        self.closed = Some(Closed { until: now + pause, pause });
        pause
    }

    /// A person wants it to be tried now.
    pub(crate) fn resume(&mut self, now: Instant) {
        if let Some(closed) = &mut self.closed {
            closed.until = now;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_double_up_to_the_longest_and_end_with_an_answer() {
        let mut now = Instant::now();
        let mut gate = Gate::default();
        assert_eq!(gate.admits(now), Admission::Open);
        let mut pauses = Vec::new();
        for _ in 0..6 {
            let pause = gate.failed(now, UNREACHABLE_MAX);
            assert_eq!(gate.admits(now), Admission::Wait(now + pause));
            now += pause;
            assert_eq!(gate.admits(now), Admission::Probe);
            pauses.push(pause.as_secs());
        }
        assert_eq!(pauses, [1, 2, 4, 8, 10, 10]);
        gate.answered();
        assert_eq!(gate.admits(now), Admission::Open);
        assert_eq!(gate.failed(now, REFUSED_MAX), FIRST_PAUSE);
    }

    #[test]
    fn attempts_that_failed_together_count_as_one_and_a_person_ends_the_pause() {
        let now = Instant::now();
        let mut gate = Gate::default();
        for _ in 0..4 {
            assert_eq!(gate.failed(now, REFUSED_MAX), FIRST_PAUSE);
        }
        gate.resume(now);
        assert_eq!(gate.admits(now), Admission::Probe);
        assert_eq!(Gate::probing(now).admits(now), Admission::Probe);
    }
}

//! A seeded random number generator, so that the same seed gives the same run. The system's randomness is not used.

use std::time::Duration;

/// A pseudo-random number generator (`SplitMix64`). Not for secrets.
#[derive(Debug, Clone)]
pub(crate) struct Rng {
    state: u64,
}

impl Rng {
    /// A generator for one purpose: the numbers of one customer do not depend on how many others have drawn. The
    /// purpose is part of the seed, so that changing its text changes every run.
    pub(crate) fn new(seed: u64, purpose: &str) -> Self {
        // FNV-1a over the purpose, begun at the seed.
        let state = purpose.bytes().fold(0xcbf2_9ce4_8422_2325 ^ seed, |hash, byte| {
            (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3)
        });
        Rng { state }
    }

    /// The next 64 random bits.
    pub(crate) fn next_u64(&mut self) -> u64 {
        self.state = self.state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.state;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number from 0 to `limit`, exclusive; 0 for a limit of 0.
    pub(crate) fn below(&mut self, limit: usize) -> usize {
        let limit = u64::try_from(limit).unwrap_or(u64::MAX);
        self.next_u64().checked_rem(limit).and_then(|n| usize::try_from(n).ok()).unwrap_or(0)
    }

    /// True in `percent` of a hundred cases.
    pub(crate) fn chance(&mut self, percent: usize) -> bool {
        self.below(100) < percent
    }

    /// A duration between both, in whole milliseconds.
    pub(crate) fn between(&mut self, low: Duration, high: Duration) -> Duration {
        let room = usize::try_from(high.saturating_sub(low).as_millis()).unwrap_or(0);
        low + Duration::from_millis(u64::try_from(self.below(room + 1)).unwrap_or(0))
    }

    /// One of the items; `None` when there are none.
    pub(crate) fn pick<'a, T>(&mut self, items: &'a [T]) -> Option<&'a T> {
        items.get(self.below(items.len()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_seeds_and_purposes_give_equal_numbers() {
        let numbers = |seed, purpose: &str| {
            let mut rng = Rng::new(seed, purpose);
            (0..20).map(|_| rng.next_u64()).collect::<Vec<_>>()
        };
        assert_eq!(numbers(7, "a"), numbers(7, "a"));
        assert_ne!(numbers(7, "a"), numbers(8, "a"));
        assert_ne!(numbers(7, "a"), numbers(7, "b"));
    }

    #[test]
    fn numbers_stay_within_their_limits() {
        let mut rng = Rng::new(1, "limits");
        let (low, high) = (Duration::from_millis(500), Duration::from_millis(1500));
        for _ in 0..1000 {
            assert!(rng.below(7) < 7);
            assert!((low..=high).contains(&rng.between(low, high)));
        }
        assert_eq!(rng.below(0), 0);
        assert_eq!(rng.between(high, low), high);
        assert!(rng.pick::<u8>(&[]).is_none());
        let hits = (0..1000).filter(|_| rng.chance(25)).count();
        assert!((150..350).contains(&hits), "{hits}");
    }
}

//! Seeded chance, so that the same seed plays the same evening. Nothing here asks the system for randomness.

use std::time::Duration;

/// A small generator of pseudo-random numbers (`SplitMix64`). Not for secrets.
#[derive(Debug, Clone)]
pub(super) struct Dice {
    state: u64,
}

impl Dice {
    /// A die of its own for each purpose: what one customer rolls does not depend on what others did before.
    pub(super) fn new(seed: u64, purpose: &str) -> Self {
        // FNV-1a over the purpose, begun at the seed.
        let state = purpose.bytes().fold(0xcbf2_9ce4_8422_2325 ^ seed, |hash, byte| {
            (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3)
        });
        Dice { state }
    }

    /// The next number.
    pub(super) fn roll(&mut self) -> u64 {
        self.state = self.state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.state;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number from 0 up to, but without, `limit`; 0 for a limit of 0.
    pub(super) fn below(&mut self, limit: usize) -> usize {
        let limit = u64::try_from(limit).unwrap_or(u64::MAX);
        self.roll().checked_rem(limit).and_then(|n| usize::try_from(n).ok()).unwrap_or(0)
    }

    /// True in so many of a hundred cases.
    pub(super) fn chance(&mut self, percent: usize) -> bool {
        self.below(100) < percent
    }

    /// A span between both, in milliseconds.
    pub(super) fn between(&mut self, low: Duration, high: Duration) -> Duration {
        let room = usize::try_from(high.saturating_sub(low).as_millis()).unwrap_or(0);
        low + Duration::from_millis(u64::try_from(self.below(room + 1)).unwrap_or(0))
    }

    /// One of the things; `None` when there is none.
    pub(super) fn pick<'a, T>(&mut self, things: &'a [T]) -> Option<&'a T> {
        things.get(self.below(things.len()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_seed_and_purpose_roll_alike_and_others_do_not() {
        let rolls = |seed, purpose: &str| {
            let mut dice = Dice::new(seed, purpose);
            (0..20).map(|_| dice.roll()).collect::<Vec<_>>()
        };
        assert_eq!(rolls(7, "a"), rolls(7, "a"));
        assert_ne!(rolls(7, "a"), rolls(8, "a"));
        assert_ne!(rolls(7, "a"), rolls(7, "b"));
    }

    #[test]
    fn rolls_stay_within_their_limits() {
        let mut dice = Dice::new(1, "limits");
        let (low, high) = (Duration::from_millis(500), Duration::from_millis(1500));
        for _ in 0..1000 {
            assert!(dice.below(7) < 7);
            assert!((low..=high).contains(&dice.between(low, high)));
        }
        assert_eq!(dice.below(0), 0);
        assert_eq!(dice.between(high, low), high);
        assert!(dice.pick::<u8>(&[]).is_none());
        let hits = (0..1000).filter(|_| dice.chance(25)).count();
        assert!((150..350).contains(&hits), "{hits}");
    }
}

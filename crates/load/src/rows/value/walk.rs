//! Numbers that don't repeat, for columns that must be unique.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// Visits each number below `size` once, before it begins again. All clones share one walk, so
/// connections never get the same number.
#[derive(Debug, Clone)]
pub struct Walk {
    start: u64,
    step: u64,
    /// How many numbers there are; 2^64 at most.
    size: u128,
    taken: Arc<AtomicU64>,
}

/// 2^64 divided by the golden ratio: multiples of it are spread evenly.
const GOLDEN: u128 = 0x9E37_79B9_7F4A_7C15;

impl Walk {
    /// 0, 1, 2 and so on.
    pub fn in_order(size: u128) -> Self {
        Self { start: 0, step: 1, size: size.max(1), taken: Arc::default() }
    }

    /// Scattered over all numbers, from a start that no two runs share (not even with one
    /// `--seed`), so that rows of a run before are hardly met.
    pub fn scattered(size: u128) -> Self {
        let size = size.clamp(1, 1 << 64);
        let start = u128::from(rand::random::<u64>()) % size;
        let mut step = ((size * (GOLDEN >> 32)) >> 32).max(1);
        while gcd(step, size) != 1 {
            step += 1;
        }
        let narrow = |number: u128| u64::try_from(number).unwrap_or(1);
        Self { start: narrow(start), step: narrow(step), size, taken: Arc::default() }
    }

    /// How many numbers there are before one repeats.
    pub fn size(&self) -> u128 {
        self.size
    }

    /// Begins again, for all clones: what was taken is free.
    pub fn rewind(&self) {
        self.taken.store(0, Ordering::Relaxed);
    }

    /// The next number.
    pub fn next(&self) -> u64 {
        let taken = u128::from(self.taken.fetch_add(1, Ordering::Relaxed));
        let at = (u128::from(self.start) + taken * u128::from(self.step)) % self.size;
        u64::try_from(at).unwrap_or_default()
    }
}

fn gcd(a: u128, b: u128) -> u128 {
    if b == 0 { a } else { gcd(b, a % b) }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn visits_each_number_once_among_clones() {
        for size in [1, 2, 10, 36, 997, 1000] {
            let walk = Walk::scattered(size);
            let other = walk.clone();
            let seen: HashSet<u64> =
                (0..size).map(|n| if n % 2 == 0 { walk.next() } else { other.next() }).collect();
            assert_eq!(seen.len() as u128, size);
            assert!(seen.iter().all(|n| u128::from(*n) < size));
        }
        assert_eq!((0..4).map(|_| Walk::in_order(9).next()).max(), Some(0));
    }

    #[test]
    fn the_widest_walk_neither_overflows_nor_repeats() {
        let walk = Walk::scattered(1 << 64);
        let seen: HashSet<u64> = (0..10_000).map(|_| walk.next()).collect();
        assert_eq!(seen.len(), 10_000);
    }
}

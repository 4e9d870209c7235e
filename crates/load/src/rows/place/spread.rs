//! Which of several partitions is next.

use rand::RngExt;

use crate::rows::{Random, Spread};

/// Chooses among `n` things.
#[derive(Debug)]
pub enum Shares {
    /// All alike.
    Even(usize),
    /// Sums of the weights up to each.
    Weighted(Vec<f64>),
}

impl Shares {
    /// Shares for `count` things in their order.
    pub fn new(spread: Spread, count: usize) -> Self {
        match spread {
            Spread::Even => Self::Even(count),
            Spread::Zipf => {
                let mut sum = 0.0;
                let weights = (1..=u32::try_from(count).unwrap_or(u32::MAX)).map(|n| {
                    sum += 1.0 / f64::from(n);
                    sum
                });
                Self::Weighted(weights.collect())
            }
        }
    }

    /// The next one; 0 when there is none.
    pub fn choose(&self, random: &mut Random) -> usize {
        match self {
            Self::Even(0 | 1) => 0,
            Self::Even(count) => random.random_range(0..*count),
            Self::Weighted(sums) => {
                let at = random.random::<f64>() * sums.last().copied().unwrap_or(0.0);
                sums.partition_point(|sum| *sum <= at).min(sums.len().saturating_sub(1))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use rand::SeedableRng;

    use super::*;

    #[test]
    fn shares_are_even_or_fall_off() {
        let mut random = Random::seed_from_u64(7);
        let mut counts = |spread| {
            let shares = Shares::new(spread, 4);
            let mut counts = [0_i32; 4];
            (0..25_000).for_each(|_| counts[shares.choose(&mut random)] += 1);
            counts
        };
        for count in counts(Spread::Even) {
            assert!((count - 6_250).abs() < 500, "{count}");
        }
        // 1 + 1/2 + 1/3 + 1/4 is 25/12.
        for (count, wanted) in counts(Spread::Zipf).into_iter().zip([12_000, 6_000, 4_000, 3_000]) {
            assert!((count - wanted).abs() < 500, "{count}, wanted {wanted}");
        }
    }
}

//! Weighted choice in one step.

use rand::RngExt;

use crate::rows::Random;

/// Each choice as often as its weight says, out of `SUM` places.
pub struct Weighted<T, const SUM: usize>([T; SUM]);

impl<T: Copy, const SUM: usize> Weighted<T, SUM> {
    /// For constants: does not compile when the weights do not add up to `SUM`.
    pub const fn new<const N: usize>(choices: [(T, usize); N]) -> Self {
        let mut places = [choices[0].0; SUM];
        let (mut choice, mut taken) = (0, 0);
        while choice < N {
            let end = taken + choices[choice].1;
            while taken < end {
                places[taken] = choices[choice].0;
                taken += 1;
            }
            choice += 1;
        }
        assert!(taken == SUM, "the weights do not add up");
        Self(places)
    }

    /// One of them.
    pub fn choose(&self, random: &mut Random) -> T {
        self.0[random.random_range(0..SUM)]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand::SeedableRng;

    #[test]
    fn follows_the_weights() {
        static COIN: Weighted<bool, 4> = Weighted::new([(true, 3), (false, 1)]);
        let mut random = Random::seed_from_u64(1);
        let heads = (0..10_000).filter(|_| COIN.choose(&mut random)).count();
        // Ten standard deviations around 7,500.
        assert!((7_067..7_933).contains(&heads), "{heads}");
    }
}

//! Weighted choice.

use rand::Rng;
use rand::seq::IndexedRandom;

/// One of `choices`, each as likely as its weight says.
pub fn choose<T: Copy>(rng: &mut impl Rng, choices: &[(T, u32)]) -> T {
    // Only weights that add up to zero fail, and ours are constants that do not.
    choices.choose_weighted(rng, |(_, weight)| *weight).map_or(choices[0].0, |(choice, _)| *choice)
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand::SeedableRng;
    use rand::rngs::StdRng;

    #[test]
    fn follows_the_weights() {
        let mut rng = StdRng::seed_from_u64(1);
        let heads = (0..10_000).filter(|_| choose(&mut rng, &[(true, 3), (false, 1)])).count();
        // Ten standard deviations around 7,500.
        assert!((7_067..7_933).contains(&heads), "{heads}");
    }
}

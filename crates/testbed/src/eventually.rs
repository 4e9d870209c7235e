//! Waiting for a condition, with a limit.

use std::thread;
use std::time::{Duration, Instant};

/// Polls `condition` until it holds. Panics with `what` when it does not within `limit`.
///
/// It blocks its thread: let what is waited for run in another thread or process.
pub fn eventually(limit: Duration, what: &str, mut condition: impl FnMut() -> bool) {
    let begun = Instant::now();
    while !condition() {
        assert!(begun.elapsed() < limit, "not within {limit:?}: {what}");
        #[allow(clippy::disallowed_methods, reason = "the pause between two looks at a condition")]
        thread::sleep(Duration::from_millis(5));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[should_panic(expected = "not within 10ms: pigs fly")]
    fn says_what_did_not_happen() {
        eventually(Duration::from_millis(10), "pigs fly", || false);
    }

    #[test]
    fn looks_until_it_holds() {
        let mut looks = 0;
        eventually(Duration::from_secs(5), "three looks", || {
            looks += 1;
            looks == 3
        });
    }
}

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

/// [`eventually`] for a condition that a server is asked for; what is waited for may run in the
/// same thread.
pub async fn until(limit: Duration, what: &str, mut condition: impl AsyncFnMut() -> bool) {
    let polling = async {
        while !condition().await {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    assert!(tokio::time::timeout(limit, polling).await.is_ok(), "not within {limit:?}: {what}");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    #[should_panic(expected = "not within 10ms: pigs fly")]
    async fn until_says_what_did_not_happen() {
        until(Duration::from_millis(10), "pigs fly", async || false).await;
    }

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

//! The beat of an open loop.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use lab::{Context, Result};
use tokio::sync::Notify;

/// A thread that wakes connections when statements are due. Timers of the runtime are exact to a
/// millisecond, which is longer than most inserts take; a thread's sleep is exact to some 60 µs.
pub struct Metronome {
    shared: Arc<Shared>,
    thread: Option<JoinHandle<()>>,
}

struct Shared {
    start: Instant,
    rate: f64,
    beats: AtomicU64,
    notify: Notify,
    stopped: Mutex<bool>,
    stop: Condvar,
}

impl Metronome {
    /// Begins to beat `rate` times a second; the first beat is at `start`.
    pub fn start(rate: f64, start: Instant) -> Result<Self> {
        let shared = Arc::new(Shared {
            start,
            rate,
            beats: AtomicU64::new(0),
            notify: Notify::new(),
            stopped: Mutex::new(false),
            stop: Condvar::new(),
        });
        let thread = std::thread::Builder::new().name("metronome".to_owned()).spawn({
            let shared = shared.clone();
            move || shared.run()
        });
        Ok(Self { shared, thread: Some(thread.context(|| "cannot start a thread")?) })
    }

    /// How many beats there were.
    pub fn beats(&self) -> u64 {
        self.shared.beats.load(Ordering::Acquire)
    }

    /// When beat `n` is due, counted from 0.
    pub fn due(&self, n: u64) -> Instant {
        self.shared.due(n)
    }

    /// How many beats are due at `now`.
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // saturates, and is positive
    pub fn due_by(&self, now: Instant) -> u64 {
        let since = now.saturating_duration_since(self.shared.start).as_secs_f64();
        (since * self.shared.rate) as u64 + 1
    }

    /// Completes at a beat (at once if one came since somebody last waited).
    pub async fn beat(&self) {
        self.shared.notify.notified().await;
    }

    /// Wakes one more who waits.
    pub fn pass_on(&self) {
        self.shared.notify.notify_one();
    }
}

impl Drop for Metronome {
    fn drop(&mut self) {
        *self.shared.stopped.lock().unwrap_or_else(PoisonError::into_inner) = true;
        self.shared.stop.notify_one();
        if let Some(thread) = self.thread.take() {
            // It has no way to fail.
            let _ = thread.join();
        }
    }
}

impl Shared {
    #[allow(clippy::cast_precision_loss)] // 2^53 beats are far away
    fn due(&self, n: u64) -> Instant {
        self.start + Duration::from_secs_f64(n as f64 / self.rate)
    }

    fn run(&self) {
        let mut beats = 0;
        let mut stopped = self.stopped.lock().unwrap_or_else(PoisonError::into_inner);
        while !*stopped {
            let now = Instant::now();
            let due = self.due(beats);
            if due > now {
                let waited = self.stop.wait_timeout(stopped, due - now);
                (stopped, _) = waited.unwrap_or_else(PoisonError::into_inner);
                continue;
            }
            // When it was late itself, it makes up for every beat: each keeps its own due time.
            while self.due(beats) <= now {
                beats += 1;
            }
            self.beats.store(beats, Ordering::Release);
            self.notify.notify_one();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn beats_come_when_they_are_due_and_none_is_left_out() {
        let start = Instant::now();
        let metronome = Metronome::start(1_000.0, start).unwrap();
        let mut beats = 0;
        while beats < 50 {
            metronome.beat().await;
            let now = Instant::now();
            while beats < metronome.beats() {
                assert!(metronome.due(beats) <= now, "beat {beats} came early");
                beats += 1;
            }
        }
        assert_eq!(metronome.due(0), start);
        assert_eq!(metronome.due(2_000), start + Duration::from_secs(2));
        assert!(start.elapsed() >= Duration::from_millis(49), "{:?}", start.elapsed());
    }
}

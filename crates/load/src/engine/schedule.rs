//! When the next statement is due, and how many rows are left.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use tokio::sync::Notify;

use super::job::{Job, Pace};
use super::metronome::Metronome;

/// What a connection with a free slot does next.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Turn {
    /// Send a statement with so many rows that is due since then.
    Send(Due),
    /// Wait until one is due.
    Wait,
    /// There are no rows left.
    Over,
}

/// A statement that is to be sent.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Due {
    /// Latency counts from here: in an open loop from when it had to be sent, else from sending.
    pub at: Instant,
    /// How many rows it inserts.
    pub rows: u32,
}

/// How many statements an open loop has until the end of `job`.
#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // saturates, and is positive
fn all(job: &Job) -> u64 {
    let in_time = match (job.pace, job.duration) {
        (Pace::Rate(rate), Some(duration)) => {
            ((job.warmup + duration).as_secs_f64() * rate).ceil() as u64
        }
        _ => u64::MAX,
    };
    job.rows.map_or(in_time, |rows| in_time.min(rows.div_ceil(u64::from(job.batch))))
}

/// Shared by all connections.
pub struct Schedule {
    pace: Pace,
    batch: u32,
    /// Rows that nobody has taken yet, where their number is limited.
    rows_left: Option<AtomicU64>,
    /// Tells those who wait that there are no rows left.
    exhausted: Notify,
    metronome: Option<Metronome>,
    /// Statements of the open loop that are due before the end of the run.
    all: u64,
    /// Statements of the open loop that connections have taken.
    taken: AtomicU64,
}

/// Counters that depend on nothing else.
const ORDER: Ordering = Ordering::Relaxed;

/// How late a closed loop may be and still keep its beat: timers are no more exact.
const SLACK: Duration = Duration::from_millis(5);

impl Schedule {
    /// The schedule of `job`, whose first statement is due at `start`.
    pub fn new(job: &Job, start: Instant) -> lab::Result<Self> {
        let metronome = match job.pace {
            Pace::Rate(rate) => Some(Metronome::start(rate, start)?),
            Pace::Full | Pace::Every(_) => None,
        };
        Ok(Self {
            pace: job.pace,
            batch: job.batch,
            rows_left: job.rows.map(AtomicU64::new),
            exhausted: Notify::new(),
            metronome,
            all: all(job),
            taken: AtomicU64::new(0),
        })
    }

    /// What to do `now`; `next` is when this connection's next statement is due in a closed loop
    /// with pauses.
    pub fn turn(&self, next: &mut Instant, now: Instant) -> Turn {
        if self.is_exhausted() {
            return Turn::Over;
        }
        let at = match (self.pace, &self.metronome) {
            (Pace::Every(pause), _) => {
                if now < *next {
                    return Turn::Wait;
                }
                // A late one delays those after it.
                let late = now.saturating_duration_since(*next) > SLACK;
                *next = if late { now } else { *next } + pause;
                now
            }
            (_, Some(metronome)) => {
                let beats = metronome.beats().min(self.all);
                let take = |taken: u64| (taken < beats).then_some(taken + 1);
                let Ok(taken) = self.taken.fetch_update(ORDER, ORDER, take) else {
                    return Turn::Wait;
                };
                if taken + 1 < beats {
                    // For another connection with a free slot.
                    metronome.pass_on();
                }
                metronome.due(taken)
            }
            _ => now,
        };
        match self.take_rows() {
            0 => Turn::Over,
            rows => Turn::Send(Due { at, rows }),
        }
    }

    fn take_rows(&self) -> u32 {
        let Some(rows_left) = &self.rows_left else { return self.batch };
        let batch = u64::from(self.batch);
        let take = |left: u64| Some(left.saturating_sub(batch));
        let left = rows_left.fetch_update(ORDER, ORDER, take).unwrap_or_else(|left| left);
        if left <= batch {
            self.exhausted.notify_waiters();
        }
        u32::try_from(left.min(batch)).unwrap_or(self.batch)
    }

    /// Whether every row of `--rows` has been taken.
    pub fn is_exhausted(&self) -> bool {
        self.rows_left.as_ref().is_some_and(|left| left.load(ORDER) == 0)
    }

    /// Waits until [`turn`](Self::turn) may say something else.
    pub async fn wait(&self, next: Instant) {
        let due = async {
            match &self.metronome {
                Some(metronome) => metronome.beat().await,
                None => tokio::time::sleep_until(next.into()).await,
            }
        };
        tokio::select! {
            () = due => {}
            () = self.exhausted.notified() => {}
        }
    }

    /// Statements that were due and not taken yet, and for how long the first of them has waited:
    /// zero while that is no longer than a timer's error.
    pub fn behind(&self, now: Instant) -> (u64, Duration) {
        let Some(metronome) = &self.metronome else { return (0, Duration::ZERO) };
        let taken = self.taken.load(ORDER);
        // By the clock: the metronome itself may be late.
        let behind = metronome.due_by(now).min(self.all).saturating_sub(taken);
        let lag = now.saturating_duration_since(metronome.due(taken));
        (behind, if behind > 0 && lag > SLACK { lag } else { Duration::ZERO })
    }
}

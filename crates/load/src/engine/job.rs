//! What a run is to do.

use std::time::Duration;

/// A load, whatever tables it goes to.
#[derive(Debug, Clone, PartialEq)]
pub struct Job {
    /// Connections.
    pub workers: usize,
    /// Statements on each connection that may wait for their answers; 1: one after the other.
    pub in_flight: usize,
    /// Rows a statement.
    pub batch: u32,
    /// By COPY, not INSERT.
    pub copy: bool,
    /// Whether each insert answers which partition took its row.
    pub tracked: bool,
    /// When statements are sent.
    pub pace: Pace,
    /// How long it is measured; `None`: until something else ends it.
    pub duration: Option<Duration>,
    /// How long it runs before it is measured.
    pub warmup: Duration,
    /// Rows after which it ends.
    pub rows: Option<u64>,
    /// Start of the random numbers.
    pub seed: Option<u64>,
    /// Refused statements that are too many.
    pub max_errors: Option<u64>,
}

/// When statements are sent.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Pace {
    /// Closed loop: as fast as the server answers.
    Full,
    /// Closed loop: each connection at most one in this time.
    Every(Duration),
    /// Open loop: so many a second on all connections together, whatever the server does.
    Rate(f64),
}

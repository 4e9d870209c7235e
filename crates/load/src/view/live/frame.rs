//! What one picture of the live view shows.

use std::time::Duration;

use crate::stats::{Latency, Outage, Second, Stats};

/// What is known about the run beside its counts.
#[derive(Debug, Clone)]
pub struct Status {
    /// Which server, as `lab::report::server_line` says it.
    pub server: String,
    /// What is being done, in a line.
    pub doing: String,
    /// When it will be over; `None`: at Ctrl-C.
    pub end: Option<End>,
    /// Connections that can insert now.
    pub connected: u64,
    /// Connections that there should be.
    pub connections: u64,
}

/// What ends a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum End {
    /// Time: this long after the start of the measurement.
    After(Duration),
    /// Acknowledged rows.
    Rows(u64),
}

/// All that the live view shows, copied, so that it can be drawn while the load goes on.
#[derive(Debug, Clone)]
pub struct Frame {
    pub(super) status: Status,
    pub(super) elapsed: Duration,
    pub(super) inserted: u64,
    pub(super) failed: u64,
    pub(super) in_doubt: u64,
    pub(super) latency: Latency,
    /// Oldest first.
    pub(super) last_minute: Vec<Second>,
    pub(super) last_outage: Option<Outage>,
    pub(super) tables: Vec<Table>,
}

/// A table's name and rows, and those of its leaves.
#[derive(Debug, Clone)]
pub(super) struct Table {
    pub name: String,
    pub rows: u64,
    pub leaves: Vec<(String, u64)>,
}

impl Frame {
    /// A copy of what is to be shown of `stats`. Costs some hundred microseconds: four times a
    /// second is often enough for people.
    pub fn of(stats: &Stats, run: &Status) -> Self {
        let plain = |text: &str| console::strip_ansi_codes(text).trim().to_owned();
        let (server, doing) = (plain(&run.server), plain(&run.doing));
        let table = |table: &crate::stats::TableStats| Table {
            name: table.name.clone(),
            rows: table.inserted,
            leaves: table.leaves.iter().map(|leaf| (leaf.name.clone(), leaf.inserted)).collect(),
        };
        Self {
            status: Status { server, doing, ..*run },
            elapsed: stats.elapsed,
            inserted: stats.inserted(),
            failed: stats.errors.total(),
            in_doubt: stats.in_doubt,
            latency: stats.latency.percentiles(),
            last_minute: stats.last_minute.iter().cloned().collect(),
            last_outage: stats.outages.last().cloned(),
            tables: stats.tables.iter().map(table).collect(),
        }
    }

    /// Rows in the last whole second.
    pub(super) fn rate(&self) -> f64 {
        self.last_minute.last().map_or(0.0, Second::rate)
    }

    /// How far behind its schedule the load is, in milliseconds.
    pub(super) fn lag_ms(&self) -> f64 {
        self.last_minute.last().map_or(0.0, |second| second.lag_ms)
    }

    /// How much of the run is over, 0 to 1; `None` when nobody knows when it ends.
    #[allow(clippy::cast_precision_loss)] // for a bar of some hundred columns
    pub(super) fn done(&self) -> Option<f64> {
        let (is, whole) = match self.status.end? {
            End::After(time) => (self.elapsed.as_secs_f64(), time.as_secs_f64()),
            End::Rows(rows) => (self.inserted as f64, rows as f64),
        };
        Some(if whole > 0.0 { (is / whole).min(1.0) } else { 1.0 })
    }
}

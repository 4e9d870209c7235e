//! What was inserted where, how long it took, and what failed.

mod errors;
mod latency;
mod second;

use std::collections::VecDeque;
use std::time::Duration;

use lab::Result;

pub use errors::{Errors, Refused};
pub use latency::{Latencies, Latency};
pub use second::{Second, Series};

/// Everything that is known about a run, during it and at its end: what the live view, the
/// summary, the JSON document and the HTML page show.
#[derive(Debug)]
pub struct Stats {
    /// Time since the first insert was due, warm-up left out.
    pub elapsed: Duration,
    /// The tables, in the order in which everything is shown.
    pub tables: Vec<TableStats>,
    /// Statements that the server refused, by SQLSTATE.
    pub errors: Errors,
    /// Rows in flight when a connection broke.
    pub in_doubt: u64,
    /// Times without a connection or with a server that takes nothing.
    pub outages: Vec<Outage>,
    /// Second by second.
    pub series: Series,
    /// The last minute of the same, oldest first.
    pub last_minute: VecDeque<Second>,
    /// Of all statements that were answered.
    pub latency: Latencies,
    /// Statements that were due (`--rate`) and never sent, because the load was behind at its end.
    pub never_sent: u64,
    /// Statements that we cancelled at the end, because the server did not answer them in time.
    pub cancelled: u64,
}

impl Stats {
    /// Nothing yet.
    pub fn new(tables: Vec<TableStats>) -> Result<Self> {
        Ok(Self {
            elapsed: Duration::ZERO,
            tables,
            errors: Errors::default(),
            in_doubt: 0,
            outages: Vec::new(),
            series: Series::default(),
            last_minute: VecDeque::new(),
            latency: Latencies::precise()?,
            never_sent: 0,
            cancelled: 0,
        })
    }

    /// Rows that the server acknowledged.
    pub fn inserted(&self) -> u64 {
        self.tables.iter().map(|table| table.inserted).sum()
    }

    /// Acknowledged rows a second, over the whole run.
    #[allow(clippy::cast_precision_loss)] // 2^53 rows are far away
    pub fn rate(&self) -> f64 {
        let seconds = self.elapsed.as_secs_f64();
        if seconds > 0.0 { self.inserted() as f64 / seconds } else { 0.0 }
    }
}

impl Stats {
    /// Adds a second to the series and to the last minute.
    pub fn push(&mut self, second: Second) {
        if self.last_minute.len() == 60 {
            self.last_minute.pop_front();
        }
        self.last_minute.push_back(second.clone());
        self.series.push(second);
    }
}

impl TableStats {
    /// The leaf with this OID; one that was attached during the run is added.
    pub fn leaf(&mut self, oid: u32) -> &mut LeafStats {
        let place = self.leaves.iter().position(|leaf| leaf.oid == oid);
        let place = place.unwrap_or_else(|| {
            self.leaves.push(LeafStats { oid, name: String::new(), inserted: 0, latency: None });
            self.leaves.len() - 1
        });
        &mut self.leaves[place]
    }
}

/// One table of the load.
#[derive(Debug)]
pub struct TableStats {
    /// Its label: `event_logs`.
    pub name: String,
    /// Rows that the server acknowledged.
    pub inserted: u64,
    /// Rows in doubt.
    pub in_doubt: u64,
    /// Of its statements.
    pub latency: Latencies,
    /// Its leaves in the order of their bounds (those attached during the run last); a table
    /// that is not partitioned is its own only leaf.
    pub leaves: Vec<LeafStats>,
}

/// One partition that holds rows.
#[derive(Debug)]
pub struct LeafStats {
    /// The partition's OID, which `RETURNING tableoid` answers.
    pub oid: u32,
    /// Its own name.
    pub name: String,
    /// Rows that the server put there.
    pub inserted: u64,
    /// Of the statements of which a row went there; `None` until the first.
    pub latency: Option<Latencies>,
}

/// A time in which a connection could not insert.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
pub struct Outage {
    /// Seconds since the start of the measurement (negative in the warm-up).
    pub at_s: f64,
    /// Until every connection could insert again; `None` when it lasted to the end.
    pub lasted_s: Option<f64>,
    /// What began it: SQLSTATE and message, or what happened to the connection.
    pub cause: String,
    /// The most connections that were down at the same time.
    pub connections: u64,
}

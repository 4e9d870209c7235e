//! What was inserted where, how long it took, and what failed.

use std::collections::BTreeMap;
use std::time::Duration;

use hdrhistogram::Histogram;
use lab::{Context, Result};

use crate::row::Table;

/// Counts of a run so far.
#[derive(Debug)]
pub struct Stats {
    /// Time since the first insert was due.
    pub elapsed: Duration,
    tables: [u64; Table::MIX.len()],
    partitions: BTreeMap<String, u64>,
    failed: BTreeMap<String, u64>,
    /// Microseconds from sending an insert to its answer.
    latency: Histogram<u64>,
}

/// Latency in milliseconds at the usual percentiles.
#[derive(Debug, serde::Serialize, PartialEq)]
pub struct Latency {
    pub p50: f64,
    pub p90: f64,
    pub p99: f64,
    pub p999: f64,
    pub max: f64,
}

impl Stats {
    /// Nothing yet; `partitions` are shown even when no row goes there.
    pub fn new<'a>(partitions: impl Iterator<Item = &'a str>) -> Result<Self> {
        // 1 µs to one hour with three significant digits: 185 KiB.
        const HOUR_US: u64 = 3_600_000_000;
        let latency =
            Histogram::new_with_bounds(1, HOUR_US, 3).context(|| "cannot make a histogram")?;
        Ok(Self {
            elapsed: Duration::ZERO,
            tables: [0; Table::MIX.len()],
            partitions: partitions.map(|name| (name.to_owned(), 0)).collect(),
            failed: BTreeMap::new(),
            latency,
        })
    }

    /// A row of `table` went into `partition`.
    pub fn inserted(&mut self, table: Table, partition: &str, latency: Duration) {
        self.tables[table as usize] += 1;
        match self.partitions.get_mut(partition) {
            Some(rows) => *rows += 1,
            None => drop(self.partitions.insert(partition.to_owned(), 1)),
        }
        // Saturating: whatever takes longer than the histogram reaches counts as that.
        self.latency.saturating_record(u64::try_from(latency.as_micros()).unwrap_or(u64::MAX));
    }

    /// An insert was refused with this SQLSTATE.
    pub fn refused(&mut self, sqlstate: &str, message: &str) {
        *self.failed.entry(format!("{sqlstate} {message}")).or_default() += 1;
    }

    /// Rows inserted.
    pub fn total(&self) -> u64 {
        self.tables.iter().sum()
    }

    /// Inserts that failed.
    pub fn failed(&self) -> u64 {
        self.failed.values().sum()
    }

    /// What failed how often, a line each.
    pub fn failures(&self) -> String {
        let lines: Vec<_> =
            self.failed.iter().map(|(what, times)| format!("{what} ({times} ×)")).collect();
        lines.join("\n")
    }

    /// Rows by table, in the order of the mix.
    pub fn tables(&self) -> impl Iterator<Item = (Table, u64)> {
        Table::MIX.iter().map(|(table, _)| (*table, self.tables[*table as usize]))
    }

    /// Rows by partition, by name.
    pub fn partitions(&self) -> &BTreeMap<String, u64> {
        &self.partitions
    }

    /// Rows a second over the whole run.
    #[allow(clippy::cast_precision_loss)] // a rate for people, and 2^53 rows are far away
    pub fn rate(&self) -> f64 {
        let seconds = self.elapsed.as_secs_f64();
        if seconds > 0.0 { self.total() as f64 / seconds } else { 0.0 }
    }

    /// Latency so far.
    #[allow(clippy::cast_precision_loss)] // the histogram ends far below 2^53 µs
    pub fn latency(&self) -> Latency {
        let at = |percentile| self.latency.value_at_percentile(percentile) as f64 / 1e3;
        Latency {
            p50: at(50.0),
            p90: at(90.0),
            p99: at(99.0),
            p999: at(99.9),
            max: self.latency.max() as f64 / 1e3,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_by_table_and_partition_and_knows_the_slowest() {
        let mut stats = Stats::new(["p0", "p1"].into_iter()).unwrap();
        for ms in 1..=100 {
            stats.inserted(Table::UsersDistributed, "p1", Duration::from_millis(ms));
        }
        stats.inserted(Table::EventLogs, "new", Duration::from_millis(1));
        stats.refused("23505", "duplicate key");
        stats.refused("23505", "duplicate key");
        stats.elapsed = Duration::from_secs(2);
        assert_eq!((stats.total(), stats.failed()), (101, 2));
        assert_eq!(
            stats.partitions().iter().map(|(n, r)| (n.as_str(), *r)).collect::<Vec<_>>(),
            [("new", 1), ("p0", 0), ("p1", 100)]
        );
        assert!((stats.rate() - 50.5).abs() < 1e-9);
        let latency = stats.latency();
        assert!((49.0..=51.0).contains(&latency.p50), "{latency:?}");
        assert!((99.0..=101.0).contains(&latency.max), "{latency:?}");
        assert_eq!(stats.failures(), "23505 duplicate key (2 ×)");
    }
}

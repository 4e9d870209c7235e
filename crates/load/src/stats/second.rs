//! A run second by second.

use super::Latency;

/// What happened in one second of a run (or in several, where [`Series`] has merged them).
#[derive(Debug, Clone, Default, PartialEq, serde::Serialize)]
pub struct Second {
    /// Seconds since the start of the measurement at which it ended.
    pub at: f64,
    /// Its length in seconds.
    pub length: f64,
    /// Rows that the server acknowledged.
    pub inserted: u64,
    /// Statements that the server refused.
    pub failed: u64,
    /// Rows in flight when a connection broke: nobody knows whether they were inserted.
    pub in_doubt: u64,
    /// How far the load was behind its schedule at the end of the second, in milliseconds; 0
    /// without `--rate`.
    pub lag_ms: f64,
    /// Connections that were not there at its end.
    pub disconnected: u64,
    /// Of the statements that were answered in it.
    pub latency_ms: Latency,
}

impl Second {
    /// Rows a second.
    #[allow(clippy::cast_precision_loss)] // 2^53 rows are far away
    pub fn rate(&self) -> f64 {
        if self.length > 0.0 { self.inserted as f64 / self.length } else { 0.0 }
    }

    /// Takes in the next one. Percentiles cannot be merged, so of each the larger one stays: a
    /// merged series never looks better than the run was.
    fn merge(&mut self, next: &Self) {
        self.at = next.at;
        self.length += next.length;
        self.inserted += next.inserted;
        self.failed += next.failed;
        self.in_doubt += next.in_doubt;
        self.lag_ms = self.lag_ms.max(next.lag_ms);
        self.disconnected = self.disconnected.max(next.disconnected);
        let (mine, other) = (&mut self.latency_ms, &next.latency_ms);
        mine.p50 = mine.p50.max(other.p50);
        mine.p90 = mine.p90.max(other.p90);
        mine.p99 = mine.p99.max(other.p99);
        mine.p999 = mine.p999.max(other.p999);
        mine.p9999 = mine.p9999.max(other.p9999);
        mine.max = mine.max.max(other.max);
    }
}

/// All seconds of a run in bounded memory: when there are too many, two neighbours become one.
#[derive(Debug, Default)]
pub struct Series {
    seconds: Vec<Second>,
    /// How many seconds each of `seconds` stands for (the last one may still miss some).
    each: usize,
    in_last: usize,
}

/// More points than a page's chart has pixels help nobody: half an hour, second by second.
const MOST: usize = 1_800;

impl Series {
    /// Adds the next second.
    pub fn push(&mut self, second: Second) {
        self.each = self.each.max(1);
        match self.seconds.last_mut() {
            Some(last) if self.in_last < self.each => {
                last.merge(&second);
                self.in_last += 1;
            }
            _ => {
                self.seconds.push(second);
                self.in_last = 1;
            }
        }
        if self.seconds.len() >= MOST && self.in_last == self.each {
            self.halve();
        }
    }

    fn halve(&mut self) {
        let mut whole = std::mem::take(&mut self.seconds).into_iter();
        while let Some(mut first) = whole.next() {
            if let Some(next) = whole.next() {
                first.merge(&next);
            }
            self.seconds.push(first);
        }
        self.each *= 2;
        self.in_last = self.each;
    }

    /// In order of time.
    pub fn seconds(&self) -> &[Second] {
        &self.seconds
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_run_keeps_its_totals_and_its_worst_in_bounded_memory() {
        let mut series = Series::default();
        for n in 1..=100_000_u32 {
            series.push(Second {
                at: f64::from(n),
                length: 1.0,
                inserted: 3,
                latency_ms: Latency { max: if n == 77 { 9.0 } else { 1.0 }, ..Latency::default() },
                ..Second::default()
            });
        }
        let seconds = series.seconds();
        assert!(seconds.len() <= MOST, "{}", seconds.len());
        assert_eq!(seconds.iter().map(|second| second.inserted).sum::<u64>(), 300_000);
        assert!((seconds.iter().map(|second| second.length).sum::<f64>() - 1e5).abs() < 1e-6);
        assert!(seconds.iter().all(|second| (second.rate() - 3.0).abs() < 1e-9));
        assert!(seconds.is_sorted_by(|a, b| a.at < b.at));
        let worst: Vec<_> = seconds.iter().filter(|s| s.latency_ms.max > 8.0).collect();
        assert_eq!(worst.len(), 1, "{worst:?}");
    }
}

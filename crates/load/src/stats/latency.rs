//! How long statements took.

use std::time::Duration;

use hdrhistogram::Histogram;
use lab::{Context, Result};

/// One hour in microseconds: whatever takes longer counts as that.
const HOUR_US: u64 = 3_600_000_000;

/// A histogram of latencies, from one microsecond to one hour.
#[derive(Debug, Clone)]
pub struct Latencies(Histogram<u64>);

impl Latencies {
    /// An empty one with three significant digits: 185 KiB.
    pub fn precise() -> Result<Self> {
        Self::with_digits(3)
    }

    /// An empty one with two significant digits, 26 KiB: there may be one for each of many
    /// partitions.
    pub fn small() -> Result<Self> {
        Self::with_digits(2)
    }

    fn with_digits(digits: u8) -> Result<Self> {
        let histogram = Histogram::new_with_bounds(1, HOUR_US, digits);
        Ok(Self(histogram.context(|| "cannot make a histogram")?))
    }

    /// A statement took this long.
    pub fn record(&mut self, latency: Duration) {
        self.0.saturating_record(u64::try_from(latency.as_micros()).unwrap_or(u64::MAX));
    }

    /// Forgets everything.
    pub fn clear(&mut self) {
        self.0.reset();
    }

    /// How many statements there were.
    pub fn count(&self) -> u64 {
        self.0.len()
    }

    /// The usual percentiles.
    #[allow(clippy::cast_precision_loss)] // the histogram ends far below 2^53 µs
    pub fn percentiles(&self) -> Latency {
        let at = |percentile| self.0.value_at_percentile(percentile) as f64 / 1e3;
        Latency {
            p50: at(50.0),
            p90: at(90.0),
            p99: at(99.0),
            p999: at(99.9),
            p9999: at(99.99),
            max: self.0.max() as f64 / 1e3,
        }
    }

    /// The distribution from the fastest statement to the slowest, each doubling of rarity in
    /// eight steps: (share of the statements that were at most as slow, 0 to 1; milliseconds).
    #[allow(clippy::cast_precision_loss)]
    pub fn distribution(&self) -> Vec<(f64, f64)> {
        self.0
            .iter_quantiles(8)
            .map(|step| (step.quantile(), step.value_iterated_to() as f64 / 1e3))
            .collect()
    }
}

/// Latency in milliseconds at the usual percentiles; zeros when nothing was measured.
#[derive(Debug, Clone, Copy, Default, PartialEq, serde::Serialize)]
pub struct Latency {
    /// Half of the statements were at most as slow.
    pub p50: f64,
    /// 90 of 100.
    pub p90: f64,
    /// 99 of 100.
    pub p99: f64,
    /// 999 of 1,000.
    pub p999: f64,
    /// 9,999 of 10,000.
    pub p9999: f64,
    /// The slowest.
    pub max: f64,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_have_three_digits() {
        let mut latencies = Latencies::precise().unwrap();
        for ms in 1..=1_000 {
            latencies.record(Duration::from_millis(ms));
        }
        let latency = latencies.percentiles();
        for (is, is_about) in [
            (latency.p50, 500.0),
            (latency.p90, 900.0),
            (latency.p99, 990.0),
            (latency.p999, 999.0),
            (latency.max, 1_000.0),
        ] {
            assert!((is - is_about).abs() <= is_about * 2e-3, "{is} is not about {is_about}");
        }
        let distribution = latencies.distribution();
        assert!(distribution.is_sorted_by(|a, b| a.0 <= b.0 && a.1 <= b.1), "{distribution:?}");
        latencies.clear();
        assert_eq!(latencies.percentiles(), Latency::default());
    }

    #[test]
    fn what_takes_longer_than_an_hour_counts_as_an_hour() {
        let mut latencies = Latencies::small().unwrap();
        latencies.record(Duration::from_secs(100_000));
        let max = latencies.percentiles().max;
        assert!((3.6e6..3.7e6).contains(&max), "{max}");
    }
}

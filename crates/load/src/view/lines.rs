//! A line a second, for a stderr that is no terminal.

use lab::report;

use super::units;
use crate::stats::Second;

/// What happened in `second`, when the run has come to `inserted` rows. Columns stay in place up
/// to a billion rows; a line has at most 80 columns while nothing goes wrong.
///
/// ```text
///   12.0 s       1,204 rows      98.2/s  p50 0.610 ms  p99  1.20 ms  max  3.40 ms
/// ```
pub fn line(second: &Second, inserted: u64) -> String {
    let latency = second.latency_ms;
    let mut parts = vec![format!(
        "{:>7.1} s {:>11} rows {:>9}/s  p50 {:>8}  p99 {:>8}  max {:>8}",
        second.at,
        report::count(inserted),
        units::rate(second.rate()),
        units::measured(latency.p50),
        units::measured(latency.p99),
        units::measured(latency.max),
    )];
    for (count, what) in [
        (second.failed, "failed"),
        (second.in_doubt, "in doubt"),
        (second.disconnected, "disconnected"),
    ] {
        if count > 0 {
            parts.push(format!("{} {what}", report::count(count)));
        }
    }
    if second.lag_ms > 0.0 {
        parts.push(format!("lag {}", units::latency(second.lag_ms)));
    }
    parts.join("  ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stats::Latency;

    #[test]
    fn lines_align_from_the_first_row_to_a_billion() {
        let mut second = Second {
            at: 12.0,
            length: 1.0,
            inserted: 98,
            latency_ms: Latency { p50: 0.61, p99: 1.2, max: 3.4, ..Latency::default() },
            ..Second::default()
        };
        let first = line(&second, 1_204);
        assert_eq!(
            first,
            "   12.0 s       1,204 rows      98.0/s  p50 0.610 ms  p99  1.20 ms  max  3.40 ms"
        );
        second.at = 86_400.2;
        second.inserted = 1_234_567;
        second.latency_ms.max = 59_900.0;
        let late = line(&second, 999_999_999);
        for what in ["rows", "/s", "p50", "p99", "max"] {
            assert_eq!(first.find(what), late.find(what), "{first}\n{late}");
        }
        assert!(late.chars().count() <= 80, "{late}");
    }

    #[test]
    fn what_goes_wrong_is_said_and_what_was_not_measured_is_not_invented() {
        let second = Second {
            at: 3.0,
            length: 1.0,
            failed: 2,
            in_doubt: 8,
            lag_ms: 1_250.0,
            disconnected: 1,
            ..Second::default()
        };
        assert_eq!(
            line(&second, 7),
            "    3.0 s           7 rows       0.0/s  p50        –  p99        –  max        –  \
             2 failed  8 in doubt  1 disconnected  lag 1.25 s"
        );
    }
}

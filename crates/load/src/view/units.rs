//! Latencies, rates and points in time as people read them.

use std::time::Duration;

use lab::report;

/// Milliseconds with three significant digits and a fitting unit: `0.610 ms`, `2.10 s`.
pub fn latency(ms: f64) -> String {
    // Whatever is no time at all is shown as none.
    report::duration(Duration::try_from_secs_f64(ms / 1e3).unwrap_or_default())
}

/// A latency that was perhaps not measured: `–` when no statement was answered.
pub fn measured(ms: f64) -> String {
    if ms > 0.0 { latency(ms) } else { "–".to_owned() }
}

/// A number a second: `19.2`, and from 1,000 on `1,204`.
#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // a rate is no negative number
pub fn rate(a_second: f64) -> String {
    if a_second < 999.95 {
        format!("{a_second:.1}")
    } else {
        report::count(a_second.round() as u64)
    }
}

/// Seconds as a clock shows them: `0:12`, `1:02:03`.
#[allow(clippy::cast_possible_truncation)]
pub fn clock(seconds: f64) -> String {
    let sign = if seconds <= -0.5 { "-" } else { "" };
    let seconds = seconds.abs().round() as i64;
    let (hours, minutes, seconds) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
    if hours > 0 {
        format!("{sign}{hours}:{minutes:02}:{seconds:02}")
    } else {
        format!("{sign}{minutes}:{seconds:02}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rates_keep_about_three_digits() {
        for (is, text) in [(0.0, "0.0"), (19.24, "19.2"), (999.94, "999.9"), (1_203.7, "1,204")] {
            assert_eq!(rate(is), text);
        }
    }

    #[test]
    fn a_clock_has_hours_only_when_needed() {
        for (is, text) in [(0.0, "0:00"), (12.4, "0:12"), (3_723.0, "1:02:03"), (-3.0, "-0:03")] {
            assert_eq!(clock(is), text);
        }
    }

    #[test]
    fn what_is_no_time_is_shown_as_none() {
        assert_eq!(latency(f64::NAN), "0.000 ms");
        assert_eq!(measured(0.0), "–");
        assert_eq!(measured(0.61), "0.610 ms");
    }
}

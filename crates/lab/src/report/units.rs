//! Numbers as people read them.

use std::time::Duration;

use indicatif::HumanCount;

/// `12,345`.
#[must_use]
pub fn count(n: u64) -> String {
    HumanCount(n).to_string()
}

/// `1 row`, `2,000 rows`.
#[must_use]
pub fn plural(n: u64, noun: &str) -> String {
    format!("{} {noun}{}", count(n), if n == 1 { "" } else { "s" })
}

/// `64 KiB`, `1.21 MiB`: 1024 a step, three digits.
#[must_use]
#[allow(clippy::cast_precision_loss)] // three digits are shown
pub fn bytes(n: u64) -> String {
    const UNITS: [&str; 5] = ["KiB", "MiB", "GiB", "TiB", "PiB"];
    if n < 1024 {
        return format!("{n} B");
    }
    let mut size = n as f64 / 1024.0;
    let mut unit = 0;
    while size >= 999.5 && unit + 1 < UNITS.len() {
        (size, unit) = (size / 1024.0, unit + 1);
    }
    let digits = if unit == 0 || size >= 99.95 {
        0
    } else if size >= 9.995 {
        1
    } else {
        2
    };
    format!("{size:.digits$} {}", UNITS[unit])
}

/// Three significant digits: `0.041 ms`, `1.20 ms`, `315 ms`, `2.10 s`, `3 min 20 s`.
#[must_use]
pub fn duration(elapsed: Duration) -> String {
    let ms = elapsed.as_secs_f64() * 1e3;
    if ms < 1.0 {
        format!("{ms:.3} ms")
    } else if ms < 10.0 {
        format!("{ms:.2} ms")
    } else if ms < 100.0 {
        format!("{ms:.1} ms")
    } else if ms < 1e3 {
        format!("{ms:.0} ms")
    } else if ms < 1e4 {
        format!("{:.2} s", ms / 1e3)
    } else if ms < 1e5 {
        format!("{:.1} s", ms / 1e3)
    } else {
        format!("{} min {} s", elapsed.as_secs() / 60, elapsed.as_secs() % 60)
    }
}

/// For JSON: milliseconds, to the microsecond.
#[must_use]
#[allow(clippy::cast_precision_loss)] // 2^53 µs are 285 years
pub fn milliseconds(elapsed: Duration) -> f64 {
    elapsed.as_micros() as f64 / 1e3
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_have_three_digits() {
        for (us, text) in [
            (41, "0.041 ms"),
            (1_204, "1.20 ms"),
            (31_540, "31.5 ms"),
            (315_400, "315 ms"),
            (2_104_000, "2.10 s"),
            (31_540_000, "31.5 s"),
            (200_000_000, "3 min 20 s"),
        ] {
            assert_eq!(duration(Duration::from_micros(us)), text);
        }
    }

    #[test]
    fn counts_have_separators_and_number() {
        assert_eq!(plural(1, "row"), "1 row");
        assert_eq!(plural(1_234_567, "row"), "1,234,567 rows");
    }

    #[test]
    fn sizes_have_three_digits() {
        for (n, text) in [
            (0, "0 B"),
            (65_536, "64 KiB"),
            (1_023 * 1024, "1.00 MiB"),
            (1_268_777, "1.21 MiB"),
            (84_200_000, "80.3 MiB"),
            (5_000_000_000, "4.66 GiB"),
        ] {
            assert_eq!(bytes(n), text);
        }
    }
}

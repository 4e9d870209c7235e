//! Scales and where their ticks stand.

use std::ops::Range;

use crate::view::units;

/// A scale: its ends, and ticks with labels between them.
#[derive(Debug, Clone, PartialEq)]
pub struct Axis {
    pub range: Range<f64>,
    pub ticks: Vec<(f64, String)>,
}

impl Axis {
    /// From zero to `most`, in about `steps` steps of 1, 2 or 5 times a power of ten.
    pub fn numbers(most: f64, steps: f64, label: impl Fn(f64) -> String) -> Self {
        let most = if most > 0.0 { most } else { 1.0 };
        let rough = most / steps;
        let power = 10_f64.powf(rough.log10().floor());
        let step = [1.0, 2.0, 5.0].map(|n| n * power).into_iter().find(|step| *step >= rough);
        let step = step.unwrap_or(10.0 * power);
        let end = (most / step).ceil() * step;
        Self { range: 0.0..end, ticks: ticks(step, end, label) }
    }

    /// Seconds from zero to `end`, in at most `steps` steps that a clock has.
    pub fn time(end: f64, steps: f64) -> Self {
        const STEPS: [f64; 17] = [
            1.0, 2.0, 5.0, 10.0, 15.0, 30.0, 60.0, 120.0, 300.0, 600.0, 900.0, 1_800.0, 3_600.0,
            7_200.0, 14_400.0, 43_200.0, 86_400.0,
        ];
        let end = end.max(1.0);
        let step = STEPS.into_iter().find(|step| end / step <= steps).unwrap_or(end / steps);
        Self { range: 0.0..end, ticks: ticks(step, end, units::clock) }
    }

    /// Powers of ten around `values` in milliseconds, of which those above zero count. The scale
    /// is that of the logarithms ([`log`]).
    pub fn latency(values: impl Iterator<Item = f64>) -> Self {
        let (least, most) = values
            .filter(|value| *value > 0.0)
            .fold((f64::MAX, 0.0_f64), |(least, most), value| (least.min(value), most.max(value)));
        let (least, most) = if most > 0.0 { (least, most) } else { (1.0, 10.0) };
        let start = steps_down(least);
        let end = steps_up(most).max(start + 0.9);
        let steps = || (-4..8).flat_map(|power| [1.0, 2.0, 5.0].map(|n| n * 10_f64.powi(power)));
        // Over many decades only those; over few, what is between them, too.
        let all = end - start < 2.5;
        let ticks = steps()
            .filter(|ms| all || is_power_of_ten(*ms))
            .map(|ms| (log(ms), short(ms)))
            .filter(|(at, _)| (start - 1e-9..=end + 1e-9).contains(at))
            .collect();
        Self { range: start..end, ticks }
    }

    /// Percentiles up to that of the rarest in `parts` statements: each step is ten times rarer.
    /// The scale is that of [`rarity`].
    pub fn percentiles(parts: f64) -> Self {
        const NAMES: [&str; 8] =
            ["0 %", "90 %", "99 %", "99.9 %", "99.99 %", "99.999 %", "99.9999 %", "99.99999 %"];
        let end = parts.log10().max(1.0);
        let ticks = NAMES.iter().zip(0_i32..).map(|(name, at)| (f64::from(at), (*name).to_owned()));
        Self { range: 0.0..end, ticks: ticks.filter(|(at, _)| *at <= end).collect() }
    }
}

fn ticks(step: f64, end: f64, label: impl Fn(f64) -> String) -> Vec<(f64, String)> {
    let at = (0_i32..).map(|n| f64::from(n) * step);
    at.take_while(|at| *at <= end * (1.0 + 1e-9)).map(|at| (at, label(at))).collect()
}

/// Where a latency stands on its axis.
pub fn log(ms: f64) -> f64 {
    ms.max(1e-3).log10()
}

/// Where a share of all statements (0 to 1) stands on the axis of percentiles.
pub fn rarity(share: f64) -> f64 {
    -(1.0 - share).log10()
}

fn is_power_of_ten(ms: f64) -> bool {
    (ms.log10() - ms.log10().round()).abs() < 1e-9
}

/// The logarithm of the next 1, 2 or 5 times a power of ten at or below `ms`.
fn steps_down(ms: f64) -> f64 {
    let power = ms.log10().floor();
    let steps = [5.0_f64, 2.0, 1.0].map(|n| power + n.log10());
    steps.into_iter().find(|step| *step <= ms.log10() + 1e-9).unwrap_or(power)
}

/// The same at or above.
fn steps_up(ms: f64) -> f64 {
    let power = ms.log10().floor();
    let steps = [1.0_f64, 2.0, 5.0].map(|n| power + n.log10());
    steps.into_iter().find(|step| *step >= ms.log10() - 1e-9).unwrap_or(power + 1.0)
}

/// A round number of milliseconds: `50 µs`, `0.2 ms`, `1 s`.
fn short(ms: f64) -> String {
    if ms < 0.0999 {
        format!("{:.0} µs", ms * 1e3)
    } else if ms < 0.999 {
        format!("{ms:.1} ms")
    } else if ms < 999.0 {
        format!("{ms:.0} ms")
    } else {
        format!("{:.0} s", ms / 1e3)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn labels(axis: &Axis) -> Vec<&str> {
        axis.ticks.iter().map(|(_, label)| label.as_str()).collect()
    }

    #[test]
    fn numbers_end_above_the_largest() {
        let axis = Axis::numbers(6_155.0, 4.0, units::rate);
        assert_eq!(labels(&axis), ["0.0", "2,000", "4,000", "6,000", "8,000"]);
        assert_eq!(axis.range, 0.0..8_000.0);
        assert_eq!(Axis::numbers(0.0, 4.0, units::rate).range, 0.0..1.0);
    }

    #[test]
    fn time_has_steps_of_a_clock() {
        assert_eq!(labels(&Axis::time(120.0, 6.0)), ["0:00", "0:30", "1:00", "1:30", "2:00"]);
        assert_eq!(labels(&Axis::time(5.2, 6.0)), ["0:00", "0:01", "0:02", "0:03", "0:04", "0:05"]);
        assert!(Axis::time(1e9, 6.0).ticks.len() <= 7);
    }

    #[test]
    fn latency_has_decades_and_steps_between_few() {
        let axis = Axis::latency([0.0, 0.61, 2_100.0].into_iter());
        assert_eq!(labels(&axis), ["1 ms", "10 ms", "100 ms", "1 s"]);
        assert!(axis.range.contains(&log(0.61)) && axis.range.contains(&log(2_100.0)));
        let axis = Axis::latency([0.05, 3.0].into_iter());
        assert_eq!(labels(&axis), ["50 µs", "0.1 ms", "0.2 ms", "0.5 ms", "1 ms", "2 ms", "5 ms"]);
        assert!(!Axis::latency(std::iter::empty()).ticks.is_empty());
    }

    #[test]
    fn percentiles_are_ten_times_rarer_each() {
        let axis = Axis::percentiles(48_000.0);
        assert_eq!(labels(&axis), ["0 %", "90 %", "99 %", "99.9 %", "99.99 %"]);
        assert!((rarity(0.99) - 2.0).abs() < 1e-9);
    }
}

//! Which charts a page has, and what is in them.

use lab::report;

use super::axis::{self, Axis};
use super::ink::Ink;
use super::plot::{Line, Plot};
use crate::stats::{Latency, Second, Stats};
use crate::view::units;

/// All charts of a run. Refused statements and lag have one only if there were any.
pub fn charts(stats: &Stats) -> Vec<Plot> {
    let mut charts = vec![throughput(stats), latency(stats)];
    charts.extend(failures(stats));
    charts.extend(lag(stats));
    charts.extend(distribution(stats));
    charts
}

fn throughput(stats: &Stats) -> Plot {
    let peak = highest(stats, Second::rate);
    Plot {
        id: "throughput",
        title: "Rows a second",
        description: format!(
            "On average {} rows a second, at most {}, over {}.",
            units::rate(stats.rate()),
            units::rate(peak),
            report::duration(stats.elapsed),
        ),
        x: time(stats),
        y: Axis::numbers(peak, 4.0, number),
        lines: vec![Line {
            ink: Ink::Rate,
            name: "rows a second",
            pieces: steps(stats, |second| Some(second.rate())),
            filled: true,
            width: line_width(stats),
        }],
        outages: outages(stats),
    }
}

fn latency(stats: &Stats) -> Plot {
    let of = |ink, name, width, of: fn(&Latency) -> f64| {
        let measured = move |second: &Second| {
            let latency = &second.latency_ms;
            (latency.max > 0.0).then(|| axis::log(of(latency)))
        };
        Line { ink, name, pieces: steps(stats, measured), filled: false, width }
    };
    let all = stats.series.seconds().iter().map(|second| second.latency_ms);
    let whole = stats.latency.percentiles();
    Plot {
        id: "latency",
        title: "Latency over time",
        description: format!(
            "Over the whole run: half of the statements took at most {}, 99 of 100 at most {}, \
             the slowest {}. The axis is logarithmic.",
            units::measured(whole.p50),
            units::measured(whole.p99),
            units::measured(whole.max),
        ),
        x: time(stats),
        y: Axis::latency(all.flat_map(|latency| [latency.p50, latency.p99, latency.max])),
        lines: vec![
            of(Ink::P50, "p50", line_width(stats), |latency| latency.p50),
            of(Ink::P99, "p99", line_width(stats), |latency| latency.p99),
            of(Ink::Max, "max", 1, |latency| latency.max),
        ],
        outages: outages(stats),
    }
}

#[allow(clippy::cast_precision_loss)] // counts of a chart
fn failures(stats: &Stats) -> Option<Plot> {
    let failed = |second: &Second| second.failed as f64 / second.length.max(f64::MIN_POSITIVE);
    let in_doubt = |second: &Second| second.in_doubt as f64 / second.length.max(f64::MIN_POSITIVE);
    let most = highest(stats, |second| failed(second).max(in_doubt(second)));
    let line = |ink, name, of: &dyn Fn(&Second) -> f64| Line {
        ink,
        name,
        pieces: steps(stats, |second| Some(of(second))),
        filled: true,
        width: line_width(stats),
    };
    (most > 0.0).then(|| Plot {
        id: "failures",
        title: "What failed, a second",
        description: format!(
            "{} refused and {} in doubt over the whole run.",
            report::plural(stats.errors.total(), "statement"),
            report::plural(stats.in_doubt, "row"),
        ),
        x: time(stats),
        y: Axis::numbers(most, 4.0, number),
        lines: vec![
            line(Ink::InDoubt, "rows in doubt", &in_doubt),
            line(Ink::Failed, "refused statements", &failed),
        ],
        outages: outages(stats),
    })
}

fn lag(stats: &Stats) -> Option<Plot> {
    let most = highest(stats, |second| second.lag_ms);
    let (unit, length) = if most < 1e3 { ("ms", 1.0) } else { ("s", 1e3) };
    (most > 0.0).then(|| Plot {
        id: "lag",
        title: "Behind schedule",
        description: format!("The load was at most {} behind.", units::latency(most)),
        x: time(stats),
        y: Axis::numbers(most / length, 4.0, |lag| format!("{} {unit}", number(lag))),
        lines: vec![Line {
            ink: Ink::Lag,
            name: "lag",
            pieces: steps(stats, |second| Some(second.lag_ms / length)),
            filled: true,
            width: line_width(stats),
        }],
        outages: outages(stats),
    })
}

/// Latency against percentile, each decade of rarity as wide as the other, as in `HdrHistogram`'s
/// own plots.
#[allow(clippy::cast_precision_loss)] // a count on a logarithmic axis
fn distribution(stats: &Stats) -> Option<Plot> {
    let points = stats.latency.distribution();
    // One in all statements is the rarest; 100 % would be infinitely far.
    let x = Axis::percentiles(stats.latency.count() as f64);
    let mut from = 0.0;
    let mut line = Vec::new();
    for (share, ms) in &points {
        let to = axis::rarity(*share).min(x.range.end);
        line.extend([(from, axis::log(*ms)), (to, axis::log(*ms))]);
        from = to;
    }
    let whole = stats.latency.percentiles();
    (!points.is_empty()).then(|| Plot {
        id: "distribution",
        title: "Latency by percentile",
        description: format!(
            "p50 {}, p90 {}, p99 {}, p99.9 {}, p99.99 {}, max {}.",
            units::latency(whole.p50),
            units::latency(whole.p90),
            units::latency(whole.p99),
            units::latency(whole.p999),
            units::latency(whole.p9999),
            units::latency(whole.max),
        ),
        x,
        y: Axis::latency(points.iter().map(|point| point.1)),
        lines: vec![Line {
            ink: Ink::Rate,
            name: "so many of the statements were at most as slow",
            pieces: vec![line],
            filled: false,
            width: 2,
        }],
        outages: Vec::new(),
    })
}

/// A count on an axis, without a fraction where it has none.
fn number(n: f64) -> String {
    if n.fract().abs() < 1e-9 {
        units::rate(n).trim_end_matches(".0").to_owned()
    } else {
        format!("{n:.3}").trim_end_matches('0').trim_end_matches('.').to_owned()
    }
}

fn time(stats: &Stats) -> Axis {
    let last = stats.series.seconds().last().map_or(0.0, |second| second.at);
    Axis::time(stats.elapsed.as_secs_f64().max(last), 6.0)
}

fn highest(stats: &Stats, of: impl Fn(&Second) -> f64) -> f64 {
    stats.series.seconds().iter().map(of).fold(0.0, f64::max)
}

/// In pixels: lines that go up and down within each of them are thin.
fn line_width(stats: &Stats) -> u32 {
    const DENSE: usize = 400;
    if stats.series.seconds().len() > DENSE { 1 } else { 2 }
}

/// A step for each second whose value differs from the last; a gap where there is no value.
fn steps(stats: &Stats, of: impl Fn(&Second) -> Option<f64>) -> Vec<Vec<(f64, f64)>> {
    let mut pieces = vec![Vec::new()];
    for second in stats.series.seconds() {
        match (of(second), pieces.last_mut()) {
            (Some(value), Some(piece)) => {
                let is_level = |last: &(f64, f64)| (last.1 - value).abs() < f64::EPSILON;
                if piece.last().is_some_and(is_level) {
                    piece.pop();
                } else {
                    piece.push(((second.at - second.length).max(0.0), value));
                }
                piece.push((second.at, value));
            }
            _ => pieces.push(Vec::new()),
        }
    }
    pieces.retain(|piece| !piece.is_empty());
    pieces
}

/// From when to when; short ones are made long enough to be seen.
fn outages(stats: &Stats) -> Vec<(f64, f64)> {
    let end = time(stats).range.end;
    let span = |outage: &crate::stats::Outage| {
        let to = outage.lasted_s.map_or(end, |lasted| outage.at_s + lasted);
        (outage.at_s, to.max(outage.at_s + end / 300.0))
    };
    stats.outages.iter().map(span).filter(|(_, to)| *to > 0.0).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::view::example;

    #[test]
    fn shows_failures_and_lag_only_where_there_were_any() {
        let ids = |stats| charts(stats).iter().map(|chart| chart.id).collect::<Vec<_>>();
        let stats = example::large();
        assert_eq!(ids(&stats), ["throughput", "latency", "failures", "lag", "distribution"]);
        assert_eq!(ids(&example::small()), ["throughput", "latency", "distribution"]);
    }

    #[test]
    fn latency_has_a_gap_where_nothing_was_measured() {
        let chart = latency(&example::large());
        assert!(chart.lines.iter().all(|line| line.pieces.len() == 2));
        assert!((chart.lines[0].pieces[0].last().unwrap().0 - 83.0).abs() < 1e-9);
        assert_eq!(chart.outages.len(), 1, "the one of the warm-up is not on the chart");
    }

    #[test]
    fn what_stays_the_same_is_one_line() {
        let lag = lag(&example::large()).unwrap();
        let [piece] = lag.lines[0].pieces.as_slice() else { panic!("{:?}", lag.lines[0].pieces) };
        assert_eq!(piece.len(), 2 * 8, "nothing, six seconds that differ, nothing: {piece:?}");
        assert_eq!((piece[0], piece[1]), ((0.0, 0.0), (83.0, 0.0)));
    }

    #[test]
    fn everything_is_within_its_axes() {
        for chart in [example::large(), example::small()].iter().flat_map(charts) {
            for (x, y) in chart.lines.iter().flat_map(|line| line.pieces.iter().flatten()) {
                let near = |range: &std::ops::Range<f64>, at: f64| {
                    (range.start - 1e-9..=range.end + 1e-9).contains(&at)
                };
                assert!(
                    near(&chart.x.range, *x) && near(&chart.y.range, *y),
                    "{} {x} {y}",
                    chart.id
                );
            }
        }
    }

    #[test]
    fn numbers_have_no_needless_digits() {
        for (is, text) in [(0.0, "0"), (2_000.0, "2,000"), (0.5, "0.5"), (20.0, "20")] {
            assert_eq!(number(is), text);
        }
    }
}

//! What a load saw, as people look at it: figures and a timeline, in the terminal and as a page.

mod document;
mod figures;
mod lanes;
mod page;
mod panel;
mod text;

#[cfg(test)]
mod example;

use std::time::Duration;

use lab::report;

use crate::load::Observed;
use crate::way::Way;

pub use document::UnderLoad;
pub use page::{About, page};
pub use text::text;

/// A scenario that ran under load.
#[derive(Debug, Clone)]
pub struct Run {
    pub way: Way,
    pub observed: Observed,
}

impl Run {
    /// How long the scenario took.
    pub fn took(&self) -> Duration {
        let (from, until) = self.observed.scenario;
        until.saturating_sub(from)
    }
}

/// The longest of the runs, the scale of all: side by side they can be compared.
fn scale(runs: &[Run]) -> Duration {
    let longest = runs.iter().map(|run| run.observed.length).max();
    longest.unwrap_or_default().max(Duration::from_millis(1))
}

/// Points in time for an axis up to `end`, at most `most` after zero, at 1, 2 or 5 times a power
/// of ten seconds.
fn ticks(end: Duration, most: u32) -> Vec<(Duration, String)> {
    let steps = (0..6)
        .flat_map(|power| [1, 2, 5].map(|n| Duration::from_millis(100 * n * 10_u64.pow(power))));
    let Some(step) = steps.into_iter().find(|step| end.div_duration_f64(*step) <= f64::from(most))
    else {
        return Vec::new();
    };
    let label = |at: Duration| match step.subsec_millis() {
        0 => format!("{} s", at.as_secs()),
        _ => format!("{:.1} s", at.as_secs_f64()),
    };
    (0..=most).map(|n| step * n).take_while(|at| *at <= end).map(|at| (at, label(at))).collect()
}

/// How long a lock was seen held: of one that was seen only once, how long at most.
fn held(span: &lab::locks::Span) -> String {
    if span.at_least().is_zero() {
        format!("≤ {}", report::duration(span.at_most()))
    } else {
        report::duration(span.at_least())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_axis_has_few_round_ticks() {
        let labels = |ms, most| {
            let ticks = ticks(Duration::from_millis(ms), most);
            ticks.into_iter().map(|(_, label)| label).collect::<Vec<_>>()
        };
        assert_eq!(labels(1_700, 4), ["0.0 s", "0.5 s", "1.0 s", "1.5 s"]);
        assert_eq!(labels(8_900, 5), ["0 s", "2 s", "4 s", "6 s", "8 s"]);
        assert!(labels(3_600_000, 6).len() <= 7);
    }
}

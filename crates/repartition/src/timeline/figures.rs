//! The figures by which two runs are compared.

use std::time::Duration;

use lab::report;

use super::{Run, held};

/// A figure of every run.
#[derive(Debug, Clone, PartialEq)]
pub struct Figure {
    /// What it is.
    pub name: &'static str,
    /// Of each run: the value, and whether a user would complain.
    pub values: Vec<(String, bool)>,
}

/// From here on people notice that they wait.
const NOTICED: Duration = Duration::from_millis(150);

/// Whether people would notice.
pub fn is_long(time: Duration) -> bool {
    time >= NOTICED
}

/// All figures, the most telling first.
pub fn figures(runs: &[Run]) -> Vec<Figure> {
    let each = |name, value: fn(&Run) -> (String, bool)| Figure {
        name,
        values: runs.iter().map(value).collect(),
    };
    vec![
        each("longest wait", |run| time(run.observed.during().max)),
        each("  of a writer", |run| time(run.observed.during_of(true).max)),
        each("  of a reader", |run| time(run.observed.during_of(false).max)),
        each("p99 meanwhile", |run| time(run.observed.during().p99)),
        each("p99 before", |run| time(run.observed.before().p99)),
        each("p50 meanwhile", |run| time(run.observed.during().p50)),
        each("refused", refused),
        each("readers counted", counted),
        each("writers' rows", written),
        each("lock in the way", in_the_way),
        each("the change took", |run| (report::duration(run.took()), false)),
    ]
}

fn time(time: Duration) -> (String, bool) {
    (report::duration(time), is_long(time))
}

fn refused(run: &Run) -> (String, bool) {
    let errors = &run.observed.errors;
    let codes: Vec<_> =
        errors.iter().map(|refused| format!("{} {}", refused.count, refused.sqlstate)).collect();
    match codes.as_slice() {
        [] => ("0".to_owned(), false),
        codes => (codes.join(", "), true),
    }
}

fn counted(run: &Run) -> (String, bool) {
    let reads = &run.observed.reads;
    match reads.first {
        None => (format!("always {}", report::count(reads.rows.unsigned_abs())), false),
        Some((_, rows)) => {
            let (different, all) = (report::count(reads.different), report::count(reads.counted));
            (format!("✗ {different} of {all}: {rows}, not {}", reads.rows), true)
        }
    }
}

fn written(run: &Run) -> (String, bool) {
    let written = &run.observed.written;
    if written.is_right() {
        return ("all there, once".to_owned(), false);
    }
    let missing = written.missing + written.not_found;
    (format!("✗ {missing} missing, {} too many", written.extra), true)
}

fn in_the_way(run: &Run) -> (String, bool) {
    match run.observed.locks.longest_in_the_way() {
        Some(longest) => (held(&longest.span), is_long(longest.span.at_least())),
        None => ("none seen".to_owned(), false),
    }
}

#[cfg(test)]
mod tests {
    use super::super::example;
    use super::*;
    use crate::load::Reads;

    #[test]
    fn what_a_user_would_complain_of_is_marked() {
        let figures = figures(&[example::classic(), example::online()]);
        let value = |name: &str| {
            let figure = figures.iter().find(|figure| figure.name == name).unwrap();
            figure.values.iter().map(|(value, bad)| (value.as_str(), *bad)).collect::<Vec<_>>()
        };
        assert_eq!(value("longest wait"), [("1.89 s", true), ("13.0 ms", false)]);
        assert_eq!(value("lock in the way"), [("1.90 s", true), ("12.0 ms", false)]);
        assert_eq!(value("p99 before"), [("1.00 ms", false), ("1.00 ms", false)]);
        assert_eq!(value("readers counted"), [("always 40", false), ("always 40", false)]);
        assert_eq!(value("the change took"), [("1.95 s", false), ("2.50 s", false)]);
    }

    #[test]
    fn wrong_data_is_said() {
        let mut run = example::online();
        let first = Some((Duration::ZERO, 39));
        run.observed.reads = Reads { rows: 40, counted: 10, different: 2, first };
        run.observed.written.missing = 1;
        assert_eq!(counted(&run), ("✗ 2 of 10: 39, not 40".to_owned(), true));
        assert_eq!(written(&run), ("✗ 1 missing, 0 too many".to_owned(), true));
    }
}

//! A timeline in columns: what was the case in each slice of time.

use std::collections::BTreeSet;
use std::time::Duration;

use lab::locks::Mode;

use crate::load::Observed;

/// One line of a timeline.
#[derive(Debug, Clone, PartialEq)]
pub struct Lane {
    /// The table.
    pub name: String,
    /// Of each slice, the strongest mode in which somebody held it.
    pub cells: Vec<Option<Mode>>,
}

/// Slices of equal length from zero to `end`.
#[derive(Debug, Clone, Copy)]
pub struct Slices {
    pub end: Duration,
    pub count: usize,
}

impl Slices {
    fn each(self) -> impl Iterator<Item = (Duration, Duration)> {
        let count = u32::try_from(self.count).unwrap_or(u32::MAX).max(1);
        (0..count).map(move |n| (self.end * n / count, self.end * (n + 1) / count))
    }

    /// The slice in which `at` is.
    pub fn at(self, at: Duration) -> usize {
        let found = self.each().position(|(_, until)| at < until);
        found.unwrap_or(self.count.saturating_sub(1))
    }
}

/// A lane for each table that was locked, by name: at most `most`, those locked hardest.
pub fn lanes(observed: &Observed, slices: Slices, most: usize) -> Vec<Lane> {
    let mut lanes: Vec<_> = observed
        .locks
        .relations()
        .into_iter()
        .map(|relation| {
            let own = observed.locks.held.iter().filter(|held| held.relation.name == relation.name);
            let own: Vec<_> = own.collect();
            let strongest = |(from, until)| {
                own.iter().filter(|held| held.span.meets(from, until)).map(|held| held.mode).max()
            };
            Lane { name: relation.name.name, cells: slices.each().map(strongest).collect() }
        })
        .filter(|lane| lane.cells.iter().any(Option::is_some))
        .collect();
    if lanes.len() > most {
        let weight = |lane: &Lane| {
            let strongest = lane.cells.iter().flatten().max().copied();
            (strongest, lane.cells.iter().filter(|cell| **cell == strongest).count())
        };
        let mut weights: Vec<_> = lanes.iter().map(weight).collect();
        weights.sort_unstable_by(|a, b| b.cmp(a));
        let least = weights[most.saturating_sub(1)];
        lanes.retain(|lane| weight(lane) >= least);
        lanes.truncate(most);
    }
    lanes
}

/// Of each slice, how many sessions waited for a lock.
pub fn waiting(observed: &Observed, slices: Slices) -> Vec<usize> {
    let waiting = |(from, until)| {
        let waits = observed.locks.waits.iter().filter(|wait| wait.span.meets(from, until));
        waits.map(|wait| wait.session.pid).collect::<BTreeSet<_>>().len()
    };
    slices.each().map(waiting).collect()
}

/// Of each slice, how long the slowest operation took that was under way.
pub fn slowest(observed: &Observed, slices: Slices) -> Vec<Duration> {
    let mut slowest = vec![Duration::ZERO; slices.count];
    for operation in &observed.operations {
        let (first, last) = (slices.at(operation.due), slices.at(operation.due + operation.took));
        for slice in &mut slowest[first..=last] {
            *slice = (*slice).max(operation.took);
        }
    }
    slowest
}

#[cfg(test)]
mod tests {
    use super::super::example;
    use super::*;

    const SLICES: Slices = Slices { end: Duration::from_secs(4), count: 8 };

    #[test]
    fn each_slice_shows_the_strongest_lock() {
        let lanes = lanes(&example::classic().observed, SLICES, 9);
        let drawn = |lane: &Lane| {
            let cell = |cell: &Option<Mode>| match cell {
                Some(Mode::AccessExclusive) => '#',
                Some(_) => '+',
                None => '.',
            };
            format!("{} {}", lane.name, lane.cells.iter().map(cell).collect::<String>())
        };
        let drawn: Vec<_> = lanes.iter().map(drawn).collect();
        assert_eq!(drawn, ["event_logs ..####..", "event_logs_2024_02 ..####.+"]);
    }

    #[test]
    fn of_many_tables_those_locked_hardest_are_shown() {
        let few = lanes(&example::classic().observed, SLICES, 1);
        assert_eq!(few.len(), 1);
        assert_eq!(few[0].name, "event_logs");
    }

    #[test]
    fn sessions_waiting_and_slowest_operations() {
        let observed = example::classic().observed;
        assert_eq!(waiting(&observed, SLICES), [0, 0, 2, 2, 2, 2, 0, 0]);
        let slowest = slowest(&observed, SLICES);
        assert!(slowest[0] < Duration::from_millis(5) && slowest[3] > Duration::from_secs(1));
    }
}

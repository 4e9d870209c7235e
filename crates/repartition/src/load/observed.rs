//! What a load saw.

use std::time::Duration;

use lab::locks::Timeline;

use super::{Errors, Operation, Percentiles, percentiles};

/// Everything that a load saw; times are counted from its start.
#[derive(Debug, Clone, Default)]
pub struct Observed {
    /// How many writers, and how many readers.
    pub sessions: usize,
    /// When the scenario began and ended.
    pub scenario: (Duration, Duration),
    /// When the load ended.
    pub length: Duration,
    /// Every operation.
    pub operations: Vec<Operation>,
    /// Those that were refused.
    pub errors: Errors,
    /// What the readers counted.
    pub reads: Reads,
    /// What became of the writers' rows.
    pub written: Written,
    /// Who held and who waited for which lock.
    pub locks: Timeline,
}

/// Counts of rows that nobody changes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Reads {
    /// How many rows there are.
    pub rows: i64,
    /// How many times they were counted.
    pub counted: u64,
    /// How many of these counts were different.
    pub different: u64,
    /// The first different count, and when.
    pub first: Option<(Duration, i64)>,
}

/// The writers' rows: those acknowledged against those found at the end.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Written {
    /// How many changes were acknowledged.
    pub changes: u64,
    /// Changes that did not find a row that had been acknowledged.
    pub not_found: u64,
    /// Rows that should have been there at the end and were not.
    pub missing: u64,
    /// Rows that were there at the end and should not have been, or were twice.
    pub extra: u64,
}

impl Written {
    /// Whether nothing was lost, doubled or brought back.
    pub fn is_right(&self) -> bool {
        (self.not_found, self.missing, self.extra) == (0, 0, 0)
    }
}

impl Observed {
    /// How long operations took before the scenario: what is ordinary here.
    pub fn before(&self) -> Percentiles {
        // The very first ones plan their statements and fill caches.
        percentiles(&self.operations, (self.scenario.0 / 4, self.scenario.0))
    }

    /// The same while it ran.
    pub fn during(&self) -> Percentiles {
        percentiles(&self.operations, self.scenario)
    }

    /// The same of those that write, or of those that read.
    pub fn during_of(&self, writes: bool) -> Percentiles {
        percentiles(self.operations.iter().filter(|one| one.writes == writes), self.scenario)
    }

    /// Whether no count differed, and no row was lost or doubled.
    pub fn data_is_right(&self) -> bool {
        self.reads.different == 0 && self.written.is_right()
    }
}

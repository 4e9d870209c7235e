//! What a lesson may speak of besides the partitions scanned, and how much of it it promises.

use std::fmt::{self, Display};
use std::str::FromStr;

/// What can be counted when a query has run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Fact {
    /// Leaves pruned at plan time.
    PrunedAtPlan,
    /// Leaves pruned at executor start.
    PrunedAtStart,
    /// Leaves that stay in the plan and are not read.
    NeverExecuted,
    /// Leaves locked before execution begins.
    Locked,
    /// Rows that the query returns.
    Rows,
    /// Joins of partition with partition.
    PartitionwiseJoins,
    /// Aggregates that finish a partition's groups.
    PartitionwiseAggregates,
    /// Aggregates of a partition that are completed above.
    PartialAggregates,
    /// Sort nodes, incremental ones too.
    Sorts,
    /// `MergeAppend` nodes.
    MergeAppends,
    /// Scans that read an index, of any kind.
    IndexScans,
    /// Partitions that an UPDATE, DELETE or MERGE has ready to change.
    Targets,
    /// Blocks of 8 KiB that the query touched.
    Buffers,
    /// Rows inserted; of a row that moves, where it goes.
    Inserted,
    /// Rows updated in place.
    Updated,
    /// Rows deleted; of a row that moves, where it was.
    Deleted,
    /// Whether it was planned for the values at hand: 1 or 0.
    CustomPlan,
    /// Whether the plan was one for any values: 1 or 0.
    GenericPlan,
}

impl Fact {
    /// All of them, with the words that lessons call them by.
    pub const ALL: [(Self, &'static str); 18] = [
        (Self::PrunedAtPlan, "pruned at plan"),
        (Self::PrunedAtStart, "pruned at start"),
        (Self::NeverExecuted, "never executed"),
        (Self::Locked, "locked"),
        (Self::Rows, "rows"),
        (Self::PartitionwiseJoins, "partition-wise joins"),
        (Self::PartitionwiseAggregates, "partition-wise aggregates"),
        (Self::PartialAggregates, "partial aggregates"),
        (Self::Sorts, "sorts"),
        (Self::MergeAppends, "merge appends"),
        (Self::IndexScans, "index scans"),
        (Self::Targets, "targets"),
        (Self::Buffers, "buffers"),
        (Self::Inserted, "inserted"),
        (Self::Updated, "updated"),
        (Self::Deleted, "deleted"),
        (Self::CustomPlan, "custom plan"),
        (Self::GenericPlan, "generic plan"),
    ];

    fn name(self) -> &'static str {
        Self::ALL.iter().find(|(fact, _)| *fact == self).map_or("", |(_, name)| *name)
    }

    /// Whether it is true or false, and not a number.
    fn is_flag(self) -> bool {
        matches!(self, Self::CustomPlan | Self::GenericPlan)
    }
}

/// How much of a fact: `3`, `at least 3`, `at most 3`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Amount {
    Exactly(u64),
    AtLeast(u64),
    AtMost(u64),
}

/// A fact and how much of it: `pruned at plan 3`, `buffers at least 40`, `generic plan`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Promise {
    pub fact: Fact,
    pub amount: Amount,
}

impl Promise {
    /// Whether it holds when there are `found`.
    pub fn holds(self, found: u64) -> bool {
        match self.amount {
            Amount::Exactly(n) => found == n,
            Amount::AtLeast(n) => found >= n,
            Amount::AtMost(n) => found <= n,
        }
    }
}

impl FromStr for Promise {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let words = |text: &str| text.split_whitespace().map(str::to_owned).collect::<Vec<_>>();
        let all = words(text);
        for (fact, name) in Fact::ALL {
            let Some(rest) = all.strip_prefix(&words(name)[..]) else { continue };
            let number =
                |word: &str| word.parse().map_err(|_| format!("{word:?} in {text:?} is no number"));
            let rest: Vec<&str> = rest.iter().map(String::as_str).collect();
            let amount = match rest[..] {
                [] if fact.is_flag() => Amount::Exactly(1),
                [n] if !fact.is_flag() => Amount::Exactly(number(n)?),
                ["at", "least", n] if !fact.is_flag() => Amount::AtLeast(number(n)?),
                ["at", "most", n] if !fact.is_flag() => Amount::AtMost(number(n)?),
                _ => break,
            };
            return Ok(Self { fact, amount });
        }
        let known = Fact::ALL
            .map(|(fact, name)| if fact.is_flag() { name.to_owned() } else { format!("{name} N") });
        Err(format!("{text:?} is none of: scanned N of M, {}", known.join(", ")))
    }
}

impl Display for Promise {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = self.fact.name();
        match self.amount {
            Amount::Exactly(0) if self.fact.is_flag() => write!(f, "no {name}"),
            Amount::Exactly(_) if self.fact.is_flag() => f.write_str(name),
            Amount::Exactly(n) => write!(f, "{name} {n}"),
            Amount::AtLeast(n) => write!(f, "{name} at least {n}"),
            Amount::AtMost(n) => write!(f, "{name} at most {n}"),
        }
    }
}

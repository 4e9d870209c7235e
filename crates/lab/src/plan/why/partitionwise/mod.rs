//! Partition-wise joins and aggregates: whether a plan works partition by partition, whether it
//! could, and what to set.

mod ask;
mod obstacle;
pub(super) mod shape;

use std::fmt::{self, Display};

use serde::Serialize;

pub use ask::partitionwise;

/// Whether a query's joins and aggregates are computed partition by partition.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Partitionwise {
    /// The joins of partitioned tables with each other.
    pub join: Wise,
    /// The aggregates and groupings of partitioned tables.
    pub aggregate: Wise,
}

/// Whether something is computed partition by partition.
///
/// Serialized as an object with the variant's name in snake case as `kind`; `Display` is a sentence.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Wise {
    /// The query has nothing of the kind over more than one partition.
    NotApplicable,
    /// It is.
    Used {
        /// Of an aggregate: each partition gives a part of a group only, for the key is not in GROUP BY.
        partial: bool,
    },
    /// It would be after `statement`, as EXPLAIN said.
    Possible {
        /// One or two SET statements.
        statement: String,
        /// See [`Used`](Self::Used).
        partial: bool,
        /// The planner's estimate for the plan as it is, in its unit of cost.
        cost: f64,
        /// Its estimate for the other.
        cost_then: f64,
    },
    /// It may be, and the planner thinks other plans cheaper.
    NotChosen,
    /// It cannot be.
    Impossible {
        /// What is in the way.
        obstacle: Obstacle,
    },
    /// Whether it could be is not known.
    NotKnown {
        /// What stands in the way of knowing.
        because: String,
    },
}

/// What keeps two tables from being joined partition by partition.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Obstacle {
    /// The tables are not joined by `=` on all columns of their partition keys.
    NotOnKey {
        /// What the query calls the two tables.
        tables: [String; 2],
    },
    /// The tables are partitioned in different ways: strategy, number or types of the key's columns.
    OtherKey {
        /// What the query calls the two tables.
        tables: [String; 2],
    },
    /// The partitions of the two tables have different bounds.
    OtherBounds {
        /// What the query calls the two tables.
        tables: [String; 2],
    },
}

impl Display for Wise {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotApplicable => f.write_str("nothing to do partition by partition"),
            Self::Used { partial: false } => f.write_str("done partition by partition"),
            Self::Used { partial: true } => {
                f.write_str("done in part partition by partition; the key is not in GROUP BY")
            }
            Self::Possible { statement, partial, cost, cost_then } => {
                let part = if *partial { "in part " } else { "" };
                write!(
                    f,
                    "{statement} does it {part}partition by partition (planner's cost {cost_then:.0} instead of {cost:.0})"
                )
            }
            Self::NotChosen => f.write_str("allowed, but the planner thinks another plan cheaper"),
            Self::Impossible { obstacle } => write!(f, "not possible: {obstacle}"),
            Self::NotKnown { because } => write!(f, "not known: {because}"),
        }
    }
}

impl Display for Obstacle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotOnKey { tables: [one, other] } => {
                write!(f, "{one} and {other} are not joined on their whole partition keys")
            }
            Self::OtherKey { tables: [one, other] } => {
                write!(f, "{one} and {other} are partitioned by different kinds of key")
            }
            Self::OtherBounds { tables: [one, other] } => {
                write!(f, "the partitions of {one} and {other} have different bounds")
            }
        }
    }
}

//! Why a query's partitions were pruned or not, and what to write instead.
//!
//! It follows from the plan and the catalog, not from the query's text: the conditions that the plan
//! shows on its scans are parsed and held against each partition key, level by level, by the
//! planner's own rules. What is then said to prune is seen to prune: EXPLAIN is given the table
//! with these conditions alone. What cannot be told that way is [`Reason::NotKnown`].

mod ask;
mod default_stays;
mod details;
mod elsewhere;
mod experiment;
mod expr;
mod facts;
mod joined;
mod judge;
mod keys;
mod level;
mod names;
mod occurrence;
mod outline;
mod parse;
mod partitionwise;
mod read;
mod reason;
mod rest;
mod rewrite;
mod sentence;
mod single;
mod suggest;
mod suggestion;
#[cfg(test)]
mod tests;
mod text;
mod unpruned;
mod usable;

use serde::Serialize;

pub use ask::explain_why;
pub use details::{DefaultStays, LateValue};
pub use partitionwise::{Obstacle, Partitionwise, Wise, partitionwise};
pub use reason::Reason;
pub use suggestion::{Effect, Moment, Suggestion};

use crate::catalog::{Name, Strategy};

/// Why the partitions of one table were pruned or not.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Why {
    /// The partitioned table that the query names.
    pub table: Name,
    /// Its OID.
    pub oid: u32,
    /// What the query calls it. One that is mentioned twice with other conditions has two entries.
    pub alias: String,
    /// The table itself, and each level of partitions beneath it that are partitioned again, as far
    /// as the levels above let through.
    pub levels: Vec<Level>,
}

/// The partitioned tables of one level that have the same key.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Level {
    /// Steps below the table that the query names: 0 for that table.
    pub level: usize,
    /// The first of the tables, by name.
    pub table: Name,
    /// How many tables there are.
    pub tables: usize,
    /// RANGE, LIST or HASH.
    pub strategy: Strategy,
    /// The columns and expressions of the key, separated by commas.
    pub key: String,
    /// Why partitions were left out, or why not; at least one.
    pub reasons: Vec<Reason>,
    /// What to write instead, the best first; each of them prunes.
    pub suggestions: Vec<Suggestion>,
}

impl Why {
    /// All reasons, topmost level first.
    pub fn reasons(&self) -> impl Iterator<Item = &Reason> {
        self.levels.iter().flat_map(|level| &level.reasons)
    }

    /// All suggestions, topmost level first.
    pub fn suggestions(&self) -> impl Iterator<Item = &Suggestion> {
        self.levels.iter().flat_map(|level| &level.suggestions)
    }
}

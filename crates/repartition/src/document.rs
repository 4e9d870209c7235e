//! What `--format json` prints.

use std::time::Duration;

use lab::catalog::Tree;
use lab::report;
use serde::Serialize;

use crate::layout::Layout;
use crate::scenario::Scenario;
use crate::timeline::UnderLoad;

/// What became of a scenario.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Status {
    /// It did its work.
    Done,
    /// Its work was done before.
    Already,
    /// Something is missing; nothing was changed.
    Blocked,
    /// Only with `--dry-run`: it would do its work.
    Ready,
}

/// One scenario, or all of them.
#[derive(Debug, Serialize)]
pub struct Document {
    pub scenario: &'static str,
    pub status: Status,
    pub before: Vec<Partition>,
    pub after: Vec<Partition>,
    pub rows_before: u64,
    pub rows_after: u64,
    pub elapsed_ms: f64,
    /// What others met with meanwhile; only with `--under-load` and `--compare`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub under_load: Option<UnderLoad>,
    /// The scenarios of `all`, or both ways of `--compare`, each with the same fields.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub steps: Vec<Document>,
}

/// A table that holds rows.
#[derive(Debug, Serialize)]
pub struct Partition {
    #[serde(rename = "partition")]
    name: String,
    /// As PostgreSQL prints them; null for a table that is no partition.
    bounds: Option<String>,
    rows: u64,
}

/// A scenario in the list.
#[derive(Debug, Serialize)]
pub struct Entry {
    scenario: &'static str,
    script: &'static str,
    teaches: &'static str,
}

impl Document {
    /// The document of a scenario between two layouts, which keeps the rows of `from` in `to`.
    pub fn new(
        scenario: &'static str,
        status: Status,
        (before, from): (&Layout, &[&str]),
        (after, to): (&Layout, &[&str]),
        elapsed: Duration,
    ) -> Self {
        Self {
            scenario,
            status,
            before: before.tables(from).flat_map(partitions).collect(),
            after: after.tables(to).flat_map(partitions).collect(),
            rows_before: before.rows(from),
            rows_after: after.rows(to),
            elapsed_ms: report::milliseconds(elapsed),
            under_load: None,
            steps: Vec::new(),
        }
    }
}

fn partitions(tree: &Tree) -> impl Iterator<Item = Partition> {
    tree.leaves().map(|leaf| Partition {
        name: leaf.name.name.clone(),
        bounds: leaf.bounds.clone(),
        rows: leaf.rows.unwrap_or(0),
    })
}

/// All scenarios with what each teaches.
pub fn list() -> Vec<Entry> {
    let entry = |scenario: Scenario| Entry {
        scenario: scenario.name(),
        script: scenario.script(),
        teaches: scenario.teaches(),
    };
    Scenario::ALL.map(entry).into()
}

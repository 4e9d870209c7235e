//! The x-ray as JSON.

use std::collections::BTreeMap;

use lab::plan::why::Why;
use lab::plan::{Fate, Partitionwise, Touched};
use serde::Serialize;

use super::read::Xray;
use crate::document::Leaves;

/// All of it.
#[derive(Debug, Serialize)]
pub struct Document<'a> {
    sql: &'a str,
    /// Whether it was run; else nothing was scanned, and `never_executed` is what the plan holds.
    analyzed: bool,
    tables: Vec<Table<'a>>,
    /// Whether joins and aggregates are computed partition by partition, or could be.
    partitionwise: Option<&'a Partitionwise>,
    execution_ms: f64,
}

/// Two of them, each under its name.
#[derive(Debug, Serialize)]
pub struct Pair<'a>(BTreeMap<&'static str, Document<'a>>);

impl<'a> Pair<'a> {
    pub fn new(names: [&'static str; 2], both: [&'a Xray; 2]) -> Self {
        Self(names.into_iter().zip(both.map(Document::new)).collect())
    }
}

#[derive(Debug, Serialize)]
struct Table<'a> {
    #[serde(rename = "table")]
    name: String,
    schema: String,
    #[serde(flatten)]
    found: Leaves,
    /// Why they were pruned or not, level by level, and what to write instead.
    why: Vec<&'a Why>,
    partitions: Vec<Partition>,
}

/// A leaf.
#[derive(Debug, Serialize)]
struct Partition {
    #[serde(rename = "partition")]
    name: String,
    schema: String,
    /// `scanned`, `never_executed`, `pruned_at_start` or `pruned_at_plan`.
    fate: Fate,
    rows: f64,
    ms: f64,
    buffers: u64,
}

impl<'a> Document<'a> {
    pub fn new(xray: &'a Xray) -> Self {
        let plan = &xray.explained.plan;
        Self {
            sql: &xray.sql,
            analyzed: xray.explained.analyzed,
            tables: xray
                .explained
                .touched
                .iter()
                .map(|touched| Table::new(xray, touched))
                .collect(),
            partitionwise: xray.partitionwise.as_ref(),
            execution_ms: plan.execution_ms,
        }
    }
}

impl<'a> Table<'a> {
    fn new(xray: &'a Xray, touched: &Touched) -> Self {
        let reads = xray.explained.plan.reads();
        let partitions = touched.leaves.iter().map(|leaf| {
            let reads = reads.get(&leaf.name).copied().unwrap_or_default();
            Partition {
                name: leaf.name.name.clone(),
                schema: leaf.name.schema.clone(),
                fate: leaf.fate,
                rows: reads.rows,
                ms: reads.ms,
                buffers: reads.buffers,
            }
        });
        Self {
            name: touched.table.name.clone(),
            schema: touched.table.schema.clone(),
            found: Leaves::of(touched),
            why: xray.whys.iter().filter(|why| why.oid == touched.oid).collect(),
            partitions: partitions.collect(),
        }
    }
}

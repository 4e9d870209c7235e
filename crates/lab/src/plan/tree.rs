//! The plan as `EXPLAIN (ANALYZE, BUFFERS, VERBOSE, FORMAT JSON)` of PostgreSQL 15 to 18 prints it.
//!
//! Only what is used here is read; fields that a version lacks have a default.

use std::borrow::Cow;
use std::collections::BTreeSet;

use serde::Deserialize;
use serde::de::IgnoredAny;

use super::relations;
use crate::catalog::Name;
use crate::error::{Error, Result};

/// A statement's plan with what its execution measured.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct Plan {
    /// The topmost node.
    #[serde(rename = "Plan")]
    pub root: Node,
    /// Milliseconds that planning took.
    #[serde(rename = "Planning Time", default)]
    pub planning_ms: f64,
    /// Milliseconds that execution took, start-up, triggers and EXPLAIN's own clock included.
    #[serde(rename = "Execution Time", default)]
    pub execution_ms: f64,
}

/// One node of a plan. Averages per loop are PostgreSQL's; the methods give totals.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct Node {
    /// `Seq Scan`, `Append`, `Hash Join`, ….
    #[serde(rename = "Node Type")]
    pub node_type: String,
    /// The table that the node scans or, for `ModifyTable`, changes.
    #[serde(rename = "Relation Name")]
    pub relation: Option<String>,
    /// That table's schema; `pg_temp` for a temporary table.
    #[serde(rename = "Schema")]
    pub schema: Option<String>,
    /// The name that the plan's conditions call the table by, such as `e_1`.
    #[serde(rename = "Alias")]
    pub alias: Option<String>,
    /// The index that the node reads.
    #[serde(rename = "Index Name")]
    pub index_name: Option<String>,
    /// `Outer`, `Inner`, `Member`, `InitPlan`, `SubPlan`, …; `None` for the topmost node.
    #[serde(rename = "Parent Relationship")]
    pub parent_relationship: Option<String>,
    /// `CTE recent`, `InitPlan 1`, …, on the topmost node of a subplan.
    #[serde(rename = "Subplan Name")]
    pub subplan_name: Option<String>,
    /// The tables of a foreign scan that is a join or an aggregate done by another server.
    #[serde(rename = "Relations")]
    pub relations: Option<String>,
    /// `Insert`, `Update`, `Delete`, `Merge` of a `ModifyTable` (and of a foreign scan that
    /// changes rows remotely).
    #[serde(rename = "Operation")]
    pub operation: Option<String>,
    /// `Simple`, `Partial` or `Finalize` of an `Aggregate`: whether it does the whole work, or the
    /// part of it that another one completes.
    #[serde(rename = "Partial Mode")]
    pub partial_mode: Option<String>,
    /// The partitions that a `ModifyTable` has ready to change; none when it changes one table
    /// that is not partitioned, or inserts.
    #[serde(rename = "Target Tables", default)]
    target_tables: Vec<IgnoredAny>,
    /// The condition that an index found rows by.
    #[serde(rename = "Index Cond")]
    pub index_cond: Option<String>,
    /// The condition that rows were discarded by after they were read.
    #[serde(rename = "Filter")]
    pub filter: Option<String>,
    /// What a `Foreign Scan` of `postgres_fdw` asks the other server (with `VERBOSE` only).
    #[serde(rename = "Remote SQL")]
    pub remote_sql: Option<String>,
    /// The condition that rows are checked against once more after a bitmap or a lossy index.
    #[serde(rename = "Recheck Cond")]
    pub recheck_cond: Option<String>,
    /// The condition of a join that is none of the three below it: what a nested loop compares, or what a
    /// hash or merge join checks besides.
    #[serde(rename = "Join Filter")]
    pub join_filter: Option<String>,
    /// What a hash join compares.
    #[serde(rename = "Hash Cond")]
    pub hash_cond: Option<String>,
    /// What a merge join compares.
    #[serde(rename = "Merge Cond")]
    pub merge_cond: Option<String>,
    /// `Inner`, `Left`, `Right`, `Full`, `Semi`, `Anti`, … of a join.
    #[serde(rename = "Join Type")]
    pub join_type: Option<String>,
    /// The planner's estimate up to the last row, in its unit of cost; 0 with `COSTS OFF`.
    #[serde(rename = "Total Cost", default)]
    pub total_cost: f64,
    /// The expressions that an aggregate groups by.
    #[serde(rename = "Group Key", default)]
    pub group_key: Vec<String>,
    /// What the node returns, one expression a column (with `VERBOSE` only).
    #[serde(rename = "Output", default)]
    pub output: Vec<String>,
    /// The name of the common table expression that a `CTE Scan` reads.
    #[serde(rename = "CTE Name")]
    pub cte_name: Option<String>,
    /// What a sort, or a merge of sorted rows, orders by.
    #[serde(rename = "Sort Key", default)]
    pub sort_key: Vec<String>,
    /// A condition checked once, before anything is read: `false` when all was pruned away.
    #[serde(rename = "One-Time Filter")]
    pub one_time_filter: Option<String>,
    /// Partitions (or sub-trees) that an `Append` or `MergeAppend` dropped when execution began.
    #[serde(rename = "Subplans Removed", default)]
    pub subplans_removed: u64,
    /// How often the node ran, workers included; 0 = never executed.
    #[serde(rename = "Actual Loops", default)]
    pub loops: f64,
    /// Rows out of the node **per loop**: a mean, whole before PostgreSQL 18 and a fraction since.
    #[serde(rename = "Actual Rows", default)]
    pub rows: f64,
    /// Milliseconds **per loop**, children included.
    #[serde(rename = "Actual Total Time", default)]
    pub ms: f64,
    /// Rows **per loop** that `filter` discarded.
    #[serde(rename = "Rows Removed by Filter", default)]
    pub rows_removed_by_filter: f64,
    #[serde(rename = "Shared Hit Blocks", default)]
    shared_hit: u64,
    #[serde(rename = "Shared Read Blocks", default)]
    shared_read: u64,
    #[serde(rename = "Local Hit Blocks", default)]
    local_hit: u64,
    #[serde(rename = "Local Read Blocks", default)]
    local_read: u64,
    /// The nodes beneath, subplans included.
    #[serde(rename = "Plans", default)]
    pub children: Vec<Node>,
}

impl Plan {
    /// Reads the document that `EXPLAIN (FORMAT JSON)` returns: an array of one plan. Fails when
    /// the statement's rules rewrote it to none or to several.
    pub fn from_json(document: &str) -> Result<Self> {
        let document = without_tuple_counts(document);
        // Straight into the types: a plan of thousands of partitions has tens of megabytes.
        match serde_json::from_str::<[Self; 1]>(&document) {
            Ok([plan]) => Ok(plan),
            Err(error) => Err(match serde_json::from_str::<Vec<IgnoredAny>>(&document) {
                Ok(plans) if plans.len() != 1 => {
                    Error::usage("cannot explain this statement").because(format!(
                        "a rule on its table rewrites it to {} statements; exactly one has a plan to read",
                        plans.len()
                    ))
                }
                _ if document.contains("\"Utility Statement\"") => {
                    Error::usage("cannot explain this statement").because("it is a command without a plan")
                }
                _ => Error::failed("cannot read the plan").caused_by(&error),
            }),
        }
    }

    /// Every node, each before the nodes beneath it.
    pub fn nodes(&self) -> impl Iterator<Item = &Node> {
        self.root.walk()
    }

    /// Partitions (or sub-trees) that all nodes dropped when execution began.
    pub(super) fn subplans_removed(&self) -> u64 {
        // Only a plan that no server wrote could overflow.
        self.nodes().fold(0, |sum, node| sum.saturating_add(node.subplans_removed))
    }

    /// The tables that the statement inserts into, and those whose rows it changes otherwise.
    pub(super) fn written(&self) -> (BTreeSet<Name>, BTreeSet<Name>) {
        let (mut inserted, mut changed) = (BTreeSet::new(), BTreeSet::new());
        for node in self.nodes().filter(|node| node.is_modify_table()) {
            let inserts = node.operation.as_deref() == Some("Insert");
            if inserts { &mut inserted } else { &mut changed }.extend(node.table());
        }
        (inserted, changed)
    }

    /// Rows that the statement returned (0 for INSERT, UPDATE, DELETE and MERGE without RETURNING).
    #[must_use]
    pub fn rows(&self) -> f64 {
        self.root.total_rows()
    }

    /// Whether it is an INSERT, UPDATE, DELETE or MERGE; not a SELECT with one in a CTE.
    #[must_use]
    pub fn writes(&self) -> bool {
        self.root.is_modify_table()
    }

    /// Rows that the statement returned, or that came to the node that writes; ON CONFLICT DO NOTHING and MERGE may write fewer.
    #[must_use]
    pub fn rows_affected(&self) -> f64 {
        if !self.writes() {
            return self.rows();
        }
        // Init plans and CTEs are beside what is written.
        let sources = self.root.children.iter().filter(|child| child.subplan_name.is_none());
        sources.map(Node::total_rows).sum()
    }
}

impl Node {
    /// This node and all beneath it, each before the nodes beneath it.
    pub fn walk(&self) -> impl Iterator<Item = &Node> {
        let mut next = vec![self];
        std::iter::from_fn(move || {
            let node = next.pop()?;
            next.extend(node.children.iter().rev());
            Some(node)
        })
    }

    /// The table whose rows the node reads; `None` for joins, appends, and for `ModifyTable`,
    /// which names the table that it writes to.
    #[must_use]
    pub fn scanned(&self) -> Option<Name> {
        if self.is_modify_table() { None } else { self.table() }
    }

    /// The tables whose rows the node reads: [`scanned`](Self::scanned), or those of a join that another
    /// server does.
    pub(super) fn scanned_tables(&self) -> Vec<Name> {
        let joined = self.relations.as_deref().map(relations::tables);
        self.scanned().into_iter().chain(joined.unwrap_or_default()).collect()
    }

    /// How many partitions a `ModifyTable` has ready to change; 0 for all other nodes.
    #[must_use]
    pub fn targets(&self) -> usize {
        self.target_tables.len()
    }

    fn is_modify_table(&self) -> bool {
        self.node_type == "ModifyTable"
    }

    fn table(&self) -> Option<Name> {
        Some(Name::new(self.schema.as_deref()?, self.relation.as_deref()?))
    }

    /// Whether the node ran at all.
    #[must_use]
    pub fn executed(&self) -> bool {
        self.loops > 0.0
    }

    /// Rows out of the node over all loops, to PostgreSQL's rounding of the mean.
    #[must_use]
    pub fn total_rows(&self) -> f64 {
        (self.rows * self.loops).round()
    }

    /// Milliseconds over all loops, children included. In parallel workers loops overlap, so this
    /// may exceed the time that passed.
    #[must_use]
    pub fn total_ms(&self) -> f64 {
        self.ms * self.loops
    }

    /// Blocks found in the server's buffers, over all loops, children included.
    #[must_use]
    pub fn blocks_hit(&self) -> u64 {
        self.shared_hit.saturating_add(self.local_hit)
    }

    /// Blocks read from the operating system, over all loops, children included.
    #[must_use]
    pub fn blocks_read(&self) -> u64 {
        self.shared_read.saturating_add(self.local_read)
    }
}

/// `document` without the tuple counts that PostgreSQL 15 to 18 write into the `Target Tables` of a
/// MERGE on a partitioned table: `"key": value` in an array is no JSON.
fn without_tuple_counts(document: &str) -> Cow<'_, str> {
    const KEY: &str = "\"Target Tables\": [";
    if !document.contains(KEY) {
        return Cow::Borrowed(document);
    }
    let mut kept = String::with_capacity(document.len());
    // The column of the key whose array is being read.
    let mut array = None;
    for line in document.lines() {
        let indent = line.len() - line.trim_start().len();
        match array {
            // EXPLAIN indents, and writes no line break into a string: what the array holds stands
            // two columns to the right of its key, and it ends in the column of its key.
            Some(key) if indent == key + 2 && line[indent..].starts_with('"') => continue,
            Some(key) if indent == key => {
                // A comma may be left from before the counts.
                kept.truncate(kept.trim_end_matches([',', '\n']).len());
                array = None;
            }
            None if &line[indent..] == KEY => array = Some(indent),
            _ => {}
        }
        kept.push_str(line);
        kept.push('\n');
    }
    Cow::Owned(kept)
}

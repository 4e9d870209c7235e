//! Numbers for the nodes of a plan, so that a partition can lead to the node that reads it, and back.

use std::collections::HashMap;

use lab::catalog::Name;
use lab::plan::{Plan, Touched};

/// Which node reads which partition.
#[derive(Debug)]
pub struct Nodes {
    /// What distinguishes this plan from others on the same page.
    prefix: String,
    of: HashMap<Name, usize>,
    /// The table on whose map a partition is drawn first: one that the query names beside its parent
    /// has a map of its own.
    on: HashMap<Name, u32>,
}

impl Nodes {
    pub fn new(plan: &Plan, tables: &[Touched], prefix: &str) -> Self {
        let mut on = HashMap::new();
        for touched in tables {
            for leaf in &touched.leaves {
                on.entry(leaf.name.clone()).or_insert(touched.oid);
            }
        }
        let mut of: HashMap<Name, (usize, bool)> = HashMap::new();
        for (number, node) in plan.nodes().enumerate() {
            let Some(table) = node.scanned().filter(|table| on.contains_key(table)) else {
                continue;
            };
            let found = of.entry(table).or_insert((number, node.executed()));
            // Of a partition that is read twice, the node that did read something.
            if !found.1 && node.executed() {
                *found = (number, true);
            }
        }
        let of = of.into_iter().map(|(table, (number, _))| (table, number)).collect();
        Self { prefix: prefix.to_owned(), of, on }
    }

    /// The number of the first node that reads `partition`; none for one that is on no map.
    pub fn number(&self, partition: &Name) -> Option<usize> {
        self.of.get(partition).copied()
    }

    /// Whether nodes lead to the partition as it is drawn on this table's map.
    pub fn leads_to(&self, partition: &Name, table: u32) -> bool {
        self.on.get(partition) == Some(&table)
    }

    /// The element of a node.
    pub fn id(&self, number: usize) -> String {
        format!("{}node-{number}", self.prefix)
    }

    /// The element of the partition that a node reads.
    pub fn partition(&self, number: usize) -> String {
        format!("{}part-{number}", self.prefix)
    }
}

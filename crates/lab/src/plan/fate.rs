//! What became of each partition of each partitioned table in a query.
//!
//! A plan alone cannot tell: what is pruned is absent from it, and a table pruned altogether
//! leaves a `Result` with a false one-time filter that names nothing. Locks fill the gap
//! (measured on PostgreSQL 15 and 18):
//!
//! - the parser locks every partitioned table that the statement names, through views too;
//! - the planner then locks, in the same mode, the partitions that it did not prune;
//! - a cached plan of a prepared statement locks all that it contains when it is used again.
//!
//! So a leaf is pruned at plan time when it is not locked, and at executor start when it is
//! locked and yet absent from a plan that says `Subplans Removed` (`start.rs`). Absent without that, it was
//! excluded at plan time by some other proof (a CHECK constraint, a join with nothing).

use std::collections::{BTreeMap, BTreeSet, HashMap};

use serde::Serialize;

use super::Plan;
use super::locks::Locks;
use super::start::Whole;
use crate::catalog::{Name, Tree};

/// A partitioned table that a query reads, and what became of its leaves.
#[derive(Debug, Clone, PartialEq)]
pub struct Touched {
    /// The partitioned table that the query names: the root, or a partition that is partitioned
    /// itself and was named directly.
    pub table: Name,
    /// Its OID.
    pub oid: u32,
    /// Every leaf beneath it, in the order of the bounds; those pending detach, which queries no longer
    /// see, left out.
    pub leaves: Vec<Leaf>,
    /// The table with its partitions on all levels, also those pending detach; rows are estimates.
    pub tree: Tree,
}

/// A leaf partition in a query.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Leaf {
    /// Schema and name.
    pub name: Name,
    /// Its OID.
    pub oid: u32,
    /// What became of it. Where the query names the table several times (a self join), the fate
    /// that went furthest.
    pub fate: Fate,
    /// Whether it was locked before execution began: by the planner, which locks what it does not
    /// prune, by the use of a cached plan, which locks all that the plan contains, or by an earlier
    /// statement of the transaction.
    pub locked: bool,
}

/// What became of a leaf, from earliest to furthest. Serialized as its name in snake case.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Fate {
    /// The planner left it out.
    PrunedAtPlan,
    /// The plan had it, and the executor dropped it before the first row (`Subplans Removed`):
    /// the value was known only then, a parameter's or `now()`'s.
    PrunedAtStart,
    /// It stayed in the plan and was never read (`Actual Loops` 0): pruned while running, or the query had
    /// enough rows before its turn.
    NeverExecuted,
    /// It was read.
    Scanned,
}

impl Touched {
    /// How many leaves the table has.
    #[must_use]
    pub fn total(&self) -> usize {
        self.leaves.len()
    }

    /// How many leaves met this fate.
    #[must_use]
    pub fn count(&self, fate: Fate) -> usize {
        self.with(fate).count()
    }

    /// How many leaves were locked before execution began.
    #[must_use]
    pub fn locked(&self) -> usize {
        self.leaves.iter().filter(|leaf| leaf.locked).count()
    }

    /// The leaves that met this fate, in the order of the bounds.
    pub fn with(&self, fate: Fate) -> impl Iterator<Item = &Leaf> {
        self.leaves.iter().filter(move |leaf| leaf.fate == fate)
    }
}

/// What a statement left behind: all that its partitions' fates follow from.
#[derive(Debug)]
pub(super) struct Evidence<'a> {
    pub(super) plan: &'a Plan,
    /// The topmost locked partitioned tables, with all beneath them.
    pub(super) trees: &'a [Tree],
    /// Locks before the statement was planned …
    pub(super) before: &'a Locks,
    /// … and after it was planned.
    pub(super) after: &'a Locks,
    /// The plan before the executor dropped anything: needed only where locks alone are unclear.
    pub(super) whole: Option<&'a Whole>,
}

impl Evidence<'_> {
    /// The partitioned tables that the statement reads, by name.
    pub(super) fn touched(&self) -> Vec<Touched> {
        let scans = self.scans();
        let named = self.named(&scans);
        let removed = self.removed_at_start(&named, &scans);
        let fate = |leaf: &Tree| match scans.get(&leaf.name) {
            Some(true) => Fate::Scanned,
            Some(false) => Fate::NeverExecuted,
            None if removed.contains(&leaf.oid) => Fate::PrunedAtStart,
            None => Fate::PrunedAtPlan,
        };
        let leaf = |leaf: &Tree| Leaf {
            name: leaf.name.clone(),
            oid: leaf.oid,
            fate: fate(leaf),
            locked: self.after.contains(leaf.oid),
        };
        named
            .into_iter()
            .map(|table| Touched {
                table: table.name.clone(),
                oid: table.oid,
                leaves: visible_leaves(table).map(leaf).collect(),
                tree: table.clone(),
            })
            .collect()
    }

    /// The tables that the plan scans, and whether any of their scans ran.
    pub(super) fn scans(&self) -> HashMap<Name, bool> {
        let mut scans = HashMap::new();
        for node in self.plan.nodes() {
            for table in node.scanned_tables() {
                *scans.entry(table).or_insert(false) |= node.executed();
            }
        }
        scans
    }

    /// The partitioned tables that the statement reads, by name.
    pub(super) fn named(&self, scans: &HashMap<Name, bool>) -> Vec<&Tree> {
        let mut named: Vec<&Tree> = Vec::new();
        for tree in self.trees {
            let named_here = self.named_tables(tree, scans);
            named.extend(tree.walk().filter(|table| named_here.contains(&table.oid)));
        }
        named.sort_by(|a, b| a.name.cmp(&b.name));
        named
    }

    /// OIDs of the partitioned tables below `root` that the statement names: from each table that
    /// it scans or locked, up through the parents that are locked in the same mode. The mode
    /// keeps tables apart that an earlier statement of the transaction locked (an INSERT, say).
    fn named_tables(&self, root: &Tree, scans: &HashMap<Name, bool>) -> BTreeSet<u32> {
        let parents: BTreeMap<u32, u32> =
            root.walk().filter_map(|table| Some((table.oid, table.parent?))).collect();
        let inserted = self.only_inserted(root);
        let mut named = BTreeSet::new();
        for table in root.walk() {
            let new = self.after.modes_since(self.before, table.oid);
            let unread = new.is_empty() && !scans.contains_key(&table.name);
            if unread || inserted.contains(&table.oid) {
                continue;
            }
            let modes = if new.is_empty() { self.after.modes(table.oid) } else { new };
            let mut top = table.oid;
            while let Some(parent) = parents.get(&top)
                && !inserted.contains(parent)
                && !self.after.modes(*parent).is_disjoint(&modes)
            {
                top = *parent;
            }
            // A leaf that has no such parent was named directly.
            if top != table.oid || !table.is_leaf() {
                named.insert(top);
            }
        }
        named
    }

    /// OIDs of the partitioned tables that the statement inserts into, and neither reads nor changes otherwise:
    /// an INSERT locks its target.
    fn only_inserted(&self, root: &Tree) -> BTreeSet<u32> {
        let (inserted, changed) = self.plan.written();
        let only = |table: &&Tree| {
            let new = self.after.modes_since(self.before, table.oid);
            !table.is_leaf()
                && new.iter().all(|mode| *mode == "RowExclusiveLock")
                && inserted.contains(&table.name)
                // In a CTE, say.
                && !changed.contains(&table.name)
        };
        root.walk().filter(only).map(|table| table.oid).collect()
    }
}

/// The leaves that a query of `table` can see.
pub(super) fn visible_leaves(table: &Tree) -> Box<dyn Iterator<Item = &Tree> + '_> {
    if table.is_leaf() {
        return Box::new(std::iter::once(table));
    }
    Box::new(table.children.iter().filter(|child| !child.detach_pending).flat_map(visible_leaves))
}

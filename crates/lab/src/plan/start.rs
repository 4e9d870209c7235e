//! Which leaves the executor dropped at its start (`Subplans Removed`).
//!
//! Mostly the locks tell: what is locked and yet absent. They don't when there are more such leaves than the
//! plan says it removed (a CHECK constraint excluded some), or fewer (a cached plan took the place of
//! the one that was looked at), or when earlier statements hold the locks. Then the server is asked for
//! the plan as it was before its start.

use std::collections::{BTreeSet, HashMap};

use tokio_postgres::Transaction;

use super::explain::{behind_savepoint, run};
use super::fate::{Evidence, visible_leaves};
use super::locks::{self, Locks};
use super::{Node, Plan};
use crate::catalog::{Name, Tree};
use crate::connect::Version;
use crate::error::{Context, Result};

/// Since PostgreSQL 16, and for an EXECUTE too: it leaves out what depends on values.
const GENERIC: &str = "EXPLAIN (GENERIC_PLAN, VERBOSE, FORMAT JSON) ";
const PLAN_ONLY: &str = "EXPLAIN (VERBOSE, FORMAT JSON) ";

/// A statement's plan before the executor dropped anything.
#[derive(Debug)]
pub(super) struct Whole {
    /// The tables that it scans.
    pub(super) tables: BTreeSet<Name>,
    /// On PostgreSQL 15 it also holds what the planner pruned by bounds: what it locked tells the two apart.
    pub(super) locks: Option<Locks>,
}

impl Whole {
    /// Asks the server. All behind a savepoint.
    pub(super) async fn ask(tx: &Transaction<'_>, sql: &str) -> Result<Self> {
        if Version::ask(tx.client()).await?.major() >= 16 {
            let plan = behind_savepoint(tx, run(tx, GENERIC, sql)).await?;
            return Ok(Self { tables: tables(&plan)?, locks: None });
        }
        let locks = locks::read(tx).await?.locks;
        // A cached plan would ignore the setting; and the one cached under it must not be used again.
        let replanned = behind_savepoint(tx, async {
            tx.batch_execute("SET LOCAL enable_partition_pruning = off; DISCARD PLANS")
                .await
                .context(|| "cannot plan without pruning")?;
            run(tx, PLAN_ONLY, sql).await
        });
        let plan = replanned.await;
        tx.batch_execute("DISCARD PLANS").await.context(|| "cannot discard a plan")?;
        Ok(Self { tables: tables(&plan?)?, locks: Some(locks) })
    }
}

fn tables(document: &str) -> Result<BTreeSet<Name>> {
    Ok(Plan::from_json(document)?.nodes().flat_map(Node::scanned_tables).collect())
}

impl Evidence<'_> {
    /// Whether locks alone leave open which leaves were dropped.
    pub(super) fn is_unclear(&self) -> bool {
        let scans = self.scans();
        let (sure, doubtful) = self.absent(&self.named(&scans), &scans);
        let said = self.plan.subplans_removed();
        said > 0 && (said != sure.len() as u64 || !doubtful.is_empty())
    }

    /// OIDs of the leaves that the executor dropped.
    pub(super) fn removed_at_start(
        &self,
        named: &[&Tree],
        scans: &HashMap<Name, bool>,
    ) -> BTreeSet<u32> {
        let said = self.plan.subplans_removed();
        if said == 0 {
            return BTreeSet::new();
        }
        let (mut sure, mut doubtful) = self.absent(named, scans);
        // The plan's own count decides.
        if said > sure.len() as u64 {
            sure.append(&mut doubtful);
        }
        sure
    }

    /// OIDs of the leaves that the planner kept and the plan lacks: surely, and perhaps, for
    /// earlier statements of the transaction locked them already.
    fn absent(
        &self,
        named: &[&Tree],
        scans: &HashMap<Name, bool>,
    ) -> (BTreeSet<u32>, BTreeSet<u32>) {
        let (mut sure, mut doubtful) = (BTreeSet::new(), BTreeSet::new());
        let locks = self.whole.and_then(|whole| whole.locks.as_ref()).unwrap_or(self.after);
        let exact = self.whole.is_some_and(|whole| whole.locks.is_none());
        for leaf in named.iter().flat_map(|table| visible_leaves(table)) {
            let excluded = self.whole.is_some_and(|whole| !whole.tables.contains(&leaf.name));
            if excluded || scans.contains_key(&leaf.name) {
                continue;
            }
            if exact || !locks.modes_since(self.before, leaf.oid).is_empty() {
                sure.insert(leaf.oid);
            } else if locks.contains(leaf.oid) {
                doubtful.insert(leaf.oid);
            }
        }
        (sure, doubtful)
    }
}

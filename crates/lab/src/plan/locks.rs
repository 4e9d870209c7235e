//! The locks that a transaction holds on tables: the trace that parser and planner leave.

use std::collections::{BTreeMap, BTreeSet};

use tokio_postgres::Transaction;

use crate::error::{Context, Result};
use crate::sql;

/// Lock modes (`AccessShareLock`, …) by table OID.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Locks(BTreeMap<u32, BTreeSet<String>>);

impl Locks {
    /// Modes in which `oid` is locked; empty when it is not.
    pub(super) fn modes(&self, oid: u32) -> BTreeSet<&str> {
        self.0.get(&oid).into_iter().flatten().map(String::as_str).collect()
    }

    /// Modes in which `oid` is locked here and was not in `earlier`.
    pub(super) fn modes_since(&self, earlier: &Locks, oid: u32) -> BTreeSet<&str> {
        let earlier = earlier.modes(oid);
        self.modes(oid).into_iter().filter(|mode| !earlier.contains(mode)).collect()
    }

    pub(super) fn contains(&self, oid: u32) -> bool {
        self.0.contains_key(&oid)
    }
}

impl FromIterator<(u32, String)> for Locks {
    fn from_iter<I: IntoIterator<Item = (u32, String)>>(locks: I) -> Self {
        let mut modes: BTreeMap<_, BTreeSet<_>> = BTreeMap::new();
        for (oid, mode) in locks {
            modes.entry(oid).or_default().insert(mode);
        }
        Self(modes)
    }
}

/// What a transaction has locked.
#[derive(Debug)]
pub(super) struct Locked {
    /// All of its table locks.
    pub(super) locks: Locks,
    /// The partitioned tables that have no locked ancestor.
    pub(super) topmost: BTreeSet<u32>,
    /// Whether a table may be locked for nothing but the bounds of one of its partitions, which a session reads
    /// when it first plans that partition.
    pub(super) has_read_bounds: bool,
}

/// This transaction's table locks.
pub(super) async fn read(tx: &Transaction<'_>) -> Result<Locked> {
    let what = || "cannot read the locks of this transaction";
    let (mut locks, mut topmost, mut has_read_bounds) = (Vec::new(), BTreeSet::new(), false);
    for row in tx.query(sql::LOCKED_TABLES, &[]).await.context(what)? {
        let oid: u32 = row.try_get("oid").context(what)?;
        if row.try_get("topmost").context(what)? {
            topmost.insert(oid);
        }
        has_read_bounds |= row.try_get::<_, bool>("has_read_bounds").context(what)?;
        locks.push((oid, row.try_get("mode").context(what)?));
    }
    Ok(Locked { locks: locks.into_iter().collect(), topmost, has_read_bounds })
}

//! A partitioned table with everything beneath it.

use serde::{Deserialize, Serialize};

use super::Name;

/// A table and the partitions beneath it, to any depth. A table without partitioning is a tree
/// of one leaf; each child is a tree of its own.
#[derive(Debug, Clone, PartialEq)]
pub struct Tree {
    /// The table's OID.
    pub oid: u32,
    /// Schema and name.
    pub name: Name,
    /// Steps below the table that was asked for, which has level 0.
    pub level: usize,
    /// OID of the table directly above; `None` for the table that was asked for, even if that is
    /// itself a partition.
    pub parent: Option<u32>,
    /// How the table is partitioned; `None` for a leaf.
    pub partitioning: Option<Partitioning>,
    /// As PostgreSQL prints it: `FOR VALUES FROM (…) TO (…)`, `FOR VALUES IN (…)`, `FOR VALUES
    /// WITH (modulus 4, remainder 0)`, `DEFAULT`; `None` for a table that is no partition.
    pub bounds: Option<String>,
    /// A foreign table, whose rows live on another server.
    pub foreign: bool,
    /// A concurrent detach was interrupted (or runs now): queries of the parent no longer see this partition.
    pub detach_pending: bool,
    /// The table's own bytes on disk with its indexes and TOAST: 0 for a partitioned table (see
    /// [`total_bytes`](Self::total_bytes)).
    pub bytes: u64,
    /// The leaf's rows. `None` when unknown (estimated, and never analysed) and for a partitioned
    /// table (see [`total_rows`](Self::total_rows)).
    pub rows: Option<u64>,
    /// Indexes by name; those of a partitioned table are its partitioned indexes.
    pub indexes: Vec<Index>,
    /// Partitions in the order of their bounds: ranges and lists by value, hash partitions by
    /// remainder, DEFAULT last.
    pub children: Vec<Tree>,
}

/// Strategy and key of a partitioned table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Partitioning {
    /// RANGE, LIST or HASH.
    pub strategy: Strategy,
    /// As `pg_get_partkeydef` prints it, strategy included: `RANGE (created_at)`.
    pub key: String,
}

/// How PostgreSQL assigns rows to partitions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Strategy {
    /// By intervals of the key.
    Range,
    /// By single values of the key.
    List,
    /// By remainder of the key's hash.
    Hash,
}

impl std::fmt::Display for Strategy {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Range => "RANGE",
            Self::List => "LIST",
            Self::Hash => "HASH",
        })
    }
}

/// An index, as the catalog describes it.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Index {
    /// The index's own name, in its table's schema.
    pub name: String,
    /// The `CREATE INDEX` statement, as `pg_get_indexdef` prints it.
    pub definition: String,
    /// False for what an interrupted `CREATE INDEX CONCURRENTLY` left behind, and for a
    /// partitioned index until every partition has its own.
    pub valid: bool,
}

impl Tree {
    /// Whether the table holds rows itself. A partitioned table without partitions is no leaf.
    #[must_use]
    pub fn is_leaf(&self) -> bool {
        self.partitioning.is_none()
    }

    /// Whether it is the DEFAULT partition of its parent.
    #[must_use]
    pub fn is_default(&self) -> bool {
        self.bounds.as_deref() == Some("DEFAULT")
    }

    /// This table and all beneath it, each parent before its partitions.
    pub fn walk(&self) -> impl Iterator<Item = &Tree> {
        let mut next = vec![self];
        std::iter::from_fn(move || {
            let tree = next.pop()?;
            next.extend(tree.children.iter().rev());
            Some(tree)
        })
    }

    /// The tables that hold rows, in the order of their bounds.
    pub fn leaves(&self) -> impl Iterator<Item = &Tree> {
        self.walk().filter(|tree| tree.is_leaf())
    }

    /// How many tables hold rows.
    #[must_use]
    pub fn leaf_count(&self) -> usize {
        self.leaves().count()
    }

    /// The table with this OID, be it this one or one beneath it.
    #[must_use]
    pub fn find(&self, oid: u32) -> Option<&Tree> {
        self.walk().find(|tree| tree.oid == oid)
    }

    /// Levels of partitions below this table: 0 for a leaf.
    #[must_use]
    pub fn depth(&self) -> usize {
        self.walk().map(|tree| tree.level - self.level).max().unwrap_or(0)
    }

    /// Rows of all leaves, those pending detach included; `None` when one of them is unknown.
    #[must_use]
    pub fn total_rows(&self) -> Option<u64> {
        self.leaves().map(|leaf| leaf.rows).sum()
    }

    /// Bytes of all leaves with their indexes and TOAST.
    #[must_use]
    pub fn total_bytes(&self) -> u64 {
        self.walk().map(|tree| tree.bytes).sum()
    }
}

//! What a table consists of and what hangs on it, as the catalog query tells it.

use serde::{Deserialize, Serialize};

/// The parent of a partition.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Parent {
    /// OID.
    pub oid: u32,
    /// Unquoted.
    pub schema: String,
    /// Unquoted.
    pub name: String,
    /// `RANGE (created_at)`.
    pub partition_key: String,
    /// The partition's bound as PostgreSQL prints it.
    pub bound: String,
    /// The parent's DEFAULT partition, qualified and quoted; may be this table itself.
    pub default: Option<String>,
    /// Bounds of the parent's other partitions, as PostgreSQL prints them, by OID.
    #[serde(default)]
    pub siblings: Vec<String>,
}

impl Parent {
    /// The column of the parent's key, unquoted; `None` when it has several or an expression.
    #[must_use]
    pub fn key_column(&self) -> Option<String> {
        let list = self.partition_key.split_once(" (")?.1.strip_suffix(')')?;
        if let Some(quoted) = list.strip_prefix('"') {
            let name = quoted.strip_suffix('"')?.replace("\"\"", "\u{0}");
            return (!name.contains('"')).then(|| name.replace('\u{0}', "\""));
        }
        let plain = list.chars().all(|c| c.is_alphanumeric() || c == '_' || c == '$');
        plain.then(|| list.to_owned())
    }
}

/// A table that holds rows.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Leaf {
    /// OID.
    pub oid: u32,
    /// Unquoted.
    pub schema: String,
    /// Unquoted.
    pub name: String,
    /// Pages of the main fork at the moment of reading: `pg_relation_size / block_size`.
    pub blocks: i64,
    /// `reltuples`, `-1` when unknown.
    pub rows: f64,
    /// A foreign table.
    pub foreign: bool,
}

/// A column.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Column {
    /// Unquoted.
    pub name: String,
    /// With its modifier: `character varying(100)`.
    pub data_type: String,
    /// The base type's name below domains (`typname`): `timestamp`, `timestamptz`, `date`, `int8`, `uuid`, …
    pub base_type: String,
    /// NOT NULL.
    pub not_null: bool,
    /// Default expression; of a generated column, the expression.
    pub default: Option<String>,
    /// `a` ALWAYS, `d` BY DEFAULT.
    pub identity: Option<char>,
    /// `s` stored, `v` virtual (18).
    pub generated: Option<char>,
    /// The sequence that the column owns, identity's included.
    pub sequence: Option<Sequence>,
}

/// A sequence owned by a column.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Sequence {
    /// OID.
    pub oid: u32,
    /// Unquoted.
    pub schema: String,
    /// Unquoted.
    pub name: String,
}

/// An index of the table itself (for a partitioned table, the partitioned index).
#[allow(clippy::struct_excessive_bools, reason = "each is a column of pg_index")]
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Index {
    /// OID.
    pub oid: u32,
    /// Unquoted.
    pub name: String,
    /// What follows `USING` in `pg_get_indexdef`: `btree (a, b DESC) INCLUDE (c) WHERE (…)`.
    pub using: String,
    /// Key columns, unquoted, `None` for an expression; INCLUDE columns not among them.
    pub columns: Vec<Option<String>>,
    /// UNIQUE.
    pub unique: bool,
    /// With `NULLS NOT DISTINCT`.
    pub nulls_not_distinct: bool,
    /// Partial.
    pub partial: bool,
    /// Usable (`indisvalid`).
    pub valid: bool,
    /// `p` primary key, `u` unique constraint, `x` exclusion: the constraint it stands behind.
    pub constraint: Option<char>,
    /// DEFERRABLE and INITIALLY DEFERRED, of that constraint.
    pub deferrable: bool,
    /// INITIALLY DEFERRED.
    pub deferred: bool,
    /// The replica identity.
    pub replica_identity: bool,
    /// CLUSTER uses it; of a partitioned table, on each leaf.
    pub clustered: bool,
    /// Tablespace, `None` for the database's own.
    #[serde(default)]
    pub tablespace: Option<String>,
    /// Comment.
    pub comment: Option<String>,
    /// Bytes of it on all leaves.
    pub bytes: i64,
}

/// A CHECK, EXCLUDE or named NOT NULL constraint.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Constraint {
    /// Unquoted.
    pub name: String,
    /// `pg_constraint.contype`.
    pub kind: char,
    /// `pg_get_constraintdef`.
    pub definition: String,
    /// Validated.
    pub valid: bool,
}

/// A foreign key, seen from either end.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ForeignKey {
    /// Unquoted.
    pub name: String,
    /// The referencing table, qualified and quoted.
    pub table: String,
    /// The referenced table, qualified and quoted.
    pub references: String,
    /// Whether both are this table.
    pub to_itself: bool,
    /// Whether the table at the other end is partitioned.
    pub other_partitioned: bool,
    /// Columns of the referencing table, unquoted.
    pub columns: Vec<String>,
    /// Columns referenced, unquoted.
    pub referenced_columns: Vec<String>,
    /// `pg_get_constraintdef` without NOT VALID.
    pub definition: String,
    /// Validated.
    pub valid: bool,
    /// Comment.
    pub comment: Option<String>,
}

/// A trigger.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Trigger {
    /// Unquoted.
    pub name: String,
    /// `pg_get_triggerdef`.
    pub definition: String,
    /// `O` origin, `D` disabled, `R` replica, `A` always.
    pub enabled: char,
    /// FOR EACH ROW.
    pub row: bool,
    /// With a transition table.
    pub transition: bool,
    /// Comment.
    pub comment: Option<String>,
}

/// A policy: complete `CREATE POLICY` on `{table}` (placeholder).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Policy {
    /// Unquoted.
    pub name: String,
    /// The statement.
    pub definition: String,
}

/// A view over the table.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct View {
    /// OID.
    pub oid: u32,
    /// Unquoted.
    pub schema: String,
    /// Unquoted.
    pub name: String,
    /// Materialised.
    pub materialized: bool,
    /// Populated (materialised only).
    pub populated: bool,
    /// `pg_get_viewdef` under our `search_path`, without the semicolon.
    pub definition: String,
    /// `security_barrier=true`, …
    pub options: Vec<String>,
    /// It needs the primary key (GROUP BY by functional dependency).
    pub needs_key: bool,
}

/// Membership in a publication.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Publication {
    /// Unquoted.
    pub name: String,
    /// FOR ALL TABLES or TABLES IN SCHEMA: any new table is in it from its creation.
    pub all: bool,
    /// Column list and WHERE, as they stand behind the table's name in ADD TABLE.
    pub tail: String,
    /// `publish_via_partition_root`.
    pub via_root: bool,
}

/// Extended statistics.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Statistics {
    /// Unquoted.
    pub schema: String,
    /// Unquoted.
    pub name: String,
    /// `pg_get_statisticsobjdef`.
    pub definition: String,
}

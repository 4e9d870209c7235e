//! Everything about a table that a conversion must carry over, read in one catalog query
//! (`scripts/convert/portrait.sql`, whose JSON has the shape of [`Portrait`]).
//!
//! Works for the source and for the target alike: what it says can be put onto the other one.
//! Definitions are complete statements with every name quoted and qualified.

use lab::{Context, Error, Result};
use serde::{Deserialize, Serialize};
use tokio_postgres::{GenericClient, SimpleQueryMessage};

/// The catalog query; `$1` is replaced, since statements sent together take no parameters.
const PORTRAIT: &str = include_str!("../../../scripts/convert/portrait.sql");

/// Empties `search_path`, so that the server qualifies every name. All statements are sent at once
/// and are thus one transaction where none is open; inside one, the setting is put back.
const EMPTY_PATH: &str = "SELECT set_config('partition_convert.search_path', current_setting('search_path'), true), \
                          set_config('search_path', '', true)";
const PATH_BACK: &str =
    "SELECT set_config('search_path', current_setting('partition_convert.search_path'), true)";

/// The portrait of the table with this OID, in one round trip. Fails when the table is gone.
pub async fn read(client: &impl GenericClient, oid: u32) -> Result<Portrait> {
    let what = || format!("cannot read the definition of table {oid}");
    let statement = PORTRAIT.replace("$1", &oid.to_string());
    let batch = format!("{EMPTY_PATH};\n{statement}\n{PATH_BACK}");
    let answer = client.simple_query(&batch).await.context(what)?;
    let rows: Vec<_> = answer
        .iter()
        .filter_map(|message| match message {
            SimpleQueryMessage::Row(row) => Some(row),
            _ => None,
        })
        .collect();
    let [_, row, _] = rows.as_slice() else {
        return Err(Error::failed(what()).because("there is no such table any more"));
    };
    let text = row.try_get(0).context(what)?.unwrap_or_default();
    serde_json::from_str(text).context(what)
}

/// A table, as the catalogs describe it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Portrait {
    /// OID.
    pub oid: u32,
    /// Unquoted.
    pub schema: String,
    /// Unquoted.
    pub name: String,
    /// `r` a table, `p` a partitioned one, `f` foreign, …: `pg_class.relkind`.
    pub kind: char,
    /// `p` permanent, `u` unlogged, `t` temporary.
    pub persistence: char,
    /// Role name, unquoted.
    pub owner: String,
    /// `RANGE (created_at)`, as `pg_get_partkeydef` prints it; `None` when not partitioned.
    pub partition_key: Option<String>,
    /// Columns of that key, unquoted; an expression is `None`.
    pub partition_columns: Vec<Option<String>>,
    /// The parent, when the table is a partition itself.
    pub parent: Option<Parent>,
    /// Tables beneath that hold rows (the table itself when it is not partitioned), by name.
    pub leaves: Vec<Leaf>,
    /// All tables of the tree, itself first: OIDs in the order in which they are to be locked.
    pub tree: Vec<u32>,
    /// In order of `attnum`, dropped ones left out.
    pub columns: Vec<Column>,
    /// All indexes of the table itself.
    pub indexes: Vec<Index>,
    /// CHECK, NOT NULL (18) and EXCLUDE constraints of the table itself.
    pub constraints: Vec<Constraint>,
    /// Foreign keys of this table (`conparentid = 0`).
    pub foreign_keys_out: Vec<ForeignKey>,
    /// Foreign keys of others that reference this table (`conparentid = 0`).
    pub foreign_keys_in: Vec<ForeignKey>,
    /// User triggers, not internal, not cloned, not ours.
    pub triggers: Vec<Trigger>,
    /// Row level security policies.
    pub policies: Vec<Policy>,
    /// `relrowsecurity`.
    pub row_security: bool,
    /// `relforcerowsecurity`.
    pub force_row_security: bool,
    /// Views and materialised views that name this table directly.
    pub views: Vec<View>,
    /// Publications that it is in.
    pub publications: Vec<Publication>,
    /// Extended statistics objects.
    pub statistics: Vec<Statistics>,
    /// Complete `GRANT … ON …` and column grants, one statement each, on `{table}` (placeholder).
    pub grants: Vec<String>,
    /// Table comment.
    pub comment: Option<String>,
    /// `reloptions` with those of TOAST prefixed `toast.`: `fillfactor=70`.
    pub options: Vec<String>,
    /// Tablespace, `None` for the database's own.
    pub tablespace: Option<String>,
    /// `d` default, `n` nothing, `f` full, `i` index: `relreplident`.
    pub replica_identity: char,
    /// Rules that are no views' (`pg_get_ruledef`).
    pub rules: Vec<String>,
    /// Plain inheritance: tables that inherit from it or that it inherits from, qualified.
    pub inheritance: Vec<String>,
    /// What else depends on it and cannot be carried to another table: functions, columns and types
    /// that use its row type, and what only one of its partitions has; described for people with the
    /// object's identity (`pg_describe_object`).
    pub dependents: Vec<String>,
    /// What names the table, binds by OID and is made again over the new one: functions with an SQL
    /// body, rules and policies of other tables; described in the same way.
    #[serde(default)]
    pub rebound: Vec<String>,
    /// The extension that owns it, if one does.
    pub extension: Option<String>,
    /// Estimated rows of all leaves (`reltuples`; `None` before the first ANALYZE).
    pub rows: Option<f64>,
    /// Bytes of all leaves without indexes.
    pub heap_bytes: i64,
    /// Bytes of all indexes.
    pub index_bytes: i64,
}

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
    /// `pg_get_viewdef` with an empty `search_path`, without the semicolon.
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

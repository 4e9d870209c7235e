//! Everything about a table that a conversion must carry over, read in one catalog query
//! (`scripts/convert/portrait.sql`, whose JSON has the shape of [`Portrait`]).
//!
//! Works for the source and for the target alike: what it says can be put onto the other one.
//! Definitions are complete statements with every name quoted and qualified.

mod parts;

use lab::{Context, Error, Result};
use serde::{Deserialize, Serialize};
use tokio_postgres::{GenericClient, SimpleQueryMessage};

pub use parts::{
    Column, Constraint, ForeignKey, Index, Leaf, Parent, Policy, Publication, Sequence, Statistics,
    Trigger, View,
};

/// The catalog query; `$1` is replaced, since statements sent together take no parameters.
const PORTRAIT: &str = include_str!("../../../../scripts/convert/portrait.sql");

/// Sets our `search_path`, so that the server qualifies every name. All statements are sent at once
/// and are thus one transaction where none is open; inside one, the setting is put back.
const OUR_PATH: &str = "SELECT pg_catalog.set_config('partition_convert.search_path', pg_catalog.current_setting('search_path'), true), \
                          pg_catalog.set_config('search_path', 'pg_catalog, pg_temp', true)";
const PATH_BACK: &str = "SELECT pg_catalog.set_config('search_path', pg_catalog.current_setting('partition_convert.search_path'), true)";

/// The portrait of the table with this OID, in one round trip. Fails when the table is gone.
pub async fn read(client: &impl GenericClient, oid: u32) -> Result<Portrait> {
    let what = || format!("cannot read the definition of table {oid}");
    let statement = PORTRAIT.replace("$1", &oid.to_string());
    let batch = format!("{OUR_PATH};\n{statement}\n{PATH_BACK}");
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

//! What else an exchange needs to know of the live table's neighbourhood.

use std::collections::BTreeMap;

use lab::catalog::Name;
use lab::{Context, Result};
use serde::Deserialize;
use tokio_postgres::GenericClient;
use tokio_postgres::types::Json;

const AROUND: &str = include_str!("../../../../scripts/convert/around.sql");
const TABLES: &str = include_str!("../../../../scripts/convert/tables.sql");

/// Read by `scripts/convert/around.sql`, whose JSON has this shape.
#[derive(Debug, Clone, PartialEq, Default, Deserialize)]
pub struct Around {
    /// Owners of the views over the live table, unquoted, by the view's OID.
    pub owners: BTreeMap<u32, String>,
    /// Leaves of partitioned tables that reference the live one; both qualified and quoted.
    pub leaves: BTreeMap<String, Vec<String>>,
    /// Tables whose policies or rules name the live table, qualified and quoted.
    pub tables: Vec<String>,
    /// Statements that bind what names the live table to the one that bears its name then: functions
    /// with an SQL body, rules of other tables, policies of other tables.
    pub replace: Vec<String>,
    /// Comments, and statistics targets, of what shadow has too, for when both bear the live names:
    /// complete statements on `{table}`.
    pub comments: Vec<Remark>,
    /// Of identity sequences by OID: GRANT and COMMENT for `{sequence}`, one statement each.
    pub sequences: BTreeMap<u32, Vec<String>>,
}

/// A statement that says something about an object of the live table.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct Remark {
    /// The index that it is about, unquoted.
    pub index: Option<String>,
    /// It is about the constraint that the index stands behind.
    pub constraint: bool,
    /// Complete, but for `{table}`.
    pub statement: String,
}

/// What is around the table (or materialised view) `live`. `search_path` must hold none of the user's schemas: definitions
/// come qualified then.
pub async fn read(client: &impl GenericClient, live: u32) -> Result<Around> {
    let what = || format!("cannot read what depends on table {live}");
    let row = client.query_one(AROUND, &[&live]).await.context(what)?;
    let Json(around) = row.try_get(0).context(what)?;
    Ok(around)
}

/// The names of `tree`, in its order.
pub async fn names(client: &impl GenericClient, tree: &[u32]) -> Result<Vec<Name>> {
    let what = || "cannot read the names of the partitions";
    let rows = client.query(TABLES, &[&tree]).await.context(what)?;
    rows.iter()
        .map(|row| {
            let (schema, name): (&str, &str) = (row.try_get(0)?, row.try_get(1)?);
            Ok(Name::new(schema, name))
        })
        .collect::<Result<_, tokio_postgres::Error>>()
        .context(what)
}

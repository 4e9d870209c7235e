//! What the server and this session's rights allow.

use lab::{Context, Error, Result};
use serde::Deserialize;
use tokio_postgres::GenericClient;
use tokio_postgres::types::Json;

const CIRCUMSTANCES: &str = include_str!("../../../../scripts/convert/circumstances.sql");

/// Read by `scripts/convert/circumstances.sql`, whose JSON has this shape.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[allow(clippy::struct_excessive_bools, reason = "each is a right of its own")]
pub struct Circumstances {
    /// PostgreSQL's major version.
    pub version: u32,
    /// The session's role, unquoted.
    pub role: String,
    /// It owns the table, or is a member of the role that does.
    pub owns: bool,
    /// It may create tables in the table's schema.
    pub creates_in_schema: bool,
    /// It may create schemas in the database.
    pub creates_schema: bool,
    /// Row level security never hides rows from it.
    pub sees_all_rows: bool,
    /// There is a schema `partition_convert`, and it is not ours.
    pub schema_is_strange: bool,
    /// Columns that a range or list can be made of, unquoted.
    pub comparable: Vec<String>,
    /// Columns that a hash can be made of, unquoted.
    pub hashable: Vec<String>,
    /// The table is in the system's own schemas.
    pub system: bool,
}

pub(super) async fn read(client: &impl GenericClient, oid: u32) -> Result<Circumstances> {
    let what = || format!("cannot see what may be done with table {oid}");
    let row = client.query_opt(CIRCUMSTANCES, &[&oid]).await.context(what)?;
    let row =
        row.ok_or_else(|| Error::failed(what()).because("there is no such table any more"))?;
    let Json(found) = row.try_get(0).context(what)?;
    Ok(found)
}

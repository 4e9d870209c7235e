//! Keys of the tables that foreign keys point at.

use lab::catalog::quote_ident;
use lab::{Context, Error, Result};
use tokio_postgres::Client;

use super::table::{Foreign, Table};
use crate::rows::value::{Binary, Pool};

/// How many keys are taken of a table.
const KEYS: usize = 5_000;

/// Of a column that may point at each of them only once.
const KEYS_ONCE: usize = 200_000;

/// Keys of a referenced table, a pool a column; the n-th values together are a key. `None` when
/// there are none. `once`: only those that no row of `table` points at.
pub async fn keys(
    client: &Client,
    table: &Table,
    foreign: &Foreign,
    once: bool,
) -> Result<Option<Vec<Pool>>> {
    let names: Vec<String> =
        foreign.referenced_columns.iter().map(|name| format!("r.{}", quote_ident(name))).collect();
    let from = &foreign.referenced_name;
    let own = foreign.columns.iter().map(|at| table.columns[*at].quoted());
    let same: Vec<String> =
        names.iter().zip(own).map(|(name, own)| format!("{name} = o.{own}")).collect();
    let present: Vec<String> = names.iter().map(|name| format!("{name} IS NOT NULL")).collect();
    let unused = if once {
        format!(" AND NOT EXISTS (SELECT FROM {} o WHERE {})", table.name, same.join(" AND "))
    } else {
        String::new()
    };
    let select = |sample: &str, limit: usize| {
        format!(
            "SELECT {} FROM {from} r {sample} WHERE {}{unused} LIMIT {limit}",
            names.join(", "),
            present.join(" AND ")
        )
    };
    let what = || format!("cannot read the keys of {from}, to which {} refers", table.name);
    let limit = if once { KEYS_ONCE } else { KEYS };
    // The first rows of a large table would all be of one partition, or of one year.
    let sample = match share(client, foreign.referenced, limit).await.context(what)? {
        Some(percent) => format!("TABLESAMPLE SYSTEM ({percent})"),
        None => String::new(),
    };
    let mut rows = client.query(&select(&sample, limit), &[]).await.context(what)?;
    if rows.is_empty() && !sample.is_empty() {
        rows = client.query(&select("", limit), &[]).await.context(what)?;
    }
    if rows.is_empty() {
        return Ok(None);
    }
    let pool = |at: usize| {
        rows.iter().map(|row| Ok(row.try_get::<_, Binary>(at)?.0)).collect::<Result<Pool, _>>()
    };
    (0..names.len()).map(pool).collect::<Result<_, tokio_postgres::Error>>().map(Some).context(what)
}

/// How much of a large table to look at, in per cent; `None` for one that is small, or that was
/// never analysed.
async fn share(
    client: &Client,
    oid: u32,
    limit: usize,
) -> Result<Option<f64>, tokio_postgres::Error> {
    let row = client
        .query_one(
            "SELECT coalesce(sum(greatest(c.reltuples, 0)), 0)::float8 FROM pg_class c
             WHERE c.oid = $1 OR c.oid IN (SELECT relid FROM pg_partition_tree($1) WHERE isleaf)",
            &[&oid],
        )
        .await?;
    let rows: f64 = row.try_get(0)?;
    let wanted = f64::from(u32::try_from(limit).unwrap_or(u32::MAX)) * 4.0;
    Ok((rows > wanted * 4.0).then(|| (wanted / rows * 100.0).max(0.001)))
}

/// The referenced table has no key for us.
pub fn empty(table: &Table, foreign: &Foreign, once: bool) -> Error {
    let columns: Vec<String> =
        foreign.columns.iter().map(|at| table.columns[*at].quoted()).collect();
    let columns = columns.join(", ");
    let from = &foreign.referenced_name;
    let why = if once { "has no row that is not referenced yet" } else { "is empty" };
    Error::failed(format!("table {from}, referenced by column {columns} of {}, {why}", table.name))
        .next(format!(
            "load it first:\ncargo run -p load -- --table {} --rows 1000",
            in_shell(from)
        ))
}

/// As a shell takes it for one word.
fn in_shell(name: &str) -> String {
    let plain = name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_' || c == '.');
    if plain { name.to_owned() } else { format!("'{}'", name.replace('\'', "'\\''")) }
}

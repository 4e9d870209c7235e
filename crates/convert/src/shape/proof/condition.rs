//! What PostgreSQL itself says a partition of a table must fulfil.
//!
//! ATTACH spares the scan where a validated CHECK implies the bound, and it proves little: the text
//! had best be its own. So partitions with the same bounds are made below an empty copy of the parent,
//! in a transaction that is rolled back, and asked. That holds for DEFAULT above all, whose condition
//! names every other bound.

use lab::{Context, Error, Result};
use tokio_postgres::{Client, GenericClient};

use lab::catalog::Name;

use super::hash;
use crate::layout::Bound;

/// A partitioned table, and how it is partitioned.
#[derive(Debug, Clone, Copy)]
pub struct Below<'a> {
    /// Its OID, which conditions of hash partitions name.
    pub oid: u32,
    /// Its name.
    pub table: &'a Name,
    /// `RANGE (created_at)`.
    pub key: &'a str,
}

/// The condition of each of `bounds` below the table, were these its only partitions; in order.
pub async fn conditions(client: &Client, below: Below<'_>, bounds: &[&str]) -> Result<Vec<String>> {
    if below.key.starts_with("HASH") {
        return hash_conditions(client, below.oid, bounds).await;
    }
    let what = || format!("cannot ask for the conditions of {}'s partitions", below.table);
    client.batch_execute("BEGIN").await.context(what)?;
    let asked = ask(client, below, bounds).await;
    client.batch_execute("ROLLBACK").await.context(what)?;
    asked.context(what)
}

async fn hash_conditions(client: &Client, table: u32, bounds: &[&str]) -> Result<Vec<String>> {
    let columns = hash_columns(client, table).await?;
    let condition = |bound: &&str| {
        let Some(Bound::Hash { modulus, remainder }) = Bound::read(bound) else {
            return Err(Error::failed(format!("{bound} is no bound of a hash partition")));
        };
        Ok(hash::condition(table, (modulus, remainder), &columns))
    };
    bounds.iter().map(condition).collect()
}

async fn ask(
    client: &Client,
    below: Below<'_>,
    bounds: &[&str],
) -> Result<Vec<String>, tokio_postgres::Error> {
    let scratch = "partition_convert.scratch";
    let root = format!("CREATE TABLE {scratch} (LIKE {}) PARTITION BY {}", below.table, below.key);
    let part = |(n, bound)| format!("CREATE TABLE {scratch}_{n} PARTITION OF {scratch} {bound}");
    let parts: Vec<_> = [root].into_iter().chain(bounds.iter().enumerate().map(part)).collect();
    client.batch_execute(&parts.join("; ")).await?;
    let rows = client
        .query(
            "SELECT pg_get_partition_constraintdef(format('partition_convert.scratch_%s', n)::regclass)
             FROM generate_series(0, $1::integer - 1) n ORDER BY n",
            &[&i32::try_from(bounds.len()).unwrap_or(i32::MAX)],
        )
        .await?;
    rows.iter().map(|row| row.try_get(0)).collect()
}

/// The condition that the parent itself must fulfil, if it is a partition.
pub async fn above(client: &impl GenericClient, parent: u32) -> Result<Option<String>> {
    client
        .query_one("SELECT pg_get_partition_constraintdef($1)", &[&parent])
        .await
        .and_then(|row| row.try_get(0))
        .context(|| format!("cannot ask for the condition of table {parent}"))
}

async fn hash_columns(client: &Client, parent: u32) -> Result<Vec<hash::Column>> {
    let rows = client
        .query(
            "SELECT quote_ident(a.attname), CASE WHEN a.attcollation <> 0 THEN format_type(a.atttypid, NULL) END
             FROM pg_partitioned_table p
             CROSS JOIN unnest(p.partattrs::int2[]) WITH ORDINALITY k (attnum, ord)
             JOIN pg_attribute a ON a.attrelid = p.partrelid AND a.attnum = k.attnum
             WHERE p.partrelid = $1 ORDER BY k.ord",
            &[&parent],
        )
        .await
        .context(|| format!("cannot read the key of table {parent}"))?;
    Ok(rows.iter().map(|row| hash::Column { quoted: row.get(0), collatable: row.get(1) }).collect())
}

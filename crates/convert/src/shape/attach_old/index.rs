//! Indexes of the old table: which it keeps, which are built anew, and what they are called.

use lab::catalog::{Name, quote_ident};
use lab::{Context, Result};
use tokio_postgres::{Client, GenericClient};

use super::old_part;
use crate::design::{Design, TargetIndex};
use crate::moves::parked;
use crate::portrait::{Index, Portrait};

/// An index of the old table that the new one cannot adopt: a wider one, or one that is not unique, takes
/// its place.
#[derive(Debug, Clone, Copy)]
pub(super) struct Rebuilt<'a> {
    /// The old table's.
    pub then: &'a Index,
    /// The new table's.
    pub wanted: &'a TargetIndex,
}

/// All of them.
pub(super) fn rebuilt(design: &Design) -> impl Iterator<Item = Rebuilt<'_>> {
    design.indexes.iter().filter_map(|wanted| rebuilt_as(design, wanted))
}

/// `wanted`, if it is one of them.
pub(super) fn rebuilt_as<'a>(design: &'a Design, wanted: &'a TargetIndex) -> Option<Rebuilt<'a>> {
    let then = design.source.indexes.iter().find(|index| index.name == wanted.name)?;
    let differs = then.using != wanted.using || then.unique != wanted.unique;
    differs.then_some(Rebuilt { then, wanted })
}

/// The name that the partition's index has, when the whole table's has `index.name`:
/// `orders_pkey` → `orders_old_pkey`.
pub(super) fn leaf_name(design: &Design, index: &TargetIndex) -> Result<String> {
    let part = &old_part(design)?.name;
    let rest = index.name.strip_prefix(&design.source.name).filter(|rest| rest.starts_with('_'));
    let name =
        rest.map_or_else(|| format!("{part}_{}", index.name), |rest| format!("{part}{rest}"));
    // Too long a name, and two long ones alike, are what `parked` is made for.
    Ok(if name.len() > 63 { parked(&name, 0) } else { name })
}

/// The name of the narrow index that leads back, while it is built.
pub(super) fn back_name(conversion: i64, index: &TargetIndex) -> String {
    parked(&format!("{}_back", index.name), conversion)
}

/// An index of the partition, and the partitioned index that adopted it.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Attached {
    /// OID of the partitioned index.
    pub parent: u32,
    /// The partition's, unquoted.
    pub name: String,
}

/// The indexes of `partition` that are part of indexes of `table`.
pub(super) async fn attached(
    client: &impl GenericClient,
    table: &Portrait,
    partition: u32,
) -> Result<Vec<Attached>> {
    let rows = client
        .query(
            "SELECT i.inhparent, c.relname::text FROM pg_inherits i
             JOIN pg_index x ON x.indexrelid = i.inhrelid AND x.indrelid = $2
             JOIN pg_index above ON above.indexrelid = i.inhparent AND above.indrelid = $1
             JOIN pg_class c ON c.oid = i.inhrelid",
            &[&table.oid, &partition],
        )
        .await
        .context(|| format!("cannot read the indexes of {}'s partitions", table.name))?;
    Ok(rows.iter().map(|row| Attached { parent: row.get(0), name: row.get(1) }).collect())
}

/// A valid index of this name and definition stands on the table: built if there is none, built again
/// if a kill left an invalid one. Nobody waits for it.
pub(super) async fn build(
    client: &Client,
    table: &Portrait,
    index: &str,
    (unique, using): (bool, &str),
) -> Result<()> {
    let name = Name::new(&table.schema, index);
    let found = client
        .query_opt(
            "SELECT indisvalid FROM pg_index WHERE indexrelid = to_regclass($1) AND indrelid = $2",
            &[&name.to_string(), &table.oid],
        )
        .await
        .context(|| format!("cannot look up index {name}"))?;
    match found.map(|row| row.get::<_, bool>(0)) {
        Some(true) => return Ok(()),
        Some(false) => drop_concurrently(client, &name).await?,
        None => {}
    }
    let create = format!(
        "CREATE {}INDEX CONCURRENTLY {} ON {} USING {using}",
        if unique { "UNIQUE " } else { "" },
        quote_ident(index),
        super::name(table)
    );
    client
        .batch_execute(&create)
        .await
        .context(|| format!("cannot build index {index} on {}", table.name))
}

/// Drops the index of this name, unless a constraint uses it or it is part of a partitioned one.
pub(super) async fn drop_unused(client: &Client, table: &Portrait, index: &str) -> Result<()> {
    let name = Name::new(&table.schema, index);
    let unused = client
        .query_opt(
            "SELECT FROM pg_index x WHERE x.indexrelid = to_regclass($1) AND x.indrelid = $2
             AND NOT EXISTS (SELECT FROM pg_constraint WHERE conindid = x.indexrelid)
             AND NOT EXISTS (SELECT FROM pg_inherits WHERE inhrelid = x.indexrelid)",
            &[&name.to_string(), &table.oid],
        )
        .await
        .context(|| format!("cannot look up index {name}"))?;
    match unused {
        Some(_) => drop_concurrently(client, &name).await,
        None => Ok(()),
    }
}

async fn drop_concurrently(client: &Client, name: &Name) -> Result<()> {
    client
        .batch_execute(&format!("DROP INDEX CONCURRENTLY IF EXISTS {name}"))
        .await
        .context(|| format!("cannot drop index {name}"))
}

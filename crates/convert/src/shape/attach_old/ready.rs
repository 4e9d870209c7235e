//! What is made before the old table becomes a partition, and before it is the table again.

use lab::catalog::{Name, quote_ident};
use lab::report::count;
use lab::{Context, Error, Result};
use tokio_postgres::Client;

use super::{bound_check, index, name, old_part};
use crate::portrait::Portrait;
use crate::shape::brief::briefly;
use crate::shape::proof;
use crate::state::Conversion;
use crate::work::Work;

/// Rows of later partitions that a rollback moves into the old table while both are locked. There is no
/// moving them beforehand, batch by batch: as long as it is a partition, its bound refuses them.
pub const ROWS_BACK: u32 = 50_000;

/// The way there.
pub(super) async fn there(
    work: &Work<'_>,
    conversion: &Conversion,
    source: &Portrait,
    target: &Portrait,
) -> Result<()> {
    let client = work.session.client();
    let design = &conversion.design;
    let part = old_part(design)?;
    let empty = name(target);
    let below = proof::Below { oid: target.oid, table: &empty, key: &design.layout.key };
    let conditions = proof::conditions(client, below, &[&part.bound]).await?;
    let table = name(source);
    if let Some(condition) = conditions.first() {
        proof::prove(work, &table, &bound_check(conversion.id), condition).await?;
    }
    for index::Rebuilt { wanted, .. } in index::rebuilt(design) {
        let built = index::leaf_name(design, wanted)?;
        index::build(client, source, &built, (wanted.unique, &wanted.definition())).await?;
    }
    keys(work, source, target).await
}

/// The new table has the old one's foreign keys while it is empty; the old one then brings its own, and
/// PostgreSQL recognises them.
async fn keys(work: &Work<'_>, source: &Portrait, target: &Portrait) -> Result<()> {
    for key in &source.foreign_keys_out {
        if target.foreign_keys_out.iter().any(|there| there.name == key.name) {
            continue;
        }
        let add = format!(
            "ALTER TABLE {} ADD CONSTRAINT {} {}",
            name(target),
            quote_ident(&key.name),
            key.definition
        );
        briefly(work, format!("add foreign key {} to {}", key.name, target.name), &[add]).await?;
    }
    Ok(())
}

/// The way back: the narrow keys again, on the partition alone, and few enough rows to move.
pub(super) async fn back(
    work: &Work<'_>,
    conversion: &Conversion,
    source: &Portrait,
    target: &Portrait,
) -> Result<()> {
    let client = work.session.client();
    // Before an index is built for nothing, and again after it, which may take long.
    few_enough(client, source, target).await?;
    for index::Rebuilt { then, wanted } in index::rebuilt(&conversion.design) {
        let built = index::back_name(conversion.id, wanted);
        index::build(client, source, &built, (then.unique, &then.definition())).await?;
    }
    few_enough(client, source, target).await
}

/// Fails when later partitions hold more than [`ROWS_BACK`] rows.
async fn few_enough(client: &Client, source: &Portrait, target: &Portrait) -> Result<()> {
    let later = later(target, source.oid);
    if later.is_empty() {
        return Ok(());
    }
    let most = i64::from(ROWS_BACK);
    let rows: Vec<_> =
        later.iter().map(|leaf| format!("(SELECT 1 FROM {leaf} LIMIT {})", most + 1)).collect();
    let rows: i64 = client
        .query_one(&format!("SELECT count(*) FROM ({}) AS later", rows.join(" UNION ALL ")), &[])
        .await
        .and_then(|row| row.try_get(0))
        .context(|| format!("cannot count the rows of {}'s later partitions", target.name))?;
    if rows <= most {
        return Ok(());
    }
    Err(Error::failed(format!("cannot roll back {}; everything is as it was", target.name))
        .because(format!(
            "its later partitions hold more than {} rows, which would have to move into {} while everyone waits",
            count(ROWS_BACK.into()),
            source.name
        ))
        .next(format!("keep it so: cargo run -p convert -- finish {}", name(target)))
        .next("or delete rows of later partitions that are needed no more, then the same command again"))
}

/// Partitions that hold rows, but for the old table.
pub(super) fn later(target: &Portrait, old: u32) -> Vec<Name> {
    let others = target.leaves.iter().filter(|leaf| leaf.oid != old);
    others.map(|leaf| Name::new(&leaf.schema, &leaf.name)).collect()
}

//! One index on one leaf.

use std::collections::HashSet;

use lab::catalog::{Name, quote_ident};
use lab::{Context, Result};
use tokio_postgres::Client;

use super::{Leaf, name};
use crate::design::TargetIndex;
use crate::request::Shape;
use crate::state::Conversion;

/// An index that a leaf does not have yet.
#[derive(Debug, Clone)]
pub struct LeafIndex {
    statement: String,
    leaf: Name,
}

impl LeafIndex {
    /// Builds it.
    pub async fn build(&self, client: &Client) -> Result<()> {
        client
            .batch_execute(&self.statement)
            .await
            .context(|| format!("cannot build an index on {}: {}", self.leaf, self.statement))
    }
}

/// Names of relations in the target's schema, with the table they are an index of.
pub async fn relations(client: &Client, schema: &str) -> Result<HashSet<(String, u32)>> {
    let what = || format!("cannot read the names in schema {schema}");
    let rows = client
        .query(
            "SELECT c.relname::text, coalesce(i.indrelid, 0::oid)
             FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
             LEFT JOIN pg_index i ON i.indexrelid = c.oid
             WHERE n.nspname = $1",
            &[&schema],
        )
        .await
        .context(what)?;
    let pair = |row: &tokio_postgres::Row| Ok((row.try_get(0)?, row.try_get(1)?));
    rows.iter().map(pair).collect::<Result<_, tokio_postgres::Error>>().context(what)
}

/// The name that `index` has on `leaf`.
pub fn name_on(
    conversion: &Conversion,
    relations: &HashSet<(String, u32)>,
    leaf: &Leaf,
    index: &TargetIndex,
) -> String {
    let taken = |name: &str| {
        let of_leaf = relations.contains(&(name.to_owned(), leaf.oid));
        !of_leaf && relations.iter().any(|(other, _)| other == name)
    };
    let design = &conversion.design;
    let table = match &design.request.shape {
        Shape::Copy { name } => name,
        Shape::Table | Shape::Split | Shape::AttachOld => &design.source.name,
    };
    name::on_leaf(table, &leaf.name.name, &index.name, conversion.id, taken)
}

/// What is still to build, leaf by leaf, so that a leaf stays in memory for all its indexes.
pub async fn missing(
    client: &Client,
    conversion: &Conversion,
    leaves: &[Leaf],
) -> Result<Vec<LeafIndex>> {
    let relations = relations(client, &conversion.design.source.schema).await?;
    let distinct = distinct(client, conversion).await?;
    let mut missing = Vec::new();
    for leaf in leaves {
        for index in &conversion.design.indexes {
            let name = name_on(conversion, &relations, leaf, index);
            if !relations.contains(&(name.clone(), leaf.oid)) {
                let has_duplicates = !index.columns.iter().flatten().any(|c| distinct.contains(c));
                let statement = create_on_leaf(index, &name, &leaf.name, has_duplicates);
                missing.push(LeafIndex { statement, leaf: leaf.name.clone() });
            }
        }
    }
    Ok(missing)
}

/// `CREATE INDEX`, on a leaf or on the partitioned table.
#[must_use]
pub fn create(index: &TargetIndex, name: &str, table: &Name) -> String {
    let unique = if index.unique { "UNIQUE " } else { "" };
    format!("CREATE {unique}INDEX {} ON {table} USING {}", quote_ident(name), index.definition())
}

/// The columns of the source in which hardly a value comes twice, as far as ANALYZE saw.
async fn distinct(client: &Client, conversion: &Conversion) -> Result<HashSet<String>> {
    let what = || format!("cannot read the statistics of {}", conversion.name());
    let source = &conversion.design.source;
    let rows = client
        .query(
            "SELECT attname::text FROM pg_stats
             WHERE schemaname = $1 AND tablename = $2 AND n_distinct <= -0.9
               AND inherited = EXISTS (SELECT FROM pg_class WHERE oid = $3 AND relkind = 'p')",
            &[&source.schema, &source.name, &conversion.source],
        )
        .await
        .context(what)?;
    rows.iter().map(|row| row.try_get(0)).collect::<Result<_, _>>().context(what)
}

/// Looking for duplicates takes a sixth of a build. Where there are none the index is built without, and gets the
/// parameter back at once: what is inserted later is deduplicated as ever.
fn create_on_leaf(index: &TargetIndex, name: &str, leaf: &Name, has_duplicates: bool) -> String {
    match index.without_deduplication() {
        Some(definition) if !has_duplicates => {
            let index = Name::new(&leaf.schema, name);
            format!(
                "CREATE INDEX {} ON {leaf} USING {definition}; ALTER INDEX {index} RESET (deduplicate_items)",
                quote_ident(name)
            )
        }
        _ => create(index, name, leaf),
    }
}

/// With an index for each worker, parallel builds would only take each other's cores.
pub async fn settings(client: &Client, indexes: u64, workers: usize) -> Result<()> {
    let value = if indexes >= workers as u64 { "0" } else { "DEFAULT" };
    client
        .batch_execute(&format!("SET max_parallel_maintenance_workers TO {value}"))
        .await
        .context(|| "cannot prepare a session")
}

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
    let mut missing = Vec::new();
    for leaf in leaves {
        for index in &conversion.design.indexes {
            let name = name_on(conversion, &relations, leaf, index);
            if !relations.contains(&(name.clone(), leaf.oid)) {
                let statement = create(index, &name, &leaf.name);
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

/// With an index for each worker, parallel builds would only take each other's cores.
pub async fn settings(client: &Client, indexes: u64, workers: usize) -> Result<()> {
    if indexes >= workers as u64 {
        client
            .batch_execute("SET max_parallel_maintenance_workers = 0")
            .await
            .context(|| "cannot prepare a session")?;
    }
    Ok(())
}

//! Reads trees from the server.

use std::collections::HashMap;

use tokio_postgres::types::Json;
use tokio_postgres::{GenericClient, Row};

use super::order::sort_key;
use super::{Index, Name, Partitioning, Strategy, Tree};
use crate::error::{Context, Result};
use crate::sql;

/// Where row counts come from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RowCount {
    /// `count(*)` over the whole tree, in one statement and therefore one snapshot. Reads every
    /// row, those of foreign partitions too.
    Exact,
    /// What the last `VACUUM` or `ANALYZE` wrote down; unknown before the first.
    Estimated,
}

/// The OID of a table, foreign tables and partitions included; `None` when there is none of this
/// name (a view or a sequence is none).
///
/// `table` is tried as it stands, and then read as SQL reads it: `Orders` finds `"Orders"` if
/// there is one, else `orders`; `sales.orders` looks into a schema. Fails when it is neither a
/// name nor SQL's way to write one.
pub async fn find_table(client: &impl GenericClient, table: &str) -> Result<Option<u32>> {
    let row = client
        .query_one(sql::FIND_TABLE, &[&table])
        .await
        .context(|| format!("cannot look up table {table}"))?;
    row.try_get(0).context(|| format!("cannot look up table {table}"))
}

/// The tree of the table that [`find_table`] finds; `None` when it finds none.
pub async fn tree(
    client: &impl GenericClient,
    table: &str,
    rows: RowCount,
) -> Result<Option<Tree>> {
    match find_table(client, table).await? {
        Some(oid) => tree_of(client, oid, rows).await,
        None => Ok(None),
    }
}

/// The tree of the table with this OID, in one catalog query whatever its size, and a second one
/// to count exactly; `None` when the table is gone.
pub async fn tree_of(
    client: &impl GenericClient,
    oid: u32,
    rows: RowCount,
) -> Result<Option<Tree>> {
    let what = || format!("cannot read the partitions of table {oid}");
    let found = client.query(sql::PARTITION_TREE, &[&oid]).await.context(what)?;
    let tables = found.iter().map(table).collect::<Result<Vec<_>, _>>().context(what)?;
    let Some(mut root) = assemble(tables) else { return Ok(None) };
    if rows == RowCount::Exact {
        count(client, &mut root).await?;
    }
    Ok(Some(root))
}

fn table(row: &Row) -> Result<Tree, tokio_postgres::Error> {
    let partitioning = match row.try_get::<_, Option<&str>>("strategy")? {
        Some(code) => Some(Partitioning {
            strategy: match code {
                "r" => Strategy::Range,
                "l" => Strategy::List,
                _ => Strategy::Hash,
            },
            key: row.try_get("key")?,
        }),
        None => None,
    };
    let estimate: Option<i64> = row.try_get("estimated_rows")?;
    let Json(indexes): Json<Vec<Index>> = row.try_get("indexes")?;
    Ok(Tree {
        oid: row.try_get("oid")?,
        name: Name::new(row.try_get::<_, &str>("schema")?, row.try_get::<_, &str>("name")?),
        level: row.try_get::<_, i32>("level")?.unsigned_abs() as usize,
        parent: row.try_get("parent")?,
        rows: estimate.filter(|_| partitioning.is_none()).map(i64::unsigned_abs),
        partitioning,
        bounds: row.try_get("bounds")?,
        foreign: row.try_get("is_foreign")?,
        detach_pending: row.try_get("detach_pending")?,
        bytes: row.try_get::<_, i64>("bytes")?.unsigned_abs(),
        indexes,
        children: Vec::new(),
    })
}

/// Hangs each table below its parent. `tables` has parents first.
fn assemble(tables: Vec<Tree>) -> Option<Tree> {
    let mut orphans: HashMap<u32, Vec<Tree>> = HashMap::new();
    for mut table in tables.into_iter().rev() {
        table.children = orphans.remove(&table.oid).unwrap_or_default();
        table.children.sort_by_cached_key(sort_key);
        match table.parent {
            Some(parent) => orphans.entry(parent).or_default().push(table),
            None => return Some(table),
        }
    }
    None
}

/// Counts the rows of every leaf in one statement.
async fn count(client: &impl GenericClient, root: &mut Tree) -> Result<()> {
    let statement = count_statement(root);
    let what = || format!("cannot count the rows of {}", root.name);
    let mut counts = HashMap::new();
    for row in client.query(&statement, &[]).await.context(what)? {
        let rows: i64 = row.try_get(1).context(what)?;
        counts.insert(row.try_get::<_, u32>(0).context(what)?, rows.unsigned_abs());
    }
    fill(root, &counts);
    Ok(())
}

/// `count(*)` by table. A partition pending detach is counted on its own, since its parent's
/// queries leave it out.
fn count_statement(root: &Tree) -> String {
    let counted = root.walk().filter(|tree| tree.level == root.level || tree.detach_pending);
    let selects: Vec<_> = counted
        .map(|tree| {
            // ONLY: a plain table may have children by inheritance, which are no partitions.
            let only = if tree.is_leaf() { "ONLY " } else { "" };
            format!("SELECT tableoid, count(*) FROM {only}{} GROUP BY tableoid", tree.name)
        })
        .collect();
    selects.join("\nUNION ALL ")
}

fn fill(tree: &mut Tree, counts: &HashMap<u32, u64>) {
    if tree.is_leaf() {
        tree.rows = Some(counts.get(&tree.oid).copied().unwrap_or(0));
    }
    for child in &mut tree.children {
        fill(child, counts);
    }
}

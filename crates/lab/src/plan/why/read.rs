//! Reads what pruning depends on from the catalogs: in a fixed number of queries, whatever the
//! number of partitions.

use std::collections::{BTreeSet, HashMap, HashSet};

use tokio_postgres::{Row, Transaction};

use super::expr::Expr;
use super::facts::{Comparison, Facts, Settings, Volatility};
use super::keys::{Key, Part, PartitionTree, Table};
use super::parse;
use crate::catalog::{Name, Strategy};
use crate::connect::search_path::printed_for_query;
use crate::error::{Context, Result};
use crate::sql;

/// The trees of the partitioned tables with these OIDs.
pub(super) async fn trees(tx: &Transaction<'_>, oids: &[u32]) -> Result<Vec<PartitionTree>> {
    let what = || "cannot read the partition keys";
    let rows = printed_for_query(tx, sql::PARTITION_KEYS, &[&oids], what).await?;
    let mut trees: Vec<PartitionTree> = Vec::new();
    let mut known: HashMap<u32, usize> = HashMap::new();
    for row in &rows {
        let root: u32 = row.try_get("root").context(what)?;
        let at = *known.entry(root).or_insert_with(|| {
            trees.push(PartitionTree { root, ..PartitionTree::default() });
            trees.len() - 1
        });
        let table = table(row).context(what)?;
        let tree = &mut trees[at];
        if table.key.is_none() {
            tree.leaves.insert(table.name.clone(), table.oid);
        }
        tree.by_oid.insert(table.oid, tree.tables.len());
        tree.tables.push(table);
    }
    Ok(trees)
}

fn table(row: &Row) -> Result<Table, tokio_postgres::Error> {
    let default: Option<u32> = row.try_get("default_partition")?;
    Ok(Table {
        oid: row.try_get("oid")?,
        name: Name::new(row.try_get::<_, &str>("schema")?, row.try_get::<_, &str>("name")?),
        parent: row.try_get("parent")?,
        level: row.try_get::<_, i32>("level")?.unsigned_abs() as usize,
        key: key(row)?,
        default_partition: default.filter(|oid| *oid != 0),
    })
}

fn key(row: &Row) -> Result<Option<Key>, tokio_postgres::Error> {
    let strategy = match row.try_get::<_, Option<&str>>("strategy")? {
        None => return Ok(None),
        Some("r") => Strategy::Range,
        Some("l") => Strategy::List,
        Some(_) => Strategy::Hash,
    };
    let columns: Vec<Option<String>> = row.try_get("columns")?;
    let families: Vec<u32> = row.try_get("families")?;
    let class_types: Vec<String> = row.try_get("class_types")?;
    let column_types: Vec<Option<String>> = row.try_get("column_types")?;
    let collations: Vec<Option<String>> = row.try_get("foreign_collations")?;
    let expressions: Option<&str> = row.try_get("expressions")?;
    let count = columns.iter().filter(|column| column.is_none()).count();
    let parsed = expressions.and_then(parse::list).filter(|exprs| exprs.len() == count);
    let mut parsed = parsed.unwrap_or_default().into_iter();
    let rest = families.into_iter().zip(class_types).zip(column_types).zip(collations);
    let parts = columns.into_iter().zip(rest).map(
        |(column, (((family, class_type), column_type), foreign_collation))| {
            let is_expression = column.is_none();
            let expr = match column {
                Some(name) => Some(Expr::own(name)),
                None => parsed.next(),
            };
            let columns: BTreeSet<String> =
                expr.iter().flat_map(Expr::own_columns).map(str::to_owned).collect();
            Part {
                expr,
                columns: columns.into_iter().collect(),
                family,
                class_type,
                column_type,
                foreign_collation: foreign_collation.filter(|_| !is_expression),
            }
        },
    );
    let deterministic = row.try_get("deterministic")?;
    Ok(Some(Key { strategy, parts: parts.collect(), deterministic }))
}

/// What is known of operators, types, functions and settings for these trees.
pub(super) async fn facts(
    tx: &Transaction<'_>,
    trees: &[PartitionTree],
    functions: &BTreeSet<String>,
) -> Result<Facts> {
    let parts =
        || trees.iter().flat_map(|tree| &tree.tables).filter_map(|table| table.key.as_ref());
    let parts = || parts().flat_map(|key| &key.parts);
    let families: BTreeSet<u32> = parts().map(|part| part.family).collect();
    let types: BTreeSet<String> = parts().filter_map(|part| part.column_type.clone()).collect();
    let (volatility, builtin) = volatility(tx, functions).await?;
    Ok(Facts {
        comparisons: comparisons(tx, families).await?,
        relabels: relabels(tx, types).await?,
        volatility,
        builtin,
        settings: settings(tx).await?,
    })
}

async fn comparisons(
    tx: &Transaction<'_>,
    families: BTreeSet<u32>,
) -> Result<HashMap<u32, Vec<Comparison>>> {
    let what = || "cannot read the operators of the partition keys";
    let families: Vec<u32> = families.into_iter().collect();
    let mut found: HashMap<u32, Vec<Comparison>> = HashMap::new();
    for row in printed_for_query(tx, sql::OPERATOR_FAMILIES, &[&families], what).await? {
        found.entry(row.try_get("family").context(what)?).or_default().push(Comparison {
            operator: row.try_get("operator").context(what)?,
            left: row.try_get("left_type").context(what)?,
            right: row.try_get("right_type").context(what)?,
            immutable: row.try_get("immutable").context(what)?,
        });
    }
    Ok(found)
}

async fn relabels(
    tx: &Transaction<'_>,
    types: BTreeSet<String>,
) -> Result<HashSet<(String, String)>> {
    let what = || "cannot read the casts of the partition keys";
    let types: Vec<String> = types.into_iter().collect();
    let rows = printed_for_query(tx, sql::RELABELS, &[&types], what).await?;
    rows.iter()
        .map(|row| Ok((row.try_get(0).context(what)?, row.try_get(1).context(what)?)))
        .collect()
}

async fn volatility(
    tx: &Transaction<'_>,
    functions: &BTreeSet<String>,
) -> Result<(HashMap<String, Volatility>, HashSet<String>)> {
    let what = || "cannot read what the functions of the query depend on";
    let names: Vec<&str> = functions.iter().map(String::as_str).collect();
    let (mut found, mut builtin) = (HashMap::new(), HashSet::new());
    if names.is_empty() {
        return Ok((found, builtin));
    }
    for row in printed_for_query(tx, sql::VOLATILITY, &[&names], what).await? {
        let name: String = row.try_get("name").context(what)?;
        let best: &str = row.try_get("best").context(what)?;
        let worst: &str = row.try_get("worst").context(what)?;
        if row.try_get("builtin").context(what)? {
            builtin.insert(name.clone());
        }
        found.insert(name, Volatility::of_overloads(best, worst));
    }
    Ok((found, builtin))
}

async fn settings(tx: &Transaction<'_>) -> Result<Settings> {
    let what = || "cannot read the planner's settings";
    let row = tx
        .query_one(
            "SELECT current_setting('enable_partition_pruning')::bool,
                    current_setting('TimeZone') IN
                        ('UTC', 'Etc/UTC', 'GMT', 'Etc/GMT', 'UCT', 'Etc/UCT', 'Zulu', 'Etc/Zulu')",
            &[],
        )
        .await
        .context(what)?;
    Ok(Settings {
        pruning: row.try_get(0).context(what)?,
        universal_time: row.try_get(1).context(what)?,
    })
}

/// What the bounds of list partitions name, all of these tables' together.
pub(super) async fn listed_values(tx: &Transaction<'_>, parents: &[u32]) -> Result<Vec<Expr>> {
    let mut values: Vec<Expr> = Vec::new();
    for bounds in bounds(tx, parents).await? {
        let list = bounds.strip_prefix("FOR VALUES IN (").and_then(|rest| rest.strip_suffix(')'));
        for value in list.and_then(parse::list).unwrap_or_default() {
            if !values.contains(&value) {
                values.push(value);
            }
        }
    }
    Ok(values)
}

/// The bounds of the partitions directly beneath these tables, as PostgreSQL prints them.
pub(super) async fn bounds(tx: &Transaction<'_>, parents: &[u32]) -> Result<Vec<String>> {
    let what = || "cannot read the bounds of partitions";
    let rows = printed_for_query(tx, sql::PARTITION_BOUNDS, &[&parents], what).await?;
    rows.iter().map(|row| row.try_get(0).context(what)).collect()
}

/// The type of a table's column; `None` when there is none of this name.
pub(super) async fn column_type(
    tx: &Transaction<'_>,
    table: &Name,
    column: &str,
) -> Result<Option<String>> {
    let what = || "cannot read the columns of a table";
    let rows =
        printed_for_query(tx, sql::COLUMN_TYPE, &[&table.to_string(), &column], what).await?;
    rows.first().map(|row| row.try_get(0).context(what)).transpose()
}

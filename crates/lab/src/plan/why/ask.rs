//! From a query and its plan to the reasons.

use std::collections::BTreeSet;

use tokio_postgres::Transaction;

use super::elsewhere::Place;
use super::experiment::{Bench, UNPRUNED, WITHOUT_INDEXES};
use super::keys::PartitionTree;
use super::level::Inquiry;
use super::occurrence::{Occurrence, occurrences};
use super::reason::Reason;
use super::{Level, Why, names, read};
use crate::error::Result;
use crate::plan::Explained;

/// Tells for each partitioned table of `explained`, which is [`explain`](crate::plan::explain)'s
/// answer to `sql`, why its partitions were pruned or not, and what to write instead.
///
/// Nothing is executed but plain EXPLAIN and reads of the catalog, each behind a savepoint to which the
/// transaction returns; for rewritten conditions the server also evaluates constants with functions of its own. The
/// number of statements does not depend on the number of partitions.
///
/// Fails when the server ends a statement (a timeout, a lost connection).
pub async fn explain_why(
    tx: &Transaction<'_>,
    sql: &str,
    explained: &Explained,
) -> Result<Vec<Why>> {
    if explained.touched.is_empty() {
        return Ok(Vec::new());
    }
    let bench = Bench { tx };
    let oids: Vec<u32> = explained.touched.iter().map(|touched| touched.oid).collect();
    let trees = read::trees(tx, &oids).await?;
    let mut found = occurrences(&explained.plan, &trees);
    found.extend(vanished(bench, sql, &trees, &found).await?);
    for one in &mut found {
        let Some(tree) = trees.iter().find(|tree| tree.root == one.table) else { continue };
        let keeps = |column: &str| names::keeps(sql, tree.name(), column);
        one.elsewhere.retain(|condition| {
            !matches!(condition.place, Place::Above { .. })
                || condition.condition.own_columns().all(keeps)
        });
    }
    let facts = read::facts(tx, &trees, &functions(&found)).await?;

    let mut whys = Vec::new();
    for touched in &explained.touched {
        let Some(tree) = trees.iter().find(|tree| tree.root == touched.oid) else { continue };
        let mentions: Vec<&Occurrence> =
            found.iter().filter(|occurrence| occurrence.table == tree.root).collect();
        for occurrence in &mentions {
            let inquiry = Inquiry {
                bench,
                sql,
                plan: &explained.plan,
                // What was executed is known of the leaves, not of each mention.
                executed: explained.analyzed && mentions.len() == 1,
                tree,
                occurrence,
                touched,
                facts: &facts,
            };
            whys.push(Why {
                table: touched.table.clone(),
                oid: touched.oid,
                alias: occurrence.alias.clone(),
                levels: levels(&inquiry, &trees).await?,
            });
        }
        if mentions.is_empty() {
            whys.extend(unneeded(tree));
        }
    }
    Ok(whys)
}

/// The levels of one mention. What an index may have hidden is looked for once more without indexes.
async fn levels(inquiry: &Inquiry<'_>, trees: &[PartitionTree]) -> Result<Vec<Level>> {
    let levels = inquiry.levels().await?;
    let unknown =
        |levels: &[Level]| levels.iter().flat_map(|level| &level.reasons).any(Reason::is_unknown);
    let indexed = inquiry.plan.nodes().any(|node| node.index_name.is_some());
    if !indexed || !unknown(&levels) {
        return Ok(levels);
    }
    let Some(plan) = inquiry.bench.plan(WITHOUT_INDEXES, inquiry.sql).await? else {
        return Ok(levels);
    };
    let same = |one: &Occurrence| {
        (one.table, &one.alias) == (inquiry.occurrence.table, &inquiry.occurrence.alias)
    };
    let mut seen = occurrences(&plan, trees).into_iter().filter(same);
    let (Some(one), None) = (seen.next(), seen.next()) else { return Ok(levels) };
    let occurrence = Occurrence { conditions: one.conditions, ..inquiry.occurrence.clone() };
    let again = Inquiry { occurrence: &occurrence, ..*inquiry }.levels().await?;
    Ok(if unknown(&again) { levels } else { again })
}

/// The mentions of tables of which nothing is left in the plan, as they stand in a plan without pruning.
async fn vanished(
    bench: Bench<'_>,
    sql: &str,
    trees: &[PartitionTree],
    found: &[Occurrence],
) -> Result<Vec<Occurrence>> {
    let absent = |tree: &&PartitionTree| !found.iter().any(|one| one.table == tree.root);
    let absent: Vec<PartitionTree> = trees.iter().filter(absent).cloned().collect();
    if absent.is_empty() {
        return Ok(Vec::new());
    }
    let plan = bench.plan(UNPRUNED, sql).await?;
    let mut seen = plan.map(|plan| occurrences(&plan, &absent)).unwrap_or_default();
    for one in &mut seen {
        one.leaves.clear();
    }
    Ok(seen)
}

fn functions(found: &[Occurrence]) -> BTreeSet<String> {
    let elsewhere = |one: &'_ Occurrence| {
        one.elsewhere.iter().map(|one| one.condition.clone()).collect::<Vec<_>>()
    };
    let conditions =
        found.iter().flat_map(|one| one.conditions.iter().cloned().chain(elsewhere(one)));
    conditions
        .flat_map(|condition| condition.functions().map(str::to_owned).collect::<Vec<_>>())
        .collect()
}

/// A table that even a plan without pruning does not read.
fn unneeded(tree: &PartitionTree) -> Option<Why> {
    let group = tree.groups().into_iter().next()?;
    Some(Why {
        table: tree.name().clone(),
        oid: tree.root,
        alias: tree.name().name.clone(),
        levels: vec![Level {
            level: 0,
            table: tree.name().clone(),
            tables: 1,
            strategy: group.key.strategy,
            key: group.key.text(),
            reasons: vec![if tree.leaves.is_empty() {
                Reason::NoPartitions
            } else {
                Reason::NothingToRead
            }],
            suggestions: Vec::new(),
        }],
    })
}

//! Reads a partitioned table and decides what is to be done to it.

use jiff::Timestamp;
use lab::catalog::{self, Name, RowCount, Strategy, Tree, quote_ident};
use lab::{Context, Error, Result};
use tokio_postgres::Client;

use super::Wish;
use super::node::{self, Ground, Node};
use crate::layout::{Axis, Bound, unquoted};
use crate::portrait::{self, Column, Portrait};

/// What is to be done for one table.
#[derive(Debug, Clone)]
pub struct Survey {
    /// The table that was named.
    pub table: Name,
    /// It, or partitioned tables below it: whatever is partitioned by range. The deepest first, so
    /// that what is made like a sibling is made like one that is up to date.
    pub nodes: Vec<Node>,
}

/// What would be done for the table with this OID at `now`. From here on the session prints dates
/// in ISO style.
///
/// Fails when nothing in it is partitioned by range, or when the width of its partitions is not
/// to be seen.
pub async fn survey(client: &Client, oid: u32, wish: &Wish, now: Timestamp) -> Result<Survey> {
    client
        .batch_execute("SET datestyle = 'ISO, YMD'")
        .await
        .context(|| "cannot set the style of dates")?;
    let tree = catalog::tree_of(client, oid, RowCount::Estimated)
        .await?
        .ok_or_else(|| Error::failed(format!("table {oid} is gone")))?;
    let ranges = |tree: &&Tree| {
        tree.partitioning.as_ref().is_some_and(|by| by.strategy == Strategy::Range)
            && !tree.detach_pending
    };
    let mut found: Vec<&Tree> = tree.walk().filter(ranges).collect();
    if found.is_empty() {
        let how = tree
            .partitioning
            .as_ref()
            .map_or("is not partitioned".to_owned(), |by| format!("is partitioned by {}", by.key));
        return Err(Error::failed(format!("{} {how}", tree.name))
            .because("only partitions by range have a next one")
            .next(format!(
                "cargo run -p convert -- plan {} --range COL --every month",
                tree.name
            )));
    }
    found.sort_by_key(|tree| std::cmp::Reverse(tree.level));
    let mut nodes = Vec::new();
    for part in found {
        let node = node(client, part, wish, now).await;
        nodes.push(node.map_err(|error| {
            if part.oid == oid {
                error
            } else {
                error.because(format!("{} is partitioned itself", part.name))
            }
        })?);
    }
    Ok(Survey { table: tree.name.clone(), nodes })
}

async fn node(client: &Client, tree: &Tree, wish: &Wish, now: Timestamp) -> Result<Node> {
    let portrait = portrait::read(client, tree.oid).await?;
    let columns: Option<Vec<String>> = portrait.partition_columns.iter().cloned().collect();
    let columns = columns.ok_or_else(|| {
        Error::failed(format!("the key of {} is an expression", tree.name))
            .because(portrait.partition_key.clone().unwrap_or_default())
            .next("make its partitions with CREATE TABLE … (LIKE …) and ATTACH PARTITION")
    })?;
    let column = key_column(&portrait, &columns)?;
    let axis = match Axis::of(column, wish.time_zone.as_deref()) {
        Err(error) if wish.time_zone.is_none() => {
            return Err(suggest(client, tree, column, error).await?);
        }
        axis => axis?,
    };
    let newest = if axis.is_time() { None } else { greatest(client, tree, column).await? };
    let schema = tree.children.last().map_or(&tree.name.schema, |child| &child.name.schema);
    let taken = names(client, schema).await?;
    node::decide(&Ground { tree, columns, axis, now, newest, taken: &taken }, wish)
}

fn key_column<'a>(portrait: &'a Portrait, columns: &[String]) -> Result<&'a Column> {
    let found = portrait.columns.iter().find(|column| Some(&column.name) == columns.first());
    found.ok_or_else(|| Error::failed(format!("{} has no partition key", portrait.name)))
}

/// The error that no zone was given, with the zone in which the bounds are midnights.
async fn suggest(client: &Client, tree: &Tree, column: &Column, error: Error) -> Result<Error> {
    let what = || "cannot ask for the server's time zone";
    let row = client.query_one("SELECT current_setting('timezone')", &[]).await.context(what)?;
    let own: String = row.try_get(0).context(what)?;
    let fits = |zone: &str| {
        let Ok(axis) = Axis::of(column, Some(zone)) else { return false };
        let midnight = |text: &String| match text.as_str() {
            "MINVALUE" | "MAXVALUE" => true,
            text => axis.parse(&unquoted(text)).is_some_and(|position| {
                axis.date(position).and_then(|date| axis.start(date)).is_ok_and(|at| at == position)
            }),
        };
        tree.children.iter().all(|child| match child.bounds.as_deref().and_then(Bound::read) {
            Some(Bound::Range(from, to)) => from.iter().chain(&to).take(1).all(midnight),
            _ => true,
        })
    };
    let zones = ["UTC", own.as_str()];
    let fitting = zones.into_iter().find(|zone| fits(zone));
    Ok(match fitting {
        Some(zone) => {
            error.next(format!("its bounds are midnights in {zone}, so: --time-zone {zone}"))
        }
        None => error,
    })
}

/// The greatest value that there is, DEFAULT's rows included.
async fn greatest(client: &Client, tree: &Tree, column: &Column) -> Result<Option<i128>> {
    let quoted = quote_ident(&column.name);
    let ordinary = match column.base_type.as_str() {
        "numeric" => format!("{quoted} NOT IN ('NaN', 'Infinity', '-Infinity')"),
        _ => "true".to_owned(),
    };
    let mut greatest = None;
    // From the newest partition down to the first that holds a row; DEFAULT, the last, always.
    for child in tree.children.iter().rev() {
        let statement =
            format!("SELECT floor(max({quoted}))::text FROM {} WHERE {ordinary}", child.name);
        let what = || format!("cannot read the greatest {} of {}", column.name, child.name);
        let row = client.query_one(&statement, &[]).await.context(what)?;
        let text: Option<String> = row.try_get(0).context(what)?;
        let value = text.and_then(|text| text.parse().ok());
        greatest = greatest.max(value);
        if value.is_some() && !child.is_default() {
            break;
        }
    }
    Ok(greatest)
}

/// Names of relations and types in a schema.
async fn names(client: &Client, schema: &str) -> Result<Vec<String>> {
    let what = || format!("cannot see which names are in use in schema {schema}");
    let rows = client
        .query(
            "SELECT relname::text FROM pg_class c JOIN pg_namespace n ON n.oid = relnamespace WHERE nspname = $1
             UNION
             SELECT typname::text FROM pg_type t JOIN pg_namespace n ON n.oid = typnamespace WHERE nspname = $1",
            &[&schema],
        )
        .await
        .context(what)?;
    rows.iter().map(|row| row.try_get(0)).collect::<Result<_, _>>().context(what)
}

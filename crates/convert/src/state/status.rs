//! How far conversions are, for people and programs.

use lab::catalog::Name;
use lab::{Context, Result};
use serde::Serialize;
use tokio_postgres::Client;

use super::{Conversion, Phase, Side, exclusive, store};
use crate::request::Shape;

/// A conversion as `convert status` shows it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Status {
    /// Its number.
    pub id: i64,
    /// The name that applications use.
    pub table: String,
    /// `caught up`, …
    pub phase: String,
    /// `source` or `target`: which of the two bears that name.
    pub live: &'static str,
    /// The source as it is called now; `None` when it is gone.
    pub source: Option<String>,
    /// The target as it is called now.
    pub target: Option<String>,
    /// Blocks of the source that are copied.
    pub blocks_copied: u64,
    /// Blocks to copy in all.
    pub blocks: u64,
    /// Rows copied.
    pub rows_copied: u64,
    /// Changes in the live table's log, which the other one lacks.
    pub logged: Option<u64>,
    /// The session that works on it now.
    pub converter: Option<i32>,
    /// What was done, in order.
    pub steps: Vec<Step>,
    /// What to type next.
    pub next: String,
}

/// A step that was done.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Step {
    /// `copy`
    pub step: String,
    /// How long it took.
    pub seconds: f64,
    /// What came of it.
    pub said: String,
}

/// Of one table's conversion, or of all that are neither finished nor aborted.
pub async fn read(client: &Client, table: Option<&str>) -> Result<Vec<Status>> {
    let conversions = match table {
        Some(table) => vec![store::active(client, table).await?],
        None => store::under_way(client).await?,
    };
    let mut all = Vec::new();
    for conversion in &conversions {
        all.push(status(client, conversion).await?);
    }
    Ok(all)
}

async fn status(client: &Client, conversion: &Conversion) -> Result<Status> {
    let what = || format!("cannot see how far the conversion of {} is", conversion.name());
    let row = client
        .query_one(
            "SELECT (SELECT c.oid::regclass::text FROM pg_class c WHERE c.oid = $2),
                    (SELECT c.oid::regclass::text FROM pg_class c WHERE c.oid = $3),
                    coalesce(sum(next_block - first_block), 0)::bigint,
                    coalesce(sum(end_block - first_block), 0)::bigint,
                    coalesce(sum(rows), 0)::bigint
             FROM partition_convert.segments WHERE conversion = $1",
            &[&conversion.id, &conversion.source, &conversion.target],
        )
        .await
        .context(what)?;
    let number = |index| row.try_get::<_, i64>(index).context(what).map(i64::unsigned_abs);
    let log = conversion.log(conversion.live).to_string();
    let there = client.query_one("SELECT to_regclass($1) IS NOT NULL", &[&log]).await;
    let logged = if there.context(what)?.try_get(0).context(what)? {
        let sql = format!("SELECT count(*) FROM {log}");
        let entries: i64 =
            client.query_one(&sql, &[]).await.context(what)?.try_get(0).context(what)?;
        Some(entries.unsigned_abs())
    } else {
        None
    };
    Ok(Status {
        id: conversion.id,
        table: conversion.name().to_string(),
        phase: conversion.phase.to_string(),
        live: conversion.live.as_str(),
        source: row.try_get(0).context(what)?,
        target: row.try_get(1).context(what)?,
        blocks_copied: number(2)?,
        blocks: number(3)?,
        rows_copied: number(4)?,
        logged,
        converter: exclusive::holder(client, conversion.source).await?.map(|holder| holder.pid),
        steps: steps(client, conversion.id).await?,
        next: next(conversion),
    })
}

async fn steps(client: &Client, conversion: i64) -> Result<Vec<Step>> {
    let what = || "cannot read partition_convert.steps";
    let rows = client
        .query(
            "SELECT step, extract(epoch FROM ended_at - began_at)::float8, coalesce(details->>'said', '')
             FROM partition_convert.steps WHERE conversion = $1 ORDER BY began_at, ended_at",
            &[&conversion],
        )
        .await
        .context(what)?;
    let step = |row: &tokio_postgres::Row| {
        Ok(Step { step: row.try_get(0)?, seconds: row.try_get(1)?, said: row.try_get(2)? })
    };
    rows.iter().map(step).collect::<Result<_, tokio_postgres::Error>>().context(what)
}

/// How `run` names what is converted.
fn named(conversion: &Conversion) -> String {
    let source = &conversion.design.source;
    match (&conversion.design.request.shape, &source.parent) {
        (Shape::Split, Some(parent)) => {
            let parent = Name::new(&parent.schema, &parent.name);
            format!("{parent} --split {}", conversion.name())
        }
        _ => conversion.name().to_string(),
    }
}

/// What to type next.
#[must_use]
pub fn next(conversion: &Conversion) -> String {
    let verb = match (conversion.phase, conversion.live) {
        (Phase::Ready, _) => "swap",
        (Phase::Swapped, Side::Target) => "finish",
        _ => return format!("cargo run -p convert -- run {} …, as before", named(conversion)),
    };
    format!("cargo run -p convert -- {verb} {}", conversion.name())
}

//! Reading and writing conversions.

use std::time::Duration;

use lab::db::AdvisoryLock;
use lab::interrupt::Interrupt;
use lab::{Context, Error, Result, mark};
use tokio_postgres::types::Json;
use tokio_postgres::{Client, GenericClient, Row};

use super::{Conversion, Parameters, Phase, Side};
use crate::design::Design;
use crate::request::Shape;

/// What is run before the first conversion.
const SCHEMA: &str = include_str!("../../../../scripts/convert/00_state.sql");

const UNDER_WAY: &str = "phase NOT IN ('finished', 'aborted')";

const COLUMNS: &str = "id, source, target, phase, live, design";

/// IF NOT EXISTS does not keep two sessions apart that make the same object at one time. `schema!!` in ASCII.
const MAKING: AdvisoryLock = AdvisoryLock::of(i64::from_be_bytes(*b"schema!!"));

/// How long another session may take to make the schema.
const PATIENCE: Duration = Duration::from_secs(10);

/// Makes the schema `partition_convert` where it is not there. Two that do it at once both succeed.
pub async fn create_schema(client: &Client, interrupt: &Interrupt) -> Result<()> {
    let what = || "cannot make the schema partition_convert";
    mark::require_trusted(client, "partition_convert").await?;
    if !MAKING.acquire(client, PATIENCE, interrupt).await? {
        return Err(Error::failed(what())
            .because("another session has been making it for 10 s")
            .next("run the same command again"));
    }
    // Asked once more when it is there: another may have made it since.
    let making = async {
        client.batch_execute(&format!("BEGIN;\n{SCHEMA}")).await.context(what)?;
        mark::require_trusted(client, "partition_convert").await?;
        client.batch_execute("COMMIT").await.context(what)
    };
    let made = making.await;
    if made.is_err() {
        client.batch_execute("ROLLBACK").await.context(|| "cannot end a transaction")?;
    }
    MAKING.release(client).await?;
    made
}

/// Whether the schema is there: without it there are no conversions.
async fn has_schema(client: &impl GenericClient) -> Result<bool> {
    let sql = "SELECT to_regclass('partition_convert.conversions') IS NOT NULL";
    let row = client.query_one(sql, &[]).await.context(cannot_read)?;
    let there = row.try_get(0).context(cannot_read)?;
    if there {
        // What is read there becomes statements.
        mark::require_trusted(client, "partition_convert").await?;
    }
    Ok(there)
}

fn cannot_read() -> &'static str {
    "cannot read partition_convert.conversions"
}

async fn read(
    client: &impl GenericClient,
    condition: &str,
    parameters: &Parameters<'_>,
) -> Result<Vec<Conversion>> {
    if !has_schema(client).await? {
        return Ok(Vec::new());
    }
    let sql = format!(
        "SELECT {COLUMNS} FROM partition_convert.conversions c WHERE {condition} ORDER BY id"
    );
    let rows = client.query(&sql, parameters).await.context(cannot_read)?;
    rows.iter().map(conversion).collect()
}

fn conversion(row: &Row) -> Result<Conversion> {
    let Json(design): Json<Design> = row.try_get(5).context(|| {
        "cannot read a conversion's design: another version of convert wrote it, so use that one"
    })?;
    Ok(Conversion {
        id: row.try_get(0).context(cannot_read)?,
        source: row.try_get(1).context(cannot_read)?,
        target: row.try_get(2).context(cannot_read)?,
        phase: Phase::parse(row.try_get(3).context(cannot_read)?)?,
        live: Side::parse(row.try_get(4).context(cannot_read)?)?,
        design,
    })
}

/// All conversions that ever were, by number.
pub async fn all(client: &impl GenericClient) -> Result<Vec<Conversion>> {
    read(client, "true", &[]).await
}

/// Those that are neither finished nor aborted, by number.
pub async fn under_way(client: &impl GenericClient) -> Result<Vec<Conversion>> {
    read(client, UNDER_WAY, &[]).await
}

/// The conversion under way that has this table as its source or target.
pub async fn of_oid(client: &impl GenericClient, source: u32) -> Result<Option<Conversion>> {
    let condition = format!("{UNDER_WAY} AND $1::oid IN (source, target)");
    Ok(read(client, &condition, &[&source]).await?.pop())
}

/// The conversion of the table that `table` names, which is neither finished nor aborted. Both
/// tables count, under whatever name they have now, and so does the name that applications use.
pub async fn find(client: &impl GenericClient, table: &str) -> Result<Option<Conversion>> {
    let oid = lab::catalog::find_table(client, table).await?;
    let condition = format!(
        "{UNDER_WAY} AND ($1::oid IN (source, target)
             OR shape = 'split' AND (design -> 'source' -> 'parent' ->> 'oid')::oid = $1::oid
             OR (shape = 'split' OR $1::oid IS NULL) AND ($2 IN (live_name, schema_name || '.' || live_name,
                format('%I', live_name), format('%I.%I', schema_name, live_name))))"
    );
    Ok(read(client, &condition, &[&oid, &table]).await?.pop())
}

/// Another conversion under way whose tables are among those of `design`: a partition of its table, or the
/// table that its own is a partition of. The two would pull the partitions from under each other.
pub async fn in_the_way(
    client: &impl GenericClient,
    design: &Design,
) -> Result<Option<Conversion>> {
    let source = &design.source;
    let parent = source.parent.as_ref().map(|parent| parent.oid);
    let condition = format!(
        "{UNDER_WAY} AND $1::oid NOT IN (source, coalesce(target, 0))
         AND (source = ANY ($2::oid[]) OR $3::oid IN (source, target)
             OR shape = 'split' AND (design -> 'source' -> 'parent' ->> 'oid')::oid = ANY ($2::oid[]))"
    );
    Ok(read(client, &condition, &[&source.oid, &source.tree, &parent]).await?.pop())
}

/// The same; an error when there is none.
pub async fn active(client: &impl GenericClient, table: &str) -> Result<Conversion> {
    find(client, table).await?.ok_or_else(|| {
        Error::failed(format!("{table} is not being converted"))
            .next("cargo run -p convert -- status")
    })
}

/// A conversion as the database has it now.
pub async fn reload(client: &impl GenericClient, id: i64) -> Result<Conversion> {
    let found = read(client, "id = $1", &[&id]).await?.pop();
    found.ok_or_else(|| Error::failed(format!("conversion {id} is gone")))
}

/// Writes down a new conversion in phase `Logging`.
pub async fn insert(client: &impl GenericClient, design: &Design) -> Result<Conversion> {
    let shape = match design.request.shape {
        Shape::Table => "table",
        Shape::Split => "split",
        Shape::Copy { .. } => "copy",
        Shape::AttachOld => "attach_old",
    };
    let source = &design.source;
    let row = client
        .query_one(
            "INSERT INTO partition_convert.conversions
                 (source, schema_name, live_name, shape, phase, design)
             VALUES ($1, $2, $3, $4, 'logging', $5)
             RETURNING id",
            &[&source.oid, &source.schema, &source.name, &shape, &Json(design)],
        )
        .await
        .context(|| format!("cannot write down the conversion of {}", source.name))?;
    Ok(Conversion {
        id: row.try_get(0).context(cannot_read)?,
        source: source.oid,
        target: None,
        phase: Phase::Logging,
        live: Side::Source,
        design: design.clone(),
    })
}

/// Writes down how far a conversion is.
pub async fn set_phase(
    client: &impl GenericClient,
    conversion: &mut Conversion,
    phase: Phase,
) -> Result<()> {
    set(client, conversion, phase, conversion.live).await
}

/// Writes down which table bears the name now, and how far the conversion is.
pub async fn set_live(
    client: &impl GenericClient,
    conversion: &mut Conversion,
    phase: Phase,
    live: Side,
) -> Result<()> {
    set(client, conversion, phase, live).await
}

async fn set(
    client: &impl GenericClient,
    conversion: &mut Conversion,
    phase: Phase,
    live: Side,
) -> Result<()> {
    client
        .execute(
            "UPDATE partition_convert.conversions
             SET phase = $2, live = $3, target = $4, updated_at = clock_timestamp()
             WHERE id = $1",
            &[&conversion.id, &phase.as_str(), &live.as_str(), &conversion.target],
        )
        .await
        .context(|| format!("cannot write down that {} is {phase}", conversion.name()))?;
    (conversion.phase, conversion.live) = (phase, live);
    Ok(())
}

/// Writes down a step that took `elapsed` and has just ended.
pub async fn step(
    client: &impl GenericClient,
    conversion: i64,
    step: &str,
    elapsed: Duration,
    details: &serde_json::Value,
) -> Result<()> {
    client
        .execute(
            "INSERT INTO partition_convert.steps (conversion, step, began_at, details)
             VALUES ($1, $2, clock_timestamp() - make_interval(secs => $3), $4)",
            &[&conversion, &step, &elapsed.as_secs_f64(), &Json(details)],
        )
        .await
        .context(|| format!("cannot write down step {step}"))?;
    Ok(())
}

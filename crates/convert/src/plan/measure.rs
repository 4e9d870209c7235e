//! Costs that are measured rather than guessed: on a sample of the rows, in temporary tables of a
//! transaction that is rolled back.

use std::time::Instant;

use lab::catalog::{Name, quote_ident};
use lab::connect::Session;
use serde_json::Value;
use tokio_postgres::Transaction;

use super::document::{GetById, Lookup, SideTableCost};
use crate::design::Design;
use crate::layout::Layout;

/// What the sample showed.
#[derive(Debug, Clone)]
pub(super) struct Measured {
    /// Seconds a row: to copy it into a partition, without WAL.
    pub copy: f64,
    /// Seconds a row: to build all indexes.
    pub index: f64,
    /// Seconds a row: to compute its checksum.
    pub checksum: f64,
    /// What getting one row costs.
    pub get_by_id: Option<GetById>,
    /// By the key's name.
    pub side_tables: Vec<(String, SideTableCost)>,
}

/// Rows in the sample.
const SAMPLE: u32 = 20_000;

/// More partitions than these are not made for a sample.
const MOST_PARTITIONS: usize = 300;

/// The measurements, or why there are none.
pub(super) async fn measure(session: &mut Session, design: &Design) -> Result<Measured, String> {
    if design.layout.leaves().len() > MOST_PARTITIONS {
        return Err(format!("more than {MOST_PARTITIONS} partitions are not made for a sample"));
    }
    let transaction = session.client_mut().transaction().await.map_err(|error| say(&error))?;
    let measured = sample(&transaction, design).await;
    // Whatever happened, nothing of it stays.
    let rolled_back = transaction.rollback().await;
    let measured = measured.map_err(|error| say(&error))?;
    rolled_back.map_err(|error| say(&error))?;
    measured.ok_or_else(|| "the table has no rows".to_owned())
}

fn say(error: &tokio_postgres::Error) -> String {
    error.as_db_error().map_or_else(|| error.to_string(), |error| error.message().to_owned())
}

type Outcome<T> = Result<T, tokio_postgres::Error>;

#[allow(clippy::cast_precision_loss, reason = "a sample's rows")]
async fn sample(transaction: &Transaction<'_>, design: &Design) -> Outcome<Option<Measured>> {
    let source = Name::new(&design.source.schema, &design.source.name);
    transaction
        .batch_execute(
            "SET LOCAL statement_timeout = '20s'; SET LOCAL lock_timeout = '100ms'; SET LOCAL client_min_messages = warning",
        )
        .await?;
    let all = list(design.source.columns.iter().map(|column| &column.name));
    let blocks: i64 = design.source.leaves.iter().map(|leaf| leaf.blocks).sum();
    let fraction = match design.source.rows {
        Some(rows) if rows > 0.0 => (f64::from(SAMPLE) * 150.0 / rows).min(100.0),
        // Some hundred blocks hold enough of most tables.
        _ => (100_000.0 / (blocks.max(1) as f64)).min(100.0),
    };
    transaction
        .batch_execute(&format!(
            "CREATE TEMP TABLE partition_convert_sample ON COMMIT DROP AS
             SELECT {all} FROM {source} TABLESAMPLE SYSTEM ({fraction}) LIMIT {SAMPLE};
             ANALYZE partition_convert_sample;
             CREATE TEMP TABLE partition_convert_model (LIKE partition_convert_sample) PARTITION BY {} ;",
            design.layout.key
        ))
        .await?;
    let mut partitions = String::new();
    model(&mut partitions, "partition_convert_model", &design.layout);
    transaction.batch_execute(&partitions).await?;
    let row = transaction.query_one("SELECT count(*) FROM partition_convert_sample", &[]).await?;
    let rows: i64 = row.try_get(0)?;
    if rows == 0 {
        return Ok(None);
    }
    let each = |seconds: f64| seconds / rows as f64;
    let copy = timed(
        transaction,
        "INSERT INTO partition_convert_model SELECT * FROM partition_convert_sample",
    )
    .await?;
    let mut index = 0.0;
    for made in &design.indexes {
        let unique = if made.unique { "UNIQUE " } else { "" };
        index += timed(
            transaction,
            &format!("CREATE {unique}INDEX ON partition_convert_model USING {}", made.using),
        )
        .await?;
    }
    let checksum = timed(
        transaction,
        "SELECT sum(hashtextextended(ROW(s.*)::text, 0)) FROM partition_convert_sample s",
    )
    .await?;
    transaction.batch_execute("ANALYZE partition_convert_model").await?;
    let get_by_id = get_by_id(transaction, design, rows.unsigned_abs()).await?;
    let side_tables = side_tables(transaction, design, rows).await?;
    Ok(Some(Measured {
        copy: each(copy),
        index: each(index),
        checksum: each(checksum),
        get_by_id,
        side_tables,
    }))
}

async fn timed(transaction: &Transaction<'_>, statement: &str) -> Outcome<f64> {
    let begun = Instant::now();
    transaction.batch_execute(statement).await?;
    Ok(begun.elapsed().as_secs_f64())
}

/// The layout's partitions, as temporary tables beneath `parent`.
fn model(statements: &mut String, parent: &str, layout: &Layout) {
    for (n, part) in layout.parts.iter().enumerate() {
        let name = format!("{parent}_{n}");
        let below = part.below.as_ref();
        let key = below.map_or_else(String::new, |below| format!(" PARTITION BY {}", below.key));
        let bound = &part.bound;
        statements.extend([
            "CREATE TEMP TABLE ",
            &name,
            " PARTITION OF ",
            parent,
            " ",
            bound,
            &key,
            ";\n",
        ]);
        if let Some(below) = below {
            model(statements, &name, below);
        }
    }
}

fn list<'a>(names: impl Iterator<Item = &'a String>) -> String {
    names.map(|name| quote_ident(name)).collect::<Vec<_>>().join(", ")
}

/// Looks one row up: in the sample as it is, in the partitions by the old key, and with the
/// partition key as well.
async fn get_by_id(
    transaction: &Transaction<'_>,
    design: &Design,
    sample_rows: u64,
) -> Outcome<Option<GetById>> {
    if design.key.is_empty() {
        return Ok(None);
    }
    let key = list(design.key.iter());
    transaction
        .batch_execute(&format!("CREATE UNIQUE INDEX ON partition_convert_sample ({key}); ANALYZE partition_convert_sample"))
        .await?;
    let mut columns = design.key.clone();
    columns.extend(
        design.partition_columns().into_iter().filter(|column| !design.key.contains(column)),
    );
    let texts: Vec<String> =
        columns.iter().map(|name| format!("quote_nullable({}::text)", quote_ident(name))).collect();
    let row = transaction
        .query_one(
            &format!(
                "SELECT ARRAY[{}] FROM partition_convert_sample OFFSET {} LIMIT 1",
                texts.join(", "),
                sample_rows / 2
            ),
            &[],
        )
        .await?;
    let values: Vec<String> = row.try_get(0)?;
    let condition = |columns: &[String], show: bool| {
        let equal = columns.iter().zip(&values).map(|(column, value)| {
            format!("{} = {}", quote_ident(column), if show { "…" } else { value.as_str() })
        });
        equal.collect::<Vec<_>>().join(" AND ")
    };
    let lookup = async |table: &str, columns: &[String]| -> Outcome<Lookup> {
        let query = format!("SELECT * FROM {table} WHERE {}", condition(columns, false));
        let (partitions, blocks, ms) = explain(transaction, &query).await?;
        Ok(Lookup { condition: condition(columns, true), partitions, blocks, ms })
    };
    Ok(Some(GetById {
        sample_rows,
        before: lookup("partition_convert_sample", &design.key).await?,
        after: lookup("partition_convert_model", &design.key).await?,
        with_hint: if columns.len() > design.key.len() {
            Some(lookup("partition_convert_model", &columns).await?)
        } else {
            None
        },
    }))
}

/// Scans, blocks and milliseconds of a query that is run twice, of which the second counts.
async fn explain(transaction: &Transaction<'_>, query: &str) -> Outcome<(u64, u64, f64)> {
    let explain = format!("EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) {query}");
    transaction.query_one(&explain, &[]).await?;
    let row = transaction.query_one(&explain, &[]).await?;
    let plan: Value = row.try_get(0)?;
    let top = &plan[0];
    let number = |name: &str| top["Plan"][name].as_u64().unwrap_or(0);
    let blocks =
        ["Shared Hit Blocks", "Shared Read Blocks", "Local Hit Blocks", "Local Read Blocks"];
    let ms = |name: &str| top[name].as_f64().unwrap_or(0.0);
    Ok((
        scans(&top["Plan"]),
        blocks.into_iter().map(number).sum(),
        ms("Planning Time") + ms("Execution Time"),
    ))
}

fn scans(node: &Value) -> u64 {
    let below: u64 = node["Plans"].as_array().map_or(0, |plans| plans.iter().map(scans).sum());
    below + u64::from(node.get("Relation Name").is_some())
}

/// What each side table that could be asked for costs.
#[allow(clippy::cast_precision_loss, reason = "a sample's rows")]
async fn side_tables(
    transaction: &Transaction<'_>,
    design: &Design,
    rows: i64,
) -> Outcome<Vec<(String, SideTableCost)>> {
    let mut found = Vec::new();
    for side in design.side_tables_possible() {
        let insert = "INSERT INTO partition_convert_model SELECT * FROM partition_convert_sample";
        transaction.batch_execute("TRUNCATE partition_convert_model").await?;
        let without = timed(transaction, insert).await?;
        transaction.batch_execute("TRUNCATE partition_convert_model").await?;
        let temporary = side.over("pg_temp", "partition_convert_model");
        transaction.batch_execute(&temporary.create(&[]).join(";\n")).await?;
        let with = timed(transaction, insert).await?;
        let bytes: i64 = transaction
            .query_one(
                "SELECT pg_total_relation_size($1::text::regclass)",
                &[&temporary.name.to_string()],
            )
            .await?
            .try_get(0)?;
        let all = design.source.rows.unwrap_or(rows as f64);
        let us = |seconds: f64| seconds * 1e6 / rows as f64;
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "an estimate")]
        let bytes = (bytes as f64 * all / rows as f64) as u64;
        let drop = format!(
            "DROP TRIGGER {} ON partition_convert_model",
            quote_ident(&temporary.name.name)
        );
        transaction.batch_execute(&drop).await?;
        found.push((
            side.key,
            SideTableCost { insert_us: us(without), insert_with_us: us(with), bytes },
        ));
    }
    Ok(found)
}

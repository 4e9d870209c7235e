//! A materialised view over the old table is built again over the new one, and takes its old
//! self's place by rename. It is stale by nature, so nothing is lost while both are there.

use lab::catalog::{Name, quote_ident};
use lab::connect::search_path;
use lab::{Context, Result};
use serde::Deserialize;
use tokio_postgres::Client;
use tokio_postgres::types::Json;

use super::settle::{Settled, complete};
use crate::moves::{Around, Settlement, around, literal};
use crate::work::Work;

const PORTRAIT: &str = include_str!("../../../../scripts/convert/materialized_view.sql");

/// The schema in which copies are built.
const OURS: &str = "partition_convert";

/// Read by `scripts/convert/materialized_view.sql`.
#[derive(Debug, Deserialize)]
struct Portrait {
    owner: String,
    populated: bool,
    /// Access method, options and tablespace, as they stand before AS.
    tail: String,
    /// Names, unquoted.
    indexes: Vec<String>,
    /// Statements on `{view}` and `{index N}`, N from 1.
    statements: Vec<String>,
    /// The N of the index that CLUSTER uses.
    clustered: Option<usize>,
    /// Statements that bind views to whatever bears this one's name.
    views: Vec<String>,
    /// Materialised views built upon this one.
    materialized: Vec<Settlement>,
}

/// Builds the view `schema`.`name` again from `definition`.
pub(super) async fn rebuild(
    work: &Work<'_>,
    schema: &str,
    name: &str,
    definition: &str,
    settled: Settled,
) -> Result<()> {
    let client = work.session.client();
    let view = Name::new(schema, name);
    let what = || format!("cannot build materialised view {name} again");
    let Some(oid) = find(client, &view).await.context(what)? else {
        // Dropped by somebody since: nothing is left to do.
        return complete(work, "settle", &[], &[], settled).await;
    };
    let (portrait, around) = read(client, oid).await?;
    let copy = Name::new(OURS, format!("new_{}_{oid}", settled.id));
    let indexes = |n: usize| Name::new(OURS, format!("{}_{n}", copy.name));
    if let Err(error) = client.batch_execute(&build(&portrait, &copy, definition, &indexes)).await {
        client.batch_execute("ROLLBACK").await.context(what)?;
        return Err(error).context(what);
    }
    let mut statements = take_place(&portrait, &view, &copy, oid, settled);
    statements.extend(around.replace);
    statements.extend(append(settled, &portrait.materialized)?);
    let locks =
        [format!("ALTER MATERIALIZED VIEW {view} OWNER TO {}", quote_ident(&portrait.owner))];
    complete(work, &format!("replace materialised view {name}"), &locks, &statements, settled).await
}

async fn find(client: &Client, view: &Name) -> Result<Option<u32>, tokio_postgres::Error> {
    let statement = "SELECT c.oid FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace \
                     WHERE n.nspname = $1 AND c.relname = $2 AND c.relkind = 'm'";
    let row = client.query_opt(statement, &[&view.schema, &view.name]).await?;
    row.map(|row| row.try_get(0)).transpose()
}

async fn read(client: &Client, oid: u32) -> Result<(Portrait, Around)> {
    let what = || format!("cannot read the definition of materialised view {oid}");
    client.batch_execute(&format!("BEGIN; {}", search_path::SET_LOCAL)).await.context(what)?;
    let row = client.query_one(PORTRAIT, &[&oid]).await;
    let around = around::read(client, oid).await;
    client.batch_execute("ROLLBACK").await.context(what)?;
    let Json(portrait) = row.context(what)?.try_get(0).context(what)?;
    Ok((portrait, around?))
}

/// Everything that takes long, beside the old one. Its owner fills it: as a REFRESH does, so that
/// functions in its query get no more rights than they have there.
fn build(
    portrait: &Portrait,
    copy: &Name,
    definition: &str,
    index: &dyn Fn(usize) -> Name,
) -> String {
    let owner = quote_ident(&portrait.owner);
    let mut statements = vec![
        search_path::SET_LOCAL.to_owned(),
        format!("DROP MATERIALIZED VIEW IF EXISTS {copy}"),
        format!("CREATE MATERIALIZED VIEW {copy}{} AS {definition} WITH NO DATA", portrait.tail),
        format!("ALTER MATERIALIZED VIEW {copy} OWNER TO {owner}"),
    ];
    if portrait.populated {
        statements.push(format!("REFRESH MATERIALIZED VIEW {copy}"));
    }
    for statement in &portrait.statements {
        let mut statement = statement.replacen("{view}", &copy.to_string(), 1);
        for n in 1..=portrait.indexes.len() {
            let name = index(n);
            // CREATE INDEX names it without its schema.
            let name = if statement.starts_with("CREATE") {
                quote_ident(&name.name).into_owned()
            } else {
                name.to_string()
            };
            statement = statement.replacen(&format!("{{index {n}}}"), &name, 1);
        }
        statements.push(statement);
    }
    if let Some(n) = portrait.clustered {
        let index = quote_ident(&index(n).name).into_owned();
        statements.push(format!("ALTER MATERIALIZED VIEW {copy} CLUSTER ON {index}"));
    }
    statements.push(format!("ANALYZE {copy}"));
    format!("BEGIN; {}; COMMIT", statements.join(";\n"))
}

/// The copy gets name and schema; the old one waits in our schema until nothing needs it.
fn take_place(
    portrait: &Portrait,
    view: &Name,
    copy: &Name,
    oid: u32,
    settled: Settled,
) -> Vec<String> {
    let schema = quote_ident(&view.schema);
    let parked = Name::new(&view.schema, old(settled.id, oid));
    // Another old one with indexes of these names may wait there, if a kill came before it was dropped.
    let mut statements: Vec<_> = (1..)
        .zip(&portrait.indexes)
        .map(|(n, name)| {
            let then = format!("{}_{n}", parked.name);
            format!("ALTER INDEX {} RENAME TO {then}", Name::new(&view.schema, name))
        })
        .collect();
    statements.extend([
        format!("ALTER MATERIALIZED VIEW {view} RENAME TO {}", quote_ident(&parked.name)),
        format!("ALTER MATERIALIZED VIEW {parked} SET SCHEMA {OURS}"),
        format!("ALTER MATERIALIZED VIEW {copy} SET SCHEMA {schema}"),
        format!(
            "ALTER MATERIALIZED VIEW {} RENAME TO {}",
            Name::new(&view.schema, &copy.name),
            quote_ident(&view.name)
        ),
    ]);
    for (n, name) in (1..).zip(&portrait.indexes) {
        let now = Name::new(&view.schema, format!("{}_{n}", copy.name));
        statements.push(format!("ALTER INDEX {now} RENAME TO {}", quote_ident(name)));
    }
    statements.extend(portrait.views.iter().map(|view| view.trim_end_matches(';').to_owned()));
    statements
}

/// What is built upon it comes next.
fn append(settled: Settled, more: &[Settlement]) -> Result<Vec<String>> {
    more.iter()
        .map(|settlement| {
            let text = serde_json::to_string(settlement).map_err(|error| {
                lab::Error::failed("cannot write down what is left to do").caused_by(&error)
            })?;
            Ok(format!(
                "INSERT INTO partition_convert.settlements (conversion, position, settlement) \
                 SELECT {id}, max(position) + 1, {text}::jsonb \
                 FROM partition_convert.settlements WHERE conversion = {id} \
                 AND NOT EXISTS (SELECT FROM partition_convert.settlements \
                     WHERE conversion = {id} AND settlement @> jsonb_build_object(\
                         'schema', {text}::jsonb -> 'schema', 'name', {text}::jsonb -> 'name')) \
                 HAVING max(position) IS NOT NULL",
                id = settled.id,
                text = literal(&text)
            ))
        })
        .collect()
}

fn old(id: i64, oid: u32) -> String {
    format!("old_{id}_{oid}")
}

/// Drops the old ones, all in one statement since they may be built upon each other.
pub(super) async fn drop_old(work: &Work<'_>, id: i64) -> Result<()> {
    let what = || "cannot drop the old materialised views";
    let client = work.session.client();
    let statement = "SELECT string_agg(format('%I.%I', n.nspname, c.relname), ', ') \
                     FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace \
                     WHERE n.nspname = 'partition_convert' AND c.relkind = 'm' \
                       AND c.relname ~ ('^(old|new)_' || $1 || '_')";
    let row = client.query_one(statement, &[&id.to_string()]).await.context(what)?;
    let names: Option<String> = row.try_get(0).context(what)?;
    match names {
        Some(names) => {
            client.batch_execute(&format!("DROP MATERIALIZED VIEW {names}")).await.context(what)
        }
        None => Ok(()),
    }
}

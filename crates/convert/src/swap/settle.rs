//! What a swap left to do is done here, one thing after the other, each in transactions of its own.
//! Each disappears from the list in the transaction that completes it, so it goes on after a kill.

use lab::catalog::quote_ident;
use lab::connect::search_path;
use lab::{Context, Error, Result};
use tokio_postgres::Client;
use tokio_postgres::types::Json;

use super::matview;
use crate::attempt::{Attempts, is_conflict};
use crate::event::Event;
use crate::moves::{ForeignKeyLeft, Settlement, literal, lock};
use crate::steps;
use crate::work::Work;

/// What conversion `id` has left, with each one's position.
pub(super) async fn pending(client: &Client, id: i64) -> Result<Vec<(i32, Settlement)>> {
    let what = || "cannot read what the swap left to do";
    let rows = client
        .query(
            "SELECT position, settlement FROM partition_convert.settlements \
             WHERE conversion = $1 ORDER BY position",
            &[&id],
        )
        .await
        .context(what)?;
    rows.iter()
        .map(|row| {
            let Json(settlement) = row.try_get(1)?;
            Ok((row.try_get(0)?, settlement))
        })
        .collect::<Result<_, tokio_postgres::Error>>()
        .context(what)
}

/// The statement that writes down what is left; what was left before is not wanted any more.
pub fn replace(id: i64, settlements: &[Settlement]) -> Result<String> {
    let list = serde_json::to_string(settlements)
        .map_err(|error| Error::failed("cannot write down what is left to do").caused_by(&error))?;
    Ok(format!(
        "DELETE FROM partition_convert.settlements WHERE conversion = {id}; \
         INSERT INTO partition_convert.settlements (conversion, position, settlement) \
         SELECT {id}, at, settlement \
         FROM jsonb_array_elements({}::jsonb) WITH ORDINALITY AS s (settlement, at)",
        literal(&list)
    ))
}

/// Does all of it; says how many things that were.
pub async fn settle(work: &Work<'_>, id: i64) -> Result<u64> {
    steps::durable(work).await?;
    let mut done = 0;
    // A materialised view adds those that are built upon it, so the list is read again each time.
    while let Some((position, settlement)) =
        pending(work.session.client(), id).await?.into_iter().next()
    {
        work.observer.tell(Event::Note(describe(&settlement)));
        let settled = Settled { id, position };
        match &settlement {
            Settlement::ForeignKey(key) => foreign_key(work, key, settled).await?,
            Settlement::Statements { what, locks, statements } => {
                complete(work, what, locks, statements, settled).await?;
            }
            Settlement::MaterializedView { schema, name, definition } => {
                matview::rebuild(work, schema, name, definition, settled).await?;
            }
        }
        done += 1;
    }
    matview::drop_old(work, id).await?;
    Ok(done)
}

/// Which entry of the list is done.
#[derive(Debug, Clone, Copy)]
pub(super) struct Settled {
    pub(super) id: i64,
    pub(super) position: i32,
}

/// For people.
fn describe(settlement: &Settlement) -> String {
    match settlement {
        Settlement::ForeignKey(key) => format!("foreign key {} is validated", key.name),
        Settlement::Statements { what, .. } => what.clone(),
        Settlement::MaterializedView { name, .. } => {
            format!("materialised view {name} is built again")
        }
    }
}

async fn foreign_key(work: &Work<'_>, key: &ForeignKeyLeft, settled: Settled) -> Result<()> {
    let client = work.session.client();
    let name = quote_ident(&key.name);
    let what = || format!("cannot validate foreign key {}", key.name);
    for table in &key.on {
        interrupted(work)?;
        // SHARE UPDATE EXCLUSIVE on the leaf, ROW SHARE on what it references: nobody waits.
        // A leaf that was detached meanwhile takes its key with it.
        let validate = format!("ALTER TABLE IF EXISTS {table} VALIDATE CONSTRAINT {name}");
        client.batch_execute(&validate).await.context(what)?;
    }
    let mut statements = Vec::new();
    let mut locks = Vec::new();
    if key.adopt {
        statements
            .push(format!("ALTER TABLE {} ADD CONSTRAINT {name} {}", key.table, key.definition));
        locks.extend([lock(&key.table), lock(&key.references)]);
    }
    let comment = key.comment.as_deref();
    statements.extend(
        comment.map(|text| {
            format!("COMMENT ON CONSTRAINT {name} ON {} IS {}", key.table, literal(text))
        }),
    );
    complete(work, &format!("complete foreign key {}", key.name), &locks, &statements, settled)
        .await
}

/// Runs `statements` and strikes the entry off the list, in one transaction that holds `locks`.
pub(super) async fn complete(
    work: &Work<'_>,
    what: &str,
    locks: &[String],
    statements: &[String],
    settled: Settled,
) -> Result<()> {
    let client = work.session.client();
    let strike = format!(
        "DELETE FROM partition_convert.settlements WHERE conversion = {} AND position = {}",
        settled.id, settled.position
    );
    let all = [&[search_path::SET_LOCAL.to_owned()], statements, &[strike], &["COMMIT".into()]];
    let all = all.concat().join(";\n");
    let mut attempts = Attempts::new(work, what.to_owned()).await?;
    loop {
        if attempts.lock(work, locks).await?.is_some() {
            let Err(error) = client.batch_execute(&all).await else { return Ok(()) };
            client.batch_execute("ROLLBACK").await.context(|| format!("cannot {what}"))?;
            if !is_conflict(&error) {
                return Err(error).context(|| format!("cannot {what}"));
            }
        }
        attempts.pause(work, "its locks were not free").await?;
    }
}

fn interrupted(work: &Work<'_>) -> Result<()> {
    if work.interrupt.is_raised() {
        return Err(Error::interrupted("interrupted; the swap is done, and what it left is not")
            .next("run the same command again"));
    }
    Ok(())
}

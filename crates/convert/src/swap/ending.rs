//! The ends of a conversion: `finish` leaves the new table, `abort` the one that was there before.
//!
//! Under the lock on the live table only triggers and log go; the other table is dropped afterwards.

use lab::catalog::Name;
use lab::{Context, Error, Result};
use tokio_postgres::Client;

use super::settle::{self, settle};
use crate::attempt::{Attempts, is_conflict};
use crate::moves::{Settlement, lock, table_names};
use crate::shape::{self, Ending};
use crate::state::{self, Conversion, Phase, Side};
use crate::work::Work;

/// Leaves the live table without any machinery, and drops the other one unless it is kept.
///
/// The conversion must be swapped; from then on there is no way back.
pub async fn finish(work: &Work<'_>, conversion: &Conversion, keep_old: bool) -> Result<()> {
    let name = conversion.name();
    if conversion.phase != Phase::Swapped {
        return Err(Error::failed(format!("cannot finish {name}: it is {}", conversion.phase))
            .because("only a conversion that was swapped can be finished")
            .next(format!("cargo run -p convert -- swap {name}"))
            .next(format!("or leave all as it is: cargo run -p convert -- abort {name}")));
    }
    settle(work, conversion.id).await?;
    let mut ending = shape::ending(work.session.client(), conversion, true).await?;
    if keep_old {
        let old = table_names(work.session.client(), &[conversion.source]).await?;
        ending.dropped.retain(|table| !old.contains(table));
    }
    end(work, conversion, Phase::Finished, &ending).await
}

/// Leaves the source as it was, and drops the target.
///
/// The source must be live.
pub async fn abort(work: &Work<'_>, conversion: &Conversion) -> Result<()> {
    let name = conversion.name();
    if conversion.live == Side::Target {
        return Err(Error::failed(format!("cannot abort {name}: the new table is in place"))
            .next(format!("cargo run -p convert -- rollback {name}")));
    }
    settle(work, conversion.id).await?;
    let ending = shape::ending(work.session.client(), conversion, false).await?;
    end(work, conversion, Phase::Aborted, &ending).await
}

async fn end(
    work: &Work<'_>,
    conversion: &Conversion,
    phase: Phase,
    ending: &Ending,
) -> Result<()> {
    let client = work.session.client();
    let what = match phase {
        Phase::Finished => format!("finish {}", conversion.name()),
        _ => format!("abort {}", conversion.name()),
    };
    let tables = ending.locked.iter().chain(&ending.dropped);
    let locks: Vec<String> = tables.map(|table| lock(&table.to_string())).collect();
    let statements = statements(conversion, phase, &ending.dropped)?;
    let mut attempts = Attempts::new(work, what.clone()).await?;
    loop {
        if attempts.lock(work, &locks).await?.is_some() {
            let Err(error) = client.batch_execute(&statements).await else { break };
            client.batch_execute("ROLLBACK").await.context(|| format!("cannot {what}"))?;
            if !is_conflict(&error) {
                return Err(error).context(|| format!("cannot {what}"));
            }
        }
        attempts.pause(work, "its locks were not free").await?;
    }
    leave(work, conversion).await
}

/// What is done after the end, by a later command if this one was killed.
pub async fn leave(work: &Work<'_>, conversion: &Conversion) -> Result<()> {
    shape::clear(work, conversion).await?;
    settle(work, conversion.id).await?;
    Ok(())
}

/// Triggers, log and phase in one transaction; the table is dropped when nobody waits any more.
fn statements(conversion: &Conversion, phase: Phase, gone: &[Name]) -> Result<String> {
    let id = conversion.id;
    let left: Vec<Settlement> = gone
        .iter()
        .map(|table| Settlement::Statements {
            what: format!("drop table {}", table.name),
            // Gone already, if a kill came in between.
            locks: Vec::new(),
            statements: vec![format!("DROP TABLE IF EXISTS {table}")],
        })
        .collect();
    let sides = conversion.design.side_tables();
    let undone = sides.iter().filter(|_| phase == Phase::Aborted).map(|side| side.drop(id));
    let undone: Vec<String> = undone.collect();
    Ok([
        machinery(conversion),
        undone.join(";\n"),
        settle::replace(id, &left)?,
        format!("DELETE FROM partition_convert.segments WHERE conversion = {id}"),
        format!(
            "UPDATE partition_convert.conversions \
             SET phase = '{}', updated_at = clock_timestamp() WHERE id = {id}",
            phase.as_str()
        ),
        "COMMIT".to_owned(),
    ]
    .join(";\n"))
}

/// Drops triggers, functions and logs of both sides. A function takes its triggers along, on
/// whichever tables they are; these must be locked.
pub(super) fn machinery(conversion: &Conversion) -> String {
    let sides = [Side::Source, Side::Target];
    let functions = sides.map(|side| format!("{}()", conversion.log_function(side)));
    let logs = sides.map(|side| conversion.log(side).to_string());
    format!(
        "SET LOCAL client_min_messages = warning; \
         DROP FUNCTION IF EXISTS {}, partition_convert.refuse_truncate_{}() CASCADE; \
         DROP TABLE IF EXISTS {}",
        functions.join(", "),
        conversion.id,
        logs.join(", ")
    )
}

/// Finishes `conversion` if it is swapped, and does what an end of it that was killed has left. Whether
/// there was something.
pub async fn finished(work: &Work<'_>, conversion: &Conversion) -> Result<bool> {
    let client = work.session.client();
    let has_ended = matches!(conversion.phase, Phase::Finished | Phase::Aborted);
    let is_left = has_ended && !settle::pending(client, conversion.id).await?.is_empty();
    if conversion.phase != Phase::Swapped && !is_left {
        return Ok(false);
    }
    state::exclusive(work, conversion.source, &conversion.name().to_string()).await?;
    // As it is now that nobody else changes it.
    let conversion = state::reload(client, conversion.id).await?;
    if conversion.phase == Phase::Swapped {
        finish(work, &conversion, false).await?;
    } else {
        leave(work, &conversion).await?;
    }
    Ok(true)
}

/// A conversion of `table` that has ended, and whose other table is not dropped yet: a command was
/// killed in between.
pub async fn ended(client: &Client, table: &str) -> Result<Option<Conversion>> {
    let what = || format!("cannot look for what is left of the conversion of {table}");
    let there = "SELECT to_regclass('partition_convert.settlements') IS NOT NULL";
    if !client.query_one(there, &[]).await.context(what)?.try_get::<_, bool>(0).context(what)? {
        return Ok(None);
    }
    let oid = lab::catalog::find_table(client, table).await?;
    // The name of a partition that was split may be that of one that came of it.
    let statement = "SELECT max(id) FROM partition_convert.conversions \
                     WHERE ($1::oid IN (source, target) OR shape = 'split' AND ( \
                             (design -> 'source' -> 'parent' ->> 'oid')::oid = $1::oid \
                             OR $2 IN (live_name, schema_name || '.' || live_name, \
                                 format('%I', live_name), format('%I.%I', schema_name, live_name)))) \
                       AND phase IN ('finished', 'aborted') \
                       AND id IN (SELECT conversion FROM partition_convert.settlements)";
    let row = client.query_one(statement, &[&oid, &table]).await.context(what)?;
    match row.try_get::<_, Option<i64>>(0).context(what)? {
        Some(id) => Ok(Some(state::reload(client, id).await?)),
        None => Ok(None),
    }
}

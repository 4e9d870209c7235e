//! Asking the server, in a read-only transaction that is rolled back.

use lab::connect::{Session, search_path};
use lab::plan::why::{Why, explain_why};
use lab::plan::{self, Explained, Partitionwise, partitionwise};
use lab::{Context, Error, Result};
use tokio_postgres::Transaction;
use tokio_postgres::error::SqlState;

use super::input;

/// What there is to see.
pub struct Xray {
    /// The query as it was given.
    pub sql: String,
    /// Its plan, and the fate of each leaf.
    pub explained: Explained,
    /// Why its partitions were pruned or not; nothing when that was not asked.
    pub whys: Vec<Why>,
    /// Whether it joins and aggregates partition by partition; nothing when that was not asked.
    pub partitionwise: Option<Partitionwise>,
}

/// How to ask.
pub struct How<'a> {
    /// Their values, by number.
    pub parameters: &'a [(u16, String)],
    /// Whether the plan is made before the values are known.
    pub generic: bool,
    /// Whether the query is run.
    pub analyze: bool,
    /// Whether to find out why partitions were pruned or not, and what works partition by partition.
    pub why: bool,
    /// Seconds.
    pub timeout: u32,
}

/// Explains the query.
pub async fn read(session: &mut Session, how: &How<'_>, sql: &str) -> Result<Xray> {
    let client = session.client_mut();
    let prepared = how.generic || !how.parameters.is_empty();
    let statement = if prepared { input::execute(how.parameters)? } else { sql.to_owned() };
    if prepared {
        // Before the transaction, whose locks tell what is pruned. The extended protocol refuses a second statement.
        let prepare = format!("PREPARE {} AS {sql}", input::STATEMENT);
        search_path::as_user(client, client.execute(&prepare, &[])).await?.map_err(|error| {
            Error::failed("cannot prepare the query")
                .caused_by(&error)
                .or_next("correct the query, then run the same command again")
        })?;
        input::complete(client, how.parameters.len()).await?;
    }
    let begin = || "cannot begin a read-only transaction";
    let transaction = client.build_transaction().read_only(true).start().await.context(begin)?;
    let mode = if how.generic { "force_generic_plan" } else { "force_custom_plan" };
    let settings = format!(
        "SET LOCAL statement_timeout = '{}s'; SET LOCAL plan_cache_mode = {mode}; {}",
        how.timeout,
        search_path::QUERY_IS_USERS
    );
    transaction.batch_execute(&settings).await.context(begin)?;
    let xray = Box::pin(look(&transaction, how, sql, &statement)).await;
    let ended = transaction.rollback().await.context(|| "cannot end the transaction");
    let xray = xray?;
    ended?;
    if prepared {
        // For the next query's.
        let deallocate = format!("DEALLOCATE {}", input::STATEMENT);
        client.batch_execute(&deallocate).await.context(|| "cannot deallocate the query")?;
    }
    Ok(xray)
}

/// The error for a query that `EXPLAIN (ANALYZE)` would make a table of: the server does so in a read-only transaction, too.
fn of_a_table_to_make() -> Error {
    Error::usage("this query is not run: it makes a table")
        .because(
            "EXPLAIN (ANALYZE) executes CREATE TABLE AS, CREATE MATERIALIZED VIEW and SELECT INTO, in a read-only transaction too",
        )
        .next("give its SELECT alone; or only plan it: demo query --no-analyze")
}

/// Tells whose query was refused because it writes what the transaction does not keep away, so that nobody tries it with one that
/// writes elsewhere.
fn beyond(error: Error) -> Error {
    let read_only = SqlState::READ_ONLY_SQL_TRANSACTION;
    if error.refusal().is_none_or(|(code, _)| code != read_only.code()) {
        return error;
    }
    error
        .because(
            "a query is run here in a read-only transaction, which is rolled back. What that cannot prevent: functions that write \
             files, reach another server (dblink), signal or lock (pg_terminate_backend, pg_advisory_lock), and those of untrusted \
             languages",
        )
        .next("plan it only: demo query --no-analyze")
}

/// `statement` is what is explained: `sql`, or the EXECUTE of it.
async fn look(
    transaction: &Transaction<'_>,
    how: &How<'_>,
    sql: &str,
    statement: &str,
) -> Result<Xray> {
    if how.analyze && plan::makes_a_table(sql) {
        return Err(of_a_table_to_make());
    }
    let explained = if how.analyze {
        plan::explain(transaction, statement).await.map_err(beyond)?
    } else {
        plan::explain_only(transaction, statement).await?
    };
    let (mut whys, mut partition_wise) = (Vec::new(), None);
    if how.why {
        whys = explain_why(transaction, statement, &explained).await?;
        partition_wise = Some(partitionwise(transaction, statement, &explained).await?);
    }
    Ok(Xray { sql: sql.to_owned(), explained, whys, partitionwise: partition_wise })
}

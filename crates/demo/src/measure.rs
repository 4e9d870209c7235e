//! Running a lesson's statements in a transaction that is rolled back, and reading the plan.

use lab::connect::Session;
use lab::interrupt::Interrupt;
use lab::plan::{self, Explained};
use lab::{Context, Error, Result};
use tokio_postgres::Client;

/// The plan of `query` after the statements `before`; nothing of it stays. Ctrl-C cancels it.
pub async fn measure(
    session: &mut Session,
    interrupt: &Interrupt,
    before: &[String],
    query: &str,
) -> Result<Explained> {
    let canceller = session.canceller();
    let work = rolled_back(session.client_mut(), before, query);
    match canceller.unless_interrupted(interrupt, work).await? {
        Some(explained) => explained,
        None => Err(Error::interrupted("interrupted; the query was cancelled and rolled back")),
    }
}

/// The lessons speak of PostgreSQL as it is delivered, whatever this server's configuration says.
const AS_DELIVERED: &str = "SET LOCAL enable_partition_pruning = on;
    SET LOCAL enable_partitionwise_aggregate = off;
    SET LOCAL enable_partitionwise_join = off;
    SET LOCAL plan_cache_mode = auto";

async fn rolled_back(client: &mut Client, before: &[String], query: &str) -> Result<Explained> {
    let transaction = client.transaction().await.context(|| "cannot begin a transaction")?;
    transaction
        .batch_execute(AS_DELIVERED)
        .await
        .context(|| "cannot set the planner's defaults")?;
    for statement in before {
        transaction
            .batch_execute(statement)
            .await
            .context(|| format!("cannot run: {statement}"))?;
    }
    let explained = plan::explain(&transaction, query).await?;
    transaction.rollback().await.context(|| "cannot roll back")?;
    // Prepared statements outlive the transaction in which a lesson made them.
    client.batch_execute("DEALLOCATE ALL").await.context(|| "cannot deallocate")?;
    Ok(explained)
}

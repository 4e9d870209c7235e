//! Running a lesson's statements in a transaction that is rolled back, and reading the plan.

use lab::connect::Session;
use lab::interrupt::Interrupt;
use lab::plan::{self, Explained};
use lab::{Context, Error, Result};
use tokio_postgres::{Client, Transaction};

use crate::counts::Counts;

/// What running a query showed.
#[derive(Debug, Clone, PartialEq)]
pub struct Measured {
    /// Its plan, and what became of the partitions.
    pub explained: Explained,
    /// What it wrote, and how it was planned if it was prepared.
    pub counts: Counts,
}

/// The plan of `query` after the statements `before`; nothing of it stays. Ctrl-C cancels it.
pub async fn measure(
    session: &mut Session,
    interrupt: &Interrupt,
    before: &[String],
    query: &str,
) -> Result<Measured> {
    let canceller = session.canceller();
    let work = Box::pin(rolled_back(session.client_mut(), before, query));
    match canceller.unless_interrupted(interrupt, work).await? {
        Some(measured) => measured,
        None => Err(Error::interrupted("interrupted; the query was cancelled and rolled back")),
    }
}

/// The lessons speak of PostgreSQL as it is delivered, whatever this server's configuration says.
const AS_DELIVERED: &str = "SET LOCAL enable_partition_pruning = on;
    SET LOCAL enable_partitionwise_aggregate = off;
    SET LOCAL enable_partitionwise_join = off;
    SET LOCAL plan_cache_mode = auto";

async fn rolled_back(client: &mut Client, before: &[String], query: &str) -> Result<Measured> {
    let transaction = client.transaction().await.context(|| "cannot begin a transaction")?;
    let measured = within(&transaction, before, query).await;
    let undone = transaction.rollback().await.context(|| "cannot roll back");
    // Prepared statements outlive the transaction in which a lesson made them.
    let forgotten = client.batch_execute("DEALLOCATE ALL").await.context(|| "cannot deallocate");
    let measured = measured?;
    undone.and(forgotten).map(|()| measured)
}

async fn within(transaction: &Transaction<'_>, before: &[String], query: &str) -> Result<Measured> {
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
    let earlier = Counts::read(transaction).await?;
    let explained = plan::explain(transaction, query).await?;
    let counts = Counts::read(transaction).await?.since(earlier);
    Ok(Measured { explained, counts })
}

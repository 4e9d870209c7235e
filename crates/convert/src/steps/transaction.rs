//! Transactions by statement: where their end is decided by whoever began them.

use lab::{Context, Result};
use tokio_postgres::Client;

/// Begins one that sees each statement's own moment.
pub async fn begin(client: &Client) -> Result<()> {
    client
        .batch_execute("BEGIN ISOLATION LEVEL READ COMMITTED")
        .await
        .context(|| "cannot begin a transaction")
}

/// Commits when `result` is one, else rolls back.
pub async fn ended<T>(client: &Client, result: Result<T>) -> Result<T> {
    match result {
        Ok(value) => {
            client.batch_execute("COMMIT").await.context(|| "cannot commit")?;
            Ok(value)
        }
        Err(error) => {
            // Where the connection is lost there is nothing to roll back, and the first error says so.
            let _ = client.batch_execute("ROLLBACK").await;
            Err(error)
        }
    }
}

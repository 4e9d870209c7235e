//! Asking the server, in a read-only transaction that is rolled back.

use lab::catalog::{RowCount, Tree, tree_of};
use lab::connect::Session;
use lab::plan::{self, Explained, Touched};
use lab::{Context, Error, Result};

use super::input;
use crate::cli::Query;

/// What there is to see.
pub struct Xray {
    /// The query as it was given.
    pub sql: String,
    /// Its plan, and the fate of each leaf.
    pub explained: Explained,
    /// Each partitioned table that it reads, with its partitions.
    pub tables: Vec<(Touched, Tree)>,
}

/// Explains the query.
pub async fn read(session: &mut Session, query: &Query, sql: &str) -> Result<Xray> {
    let client = session.client_mut();
    let prepared = query.generic || !query.param.is_empty();
    let statement = if prepared { input::execute(&query.param)? } else { sql.to_owned() };
    if prepared {
        // Before the transaction, whose locks tell what is pruned. The extended protocol refuses a second statement.
        let prepare = format!("PREPARE {} AS {sql}", input::STATEMENT);
        client.execute(&prepare, &[]).await.map_err(|error| {
            Error::failed("cannot prepare the query")
                .caused_by(&error)
                .or_next("correct the query, then run the same command again")
        })?;
    }
    let begin = || "cannot begin a read-only transaction";
    let transaction = client.build_transaction().read_only(true).start().await.context(begin)?;
    let mode = if query.generic { "force_generic_plan" } else { "force_custom_plan" };
    let settings = format!(
        "SET LOCAL statement_timeout = '{}s'; SET LOCAL plan_cache_mode = {mode}",
        query.timeout
    );
    transaction.batch_execute(&settings).await.context(begin)?;
    let explained = if query.no_analyze {
        plan::explain_only(&transaction, &statement).await?
    } else {
        plan::explain(&transaction, &statement).await?
    };
    let mut tables = Vec::new();
    for touched in &explained.touched {
        let tree = tree_of(&transaction, touched.oid, RowCount::Estimated).await?;
        tables.extend(tree.map(|tree| (touched.clone(), tree)));
    }
    transaction.rollback().await.context(|| "cannot end the transaction")?;
    Ok(Xray { sql: sql.to_owned(), explained, tables })
}

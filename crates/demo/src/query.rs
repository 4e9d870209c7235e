//! `demo query`: the same view of any query, on any database, in a read-only transaction.

use lab::app::App;
use lab::connect::Session;
use lab::plan::{self, Explained};
use lab::{Context, Error, Result};

use crate::cli::Query;
use crate::document::QueryDocument;
use crate::show;

/// Runs the query and shows what it touched.
pub async fn run(query: &Query, app: &App) -> Result<()> {
    let mut session = app.connect().await?;
    let canceller = session.canceller();
    let work = read_only(&mut session, query);
    let explained = canceller
        .unless_interrupted(&app.interrupt, work)
        .await?
        .ok_or_else(|| Error::interrupted("interrupted; the query was cancelled"))??;
    app.json(&QueryDocument::new(&query.sql, &explained))?;
    app.say(show::query(&query.sql, &explained))
}

async fn read_only(session: &mut Session, query: &Query) -> Result<Explained> {
    let begin = || "cannot begin a read-only transaction";
    let transaction =
        session.client_mut().build_transaction().read_only(true).start().await.context(begin)?;
    transaction
        .batch_execute(&format!("SET LOCAL statement_timeout = '{}s'", query.timeout))
        .await
        .context(begin)?;
    let explained = plan::explain(&transaction, &query.sql).await?;
    transaction.rollback().await.context(|| "cannot end the transaction")?;
    Ok(explained)
}

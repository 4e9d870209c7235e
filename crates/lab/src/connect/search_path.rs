//! Where a session looks names up: in `pg_catalog`, and nowhere that others may write to.
//!
//! An operator or function whose arguments match exactly is taken from any schema of the path, even
//! behind `pg_catalog`. Whoever may create in `public` could so have a superuser run what he likes. So
//! our statements are parsed under a path of ours; the user's own one is kept, for the table names
//! that he types, the queries that he asks about, and the functions that his tables call.

use tokio_postgres::types::ToSql;
use tokio_postgres::{Client, GenericClient, Row};

use crate::{Context, Result};

const WHAT: fn() -> &'static str = || "cannot set the search_path";

/// Sets our path for the session. `pg_temp` last: left out, it would be searched first.
pub const SET: &str = "SET search_path = pg_catalog, pg_temp";

/// Sets our path to the end of the transaction, after a statement that had [`AS_USER`] in it.
pub const SET_LOCAL: &str = "SET LOCAL search_path = pg_catalog, pg_temp";

/// A condition that always holds. Where the server has evaluated it, functions that the rest of the
/// statement calls (those of CHECKs, say) find names as in the user's own sessions, while the statement's own
/// names were resolved before, under our path. It lasts to the end of the transaction: see [`SET_LOCAL`].
pub const AS_USER: &str = "(SELECT pg_catalog.set_config('search_path', coalesce(nullif(\
    pg_catalog.current_setting('partition_lab.user_search_path', true), ''), \
    pg_catalog.current_setting('search_path')), true)) IS NOT NULL";

/// Writes the user's path down, and sets ours. Each is parsed after the one before was executed. The user's
/// schemas are those that there are, in their order.
const BEGIN: &str = "\
    SELECT pg_catalog.set_config('partition_lab.user_search_path', pg_catalog.current_setting('search_path'), false), \
           pg_catalog.set_config('partition_lab.user_schemas', pg_catalog.current_schemas(true)::pg_catalog.text, false); \
    SET search_path = pg_catalog, pg_temp";

/// To be called before anything else is sent.
pub(super) async fn begin(client: &Client) -> Result<(), tokio_postgres::Error> {
    client.batch_execute(BEGIN).await
}

/// Sets the user's path for the session, where nothing follows but statements in which each name is qualified.
pub(super) const SET_USERS: &str = "SELECT pg_catalog.set_config('search_path', pg_catalog.current_setting('partition_lab.user_search_path'), false)";

/// The same to the end of the transaction.
pub const SET_LOCAL_USERS: &str = "SELECT pg_catalog.set_config('search_path', pg_catalog.current_setting('partition_lab.user_search_path'), true)";

/// The result of `work`, whose statements are the user's own and resolved as in his sessions. Outside a
/// transaction.
pub async fn as_user<T>(client: &Client, work: impl Future<Output = T>) -> Result<T> {
    client.batch_execute(SET_USERS).await.context(WHAT)?;
    let done = work.await;
    client.batch_execute(SET).await.context(WHAT)?;
    Ok(done)
}

/// Says that the query which the transaction explains is the user's own, and is to be resolved as in the user's sessions.
pub const QUERY_IS_USERS: &str = "SELECT pg_catalog.set_config('partition_lab.query_search_path', \
    pg_catalog.current_setting('partition_lab.user_search_path'), true)";

/// Sets the query's path to the end of the transaction; [`query_path`] was asked before.
pub(crate) const FOR_QUERY: &str = "SELECT pg_catalog.set_config('search_path', \
    pg_catalog.current_setting('partition_lab.query_search_path'), true)";

/// The result of `work`: statements about the query that the transaction explains, resolved as it is:
/// as in the user's sessions where [`QUERY_IS_USERS`] was said. An error leaves the transaction aborted.
pub(crate) async fn for_query<T>(
    client: &impl GenericClient,
    work: impl Future<Output = Result<T>>,
) -> Result<T> {
    let own = query_path(client).await?;
    client.batch_execute(FOR_QUERY).await.context(WHAT)?;
    let done = Box::pin(work).await?;
    restore(client, &own).await.map(|()| done)
}

/// The rows of a statement of ours whose answer has names as the query's plan prints them. It sets the path itself, in
/// a condition: `set_config('search_path', current_setting('partition_lab.query_search_path'), true) IS NOT NULL`.
pub(crate) async fn printed_for_query(
    client: &impl GenericClient,
    sql: &str,
    parameters: &[&(dyn ToSql + Sync)],
    what: impl FnOnce() -> &'static str,
) -> Result<Vec<Row>> {
    let own = query_path(client).await?;
    let rows = client.query(sql, parameters).await.context(what)?;
    restore(client, &own).await.map(|()| rows)
}

/// The path that is set; and makes sure that the query's path is known.
async fn query_path(client: &impl GenericClient) -> Result<String> {
    let path = "SELECT pg_catalog.current_setting('search_path'), pg_catalog.set_config('partition_lab.query_search_path', \
        coalesce(nullif(pg_catalog.current_setting('partition_lab.query_search_path', true), ''), \
                 pg_catalog.current_setting('search_path')), true)";
    let row = client.query_one(path, &[]).await.context(WHAT)?;
    row.try_get(0).context(WHAT)
}

async fn restore(client: &impl GenericClient, path: &str) -> Result<()> {
    let set = "SELECT pg_catalog.set_config('search_path', $1::pg_catalog.text, true)";
    client.execute(set, &[&path]).await.map(drop).context(WHAT)
}

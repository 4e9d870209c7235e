//! Who else is at work on the server.

use lab::{Context, Result};
use tokio_postgres::Client;

/// Sessions of others with a transaction open or a statement in the last second. Where this role may not see what they do (that
/// takes `pg_read_all_stats`), each counts.
const OTHERS: &str = "\
    SELECT count(*) FROM pg_stat_activity
    WHERE datid IS NOT NULL AND pid <> pg_backend_pid()
      AND coalesce(backend_type, 'client backend') = 'client backend'
      AND application_name IS DISTINCT FROM current_setting('application_name')
      AND (state IS NULL OR state <> 'idle' OR state_change > clock_timestamp() - interval '1 second')";

/// With so many a server is in use: a person who looks on is one or two.
const IN_USE: i64 = 3;

/// How many sessions are at work, when these are so many that the server is in use.
pub async fn in_use(client: &Client) -> Result<Option<i64>> {
    let what = || "cannot see who else is at work";
    let others: i64 =
        client.query_one(OTHERS, &[]).await.context(what)?.try_get(0).context(what)?;
    Ok((others >= IN_USE).then_some(others))
}

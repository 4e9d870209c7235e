//! One command at a time changes the tables of a database.

use crate::connect::Session;
use crate::{Context, Error, Result};

/// The key of our advisory lock: "partlab!" in ASCII.
const KEY: i64 = i64::from_be_bytes(*b"partlab!");

/// How long to wait for another command of ours: longer than the server needs to notice that a
/// killed client is gone (`client_connection_check_interval`, 1 s).
const PATIENCE: &str = "10s";

/// How long a script's statement may wait for a lock before it gives up; everyone who comes after
/// waits behind it (`lock_timeout`).
const LOCK_TIMEOUT: &str = "5s";

/// Holds the lock until the session ends; from then on its statements wait for locks only briefly.
pub async fn hold(session: &Session) -> Result<()> {
    let client = session.client();
    let what = || "cannot take the lock that keeps two commands apart";
    client.batch_execute(&format!("SET lock_timeout = '{PATIENCE}'")).await.context(what)?;
    match client.execute("SELECT pg_advisory_lock($1)", &[&KEY]).await {
        Ok(_) => {}
        Err(error)
            if error.code() == Some(&tokio_postgres::error::SqlState::LOCK_NOT_AVAILABLE) =>
        {
            return Err(taken(session).await?);
        }
        Err(error) => return Err(error).context(what),
    }
    client.batch_execute(&format!("SET lock_timeout = '{LOCK_TIMEOUT}'")).await.context(what)
}

/// Who has the lock.
async fn taken(session: &Session) -> Result<Error> {
    let holder = session
        .client()
        .query_opt(
            "SELECT a.application_name, a.pid FROM pg_locks l JOIN pg_stat_activity a USING (pid)
             WHERE l.locktype = 'advisory' AND l.granted AND l.objsubid = 1
               AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())
               AND (l.classid::bigint << 32) | l.objid::bigint = $1",
            &[&KEY],
        )
        .await
        .context(|| "cannot see who holds the lock")?;
    let who = holder.map_or("another session".to_owned(), |row| {
        format!("{} (pid {})", row.get::<_, String>(0), row.get::<_, i32>(1))
    });
    Ok(Error::failed(format!("{who} is changing this database's tables"))
        .because(format!("it did not finish within {PATIENCE}"))
        .next("wait until it is done, then run the same command again"))
}

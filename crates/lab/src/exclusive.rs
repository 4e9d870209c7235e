//! One command at a time changes the tables of a database.

use std::time::Duration;

use tokio_postgres::error::SqlState;
use tokio_postgres::types::ToSql;

use crate::connect::Session;
use crate::interrupt::Interrupt;
use crate::{Context, Error, Result};

/// The key of our advisory lock: "partlab!" in ASCII.
const KEY: i64 = i64::from_be_bytes(*b"partlab!");

/// How long to wait for another command of ours: longer than the server needs to notice that a
/// killed client is gone (`client_connection_check_interval`, 1 s).
pub const PATIENCE: Duration = Duration::from_secs(10);

/// How long a script's statement may wait for a lock before it gives up; everyone who comes after
/// waits behind it (`lock_timeout`).
const LOCK_TIMEOUT: &str = "5s";

/// Holds the lock until the session ends; from then on its statements wait for locks only briefly.
///
/// When another session has it for longer than `patience`, the error names that one.
pub async fn hold(session: &Session, patience: Duration, interrupt: &Interrupt) -> Result<()> {
    let client = session.client();
    let what = || "cannot take the lock that keeps two commands apart";
    let set = format!("SET lock_timeout = {}", patience.as_millis());
    client.batch_execute(&set).await.context(what)?;
    let parameters: [&(dyn ToSql + Sync); 1] = [&KEY];
    let work = client.execute("SELECT pg_advisory_lock($1)", &parameters);
    let taken = session.canceller().unless_interrupted(interrupt, work).await?;
    match taken
        .ok_or_else(|| Error::interrupted("interrupted while waiting for another command"))?
    {
        Ok(_) => {}
        Err(error) if error.code() == Some(&SqlState::LOCK_NOT_AVAILABLE) => {
            return Err(held_by_another(session, patience).await?);
        }
        Err(error) => return Err(error).context(what),
    }
    client.batch_execute(&format!("SET lock_timeout = '{LOCK_TIMEOUT}'")).await.context(what)
}

/// Says who has the lock.
async fn held_by_another(session: &Session, patience: Duration) -> Result<Error> {
    let holder = session
        .client()
        .query_opt(
            "SELECT coalesce(nullif(a.application_name, ''), 'another session'), a.pid
             FROM pg_locks l JOIN pg_stat_activity a USING (pid)
             JOIN pg_database d ON d.oid = l.database AND d.datname = current_database()
             WHERE l.locktype = 'advisory' AND l.granted AND l.objsubid = 1
               AND (l.classid::bigint << 32) | l.objid::bigint = $1",
            &[&KEY],
        )
        .await
        .context(|| "cannot see who holds the lock")?;
    let who = holder.map_or("another session".to_owned(), |row| {
        format!("{} (pid {})", row.get::<_, String>(0), row.get::<_, i32>(1))
    });
    Ok(Error::failed(format!("{who} is changing this database's tables"))
        .because(format!("it did not finish within {patience:?}"))
        .next("wait until it is done, then run the same command again"))
}

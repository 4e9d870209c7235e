//! One converter at a time works on a table.

use std::time::{Duration, Instant};

use lab::connect::Session;
use lab::{Context, Error, Result};
use tokio_postgres::Client;

use crate::work::Work;

/// The first half of the advisory lock's key, `part` in ASCII; the second is the source's OID.
const KEY: i32 = i32::from_be_bytes(*b"part");

/// How long to wait for another converter: longer than the server needs to notice that a killed one
/// is gone (`client_connection_check_interval`, 1 s), and its statement is rolled back.
const PATIENCE: Duration = Duration::from_secs(3);

/// How long between two looks.
const PAUSE: Duration = Duration::from_millis(50);

/// Makes this session the only one that converts table `source`, until it ends. Fails with the process id of the session that is.
pub async fn exclusive(work: &Work<'_>, source: u32, table: &str) -> Result<()> {
    if !work.guards.exclusive {
        return Ok(());
    }
    let begun = Instant::now();
    loop {
        if attempt(work.session, source).await? {
            return Ok(());
        }
        if begun.elapsed() > PATIENCE {
            return Err(held(work.session, source, table).await?);
        }
        tokio::select! {
            () = tokio::time::sleep(PAUSE) => {}
            () = work.interrupt.raised() => {
                return Err(Error::interrupted("interrupted while waiting for another converter"));
            }
        }
    }
}

async fn attempt(session: &Session, source: u32) -> Result<bool> {
    let what = || "cannot take the lock that keeps two converters apart";
    // Held already by this session? Then once more would need two releases.
    let sql = "SELECT CASE WHEN EXISTS (
                   SELECT FROM pg_locks
                   WHERE locktype = 'advisory' AND pid = pg_backend_pid() AND granted AND objsubid = 2
                     AND classid::bigint = $1::int AND objid = $2::oid)
               THEN true ELSE pg_try_advisory_lock($1, $2::bigint::bit(32)::int) END";
    let row = session.client().query_one(sql, &[&KEY, &source]).await.context(what)?;
    row.try_get(0).context(what)
}

async fn held(session: &Session, source: u32, table: &str) -> Result<Error> {
    let who = match holder(session.client(), source).await? {
        Some(pid) => format!("the session with pid {pid}"),
        None => "another session".to_owned(),
    };
    Ok(Error::failed(format!("{who} is converting {table}"))
        .because("one converter at a time works on a table")
        .next("wait until it is done; cargo run -p convert -- status"))
}

/// The process id of the session that converts table `source` now.
pub(super) async fn holder(client: &Client, source: u32) -> Result<Option<i32>> {
    let sql = "SELECT l.pid FROM pg_locks l
               WHERE l.locktype = 'advisory' AND l.granted AND l.objsubid = 2
                 AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())
                 AND l.classid::bigint = $1::int AND l.objid = $2::oid";
    let what = || "cannot see who converts";
    let row = client.query_opt(sql, &[&KEY, &source]).await.context(what)?;
    row.map(|row| row.try_get(0).context(what)).transpose()
}

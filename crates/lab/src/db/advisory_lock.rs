//! A lock of ours in the server, by which sessions keep out of each other's way. It ends with the session.
//!
//! Whoever waits asks again and again, each time in a statement of its own. `SELECT pg_advisory_lock(…)` would hold a
//! snapshot as long as it waits, and CREATE INDEX CONCURRENTLY and DETACH CONCURRENTLY wait for snapshots: where the session
//! that holds the lock runs one of them, the two wait for each other, and the server ends one.

use std::time::{Duration, Instant};

use tokio_postgres::Client;

use crate::interrupt::Interrupt;
use crate::{Context, Error, Result};

/// Between two tries.
const PAUSE: Duration = Duration::from_millis(50);

/// Whether this session holds it already, in which case once more would need two releases; else whether it does now.
const TRY: &str = "
    SELECT CASE WHEN EXISTS (
        SELECT FROM pg_locks l
        WHERE l.locktype = 'advisory' AND l.pid = pg_backend_pid() AND l.granted
          AND l.classid = $1::oid AND l.objid = $2::oid AND l.objsubid = $3::int2)
    THEN true
    WHEN $3 = 1 THEN pg_try_advisory_lock(($1::oid::bigint << 32) | $2::oid::bigint)
    ELSE pg_try_advisory_lock($1::oid::bigint::bit(32)::int, $2::oid::bigint::bit(32)::int) END";

const RELEASE: &str = "
    SELECT CASE WHEN $3::int2 = 1 THEN pg_advisory_unlock(($1::oid::bigint << 32) | $2::oid::bigint)
    ELSE pg_advisory_unlock($1::oid::bigint::bit(32)::int, $2::oid::bigint::bit(32)::int) END";

const HOLDER: &str = "
    SELECT l.pid, coalesce(nullif(a.application_name, ''), 'another session')
    FROM pg_locks l
    LEFT JOIN pg_stat_activity a ON a.pid = l.pid
    WHERE l.locktype = 'advisory' AND l.granted
      AND l.database = (SELECT d.oid FROM pg_database d WHERE d.datname = current_database())
      AND l.classid = $1::oid AND l.objid = $2::oid AND l.objsubid = $3::int2";

/// One lock of the current database, as `pg_locks` tells it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AdvisoryLock {
    class: u32,
    object: u32,
    /// 1 for one key of 64 bits, 2 for two of 32.
    keys: i16,
}

/// The session that has a lock.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Holder {
    /// Its process id.
    pub pid: i32,
    /// Its `application_name`.
    pub application: String,
}

impl AdvisoryLock {
    /// The lock that `pg_advisory_lock(bigint)` takes.
    #[must_use]
    pub const fn of(key: i64) -> Self {
        let bytes = key.to_be_bytes();
        let [class @ .., _, _, _, _] = bytes;
        let [_, _, _, _, object @ ..] = bytes;
        Self { class: u32::from_be_bytes(class), object: u32::from_be_bytes(object), keys: 1 }
    }

    /// The lock that `pg_advisory_lock(int, int)` takes.
    #[must_use]
    pub const fn of_two(class: u32, object: u32) -> Self {
        Self { class, object, keys: 2 }
    }

    /// Whether this session has it now.
    pub async fn try_acquire(self, client: &Client) -> Result<bool> {
        let row = client.query_one(TRY, &[&self.class, &self.object, &self.keys]).await;
        row.and_then(|row| row.try_get(0)).context(|| "cannot take an advisory lock")
    }

    /// Takes it, if that can be done within `patience`: `false` when another session still has it.
    pub async fn acquire(
        self,
        client: &Client,
        patience: Duration,
        interrupt: &Interrupt,
    ) -> Result<bool> {
        let begun = Instant::now();
        while !self.try_acquire(client).await? {
            if begun.elapsed() > patience {
                return Ok(false);
            }
            tokio::select! {
                () = tokio::time::sleep(PAUSE) => {}
                () = interrupt.raised() => {
                    return Err(Error::interrupted("interrupted while waiting for another command"));
                }
            }
        }
        Ok(true)
    }

    /// Lets it go before the session ends.
    pub async fn release(self, client: &Client) -> Result<()> {
        let released = client.execute(RELEASE, &[&self.class, &self.object, &self.keys]).await;
        released.map(drop).context(|| "cannot release an advisory lock")
    }

    /// Who has it.
    pub async fn holder(self, client: &Client) -> Result<Option<Holder>> {
        let what = || "cannot see who holds an advisory lock";
        let row = client
            .query_opt(HOLDER, &[&self.class, &self.object, &self.keys])
            .await
            .context(what)?;
        row.map(|row| {
            Ok(Holder {
                pid: row.try_get(0).context(what)?,
                application: row.try_get(1).context(what)?,
            })
        })
        .transpose()
    }
}

impl std::fmt::Display for Holder {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} (pid {})", self.application, self.pid)
    }
}

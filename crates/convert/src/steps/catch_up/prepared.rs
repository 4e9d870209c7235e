//! The statements of a replay, prepared on a session, and one batch of it.

use std::time::Duration;

use lab::{Context, Error, Result};
use tokio_postgres::error::SqlState;
use tokio_postgres::types::ToSql;
use tokio_postgres::{Client, Statement};

use crate::event::Point;
use crate::state::{Conversion, Side};
use crate::steps::replay::Replay;
use crate::steps::{machinery, transaction};
use crate::work::{Guards, Work};

/// How often a batch is tried again when others are in its way.
const CONFLICTS: u32 = 200;

/// How long they have to get out of it.
const AFTER_CONFLICT: Duration = Duration::from_millis(10);

/// Rows are to be found by index, one by one: for a small batch the planner would else scan tables
/// that have never been analysed. Generic plans, so that a thousand partitions are planned once.
const SETTINGS: &str = "SET LOCAL enable_hashjoin = off; SET LOCAL enable_mergejoin = off; \
     SET LOCAL enable_seqscan = off; SET LOCAL plan_cache_mode = force_generic_plan; SET LOCAL jit = off; ";

const RESET: &str = "SET LOCAL enable_hashjoin TO DEFAULT; SET LOCAL enable_mergejoin TO DEFAULT; \
     SET LOCAL enable_seqscan TO DEFAULT; SET LOCAL plan_cache_mode TO DEFAULT; SET LOCAL jit TO DEFAULT; ";

/// Statements prepared on one session.
pub struct Prepared {
    take: Statement,
    delete: Statement,
    insert: Statement,
    forget: Statement,
    table: String,
}

/// Where a log begins: below every number that an entry can have.
pub const HEAD: i64 = i64::MIN;

/// Entries that were replayed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Taken {
    /// How many; fewer than asked for when no more were there.
    pub entries: i64,
    /// The number after the last one's.
    pub next: i64,
}

/// What the last replay came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Replayed {
    /// So many entries were replayed, which were all.
    Done(i64),
    /// More entries are there than allowed; nothing was done.
    TooMany(i64),
}

impl Prepared {
    /// Prepares the replay of `side`'s log on the other side, for both tables' names of this moment.
    pub async fn new(
        client: &Client,
        conversion: &Conversion,
        side: Side,
        guards: &Guards,
    ) -> Result<Self> {
        let replay = Replay::new(client, conversion, side).await?;
        let table = replay.from.to_string();
        let what = || format!("cannot prepare the replay of {table}'s log");
        let mut insert = replay.insert();
        if !guards.delete_before_insert {
            insert += " ON CONFLICT DO NOTHING";
        }
        let delete = if guards.delete_before_insert {
            replay.delete()
        } else {
            format!("{} AND false", replay.delete())
        };
        Ok(Self {
            take: client.prepare(&replay.take()).await.context(what)?,
            delete: client.prepare(&delete).await.context(what)?,
            insert: client.prepare(&insert).await.context(what)?,
            forget: client.prepare(&replay.forget()).await.context(what)?,
            table,
        })
    }

    /// Has the server plan the statements, which takes as long as there are partitions, before locks
    /// are held: no entry has such a low number.
    pub async fn plan(&self, client: &Client) -> Result<()> {
        let what = || format!("cannot plan the replay of {}'s log", self.table);
        client.batch_execute(&format!("BEGIN; {SETTINGS}")).await.context(what)?;
        let planned = self.replace(client, (HEAD, HEAD)).await.context(what);
        transaction::ended(client, planned).await
    }

    /// Replays the whole log inside the caller's transaction, which must hold both tables so that
    /// nobody writes to them. With more than `most` entries it does nothing and says how many.
    pub async fn whole(&self, client: &Client, most: i64) -> Result<Replayed> {
        let what = || format!("cannot replay the log of {}", self.table);
        let (last, entries) =
            self.taken(client, HEAD, most.saturating_add(1)).await.context(what)?;
        let Some(last) = last else { return Ok(Replayed::Done(0)) };
        if entries > most {
            return Ok(Replayed::TooMany(entries));
        }
        client
            .batch_execute(&format!("SET LOCAL {} = 'on'; {SETTINGS}", machinery::REPLAY))
            .await
            .context(what)?;
        self.replace(client, (HEAD, last)).await.context(what)?;
        client
            .batch_execute(&format!("SET LOCAL {} = 'off'; {RESET}", machinery::REPLAY))
            .await
            .context(what)?;
        Ok(Replayed::Done(entries))
    }

    async fn taken(
        &self,
        client: &Client,
        from: i64,
        most: i64,
    ) -> Result<(Option<i64>, i64), tokio_postgres::Error> {
        let row = client.query_one(&self.take, &[&from, &most]).await?;
        Ok((row.try_get(0)?, row.try_get(1)?))
    }

    /// Sent together: none waits for the answer to the one before. When one fails, so do those behind it.
    async fn replace(
        &self,
        client: &Client,
        (from, to): (i64, i64),
    ) -> Result<(), tokio_postgres::Error> {
        let range: [&(dyn ToSql + Sync); 2] = [&from, &to];
        let (deleted, inserted, forgotten) = tokio::join!(
            biased;
            client.execute(&self.delete, &range),
            client.execute(&self.insert, &range),
            client.execute(&self.forget, &range),
        );
        deleted.and(inserted).and(forgotten).map(|_| ())
    }

    /// Replays up to `entries` entries from number `from` on in a transaction of its own.
    ///
    /// One of a few may meet a unique value that another row of the log has already let go: then
    /// the whole log is replayed at once, after which the shadow equals one snapshot of the live table.
    pub async fn batch(
        &self,
        work: &Work<'_>,
        client: &Client,
        from: i64,
        entries: i64,
    ) -> Result<Taken> {
        let taken = match self.attempt(work, client, from, entries).await {
            Err(Failure::Collides(_)) => self.attempt(work, client, HEAD, i64::MAX).await,
            other => other,
        };
        taken.map_err(|failure| match failure {
            Failure::Other(error) => error,
            Failure::Server(error) | Failure::Collides(error) | Failure::Conflicts(error) => {
                Error::failed(format!("cannot replay the log of {}", self.table)).caused_by(&error)
            }
        })
    }

    /// Once more with a new snapshot, where others changed what the shadow's rows reference: a shadow that is about to
    /// become a part of a live table has foreign keys already.
    async fn attempt(
        &self,
        work: &Work<'_>,
        client: &Client,
        from: i64,
        entries: i64,
    ) -> Result<Taken, Failure> {
        let mut left = CONFLICTS;
        loop {
            match self.once(work, client, from, entries).await {
                Err(Failure::Conflicts(_)) if left > 0 && !work.interrupt.is_raised() => left -= 1,
                other => return other,
            }
            tokio::time::sleep(AFTER_CONFLICT).await;
        }
    }

    async fn once(
        &self,
        work: &Work<'_>,
        client: &Client,
        from: i64,
        entries: i64,
    ) -> Result<Taken, Failure> {
        // Well below deadlock_timeout: whoever deletes what we reference must not be the one that is ended.
        let settings = format!(
            "BEGIN ISOLATION LEVEL REPEATABLE READ; SET LOCAL {} = 'on'; SET LOCAL lock_timeout = {}; {SETTINGS}",
            machinery::REPLAY,
            work.pace.lock_timeout.as_millis()
        );
        let replaying = async {
            let (begun, taken) = tokio::join!(
                biased;
                client.batch_execute(&settings),
                self.taken(client, from, entries),
            );
            begun?;
            let (last, taken) = taken?;
            work.observer.at(Point::BatchTaken).await.map_err(Failure::Other)?;
            let last = last.unwrap_or(HEAD);
            let (replaced, committed) = tokio::join!(
                biased;
                self.replace(client, (from, last)),
                client.batch_execute("COMMIT"),
            );
            // After an error COMMIT was a ROLLBACK.
            replaced.and(committed)?;
            Ok(Taken {
                entries: taken,
                next: if taken == 0 { from } else { last.saturating_add(1) },
            })
        };
        let replayed = replaying.await;
        if replayed.is_err() {
            // Where the connection is lost, the error says so.
            let _ = client.batch_execute("ROLLBACK").await;
        }
        replayed.map_err(|failure| match failure {
            Failure::Server(error) if collides(&error) => Failure::Collides(error),
            Failure::Server(error) if conflicts(&error) => Failure::Conflicts(error),
            other => other,
        })
    }
}

enum Failure {
    /// Any other error of the server.
    Server(tokio_postgres::Error),
    /// A unique value is held by another row of the shadow.
    Collides(tokio_postgres::Error),
    /// Others changed what the shadow's rows reference.
    Conflicts(tokio_postgres::Error),
    Other(Error),
}

impl From<tokio_postgres::Error> for Failure {
    fn from(error: tokio_postgres::Error) -> Self {
        Self::Server(error)
    }
}

/// What others do to the tables that the shadow references was in the way.
fn conflicts(error: &tokio_postgres::Error) -> bool {
    error.code().is_some_and(|code| {
        [
            &SqlState::T_R_SERIALIZATION_FAILURE,
            &SqlState::T_R_DEADLOCK_DETECTED,
            &SqlState::LOCK_NOT_AVAILABLE,
            &SqlState::FOREIGN_KEY_VIOLATION,
        ]
        .contains(&code)
    })
}

fn collides(error: &tokio_postgres::Error) -> bool {
    error.code().is_some_and(|code| {
        [&SqlState::UNIQUE_VIOLATION, &SqlState::EXCLUSION_VIOLATION].contains(&code)
    })
}

//! The statements of a replay, prepared on a session, and one batch of it.

use std::time::Duration;

use lab::connect::search_path;
use lab::{Context, Error, Result};
use tokio_postgres::error::SqlState;
use tokio_postgres::types::ToSql;
use tokio_postgres::{Client, Row, Statement};

use super::settings::{defaults, lock_timeout, settings};
use crate::event::Point;
use crate::state::{Conversion, Side};
use crate::steps::replay::Replay;
use crate::steps::{machinery, transaction};
use crate::work::{Guards, Work};

/// How often a batch is tried again when others are in its way.
const CONFLICTS: u32 = 200;

/// How long they have to get out of it.
const AFTER_CONFLICT: Duration = Duration::from_millis(10);

/// A batch of at most so many entries is one statement: of a transaction with so few in it most of the time would
/// be the transaction's own.
const FEW: i64 = 100;

/// Statements prepared on one session.
pub struct Prepared {
    take: Statement,
    delete: Statement,
    insert: Statement,
    forget: Statement,
    at_once: Statement,
    table: String,
}

/// Where a log begins: before every place that an entry can have.
pub const HEAD: &str = "(0,0)";

/// Entries that were replayed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Taken {
    /// How many; fewer than asked for when no more were there.
    pub entries: i64,
    /// The last one's place.
    pub last: String,
}

impl Taken {
    fn read(row: &Row, from: &str) -> Result<Self, tokio_postgres::Error> {
        let last: Option<String> = row.try_get(0)?;
        Ok(Self { entries: row.try_get(1)?, last: last.unwrap_or_else(|| from.to_owned()) })
    }
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
            at_once: client
                .prepare(&replay.at_once(guards.delete_before_insert))
                .await
                .context(what)?,
            table,
        })
    }

    /// Has the server plan the statements, which takes as long as there are partitions, before locks
    /// are held: no entry has such a place.
    pub async fn plan(&self, client: &Client) -> Result<()> {
        let what = || format!("cannot plan the replay of {}'s log", self.table);
        client.batch_execute(&format!("BEGIN; {}", settings())).await.context(what)?;
        let planned = self.replace(client, (HEAD, HEAD)).await.context(what);
        transaction::ended(client, planned).await
    }

    /// Replays the whole log inside the caller's transaction, which must hold both tables so that
    /// nobody writes to them. With more than `most` entries it does nothing and says how many.
    pub async fn whole(&self, client: &Client, most: i64) -> Result<Replayed> {
        let what = || format!("cannot replay the log of {}", self.table);
        let Taken { entries, last } =
            self.taken(client, HEAD, most.saturating_add(1)).await.context(what)?;
        if entries == 0 {
            return Ok(Replayed::Done(0));
        }
        if entries > most {
            return Ok(Replayed::TooMany(entries));
        }
        let set = format!("SET LOCAL {} = 'on'; {}", machinery::REPLAY, settings());
        let reset = format!("SET LOCAL {} = 'off'; {}", machinery::REPLAY, defaults());
        let (prepared, replaced, ended) = tokio::join!(
            biased;
            client.batch_execute(&set),
            self.replace(client, (HEAD, &last)),
            client.batch_execute(&reset),
        );
        prepared.and(replaced).and(ended).context(what)?;
        Ok(Replayed::Done(entries))
    }

    /// Replays the whole log in one statement of the caller's transaction, while others write: the shadow then equals
    /// one snapshot of the live table.
    pub async fn all(&self, client: &Client) -> Result<()> {
        let parameters: [&(dyn ToSql + Sync); 2] = [&HEAD, &i64::MAX];
        let (replayed, ours) = tokio::join!(
            biased;
            client.query_one(&self.at_once, &parameters),
            client.batch_execute(search_path::SET_LOCAL),
        );
        replayed.and(ours).context(|| format!("cannot replay the log of {}", self.table))
    }

    async fn taken(
        &self,
        client: &Client,
        from: &str,
        most: i64,
    ) -> Result<Taken, tokio_postgres::Error> {
        Taken::read(&client.query_one(&self.take, &[&from, &most]).await?, from)
    }

    /// Sent together: none waits for the answer to the one before. When one fails, so do those behind it.
    async fn replace(
        &self,
        client: &Client,
        (from, to): (&str, &str),
    ) -> Result<(), tokio_postgres::Error> {
        let range: [&(dyn ToSql + Sync); 2] = [&from, &to];
        let (deleted, inserted, ours, forgotten) = tokio::join!(
            biased;
            client.execute(&self.delete, &range),
            client.execute(&self.insert, &range),
            client.batch_execute(search_path::SET_LOCAL),
            client.execute(&self.forget, &range),
        );
        deleted.and(inserted).and(ours).and(forgotten).map(|_| ())
    }

    /// Replays up to `entries` entries behind the place `from` in a transaction of its own.
    ///
    /// One of a few may meet a unique value that another row of the log has already let go: then
    /// the whole log is replayed at once, after which the shadow equals one snapshot of the live table.
    pub async fn batch(
        &self,
        work: &Work<'_>,
        client: &Client,
        from: &str,
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
        from: &str,
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
        from: &str,
        entries: i64,
    ) -> Result<Taken, Failure> {
        let replayed = if entries <= FEW {
            let row = client.query_one(&self.at_once, &[&from, &entries]).await;
            row.and_then(|row| Taken::read(&row, from)).map_err(Failure::Server)
        } else {
            self.in_a_transaction(work, client, from, entries).await
        };
        replayed.map_err(|failure| match failure {
            Failure::Server(error) if collides(&error) => Failure::Collides(error),
            Failure::Server(error) if conflicts(&error) => Failure::Conflicts(error),
            other => other,
        })
    }

    async fn in_a_transaction(
        &self,
        work: &Work<'_>,
        client: &Client,
        from: &str,
        entries: i64,
    ) -> Result<Taken, Failure> {
        let settings = format!(
            "BEGIN ISOLATION LEVEL REPEATABLE READ; SET LOCAL {} = 'on'; SET LOCAL lock_timeout = {}; {}",
            machinery::REPLAY,
            lock_timeout(work),
            settings(),
        );
        let replaying = async {
            let (begun, taken) = tokio::join!(
                biased;
                client.batch_execute(&settings),
                self.taken(client, from, entries),
            );
            begun?;
            let taken = taken?;
            work.observer.at(Point::BatchTaken).await.map_err(Failure::Other)?;
            let (replaced, committed) = tokio::join!(
                biased;
                self.replace(client, (from, &taken.last)),
                client.batch_execute("COMMIT"),
            );
            // After an error COMMIT was a ROLLBACK.
            replaced.and(committed)?;
            Ok(taken)
        };
        let replayed = replaying.await;
        if replayed.is_err() {
            // Where the connection is lost, the error says so.
            let _ = client.batch_execute("ROLLBACK").await;
        }
        replayed
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

//! Catch up: what the log names is made in the shadow as it is in the live table.
//!
//! The log holds keys, not changes: a batch deletes the shadow's rows under these keys and inserts
//! what the live table holds under them, all in one snapshot. So each row is as it was at that
//! moment, whatever happened to it before; and what the shadow holds too much or too little is named
//! by an entry that is still in the log.

use std::time::{Duration, Instant};

use lab::report::{count, plural};
use lab::{Context, Error, Result};
use tokio_postgres::error::SqlState;
use tokio_postgres::{Client, Statement};

use super::replay::Replay;
use super::{machinery, transaction, workers};
use crate::event::{Event, Point};
use crate::state::{self, Conversion, Phase, Side};
use crate::work::{Guards, Work};

/// Entries of the first batch, and of the smallest.
const FIRST: i64 = 500;

/// Entries of the biggest batch.
const MOST: i64 = 50_000;

/// The log is short when it holds fewer: a swap replays them within milliseconds.
const SHORT: i64 = 200;

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

/// What a batch came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Replayed {
    /// So many entries were replayed; none was left when it is fewer than asked for.
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
        let planned = self.replace(client, -1).await.context(what);
        transaction::ended(client, planned).await
    }

    /// Replays the whole log inside the caller's transaction, which must hold both tables so that
    /// nobody writes to them. With more than `most` entries it does nothing and says how many.
    pub async fn whole(&self, client: &Client, most: i64) -> Result<Replayed> {
        let what = || format!("cannot replay the log of {}", self.table);
        let (last, entries) = self.taken(client, most.saturating_add(1)).await.context(what)?;
        let Some(last) = last else { return Ok(Replayed::Done(0)) };
        if entries > most {
            return Ok(Replayed::TooMany(entries));
        }
        client
            .batch_execute(&format!("SET LOCAL {} = 'on'; {SETTINGS}", machinery::REPLAY))
            .await
            .context(what)?;
        self.replace(client, last).await.context(what)?;
        client
            .batch_execute(&format!("SET LOCAL {} = 'off'; {RESET}", machinery::REPLAY))
            .await
            .context(what)?;
        Ok(Replayed::Done(entries))
    }

    async fn taken(
        &self,
        client: &Client,
        most: i64,
    ) -> Result<(Option<i64>, i64), tokio_postgres::Error> {
        let row = client.query_one(&self.take, &[&most]).await?;
        Ok((row.try_get(0)?, row.try_get(1)?))
    }

    async fn replace(&self, client: &Client, last: i64) -> Result<(), tokio_postgres::Error> {
        client.execute(&self.delete, &[&last]).await?;
        client.execute(&self.insert, &[&last]).await?;
        client.execute(&self.forget, &[&last]).await?;
        Ok(())
    }

    /// Replays up to `entries` entries in a transaction of its own; how many these were.
    ///
    /// One of a few may meet a unique value that another row of the log has already let go: then
    /// the whole log is replayed at once, after which the shadow equals one snapshot of the live table.
    pub async fn batch(&self, work: &Work<'_>, client: &Client, entries: i64) -> Result<i64> {
        match self.attempt(work, client, entries).await {
            Err(Failure::Collides(_)) => match self.attempt(work, client, i64::MAX).await {
                Err(Failure::Collides(error)) => {
                    Err(Error::failed(format!("the log of {} cannot be replayed", self.table))
                        .caused_by(&error))
                }
                other => other.map_err(Failure::into_error),
            },
            other => other.map_err(Failure::into_error),
        }
    }

    /// Once more with a new snapshot, where others changed what the shadow's rows reference: a shadow that is about to
    /// become a part of a live table has foreign keys already.
    async fn attempt(
        &self,
        work: &Work<'_>,
        client: &Client,
        entries: i64,
    ) -> Result<i64, Failure> {
        let mut left = CONFLICTS;
        loop {
            match self.once(work, client, entries).await {
                Err(Failure::Conflicts(_)) if left > 0 && !work.interrupt.is_raised() => left -= 1,
                other => return other,
            }
            tokio::time::sleep(AFTER_CONFLICT).await;
        }
    }

    async fn once(&self, work: &Work<'_>, client: &Client, entries: i64) -> Result<i64, Failure> {
        // Well below deadlock_timeout: whoever deletes what we reference must not be the one that is ended.
        let begin = format!(
            "BEGIN ISOLATION LEVEL REPEATABLE READ; SET LOCAL {} = 'on'; SET LOCAL lock_timeout = {}; {SETTINGS}",
            machinery::REPLAY,
            work.pace.lock_timeout.as_millis()
        );
        let replaying = async {
            client.batch_execute(&begin).await?;
            let (last, taken) = self.taken(client, entries).await?;
            work.observer.at(Point::BatchTaken).await.map_err(Failure::Other)?;
            if let Some(last) = last {
                self.replace(client, last).await?;
            }
            client.batch_execute("COMMIT").await?;
            Ok(taken)
        };
        let replayed = replaying.await;
        if replayed.is_err() {
            // Where the connection is lost, the error says so.
            let _ = client.batch_execute("ROLLBACK").await;
        }
        replayed.map_err(|failure| match failure {
            Failure::Server(error) if collides(&error) => Failure::Collides(error),
            Failure::Server(error) if conflicts(&error) => Failure::Conflicts(error),
            Failure::Server(error) => Failure::Other(
                Error::failed(format!("cannot replay the log of {}", self.table)).caused_by(&error),
            ),
            other => other,
        })
    }
}

enum Failure {
    Server(tokio_postgres::Error),
    Collides(tokio_postgres::Error),
    Conflicts(tokio_postgres::Error),
    Other(Error),
}

impl From<tokio_postgres::Error> for Failure {
    fn from(error: tokio_postgres::Error) -> Self {
        Self::Server(error)
    }
}

impl Failure {
    fn into_error(self) -> Error {
        match self {
            Self::Server(error) | Self::Collides(error) | Self::Conflicts(error) => {
                Error::failed("cannot replay the log").caused_by(&error)
            }
            Self::Other(error) => error,
        }
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

/// Replays the live side's log until it is short. How many entries that were.
pub async fn until_short(work: &Work<'_>, conversion: &Conversion) -> Result<u64> {
    let client = work.session.client();
    let replaying = async {
        let prepared = Prepared::new(client, conversion, conversion.live, &work.guards).await?;
        let (mut size, mut all) = (FIRST, 0);
        loop {
            let begun = Instant::now();
            let replayed = prepared.batch(work, client, size).await?;
            all += replayed.unsigned_abs();
            work.observer.tell(Event::Progress(all, all));
            work.observer.at(Point::BatchReplayed).await?;
            if replayed < size.min(SHORT) {
                return Ok(all);
            }
            if work.interrupt.is_raised() {
                return Err(workers::interrupted());
            }
            size = adapted(size, begun.elapsed(), work.pace.batch);
        }
    };
    workers::uninterrupted(work, work.session, replaying).await
}

fn adapted(entries: i64, elapsed: Duration, wanted: Duration) -> i64 {
    let doubled = elapsed * 2 < wanted;
    let halved = elapsed > wanted * 2;
    match (doubled, halved) {
        (true, _) => (entries * 2).min(MOST),
        (_, true) => (entries / 2).max(FIRST),
        _ => entries,
    }
}

/// The step of `run`. A sentence for people.
pub async fn catch_up(work: &Work<'_>, conversion: &mut Conversion) -> Result<String> {
    let begun = Instant::now();
    let all = until_short(work, conversion).await?;
    state::set_phase(work.session.client(), conversion, Phase::CaughtUp).await?;
    #[allow(clippy::cast_precision_loss, clippy::cast_possible_truncation, clippy::cast_sign_loss)]
    let rate = (all as f64 / begun.elapsed().as_secs_f64()) as u64;
    let entries = plural(all, "logged change");
    Ok(if all == 0 { entries } else { format!("{entries}, {} a second", count(rate)) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn batches_stay_within_their_time() {
        let wanted = Duration::from_millis(250);
        assert_eq!(adapted(1_000, Duration::from_millis(10), wanted), 2_000);
        assert_eq!(adapted(1_000, Duration::from_millis(200), wanted), 1_000);
        assert_eq!(adapted(4_000, Duration::from_secs(1), wanted), 2_000);
        assert_eq!(adapted(FIRST, Duration::from_secs(9), wanted), FIRST);
        assert_eq!(adapted(MOST, Duration::ZERO, wanted), MOST);
    }
}

//! The loop: an insert every interval until the time is over, Ctrl-C, or an error that stays.

use std::pin::Pin;
use std::time::Duration;

use lab::app::App;
use lab::connect::Session;
use lab::interrupt::Interrupt;
use lab::{Error, Result};
use rand::SeedableRng;
use rand::rngs::StdRng;
use tokio::time::{Instant, Interval, MissedTickBehavior};
use tokio_postgres::error::SqlState;

use crate::choose::choose;
use crate::cli::Cli;
use crate::insert::Inserter;
use crate::live::Live;
use crate::row::Table;
use crate::stats::Stats;

/// Why a run ended.
pub enum End {
    /// Its time was over.
    Time,
    /// Ctrl-C.
    Interrupt,
    /// No further insert can succeed.
    Error(Error),
}

/// How long the last insert may take after the end before it is cancelled.
const GRACE: Duration = Duration::from_secs(1);

/// How long the server may take to cancel it.
const OUT_OF_REACH: Duration = Duration::from_secs(5);

/// Inserts until the end; `stats` tells what was done, however it ended.
pub async fn run(
    cli: &Cli,
    app: &App,
    session: &Session,
    inserter: &mut Inserter,
    stats: &mut Stats,
) -> End {
    let mut rng = cli.seed.map_or_else(rand::make_rng, StdRng::seed_from_u64);
    let start = Instant::now();
    let limit =
        Limit { deadline: cli.duration().map(|time| start + time), interrupt: &app.interrupt };
    let mut ticks = ticks(start, cli.interval(&app.settings));
    let live = Live::start();
    let end = loop {
        if let Some(end) = limit.wait(&mut ticks).await {
            break end;
        }
        let table = choose(&mut rng, &Table::MIX);
        let row = table.row(&mut rng);
        let sent = Instant::now();
        let (answer, end) = {
            let mut insert = std::pin::pin!(inserter.insert(session.client(), &row));
            tokio::select! {
                answer = &mut insert => (answer, None),
                end = limit.reached() => match last(session, insert).await {
                    Some(answer) => (answer, Some(end)),
                    None => break End::Error(in_doubt(table)),
                },
            }
        };
        let latency = sent.elapsed();
        stats.elapsed = start.elapsed();
        let recorded = match answer {
            Ok(oid) => inserter
                .partition(session.client(), table, oid)
                .await
                .map(|partition| stats.inserted(table, &partition.name, latency)),
            // What we cancelled ourselves at the end is neither done nor failed.
            Err(error) if end.is_some() && error.code() == Some(&SqlState::QUERY_CANCELED) => {
                Ok(())
            }
            Err(error) => Err(error),
        };
        if let Err(error) = recorded
            && let Err(error) = refused(table, &error, stats)
        {
            break End::Error(error);
        }
        if let Some(end) = end {
            break end;
        }
        live.show(stats);
    };
    stats.elapsed = start.elapsed();
    end
}

/// The insert in hand when the end comes: it may finish, but not take forever. `None`: the server
/// neither answers it nor cancels it.
async fn last<T>(
    session: &Session,
    mut insert: Pin<&mut impl Future<Output = Result<T, tokio_postgres::Error>>>,
) -> Option<Result<T, tokio_postgres::Error>> {
    tokio::select! {
        answer = &mut insert => return Some(answer),
        () = tokio::time::sleep(GRACE) => {}
    }
    let canceller = session.canceller();
    let cancelled_or_done = async {
        // Whether the request gets through is seen by the insert's end.
        let _ = canceller.cancel().await;
        insert.await
    };
    tokio::time::timeout(OUT_OF_REACH, cancelled_or_done).await.ok()
}

fn in_doubt(table: Table) -> Error {
    Error::failed(format!("the last insert into {} is in doubt", table.name()))
        .because(format!("the server did not answer for {} s", OUT_OF_REACH.as_secs()))
        .next("look at the server, then count the table's rows")
}

/// Counts a refused insert, or says why there is no use in going on: the connection is gone
/// (class 08, 57), nothing may be written (25), or rights or tables are missing (42).
fn refused(table: Table, error: &tokio_postgres::Error, stats: &mut Stats) -> Result<()> {
    match error.as_db_error() {
        Some(db)
            if !["08", "25", "42", "57"]
                .iter()
                .any(|class| db.code().code().starts_with(class)) =>
        {
            stats.refused(db.code().code(), db.message());
            Ok(())
        }
        _ => {
            Err(Error::failed(format!("cannot go on inserting into {}", table.name()))
                .caused_by(error))
        }
    }
}

/// A tick every `interval`, or none when there is no pause. A late one delays those after it.
fn ticks(start: Instant, interval: Duration) -> Option<Interval> {
    let mut ticks = (!interval.is_zero()).then(|| tokio::time::interval_at(start, interval))?;
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    Some(ticks)
}

/// When to stop.
struct Limit<'a> {
    deadline: Option<Instant>,
    interrupt: &'a Interrupt,
}

impl Limit<'_> {
    /// Completes when it is time to stop.
    async fn reached(&self) -> End {
        let over = async {
            match self.deadline {
                Some(deadline) => tokio::time::sleep_until(deadline).await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            () = self.interrupt.raised() => End::Interrupt,
            () = over => End::Time,
        }
    }

    /// Waits for the next tick; `Some` when it is time to stop instead.
    async fn wait(&self, ticks: &mut Option<Interval>) -> Option<End> {
        let tick = async {
            if let Some(ticks) = ticks {
                ticks.tick().await;
            }
        };
        tokio::select! {
            biased;
            end = self.reached() => Some(end),
            () = tick => None,
        }
    }
}

//! The attempts to exchange live and shadow. Nobody waits longer than one attempt's lock timeout and
//! the exchange itself.

use std::time::{Duration, Instant};

use lab::connect::search_path;
use lab::{Context, Error, Result};
use tokio_postgres::error::ErrorPosition;

use super::analyze;
use super::ending::machinery;
use super::reading::Reading;
use super::settle::{self, settle};
use super::unseen::{self, Unseen};
use crate::attempt::{Attempts, is_conflict};
use crate::event::{Event, Point};
use crate::shape;
use crate::state::{Conversion, Side};
use crate::steps;
use crate::steps::catch_up::{self, HEAD, Prepared, Replayed};
use crate::work::Work;

/// How long the last catch-up may take at the pace of the ones before.
const LAST_CATCH_UP: Duration = Duration::from_millis(8);

/// Log entries of one batch between two attempts.
const BATCH: i64 = 1_000;

/// So few are left that the locks may be asked for; under them as many may always be replayed.
const SMALL: i64 = 100;

/// What is run under the locks is planned before, and the plans are kept. DO loads plpgsql.
const SETTINGS: &str = "SET plan_cache_mode = force_generic_plan; DO 'BEGIN END'";

/// What an exchange is called among the conversion's steps.
pub(super) const SWAP: &str = "swap";

/// The same in the other direction.
pub(super) const ROLLBACK: &str = "rollback";

/// An exchange that was done.
#[derive(Debug, Clone, Copy, PartialEq, Default, serde::Serialize)]
pub struct Exchanged {
    /// Attempts until all locks were granted at once.
    pub attempts: u32,
    /// From the first lock granted until COMMIT had returned.
    #[serde(rename = "lock_held_ms", serialize_with = "milliseconds")]
    pub held: Duration,
    /// Log entries replayed under the locks.
    pub replayed: u64,
    /// What was settled afterwards: foreign keys validated, materialised views built again.
    pub settled: u64,
}

fn milliseconds<S: serde::Serializer>(time: &Duration, to: S) -> Result<S::Ok, S::Error> {
    to.serialize_f64(time.as_secs_f64() * 1000.0)
}

/// How a pass under the locks ended.
enum Pass {
    /// Committed, with so many log entries replayed.
    Done(u64),
    /// Not this time, and why; everything is as it was.
    LetGo(&'static str),
}

/// Exchanges live and shadow; `what` says it for people, as in "cannot swap orders".
pub(super) async fn exchange(
    work: &Work<'_>,
    conversion: &Conversion,
    what: &str,
) -> Result<Exchanged> {
    steps::durable(work).await?;
    shape::ready(work, conversion).await?;
    // First what was written since the last run or exchange: statistics are to know it.
    catch_up::until_short(work, conversion).await?;
    analyze::before(work, conversion).await?;
    let client = work.session.client();
    client.batch_execute(SETTINGS).await.context(|| format!("cannot {what}"))?;
    let exchanged = attempts(work, conversion, what).await?;
    analyze::after(work, conversion).await?;
    Ok(exchanged)
}

async fn attempts(work: &Work<'_>, conversion: &Conversion, what: &str) -> Result<Exchanged> {
    let client = work.session.client();
    let mut attempts = Attempts::new(work, what.to_owned()).await?;
    catch_up::until_short(work, conversion).await?;
    unseen::rewritten(work, conversion).await?;
    unseen::old_snapshots(work, conversion, &mut attempts).await?;
    let unseen = Unseen::prepare(work, conversion).await?;
    let replay = Prepared::new(client, conversion, conversion.live, &work.guards).await?;
    replay.plan(client).await?;
    let (held, replayed) = loop {
        let reading = Reading::take(client, conversion).await?;
        // Under the locks the files tell that the triggers are as they were here.
        unseen.triggers(work, conversion).await?;
        let limit = keep_up(work, &replay).await?;
        let why = match attempts.lock(work, &reading.exchange.locks).await? {
            None => "its locks were not free",
            Some(granted) => match pass(work, conversion, &reading, &replay, &unseen, limit, what)
                .await
            {
                Ok(Pass::Done(replayed)) => break (granted.elapsed(), replayed),
                Ok(Pass::LetGo(why)) => {
                    roll_back(work).await?;
                    work.observer
                        .tell(Event::Note(format!("attempt {} let go: {why}", attempts.made())));
                    why
                }
                Err(error) => {
                    // The error that counts is the first one.
                    let _ = roll_back(work).await;
                    return Err(error);
                }
            },
        };
        attempts.pause(work, why).await?;
        unseen::rewritten(work, conversion).await?;
    };
    work.observer.at(Point::Swapped).await?;
    let settled = settle(work, conversion.id).await?;
    Ok(Exchanged { attempts: attempts.made(), held, replayed, settled })
}

/// Replays the log until a batch is a small one, and says how many entries take no longer than
/// [`LAST_CATCH_UP`] at its pace.
async fn keep_up(work: &Work<'_>, replay: &Prepared) -> Result<i64> {
    loop {
        let begun = Instant::now();
        let entries = replay.batch(work, work.session.client(), HEAD, BATCH).await?.entries;
        if entries < SMALL {
            let within = LAST_CATCH_UP.as_secs_f64() / begun.elapsed().as_secs_f64();
            #[allow(clippy::cast_precision_loss, clippy::cast_possible_truncation)]
            let fits = (entries.max(1) as f64 * within) as i64;
            return Ok(fits.clamp(SMALL, BATCH));
        }
        if work.interrupt.is_raised() {
            return Err(Error::interrupted("interrupted before the swap; everything is as it was"));
        }
    }
}

async fn roll_back(work: &Work<'_>) -> Result<()> {
    work.session.client().batch_execute("ROLLBACK").await.context(|| "cannot roll back an attempt")
}

/// All that happens while the locks are held. Unless it is done, the caller rolls back.
async fn pass(
    work: &Work<'_>,
    conversion: &Conversion,
    reading: &Reading,
    replay: &Prepared,
    unseen: &Unseen,
    limit: i64,
    what: &str,
) -> Result<Pass> {
    work.observer.at(Point::SwapLocked).await?;
    // Asked together: others wait meanwhile.
    let (holds, same_files) =
        tokio::join!(reading.holds(work.session.client()), unseen.same_files(work, conversion),);
    if !holds? {
        return Ok(Pass::LetGo("a definition was changed in the very moment"));
    }
    if !same_files? {
        return Ok(Pass::LetGo("it was rewritten in the very moment"));
    }
    let mut replayed = 0;
    if work.guards.last_catch_up_locked {
        match replay.whole(work.session.client(), limit).await? {
            Replayed::Done(entries) => replayed = entries.unsigned_abs(),
            Replayed::TooMany(_) => return Ok(Pass::LetGo("too much was written meanwhile")),
        }
    }
    work.observer.at(Point::LastReplayed).await?;
    let statements = statements(conversion, reading)?;
    let client = work.session.client();
    if let Err(error) = client.batch_execute(&statements).await {
        if is_conflict(&error) {
            return Ok(Pass::LetGo("something that depends on it was locked by somebody else"));
        }
        let failed = Error::failed(format!("cannot {what}; everything is as it was"));
        return Err(match statement_of(&statements, &error) {
            Some(statement) => failed.caused_by(&error).detail("statement", statement),
            None => failed.caused_by(&error),
        });
    }
    work.observer.at(Point::SwapBeforeCommit).await?;
    work.session.client().batch_execute("COMMIT").await.context(|| format!("cannot {what}"))?;
    Ok(Pass::Done(replayed))
}

/// The whole exchange as one message to the server.
fn statements(conversion: &Conversion, reading: &Reading) -> Result<String> {
    let (id, exchange) = (conversion.id, &reading.exchange);
    let (phase, live) = match (exchange.last, conversion.live) {
        (true, _) => ("finished", "target"),
        (false, Side::Source) => ("swapped", "target"),
        (false, Side::Target) => ("ready", "source"),
    };
    let mut all = vec![
        // Replaying rows of a table with deferrable keys leaves events that ALTER TABLE refuses.
        "SET CONSTRAINTS ALL IMMEDIATE".to_owned(),
        search_path::SET_LOCAL.to_owned(),
    ];
    all.extend(exchange.statements.iter().cloned());
    all.push(settle::replace(id, &exchange.settle)?);
    if exchange.last {
        // There is no way back that would need it, and both tables are locked.
        all.push(machinery(conversion));
        all.push(format!("DELETE FROM partition_convert.segments WHERE conversion = {id}"));
    }
    all.push(format!(
        "UPDATE partition_convert.conversions \
         SET phase = '{phase}', live = '{live}', updated_at = clock_timestamp() WHERE id = {id}"
    ));
    all.push(unseen::keep_files(id, &reading.files));
    let step = match conversion.live {
        Side::Source => SWAP,
        Side::Target => ROLLBACK,
    };
    all.push(format!(
        "INSERT INTO partition_convert.steps (conversion, step, began_at) VALUES ({id}, '{step}', now())"
    ));
    Ok(all.join(";\n"))
}

/// The statement that the server's error points at.
fn statement_of<'a>(statements: &'a str, error: &tokio_postgres::Error) -> Option<&'a str> {
    let Some(ErrorPosition::Original(at)) = error.as_db_error()?.position() else { return None };
    let at = usize::try_from(*at).ok()?.checked_sub(1)?;
    // The server counts characters.
    let (at, _) = statements.char_indices().nth(at)?;
    let begin = statements[..at].rfind(";\n").map_or(0, |end| end + 2);
    statements[begin..].split(";\n").next()
}

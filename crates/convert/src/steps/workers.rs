//! Several sessions at once.

use std::cell::RefCell;
use std::future::poll_fn;
use std::pin::Pin;
use std::task::Poll;
use std::time::{Duration, Instant};

use lab::connect::Session;
use lab::{Context, Error, Result};

use crate::work::{Pace, Work};

/// Settings of every session that works for a conversion.
///
/// What such a session commits is either made again after a crash of the server or marked as done
/// in the same transaction; so it need not wait for the disk. Row level security must not hide rows
/// from the copy: an error is better. A user's timeouts are for statements of another kind. Several sessions
/// work side by side already: parallel plans would only take each other's cores.
pub const SETTINGS: &str = "SET synchronous_commit = off; SET row_security = off; SET statement_timeout = 0; \
     SET idle_in_transaction_session_timeout = 0; SET idle_session_timeout = 0; SET lock_timeout = '30s'; \
     SET client_min_messages = warning; SET default_transaction_read_only = off; SET max_parallel_workers_per_gather = 0; SET jit = off";

/// Index builds get at least this much memory; more where the server's setting is more.
const MEMORY: &str = "SELECT set_config('maintenance_work_mem', '256MB', false) \
     FROM pg_settings WHERE name = 'maintenance_work_mem' AND setting::bigint < 262144";

/// Runs `job` on `number` sessions of their own, side by side; each gets its number and session.
/// The first error ends all: what the others had not committed is rolled back.
pub async fn each<T>(
    work: &Work<'_>,
    number: usize,
    job: impl AsyncFn(usize, &Session) -> Result<T>,
) -> Result<Vec<T>> {
    let taking = (0..number.max(1)).map(|_| Box::pin(take(work)) as Job<'_, Session>);
    let sessions = all(taking.collect()).await?;
    let jobs = sessions.iter().enumerate().map(|(n, session)| {
        let job = &job;
        Box::pin(async move { job(n, session).await }) as Job<'_, T>
    });
    let results = all(jobs.collect()).await?;
    work.idle.0.borrow_mut().extend(sessions);
    Ok(results)
}

/// Sessions that did a step and wait for the next one: a new one would have to find its way through the server's
/// memory and catalogs again.
#[derive(Default)]
pub struct Idle(RefCell<Vec<Session>>);

/// An idle session, or a new one.
async fn take(work: &Work<'_>) -> Result<Session> {
    let idle = work.idle.0.borrow_mut().pop();
    match idle.filter(|session| !session.client().is_closed()) {
        Some(session) => Ok(session),
        None => open(work).await,
    }
}

/// A session of its own for a part of the work.
pub async fn open(work: &Work<'_>) -> Result<Session> {
    let session = work.session.connector().open().await?;
    let client = session.client();
    for settings in [SETTINGS, MEMORY] {
        client.batch_execute(settings).await.context(|| "cannot prepare a session")?;
    }
    Ok(session)
}

/// The result of `statements` on `session`, unless Ctrl-C cancels them.
pub async fn uninterrupted<T>(
    work: &Work<'_>,
    session: &Session,
    statements: impl Future<Output = Result<T>>,
) -> Result<T> {
    let done = session.canceller().unless_interrupted(work.interrupt, statements).await?;
    done.ok_or_else(interrupted)?
}

/// Waits, unless Ctrl-C comes.
pub async fn pause(work: &Work<'_>, time: Duration) -> Result<()> {
    tokio::select! {
        () = tokio::time::sleep(time) => Ok(()),
        () = work.interrupt.raised() => Err(interrupted()),
    }
}

/// What the runtime's clock counts in: a rest of less it would make many times longer.
const TICK: Duration = Duration::from_millis(1);

#[expect(clippy::disallowed_methods, reason = "it waits for nothing: others shall have the time")]
fn nap(time: Duration) {
    std::thread::sleep(time);
}

/// Rests after having been busy since `begun`, as `pace` wants it under `pressure`.
pub async fn rest(work: &Work<'_>, pace: &Pace, pressure: u32, begun: Instant) -> Result<()> {
    match pace.rest(begun.elapsed(), pressure) {
        Duration::ZERO => Ok(()),
        time if time < TICK * 2 => {
            nap(time);
            Ok(())
        }
        time => pause(work, time).await,
    }
}

/// What Ctrl-C leaves.
pub fn interrupted() -> Error {
    Error::interrupted("interrupted; what was done is kept")
        .next("the same command goes on from here; convert abort takes everything back")
}

type Job<'a, T> = Pin<Box<dyn Future<Output = Result<T>> + 'a>>;

/// All results, or the first error.
async fn all<T>(jobs: Vec<Job<'_, T>>) -> Result<Vec<T>> {
    let mut jobs: Vec<_> = jobs.into_iter().map(|job| (Some(job), None)).collect();
    poll_fn(|cx| {
        let mut pending = false;
        for (job, result) in &mut jobs {
            let Some(running) = job else { continue };
            match running.as_mut().poll(cx) {
                Poll::Pending => pending = true,
                Poll::Ready(Ok(value)) => {
                    *result = Some(value);
                    *job = None;
                }
                Poll::Ready(Err(error)) => return Poll::Ready(Err(error)),
            }
        }
        if pending { Poll::Pending } else { Poll::Ready(Ok(())) }
    })
    .await?;
    Ok(jobs.into_iter().filter_map(|(_, result)| result).collect())
}

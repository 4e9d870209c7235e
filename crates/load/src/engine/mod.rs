//! Runs a load: connections, their schedule, and what comes of it.

mod control;
mod copy;
mod insert;
mod job;
mod metronome;
mod phase;
mod recorder;
mod schedule;
mod worker;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use lab::connect::{Connector, Session};
use lab::interrupt::Interrupt;
use lab::{Context, Error, Result};
use tokio::task::JoinSet;

pub use job::{Job, Pace};
pub use phase::End;
pub use recorder::{Ever, Recorder};

use crate::rows::Source;
use crate::stats::{Second, Stats, TableStats};
use crate::wire::{Insert, Wire};
use phase::{Phase, Stage};
use schedule::Schedule;
use worker::{UNPREPARED, Worker};

/// What all connections of a run share.
pub(crate) struct Shared {
    job: Job,
    /// When the first statement is due.
    start: Instant,
    sources: Arc<Vec<Source>>,
    /// One prepared insert a source; none for COPY.
    inserts: Arc<Vec<Insert>>,
    /// The sum of the sources' weights.
    weight: u32,
    connector: Connector,
    schedule: Schedule,
    recorder: Mutex<Recorder>,
    phase: Phase,
    /// The server processes that work for us now.
    pids: Mutex<Vec<Option<i32>>>,
}

/// Somebody who looks on.
pub trait Watch {
    /// Ten times a second or more often; so many connections can insert.
    fn look(&mut self, stats: &Stats, connections: usize);

    /// The run ends: what is in flight may finish.
    fn ending(&mut self);

    /// A second is over.
    fn second(&mut self, second: &Second, stats: &Stats) -> Result<()>;
}

/// What came of a run.
pub struct Outcome {
    /// What was measured.
    pub stats: Stats,
    /// Rows of each table since the first statement, warm-up included.
    pub ever: Vec<Ever>,
    /// Why it ended.
    pub end: End,
    /// Whether no connection could insert at the end.
    pub all_down: bool,
}

/// Runs `job` on new connections to the server of `session`, until it ends; `watch` looks on.
///
/// An error means that it could not begin (or that nobody could look on any more): what happens
/// to statements and connections is in the outcome.
pub async fn run(
    job: Job,
    sources: Arc<Vec<Source>>,
    tables: Vec<TableStats>,
    session: &Session,
    interrupt: &Interrupt,
    watch: &mut dyn Watch,
) -> Result<Outcome> {
    let inserts = Arc::new(prepared(&job, &sources)?);
    let wires = tokio::select! {
        wires = open(&job, &inserts, session.connector()) => wires?,
        () = interrupt.raised() => {
            return Err(Error::interrupted("interrupted before the first insert"));
        }
    };
    let start = Instant::now();
    let shared = Arc::new(Shared {
        weight: sources.iter().map(|source| source.weight).sum(),
        schedule: Schedule::new(&job, start)?,
        recorder: Mutex::new(Recorder::new(tables, job.workers, start + job.warmup)?),
        phase: Phase::new(),
        pids: Mutex::new(vec![None; job.workers]),
        connector: session.connector().clone(),
        inserts,
        sources,
        start,
        job,
    });
    let mut workers = JoinSet::new();
    for (number, wire) in wires.into_iter().enumerate() {
        workers.spawn(Worker::new(shared.clone(), number).work(wire));
    }
    attend(&shared, workers, session, interrupt, watch).await;
    let mut recorder = shared.recorder();
    Ok(Outcome {
        ever: recorder.ever.clone(),
        all_down: recorder.all_down(),
        stats: recorder.take_stats()?,
        end: shared.phase.why().unwrap_or(End::Rows),
    })
}

/// The statements that every connection prepares.
fn prepared(job: &Job, sources: &[Source]) -> Result<Vec<Insert>> {
    let sources = if job.copy { &[] } else { sources };
    let inserts = sources.iter().enumerate().map(|(n, source)| {
        Insert::new(source, job.batch, job.tracked, &format!("insert_{n}"))
            .context(|| format!("cannot write an insert into {}", source.label))
    });
    inserts.collect()
}

/// All connections, at the same time.
async fn open(job: &Job, inserts: &Arc<Vec<Insert>>, connector: &Connector) -> Result<Vec<Wire>> {
    let mut opening = JoinSet::new();
    for _ in 0..job.workers {
        let (inserts, connector) = (inserts.clone(), connector.clone());
        opening.spawn(async move { Worker::open(&inserts, &connector).await });
    }
    let mut wires = Vec::with_capacity(job.workers);
    while let Some(opened) = opening.join_next().await {
        let opened = opened.context(|| "a connection was not opened")??;
        wires.push(opened.map_err(|refusal| refusal.error(UNPREPARED))?);
    }
    Ok(wires)
}

/// How often somebody looks at the numbers.
const LOOK: Duration = Duration::from_millis(100);
const SECOND: Duration = Duration::from_secs(1);

/// Ends the run when its time has come, and tells `watch` of it until the last worker is done.
async fn attend(
    shared: &Shared,
    mut workers: JoinSet<()>,
    session: &Session,
    interrupt: &Interrupt,
    watch: &mut dyn Watch,
) {
    let measured = shared.start + shared.job.warmup;
    let deadline = shared.job.duration.map(|duration| measured + duration);
    let mut hurry = std::pin::pin!(control::hurry(shared, session));
    let mut looks = tokio::time::interval(LOOK);
    let mut second_ends = measured + SECOND;
    let mut ending = false;
    loop {
        tokio::select! {
            biased;
            joined = workers.join_next() => match joined {
                Some(Ok(())) => {}
                Some(Err(error)) => shared.phase.end(End::Error(
                    Error::failed("a connection's task failed").caused_by(&error),
                )),
                None => break,
            },
            () = interrupt.raised(), if !ending => shared.phase.end(End::Interrupt),
            () = at(deadline), if !ending => shared.phase.end(End::Time),
            () = &mut hurry, if !shared.phase.is(Stage::Abandoned) => {}
            _ = looks.tick() => {}
        }
        let now = Instant::now();
        let (behind, lag) = shared.schedule.behind(now);
        let mut recorder = shared.recorder();
        if !ending && shared.phase.is(Stage::Ending) {
            ending = true;
            watch.ending();
            recorder.stats.never_sent += behind;
        }
        recorder.at(now);
        // The last one takes in the moments until the last answer.
        if now >= second_ends && !ending {
            let second = recorder.close_second(lag, now);
            if let Err(error) = watch.second(&second, &recorder.stats) {
                shared.phase.end(End::Error(error));
            }
            second_ends += SECOND * u32::try_from((now - second_ends).as_secs() + 1).unwrap_or(1);
        }
        watch.look(&recorder.stats, recorder.connections());
    }
    let now = Instant::now();
    let mut recorder = shared.recorder();
    recorder.at(now);
    if recorder.second_has_begun(now) {
        let second = recorder.close_second(Duration::ZERO, now);
        if let Err(error) = watch.second(&second, &recorder.stats) {
            shared.phase.end(End::Error(error));
        }
    }
}

async fn at(deadline: Option<Instant>) {
    match deadline {
        Some(deadline) => tokio::time::sleep_until(deadline.into()).await,
        None => std::future::pending().await,
    }
}

impl Shared {
    fn set_pid(&self, worker: usize, pid: Option<i32>) {
        lock(&self.pids)[worker] = pid;
    }

    fn recorder(&self) -> MutexGuard<'_, Recorder> {
        lock(&self.recorder)
    }
}

/// A task that panicked ends the run; what it had recorded still counts.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

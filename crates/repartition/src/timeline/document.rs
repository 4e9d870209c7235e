//! The same for programs: `under_load` in the JSON document.

use std::time::Duration;

use lab::locks::{Relation, Session, Span};
use lab::report::milliseconds;
use serde::Serialize;

use super::Run;
use crate::load::{Percentiles, Refused};
use crate::way::Way;

/// What others met with while a scenario ran. Times count from the start of the load.
#[derive(Debug, Serialize)]
pub struct UnderLoad {
    way: Way,
    writers: usize,
    readers: usize,
    scenario_from_ms: f64,
    scenario_until_ms: f64,
    before: Latencies,
    during: Latencies,
    writers_during: Latencies,
    readers_during: Latencies,
    refused: Vec<Refused>,
    reads: u64,
    reads_that_differed: u64,
    rows_missing: u64,
    rows_too_many: u64,
    /// How many times locks were looked at, and what that took.
    looks: usize,
    look_median_ms: f64,
    look_slowest_ms: f64,
    /// The longest time between two looks: what was shorter may be missing below.
    looks_apart_ms: f64,
    locks: Vec<Lock>,
    waits: Vec<Lock>,
}

#[derive(Debug, Serialize)]
struct Latencies {
    count: usize,
    p50_ms: f64,
    p99_ms: f64,
    max_ms: f64,
}

/// A lock that was held or waited for, as far as it was seen.
#[derive(Debug, Serialize)]
struct Lock {
    table: String,
    mode: String,
    from_ms: f64,
    until_ms: f64,
    /// By how much it may have been longer.
    uncertain_ms: f64,
    pid: i32,
    application: String,
    statement: String,
    /// Of a wait: the process ids of those whom it was for.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    behind: Vec<i32>,
}

impl UnderLoad {
    /// What is known about `run`.
    pub fn new(run: &Run) -> Self {
        let seen = &run.observed;
        let held = seen.locks.held.iter();
        let waits = seen.locks.waits.iter();
        Self {
            way: run.way,
            writers: seen.sessions,
            readers: seen.sessions,
            scenario_from_ms: milliseconds(seen.scenario.0),
            scenario_until_ms: milliseconds(seen.scenario.1),
            before: seen.before().into(),
            during: seen.during().into(),
            writers_during: seen.during_of(true).into(),
            readers_during: seen.during_of(false).into(),
            refused: seen.errors.iter().cloned().collect(),
            reads: seen.reads.counted,
            reads_that_differed: seen.reads.different,
            rows_missing: seen.written.missing + seen.written.not_found,
            rows_too_many: seen.written.extra,
            looks: seen.locks.cost.looks,
            look_median_ms: milliseconds(seen.locks.cost.median),
            look_slowest_ms: milliseconds(seen.locks.cost.slowest),
            looks_apart_ms: milliseconds(seen.locks.cost.widest_gap),
            locks: held
                .map(|held| lock(&held.relation, held.mode, &held.session, held.span, &[]))
                .collect(),
            waits: waits
                .map(|wait| {
                    lock(&wait.relation, wait.mode, &wait.session, wait.span, &wait.blockers)
                })
                .collect(),
        }
    }
}

fn lock(
    relation: &Relation,
    mode: lab::locks::Mode,
    session: &Session,
    span: Span,
    behind: &[Session],
) -> Lock {
    let uncertain: Duration = span.earlier + span.later;
    Lock {
        table: relation.name.name.clone(),
        mode: mode.to_string(),
        from_ms: milliseconds(span.from),
        until_ms: milliseconds(span.until),
        uncertain_ms: milliseconds(uncertain),
        pid: session.pid,
        application: session.application.clone(),
        statement: session.statement.clone(),
        behind: behind.iter().map(|session| session.pid).collect(),
    }
}

impl From<Percentiles> for Latencies {
    fn from(of: Percentiles) -> Self {
        let [p50_ms, p99_ms, max_ms] = [of.p50, of.p99, of.max].map(milliseconds);
        Self { count: of.count, p50_ms, p99_ms, max_ms }
    }
}

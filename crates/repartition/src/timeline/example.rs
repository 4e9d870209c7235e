//! Runs to draw in tests.

use std::time::Duration;

use lab::catalog::Name;
use lab::locks::{Cost, Held, Mode, Relation, Session, Span, Timeline, Wait};

use super::Run;
use crate::load::{Observed, Operation, Reads, Written};
use crate::way::Way;

const fn ms(ms: u64) -> Duration {
    Duration::from_millis(ms)
}

fn span(from: u64, until: u64) -> Span {
    Span { from: ms(from), until: ms(until), earlier: ms(5), later: ms(5) }
}

fn session(pid: i32, application: &str, statement: &str) -> Session {
    Session { pid, application: application.to_owned(), statement: statement.to_owned() }
}

fn relation(oid: u32, name: &str) -> Relation {
    Relation { oid, name: Name::new("public", name) }
}

/// A load of two sessions over four seconds; from the first second on for `locked` it waits.
fn observed(scenario: (u64, u64), locked: (u64, u64)) -> Observed {
    let operation = |n: u64| {
        let due = n * 20;
        let waited = if (locked.0..locked.1).contains(&due) { locked.1 - due } else { 0 };
        Operation { writes: n.is_multiple_of(2), due: ms(due), took: ms(1 + waited) }
    };
    let holder = || {
        session(7, "partition-lab repartition", "LOCK TABLE event_logs IN ACCESS EXCLUSIVE MODE")
    };
    let held = |oid, name, mode, (from, until)| Held {
        relation: relation(oid, name),
        session: holder(),
        mode,
        span: span(from, until),
    };
    let wait = |pid, application: &str, mode| Wait {
        relation: relation(1, "event_logs"),
        session: session(pid, application, "INSERT INTO event_logs <b>"),
        mode,
        span: span(locked.0, locked.1),
        blockers: vec![holder()],
    };
    Observed {
        sessions: 1,
        scenario: (ms(scenario.0), ms(scenario.1)),
        length: ms(4_000),
        operations: (0..200).map(operation).collect(),
        reads: Reads { rows: 40, counted: 100, different: 0, first: None },
        written: Written { changes: 100, ..Written::default() },
        locks: Timeline {
            held: vec![
                held(1, "event_logs", Mode::AccessExclusive, locked),
                held(2, "event_logs_2024_02", Mode::AccessExclusive, locked),
                held(2, "event_logs_2024_02", Mode::ShareUpdateExclusive, (3_600, 3_700)),
            ],
            waits: vec![
                wait(8, "partition-lab writer 1", Mode::RowExclusive),
                wait(9, "partition-lab reader 1", Mode::AccessShare),
            ],
            cost: Cost { looks: 800, median: ms(1), slowest: ms(4), widest_gap: ms(9) },
        },
        ..Observed::default()
    }
}

/// Everybody waits for 1.9 seconds.
pub fn classic() -> Run {
    Run { way: Way::Classic, observed: observed((1_000, 2_950), (1_010, 2_910)) }
}

/// Nobody waits for longer than 12 ms.
pub fn online() -> Run {
    Run { way: Way::Online, observed: observed((1_000, 3_500), (3_400, 3_412)) }
}

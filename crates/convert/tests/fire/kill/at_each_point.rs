//! Killed at each point, without anybody else at work.

use std::sync::Arc;

use convert::event::Point;
use testbed::{Database, server};
use tokio::sync::Notify;

use super::{Moment, killed};
use crate::converter::{Converter, Job, Verb};
use crate::equal::assert_equal;
use crate::fire::Fire;
use crate::observer::At;
use crate::table::Table;

pub(super) const BEFORE_THE_SWAP: [Point; 9] = [
    Point::LogReady,
    Point::Prepared,
    Point::BatchCopied,
    Point::Copied,
    Point::LoggedKeysDeleted,
    Point::Indexed,
    Point::BatchTaken,
    Point::BatchReplayed,
    Point::Validated,
];

pub(super) const IN_THE_SWAP: [Point; 4] =
    [Point::SwapLocked, Point::LastReplayed, Point::SwapBeforeCommit, Point::Swapped];

/// Makes a table.
fn made(table: Arc<Table>) -> (Arc<Table>, Database) {
    let database = server().database();
    database.batch(&table.script());
    (table, database)
}

async fn kill_at(database: &Database, job: &Job, verb: Verb, point: Point) {
    let moment = Moment::At(point, 0);
    let ended = killed(database, job, verb, moment, &Arc::new(Notify::new())).await;
    assert!(ended.is_none(), "{job:?}: {verb:?} was not at {point:?}: {ended:?}");
}

/// By a converter of its own, as the next command would be.
async fn done(database: &Database, table: &Table, verb: Verb) {
    Converter::new(database, table, &At::nothing()).await.well(verb).await;
}

async fn before_the_swap(table: Arc<Table>, gentle: bool, point: Point) {
    let (table, database) = made(table);
    let mut job = Job::from(&*table);
    job.gentle = gentle;
    let before = Traces::read(&database);

    kill_at(&database, &job, Verb::Run, point).await;
    done(&database, &table, Verb::Abort).await;
    before.assert_unchanged(&database, &format!("{point:?}, then abort"));

    kill_at(&database, &job, Verb::Run, point).await;
    done(&database, &table, Verb::Run).await;
    assert_equal(database.config(), &table, &format!("killed at {point:?}")).await;
    done(&database, &table, Verb::Abort).await;
    before.assert_unchanged(&database, &format!("{point:?}, run and abort"));
}

#[tokio::test]
async fn before_the_swap_the_next_run_goes_on_and_abort_leaves_no_trace() {
    for (seed, point) in (100..).zip(BEFORE_THE_SWAP) {
        before_the_swap(Table::invent(seed), false, point).await;
    }
}

/// Whether the next run is gentle too depends on the seed. A batch of the log is one statement there, with nothing
/// in between.
#[tokio::test]
async fn so_it_is_at_a_gentle_pace() {
    let mut tables = (100..).map(Table::invent).filter(|table| table.primary && !table.deferrable);
    let points = BEFORE_THE_SWAP.into_iter().filter(|point| *point != Point::BatchTaken);
    for point in points.chain([Point::Keyed]) {
        before_the_swap(tables.next().expect("more seeds"), true, point).await;
    }
}

#[tokio::test]
async fn in_the_swap_all_is_as_before_or_as_after() {
    for (seed, point) in (200..).zip(IN_THE_SWAP) {
        let (table, database) = made(Table::invent(seed));
        let job = Job::from(&*table);
        done(&database, &table, Verb::Run).await;
        kill_at(&database, &job, Verb::Swap, point).await;
        if point != Point::Swapped {
            let live = database.text("SELECT live FROM partition_convert.conversions");
            assert_eq!(live, "source", "{point:?}");
        }
        done(&database, &table, Verb::Swap).await;
        assert_equal(database.config(), &table, &format!("killed at {point:?}")).await;
        kill_at(&database, &job, Verb::Rollback, point).await;
        done(&database, &table, Verb::Rollback).await;
        assert_equal(database.config(), &table, &format!("back, killed at {point:?}")).await;
    }
}

/// Writers go on all the while, and find what they wrote.
#[tokio::test]
async fn abort_beside_writers_leaves_no_trace_and_takes_nothing_from_them() {
    for (seed, point) in (300..).zip([Point::BatchCopied, Point::Indexed, Point::Validated]) {
        let (table, database) = made(Table::invent(seed));
        let before = Traces::read(&database);
        let fire = Fire::open(database.config(), &table).await;
        fire.commits(20).await;
        kill_at(&database, &Job::from(&*table), Verb::Run, point).await;
        fire.commits(20).await;
        done(&database, &table, Verb::Abort).await;
        fire.commits(20).await;
        fire.cease(database.config()).await;
        assert_eq!(Traces::read(&database).others, before.others, "{point:?}");
    }
}

/// What a database holds.
pub(super) struct Traces {
    relations: String,
    others: Vec<String>,
}

impl Traces {
    pub fn read(database: &Database) -> Self {
        let relations = database.fingerprint();
        let relations = relations.lines().filter(|line| !line.starts_with("partition_convert."));
        // The list of conversions stays, with what became of each; nothing else does.
        let others = "
            SELECT format('trigger %s on %s', tgname, tgrelid::regclass) FROM pg_trigger
                WHERE NOT tgisinternal
            UNION ALL SELECT format('function %s', p.oid::regprocedure) FROM pg_proc AS p
                JOIN pg_namespace AS n ON n.oid = pronamespace
                WHERE nspname NOT IN ('pg_catalog', 'information_schema')
            UNION ALL SELECT format('table %s', c.oid::regclass) FROM pg_class AS c
                WHERE relnamespace = to_regnamespace('partition_convert') AND relkind IN ('r', 'p')
                    AND relname NOT IN ('conversions', 'segments', 'steps', 'settlements')
            UNION ALL SELECT format('options of %s: %s', c.oid::regclass, reloptions) FROM pg_class AS c
                WHERE reloptions IS NOT NULL AND relnamespace::regnamespace::text !~ '^pg_'
            ORDER BY 1";
        Self { relations: relations.collect::<Vec<_>>().join("\n"), others: database.texts(others) }
    }

    pub fn assert_unchanged(&self, database: &Database, what: &str) {
        let now = Self::read(database);
        assert_eq!(self.others, now.others, "{what}");
        let (before, now): (Vec<&str>, Vec<&str>) =
            (self.relations.lines().collect(), now.relations.lines().collect());
        assert_eq!(before, now, "{what}");
    }
}

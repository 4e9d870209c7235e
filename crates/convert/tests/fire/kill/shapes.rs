//! A partition that is split, a bucket that is doubled, an old table that is attached: killed at each
//! point, without anybody else at work.

use std::sync::Arc;

use convert::event::Point;
use convert::request::{Every, Level, Shape};
use lab::catalog::Name;
use testbed::{Database, server, until};
use tokio::sync::Notify;

use super::at_each_point::{BEFORE_THE_SWAP, IN_THE_SWAP, Traces};
use super::{Moment, killed};
use crate::converter::{Converter, Job, Verb};
use crate::fire::LIMIT;
use crate::observer::At;

/// Rows of four months that reference others; `by` is how the table is partitioned, and its partitions.
fn table(by: &str) -> Database {
    let database = server().database();
    database.batch(&format!(
        "CREATE TABLE others (id int PRIMARY KEY);
         INSERT INTO others SELECT generate_series(1, 9);
         CREATE TABLE t (id int, at date NOT NULL, other int REFERENCES others ON DELETE CASCADE,
             v text, PRIMARY KEY (id, at)) {by};
         CREATE INDEX ON t (v);
         INSERT INTO t SELECT n, date '2088-01-01' + n % 121, n % 9 + 1, repeat('v', n % 100)
             FROM generate_series(1, 3000) AS n"
    ));
    database
}

const MONTHS: &str = "PARTITION BY RANGE (at);
    CREATE TABLE t_01 PARTITION OF t FOR VALUES FROM ('2088-01-01') TO ('2088-02-01');
    CREATE TABLE t_02 PARTITION OF t FOR VALUES FROM ('2088-02-01') TO ('2088-03-01');
    CREATE TABLE t_default PARTITION OF t DEFAULT";

const BUCKETS: &str = "PARTITION BY HASH (id);
    CREATE TABLE t_p0 PARTITION OF t FOR VALUES WITH (MODULUS 2, REMAINDER 0);
    CREATE TABLE t_p1 PARTITION OF t FOR VALUES WITH (MODULUS 2, REMAINDER 1)";

fn job(table: &str, shape: Shape, level: Level) -> Job {
    Job::new(Name::new("public", table), shape, vec![level])
}

fn weeks() -> Job {
    job("t_02", Shape::Split, Level::Range { column: String::new(), every: Every::Week })
}

fn doubled() -> Job {
    job("t_p1", Shape::Split, Level::List { column: String::new() })
}

fn attached() -> Job {
    job("t", Shape::AttachOld, Level::Range { column: "at".to_owned(), every: Every::Month })
}

async fn kill_at(database: &Database, job: &Job, verb: Verb, point: Point) {
    let ended = killed(database, job, verb, Moment::At(point, 0), &Arc::new(Notify::new())).await;
    assert!(ended.is_none(), "{}: {verb:?} was not at {point:?}: {ended:?}", job.table);
}

/// By a converter of its own, as the next command would be.
async fn done(database: &Database, job: &Job, verb: Verb) {
    Converter::on(database, job.clone(), &At::nothing()).await.well(verb).await;
}

/// What applications see.
fn rows(database: &Database) -> String {
    database.text("SELECT count(*) || md5(string_agg(t::text, ' ' ORDER BY id, at)) FROM t")
}

/// Changes of every kind, in all partitions and from one to another.
fn write(database: &Database) {
    database.batch(
        "DELETE FROM t WHERE id % 50 = 1;
         UPDATE t SET at = at + 20 WHERE id % 50 = 2;
         UPDATE t SET v = 'changed' WHERE id % 50 = 3;
         INSERT INTO t SELECT max(id) + 1, '2088-02-03', 1, 'new' FROM t",
    );
}

/// Killed at each of `points`, `job` is aborted without a trace, and the second time done.
async fn before_the_swap(database: &Database, job: &Job, points: &[Point]) {
    for point in points {
        let before = Traces::read(database);
        kill_at(database, job, Verb::Run, *point).await;
        done(database, job, Verb::Abort).await;
        before.assert_unchanged(database, &format!("{}: {point:?}, then abort", job.table));

        kill_at(database, job, Verb::Run, *point).await;
        write(database);
        let before = rows(database);
        done(database, job, Verb::Run).await;
        done(database, job, Verb::Swap).await;
        assert_eq!(rows(database), before, "{}: {point:?}, then run and swap", job.table);
        done(database, job, Verb::Rollback).await;
        assert_eq!(rows(database), before, "{}: {point:?}, swap and rollback", job.table);
        done(database, job, Verb::Abort).await;
    }
}

/// Killed at each point of the swap and of the rollback, all is as before or as after, and the same
/// command does the rest.
async fn in_the_swap(database: &Database, job: &Job) {
    let before = Traces::read(database);
    done(database, job, Verb::Run).await;
    for point in IN_THE_SWAP {
        let all = rows(database);
        for verb in [Verb::Swap, Verb::Rollback] {
            kill_at(database, job, verb, point).await;
            assert_eq!(rows(database), all, "{}: {verb:?} at {point:?}", job.table);
            done(database, job, verb).await;
            assert_eq!(rows(database), all, "{}: {verb:?} after {point:?}", job.table);
        }
    }
    done(database, job, Verb::Abort).await;
    before.assert_unchanged(database, &format!("{}: killed in each swap, then abort", job.table));
    done(database, job, Verb::Run).await;
    write(database);
    let all = rows(database);
    done(database, job, Verb::Swap).await;
    done(database, job, Verb::Finish).await;
    assert_eq!(rows(database), all, "{}: finished", job.table);
}

#[tokio::test]
async fn a_split_that_is_killed_goes_on_or_leaves_no_trace() {
    let database = table(MONTHS);
    before_the_swap(&database, &weeks(), &BEFORE_THE_SWAP).await;
    in_the_swap(&database, &weeks()).await;
}

#[tokio::test]
async fn a_doubled_bucket_that_is_killed_goes_on_or_leaves_no_trace() {
    let database = table(BUCKETS);
    let points = [Point::Prepared, Point::Validated];
    before_the_swap(&database, &doubled(), &points).await;
    in_the_swap(&database, &doubled()).await;
}

#[tokio::test]
async fn an_attachment_that_is_killed_goes_on_or_leaves_no_trace() {
    let database = table("");
    let points = [Point::LogReady, Point::Prepared, Point::Indexed];
    before_the_swap(&database, &attached(), &points).await;
    in_the_swap(&database, &attached()).await;
}

/// Killed in the middle of CREATE INDEX CONCURRENTLY, which leaves an index that is not valid.
async fn killed_while_it_builds_an_index(database: &Database, job: &Job) {
    let (told, client) = (Arc::new(Notify::new()), database.client().await);
    // It waits for whoever might look into the index with a snapshot from before.
    let reader = database.client().await;
    reader.batch_execute("BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT 1").await.unwrap();
    let waits = "SELECT FROM pg_stat_activity
        WHERE datname = current_database() AND wait_event = 'virtualxid'";
    let waits = async || client.query(waits, &[]).await.unwrap().len() == 1;
    let telling = async {
        until(LIMIT, "the index is built", waits).await;
        told.notify_one();
    };
    let (ended, ()) = tokio::join!(killed(database, job, Verb::Run, Moment::Told, &told), telling);
    assert!(ended.is_none(), "{ended:?}");
    until(LIMIT, "the server notices", async || !waits().await).await;
    reader.batch_execute("COMMIT").await.unwrap();
    let invalid = "SELECT count(*) FROM pg_index WHERE indrelid = 't'::regclass AND NOT indisvalid";
    assert_eq!(database.count(invalid), 1);
}

#[tokio::test]
async fn an_index_that_was_not_built_to_its_end_is_built_anew_or_dropped() {
    let database = table("");
    let id_alone = "ALTER TABLE t DROP CONSTRAINT t_pkey, ADD PRIMARY KEY (id)";
    database.batch(id_alone);
    let (before, job) = (Traces::read(&database), attached());
    killed_while_it_builds_an_index(&database, &job).await;
    done(&database, &job, Verb::Abort).await;
    before.assert_unchanged(&database, "killed while it built an index, then abort");

    killed_while_it_builds_an_index(&database, &job).await;
    let all = rows(&database);
    for verb in [Verb::Run, Verb::Swap, Verb::Finish] {
        done(&database, &job, verb).await;
    }
    assert_eq!(rows(&database), all);
    let invalid = "SELECT count(*) FROM pg_index WHERE NOT indisvalid";
    assert_eq!(database.count(invalid), 0);
}

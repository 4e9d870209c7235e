//! `lab::locks` against a real server.

#![allow(clippy::unwrap_used, reason = "in tests, a panic is how they fail")]

use std::collections::HashSet;
use std::time::{Duration, Instant};

use lab::catalog::Name;
use lab::locks::{Held, Mode, Timeline, Watch, watch};
use testbed::{Database, until};
use tokio::sync::oneshot;

const LIMIT: Duration = Duration::from_secs(30);

/// Watches `table` with everything beneath it while `work` runs.
async fn watched(database: &Database, table: &str, work: impl Future<Output = ()>) -> Timeline {
    let session = database.session("watch").await;
    let what = Watch {
        tables: vec![Name::new("public", table)],
        every: Duration::from_millis(2),
        weakest: Mode::ShareUpdateExclusive,
        began: Instant::now(),
    };
    let (ended, end) = oneshot::channel::<()>();
    let end = async {
        let _ = end.await;
    };
    let working = async {
        work.await;
        drop(ended);
    };
    let (timeline, ()) = tokio::join!(watch(&session, &what, end), working);
    timeline.unwrap()
}

/// Waits until the watch has begun `count` more looks, all but the last of which are over by then.
async fn looks(looker: &tokio_postgres::Client, count: usize) {
    let began = "SELECT query_start::text FROM pg_stat_activity
                  WHERE datname = current_database() AND application_name ~ 'watch'";
    let mut seen = HashSet::new();
    until(LIMIT, "the watch looks", async || {
        let row = looker.query_one(began, &[]).await.unwrap();
        seen.insert(row.get::<_, String>(0));
        seen.len() > count
    })
    .await;
}

const TREE: &str = "CREATE TABLE t (id int) PARTITION BY RANGE (id);
    CREATE TABLE t_1 PARTITION OF t FOR VALUES FROM (0) TO (10);";

#[tokio::test]
async fn a_blocked_session_is_seen_with_whom_it_waits_for() {
    let database = testbed::server().database();
    database.batch(TREE);
    let (holder, reader) = (database.client().await, database.client().await);
    let looker = database.client().await;
    let held_for = Duration::from_millis(60);
    let mut blocked = Duration::ZERO;
    let timeline = watched(&database, "t", async {
        let lock = "SET application_name = 'holder'; BEGIN; LOCK TABLE t IN ACCESS EXCLUSIVE MODE";
        holder.batch_execute(lock).await.unwrap();
        let set = "SET application_name = 'reader'";
        reader.batch_execute(set).await.unwrap();
        let begun = Instant::now();
        let reading = async {
            reader.batch_execute("SELECT count(*) FROM t").await.unwrap();
            blocked = begun.elapsed();
        };
        let releasing = async {
            let waits = "SELECT count(*) FROM pg_locks WHERE NOT granted";
            until(LIMIT, "the reader waits", async || {
                looker.query_one(waits, &[]).await.unwrap().get::<_, i64>(0) == 1
            })
            .await;
            let waiting = Instant::now();
            until(LIMIT, "time passes", async || waiting.elapsed() >= held_for).await;
            looks(&looker, 6).await;
            holder.batch_execute("COMMIT").await.unwrap();
        };
        tokio::join!(reading, releasing);
    })
    .await;

    let [wait] = timeline.waits.as_slice() else { panic!("{timeline:#?}") };
    assert_eq!((wait.relation.name.name.as_str(), wait.mode), ("t", Mode::AccessShare));
    assert_eq!(wait.session.application, "reader");
    assert_eq!(wait.session.statement, "SELECT count(*) FROM t");
    let [holding] = wait.blockers.as_slice() else { panic!("{wait:#?}") };
    assert_eq!(holding.application, "holder");
    assert!(holding.statement.starts_with("SET application_name = 'holder'; BEGIN; LOCK"));
    // It waited no shorter than sampling says by the reader's own clock, which also counts the way there.
    let slack = timeline.cost.slowest;
    let (least, most) = (wait.span.at_least(), wait.span.at_most());
    assert!(least <= blocked + slack, "{blocked:?} {wait:?} {slack:?}");
    assert!(most + slack >= held_for, "{wait:?}");

    let held: Vec<_> = timeline.held.iter().map(|h| h.relation.name.name.as_str()).collect();
    assert_eq!(held, ["t", "t_1"], "LOCK TABLE locks the tree: {timeline:#?}");
    assert!(timeline.held.iter().all(|held| held.mode == Mode::AccessExclusive));
    let long = |held: &Held| held.span.at_most() + slack >= held_for;
    assert!(timeline.held.iter().all(long), "{timeline:#?}");
    assert!(timeline.cost.looks > 5, "{:?}", timeline.cost);
}

#[tokio::test]
async fn partitions_that_come_and_those_that_leave_are_watched() {
    let database = testbed::server().database();
    database.batch(TREE);
    let client = database.client().await;
    let looker = database.client().await;
    // Holds its locks until the watch has certainly seen them.
    let seen = async |sql: &str| {
        client.batch_execute(&format!("BEGIN; {sql}")).await.unwrap();
        looks(&looker, 2).await;
        client.batch_execute("COMMIT").await.unwrap();
    };
    let timeline = watched(&database, "t", async {
        seen("CREATE TABLE t_2 PARTITION OF t FOR VALUES FROM (10) TO (20)").await;
        seen("LOCK TABLE t_2 IN SHARE MODE").await;
        seen("ALTER TABLE t DETACH PARTITION t_1").await;
        seen("LOCK TABLE t_1 IN EXCLUSIVE MODE").await;
        seen("LOCK TABLE t IN ROW EXCLUSIVE MODE").await;
    })
    .await;
    let found = |name: &str, mode| {
        timeline.held.iter().any(|held| held.relation.name.name == name && held.mode == mode)
    };
    assert!(found("t", Mode::AccessExclusive), "{timeline:#?}");
    assert!(found("t_2", Mode::Share), "it came: {timeline:#?}");
    assert!(found("t_1", Mode::AccessExclusive), "it leaves: {timeline:#?}");
    assert!(found("t_1", Mode::Exclusive), "it left: {timeline:#?}");
    assert!(!found("t", Mode::RowExclusive), "too weak to be told");
    assert!(timeline.waits.is_empty(), "{timeline:#?}");
}

#[tokio::test]
async fn looking_takes_no_lock_on_the_tables() {
    let database = testbed::server().database();
    database.batch(TREE);
    let (client, looker) = (database.client().await, database.client().await);
    // While it looks, whoever wants the tables for himself never waits: with NOWAIT he would fail.
    let timeline = watched(&database, "t", async {
        let locking = async {
            let sql = "BEGIN; LOCK TABLE t IN ACCESS EXCLUSIVE MODE NOWAIT; ROLLBACK";
            loop {
                client.batch_execute(sql).await.unwrap();
            }
        };
        tokio::select! {
            () = looks(&looker, 20) => {}
            () = locking => {}
        }
    })
    .await;
    assert!(timeline.cost.looks >= 20, "{:?}", timeline.cost);
}

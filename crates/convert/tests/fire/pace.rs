//! What holds a conversion back, seen in what it does and not by a clock.

use convert::event::{Event, Point};
use convert::work::Guards;
use testbed::{Database, ran, until};

use crate::converter::{Converter, Verb};
use crate::fire::LIMIT;
use crate::observer::At;
use crate::plain::{ROWS, converter, table};

/// How the pauses were told.
fn pauses(observer: &At) -> Vec<String> {
    let told = observer.told.borrow();
    let notes = told.iter().filter_map(|event| match event {
        Event::Note(note) if note.starts_with("paused") || note == "goes on" => Some(note.clone()),
        _ => None,
    });
    notes.collect()
}

/// Runs a converter that is to pause before it copies anything, and `ease` sees to it that it goes on.
async fn pauses_until(
    database: &Database,
    mut converter: Converter<'_>,
    observer: &At<'_>,
    ease: impl AsyncFnOnce(),
) {
    let workers = converter.pace.workers;
    let (running, easing) = (converter.carry_out(Verb::Run), async {
        until(LIMIT, "it pauses", async || !pauses(observer).is_empty()).await;
        let copied = "SELECT sum(rows)::bigint FROM partition_convert.segments";
        assert_eq!(database.query_one_i64(copied).await, 0);
        let sessions = "SELECT count(*) FROM pg_stat_activity
            WHERE application_name = 'partition-lab fire' AND datname = current_database()";
        let due = i64::try_from(workers).unwrap() + 1;
        assert_eq!(database.query_one_i64(sessions).await, due, "workers, and who steers them");
        ease().await;
    });
    let (ran, ()) = tokio::join!(running, easing);
    ran.unwrap();
    assert_eq!(pauses(observer).len(), 2, "{:?}", pauses(observer));
    assert_eq!(pauses(observer)[1], "goes on");
    assert_eq!(database.count("SELECT count(*) FROM t_new"), ROWS);
}

/// Other tests have a few sessions at work on this server.
#[tokio::test]
async fn it_pauses_while_more_sessions_than_max_load_are_active() {
    let database = table();
    let holder = database.client().await;
    holder.batch_execute("SELECT pg_advisory_lock(7)").await.unwrap();
    let mut others = Vec::new();
    for _ in 0..40 {
        let client = database.client().await;
        let wait = "SELECT pg_advisory_lock_shared(7)";
        others.push(tokio::spawn(async move { client.batch_execute(wait).await.unwrap() }));
    }
    let waiting = "SELECT count(*) FROM pg_locks WHERE objid = 7 AND NOT granted";
    until(LIMIT, "all wait", async || database.query_one_i64(waiting).await == 40).await;
    let observer = At::nothing();
    let mut converter = converter(&database, Guards::default(), &observer).await;
    converter.pace.max_load = Some(30);
    converter.pace.workers = 3;
    let ease = async || holder.batch_execute("SELECT pg_advisory_unlock(7)").await.unwrap();
    pauses_until(&database, converter, &observer, ease).await;
    let said = &pauses(&observer)[0];
    assert!(said.ends_with("sessions are active, more than 30"), "{said}");
    for other in others {
        other.await.unwrap();
    }
}

/// A table stands in for the view of standbys, whose lag no test can choose.
#[tokio::test]
async fn it_pauses_while_a_standby_is_further_behind_than_max_lag() {
    let database = table();
    database.batch(
        "CREATE SCHEMA stand_in;
         CREATE TABLE stand_in.pg_stat_replication (replay_lag interval);
         INSERT INTO stand_in.pg_stat_replication VALUES ('61 s'), ('1 s'), (NULL);
         SET allow_system_table_mods = on;
         ALTER VIEW pg_catalog.pg_stat_replication RENAME TO pg_stat_replication_itself;
         CREATE VIEW pg_catalog.pg_stat_replication AS SELECT * FROM stand_in.pg_stat_replication",
    );
    let observer = At::nothing();
    let mut converter = converter(&database, Guards::default(), &observer).await;
    converter.pace.max_lag = Some(std::time::Duration::from_secs(60));
    converter.pace.workers = 1;
    let client = database.client().await;
    let ease = async || {
        let catches_up = "UPDATE stand_in.pg_stat_replication SET replay_lag = '59 s'";
        client.batch_execute(catches_up).await.unwrap();
    };
    pauses_until(&database, converter, &observer, ease).await;
    let said = &pauses(&observer)[0];
    assert!(said.starts_with("paused: a standby is 61.0 s behind"), "{said}");
}

/// The log would else grow as long as it takes to compare, and the swap have that to do first.
#[tokio::test]
async fn what_is_written_during_a_gentle_validation_is_replayed_beside_it() {
    let database = table();
    // Enough to read that there is time for a replay.
    database.batch(
        "INSERT INTO t SELECT i, date '2088-01-01' + i % 121, repeat('v', 200) FROM generate_series(6001, 40000) AS i",
    );
    let client = &database.client().await;
    let observer = At::new(|point| async move {
        if point == Point::BatchReplayed {
            let late =
                "INSERT INTO t SELECT 0, '2088-01-01', 'late' FROM partition_convert.conversions
                WHERE phase = 'caught_up' ON CONFLICT DO NOTHING";
            client.batch_execute(late).await.unwrap();
        }
        Ok(())
    });
    let mut converter = converter(&database, Guards::default(), &observer).await;
    converter.pace = converter.pace.clone().gently();
    converter.well(Verb::Run).await;
    assert_eq!(database.count("SELECT count(*) FROM t WHERE v = 'late'"), 1);
    assert_eq!(database.count("SELECT count(*) FROM t_new WHERE v = 'late'"), 1);
    assert_eq!(database.count("SELECT count(*) FROM partition_convert.forward_1"), 0);
}

/// Blocks of the biggest batch but the first of each worker.
async fn biggest_batch(max_rate: Option<f64>) -> u64 {
    let database = table();
    let (before, biggest) = (std::cell::Cell::new(0), std::cell::Cell::new(0));
    let observer = At::nothing();
    let mut converter = converter(&database, Guards::default(), &observer).await;
    converter.pace.max_rate = max_rate;
    converter.pace.workers = 1;
    converter.pace.batch = std::time::Duration::from_millis(100);
    converter.well(Verb::Run).await;
    for event in observer.told.borrow().iter() {
        match event {
            Event::Ended("copy", ..) => break,
            Event::Progress(done, _) => {
                let blocks = done - before.replace(*done);
                if *done > blocks {
                    biggest.set(blocks.max(biggest.get()));
                }
            }
            _ => {}
        }
    }
    biggest.get()
}

/// 33 rows lie in a block.
#[tokio::test]
async fn a_batch_has_no_more_rows_than_max_rate_allows_in_its_time() {
    let biggest = biggest_batch(Some(3_000.0)).await;
    assert!(0 < biggest && biggest <= 300 / 33, "{biggest}");
    // Else a batch is at worst a fourth of the one before, of which the first has 64 blocks.
    let biggest = biggest_batch(None).await;
    assert!(biggest >= 16, "{biggest}");
}

#[test]
fn a_pace_that_is_none_is_refused() {
    for (flag, why) in [
        ("--workers=0", "--workers takes a number from 1"),
        ("--workers=-1", "--workers"),
        ("--max-rate=0", "--max-rate takes a number of rows from 1"),
        ("--max-rate=inf", "--max-rate takes a number of rows from 1"),
        ("--max-rate=NaN", "--max-rate takes a number of rows from 1"),
        ("--max-load=-1", "--max-load"),
        ("--max-load=1.5", "--max-load"),
        ("--max-lag=-1", "--max-lag takes a number of seconds from 0"),
        ("--max-lag=NaN", "--max-lag takes a number of seconds from 0"),
        ("--lock-timeout=0", "--lock-timeout"),
        ("--lock-timeout=3000000000", "--lock-timeout"),
        ("--lock-budget=-1", "--lock-budget"),
    ] {
        let mut run = testbed::process("convert");
        run.args(["run", "t", "--hash", "id", "--partitions", "2", flag]);
        // Nobody is there to be connected to.
        let _ = ran(run.env("DATABASE_URL", "postgres://localhost:1/none")).exited(2).says(&[why]);
    }
}

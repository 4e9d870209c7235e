//! While others work.

use std::time::Duration;
use testbed::{Running, eventually};

use crate::bench::{after_setup, events, json, repartition, run, status};
use crate::model::State;

#[test]
fn rows_that_arrive_meanwhile_are_neither_refused_nor_lost() {
    let database = after_setup();
    let everything =
        "SELECT (SELECT count(*) FROM event_logs) + (SELECT count(*) FROM users_distributed)
        + (SELECT count(*) FROM orders_by_region) + (SELECT count(*) FROM sales_data)";
    let before = database.count(everything);
    let mut load = database.process("load");
    let load = Running::start(load.args(["0", "60", "--format", "json"]));
    eventually(Duration::from_secs(30), "rows arrive", || database.count(everything) > before);
    for _ in 0..3 {
        assert_eq!(status(&run(&database, "all")), "done");
        let more = database.count(everything);
        eventually(Duration::from_secs(30), "they still do", || database.count(everything) > more);
    }
    load.interrupt();
    let document = load.finish().exited(130).document();
    assert_eq!(document["failed"], 0, "{document:#}");
    let inserted = document["inserted"].as_i64().unwrap();
    assert_eq!(database.count(everything), before + inserted);
    State::default().assert_in(&database);
    let twice = "SELECT count(*) - count(DISTINCT id) FROM event_logs";
    assert_eq!(database.count(twice), 0);
}

#[test]
fn two_at_once_wait_for_each_other() {
    let database = after_setup();
    let before = events(&database);
    let start = || Running::start(repartition(&database, &["all"]).args(["--format", "json"]));
    let both = [start(), start()];
    for one in both {
        let document = one.finish().ok().document();
        assert_eq!(status(&document), "done");
        assert_eq!(document["rows_before"], document["rows_after"]);
    }
    assert_eq!(events(&database), before);
    State::default().assert_in(&database);
}

#[tokio::test]
async fn one_that_does_not_get_its_turn_says_who_has_it() {
    let database = after_setup();
    let client = database.client().await;
    client
        .batch_execute(
            "SET application_name = 'partition-lab setup';
             SELECT pg_advisory_lock(('x' || encode('partlab!', 'hex'))::bit(64)::bigint)",
        )
        .await
        .unwrap();
    let before = database.fingerprint();
    let _ = json(&database, &["all"]).exited(1).says(&["partition-lab setup (pid", "next"]);
    database.assert_unchanged(&before, "another has the lock");
}

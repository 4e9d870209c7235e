//! What is missing is named, with the command that makes it, and nothing is changed.

use testbed::{Database, ran};

use crate::bench::{after_setup, events, json, run, status};
use crate::model::{SCENARIOS, State};

fn assert_blocked(database: &Database, scenario: &str, says: &[&str]) {
    let before = database.fingerprint();
    let ran = json(database, &[scenario]).exited(1).says(says);
    let document = ran.document();
    assert_eq!(status(&document), "blocked");
    assert_eq!(document["before"], document["after"], "{document:#}");
    database.assert_unchanged(&before, scenario);
}

#[test]
fn before_setup() {
    let database = testbed::server().database();
    for scenario in SCENARIOS.into_iter().chain(["all"]) {
        assert_blocked(&database, scenario, &["does not exist", "cargo run -p setup"]);
    }
}

#[test]
fn before_partitioning() {
    let database = testbed::server().database();
    let _ = ran(database.process("setup").args(["--until", "base"])).ok();
    for scenario in SCENARIOS.into_iter().chain(["all"]) {
        assert_blocked(&database, scenario, &["not partitioned yet", "cargo run -p setup"]);
    }
}

#[test]
fn a_partition_that_somebody_dropped() {
    for (scenario, partition) in [("add", "default"), ("split", "2024_02"), ("detach", "2024_01")] {
        let database = after_setup();
        database.batch(&format!("DROP TABLE event_logs_{partition}"));
        let left = events(&database);
        let says = [&*format!("no partition event_logs_{partition}"), "repartition -- cleanup"];
        assert_blocked(&database, scenario, &says);
        // The command that it names helps.
        assert_eq!(status(&run(&database, "cleanup")), "done");
        State::default().assert_in(&database);
        assert_eq!(events(&database), left);
        assert_eq!(status(&run(&database, scenario)), "done");
    }
}

#[test]
fn a_stranger_of_that_name() {
    for (scenario, table) in [
        ("add", "event_logs_2024_04"),
        ("split", "event_logs_2024_02_week3"),
        ("detach", "event_logs_archive"),
        ("migrate", "users_by_date"),
        ("cleanup", "users_by_date"),
    ] {
        let database = after_setup();
        database.batch(&format!("CREATE TABLE {table} AS SELECT 1 AS mine"));
        let before = database.fingerprint();
        let _ = json(&database, &[scenario]).exited(1).says(&[table, "exists", "next"]);
        database.assert_unchanged(&before, scenario);
    }
}

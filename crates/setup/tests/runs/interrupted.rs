//! Ended in the middle: the script in hand is rolled back, and the next setup goes on from there.

use std::time::Duration;

use testbed::{Database, Running, ScriptsCopy, eventually};

use crate::bench::{assert_complete, json, setup};

const ALL: [&str; 6] = [
    "00_setup_base_tables.sql",
    "00_initial_seed_data.sql",
    "01_range_partitions.sql",
    "02_hash_partitions.sql",
    "03_list_partitions.sql",
    "04_composite_partitions.sql",
];

/// A setup whose script `name` sleeps before its commit.
fn asleep(database: &Database, name: &str) -> Running {
    let scripts = ScriptsCopy::new();
    scripts.insert(name, usize::MAX, "SELECT pg_sleep(600);");
    let folder = scripts.path().to_str().unwrap();
    let running = Running::start(&mut setup(database, &["--scripts", folder]));
    let sleeps = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()
        AND state = 'active' AND query LIKE 'SELECT pg_sleep%'";
    eventually(Duration::from_secs(30), "it sleeps", || database.count(sleeps) == 1);
    running
}

fn finished(database: &Database) -> Vec<String> {
    database.texts("SELECT script FROM partition_lab.setup_scripts ORDER BY finished_at")
}

#[test]
fn killed_in_any_script_the_next_setup_finishes() {
    for (n, name) in ALL.into_iter().enumerate() {
        let database = testbed::server().database();
        asleep(&database, name).kill();
        assert_eq!(finished(&database), ALL[..n]);
        let again = json(&database, &[]).ok();
        assert_eq!(again.err, "", "the scripts that ran are the same");
        assert_complete(&again.document(), 1);
        assert_eq!(finished(&database), ALL);
    }
}

#[test]
fn ctrl_c_rolls_back_the_script_in_hand_and_says_so() {
    let database = testbed::server().database();
    let running = asleep(&database, "03_list_partitions.sql");
    running.interrupt();
    let says = ["03_list_partitions.sql", "interrupted", "rolled back"];
    let _ = running.finish().exited(130).says(&says);
    assert_eq!(finished(&database), ALL[..4]);
    let single = "SELECT relkind::text FROM pg_class WHERE oid = 'orders_by_region'::regclass";
    assert_eq!(database.text(single), "r");
    assert_complete(&json(&database, &[]).ok().document(), 1);
}

#[test]
fn a_second_ctrl_c_ends_it_at_once_and_nothing_is_half_done() {
    let database = testbed::server().database();
    let running = asleep(&database, "01_range_partitions.sql");
    running.interrupt();
    running.interrupt();
    let _ = running.finish().exited(130);
    assert_complete(&json(&database, &[]).ok().document(), 1);
}

//! Ended in the middle: nothing half done, and the next run finishes the job.

use std::process::Stdio;
use std::time::Duration;

use testbed::{Database, Running, ScriptsCopy, eventually};

use crate::bench::{after_setup, events, repartition, run, status, users};
use crate::model::State;

const SCRIPTS: [(&str, &str); 5] = [
    ("add", "repartition/10_add_new_partition.sql"),
    ("split", "repartition/11_split_partition.sql"),
    ("detach", "repartition/12_detach_archive.sql"),
    ("migrate", "repartition/13_migrate_strategy.sql"),
    ("cleanup", "repartition/14_cleanup_repartition.sql"),
];

/// A script sleeps here until the test ends it.
const SLEEP: &str = "SELECT pg_sleep(600);";

/// Waits until a statement of `repartition` sleeps or waits, as `condition` says of its activity.
fn wait_for(database: &Database, what: &str, condition: &str) {
    let sql = format!(
        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()
         AND application_name = 'partition-lab repartition' AND {condition}"
    );
    eventually(Duration::from_secs(30), what, || database.count(&sql) == 1);
}

/// Kills it while it sleeps in front of that statement, in each scenario; then runs it again.
fn killed_while_it_sleeps(before_statement: usize) {
    for (scenario, script) in SCRIPTS {
        let scripts = ScriptsCopy::new();
        scripts.insert(script, before_statement, SLEEP);
        let database = after_setup();
        let mut state = State::default();
        if scenario == "cleanup" {
            for earlier in ["add", "split", "detach", "migrate"] {
                state.run(earlier);
                let _ = run(&database, earlier);
            }
        }
        let before = (events(&database), users(&database, "users_distributed"));
        let folder = scripts.path().to_str().unwrap();
        let mut command = repartition(&database, &[scenario, "--scripts", folder]);
        let running = Running::start(&mut command);
        wait_for(&database, "it sleeps", "state = 'active' AND query LIKE '%pg_sleep%'");
        running.kill();

        state.run(scenario);
        assert_eq!(status(&run(&database, scenario)), "done", "{scenario}");
        state.assert_in(&database);
        let after = (events(&database), users(&database, "users_distributed"));
        assert_eq!(after, before, "{scenario}");
    }
}

#[test]
fn killed_at_the_first_statement() {
    killed_while_it_sleeps(0);
}

#[test]
fn killed_in_the_middle() {
    killed_while_it_sleeps(3);
}

#[test]
fn killed_before_the_commit() {
    killed_while_it_sleeps(usize::MAX);
}

#[tokio::test]
async fn killed_while_it_waits_for_a_lock() {
    let database = after_setup();
    let before = events(&database);
    let client = database.client().await;
    client
        .batch_execute("BEGIN; LOCK TABLE event_logs_2024_02 IN ACCESS SHARE MODE")
        .await
        .unwrap();
    let running = Running::start(&mut repartition(&database, &["split"]));
    wait_for(&database, "it waits", "wait_event_type = 'Lock'");
    running.kill();
    client.batch_execute("COMMIT").await.unwrap();
    assert_eq!(status(&run(&database, "split")), "done");
    assert_eq!(events(&database), before);
}

#[tokio::test]
async fn a_lock_that_somebody_keeps_is_named_and_nothing_is_changed() {
    let database = after_setup();
    let client = database.client().await;
    client
        .batch_execute("BEGIN; LOCK TABLE event_logs_default IN ROW EXCLUSIVE MODE")
        .await
        .unwrap();
    let running = Running::start(&mut repartition(&database, &["add"]));
    let _ = running.finish().exited(1).says(&["55P03", "rolled back", "pg_stat_activity", "next"]);
    client.batch_execute("COMMIT").await.unwrap();
    State::default().assert_in(&database);
}

#[test]
fn ctrl_c_rolls_back_and_says_so() {
    for (scenario, script) in SCRIPTS {
        let scripts = ScriptsCopy::new();
        scripts.insert(script, usize::MAX, SLEEP);
        let database = after_setup();
        if scenario == "cleanup" {
            let _ = run(&database, "detach");
        }
        let before = database.fingerprint();
        let folder = scripts.path().to_str().unwrap();
        let running = Running::start(&mut repartition(&database, &[scenario, "--scripts", folder]));
        wait_for(&database, "it sleeps", "state = 'active' AND query LIKE '%pg_sleep%'");
        running.interrupt();
        let _ = running.finish().exited(130).says(&["interrupted", "rolled back"]);
        database.assert_unchanged(&before, scenario);
    }
}

#[test]
fn ctrl_c_at_the_prompt_of_a_step_rolls_back() {
    let database = after_setup();
    let before = database.fingerprint();
    for enters in [0, 1, 9] {
        let mut command = repartition(&database, &["split", "--step"]);
        let mut running = Running::start(command.stdin(Stdio::piped()));
        running.types(&"\n".repeat(enters));
        let condition = match enters {
            0 => "BEGIN",
            1 => "LOCK TABLE",
            _ => "INSERT INTO public.event_logs_2024_02_week3",
        };
        let what = format!("state = 'idle in transaction' AND query LIKE '{condition}%'");
        wait_for(&database, "it asks for Enter", &what);
        running.interrupt();
        let _ = running.finish().exited(130).says(&["Enter", "interrupted", "rolled back"]);
        database.assert_unchanged(&before, &format!("after {enters} statements"));
    }
}

//! `--under-load`: what others met with, and that the tables are as they would be without them.

use std::time::Duration;

use serde_json::Value;
use testbed::{Database, Running, ScriptsCopy, eventually, ran};

use crate::bench::{after_setup, events, json, repartition, run, status, users};
use crate::model::State;

/// Rows that a load makes, wherever they are.
fn marked(database: &Database) -> i64 {
    let count = |table: &str, own: &str| {
        let there = format!("(to_regclass('{table}') IS NOT NULL)::text");
        if database.text(&format!("SELECT {there}")) == "true" {
            database.count(&format!("SELECT count(*) FROM {table} WHERE {own}"))
        } else {
            0
        }
    };
    let event = "event_type = 'partition-lab under load'";
    let user = "email = 'under-load@partition-lab.invalid'";
    [
        ("event_logs", event),
        ("event_logs_archive", event),
        ("users_distributed", user),
        ("users_by_date", user),
    ]
    .into_iter()
    .map(|(table, own)| count(table, own))
    .sum()
}

/// Asserts that the load worked, was refused nothing, and that what it read and wrote was right.
fn assert_served(document: &Value) {
    let seen = &document["under_load"];
    let ms = |what: &str| seen[what].as_f64().unwrap();
    // Each client works every 50 ms: a scenario of a few may fall between.
    let met = ms("scenario_until_ms") - ms("scenario_from_ms") > 200.0;
    let during = ["during", "writers_during", "readers_during"];
    for what in during.into_iter().filter(|_| met).chain(["before"]) {
        assert!(seen[what]["count"].as_u64().unwrap() > 0, "{what}: {document:#}");
    }
    assert!(seen["reads"].as_u64().unwrap() > 0, "{document:#}");
    for what in ["reads_that_differed", "rows_missing", "rows_too_many"] {
        assert_eq!(seen[what], 0, "{what}: {document:#}");
    }
    assert_eq!(seen["refused"].as_array().unwrap().len(), 0, "{document:#}");
}

#[test]
fn every_script_ends_as_without_a_load_and_nothing_is_left_of_it() {
    for scenario in ["add", "split", "detach", "migrate", "cleanup"] {
        let database = after_setup();
        let mut state = State::default();
        if scenario == "cleanup" {
            for earlier in ["add", "split"] {
                state.run(earlier);
                let _ = run(&database, earlier);
            }
        }
        let before = (events(&database), users(&database, "users_distributed"));
        let document = json(&database, &[scenario, "--under-load", "2"]).ok().document();
        assert_eq!(status(&document), state.run(scenario));
        assert_served(&document);
        assert_eq!(document["rows_before"], document["rows_after"], "{document:#}");
        state.assert_in(&database);
        let after = (events(&database), users(&database, "users_distributed"));
        assert_eq!(after, before, "{scenario}");
        assert_eq!(marked(&database), 0, "{scenario}");
        if scenario == "migrate" {
            assert_eq!(users(&database, "users_by_date"), before.1);
        }
        // Twice: its work is done, and there is nothing to load.
        let again = json(&database, &[scenario, "--under-load", "2"]).ok().document();
        assert_eq!((status(&again), &again["under_load"]), ("already", &Value::Null));
    }
}

#[test]
fn who_waited_for_whom_is_told() {
    let scripts = ScriptsCopy::new();
    scripts.insert("repartition/11_split_partition.sql", usize::MAX, "SELECT pg_sleep(0.4);");
    let database = after_setup();
    let folder = scripts.path().to_str().unwrap();
    let arguments = ["split", "--under-load", "2", "--scripts", folder];
    let document = json(&database, &arguments).ok().document();
    assert_served(&document);
    let seen = &document["under_load"];
    assert!(seen["during"]["count"].as_u64().unwrap() > 0, "{document:#}");
    for who in ["during", "writers_during", "readers_during"] {
        assert!(seen[who]["max_ms"].as_f64().unwrap() >= 400.0, "{who}: {document:#}");
    }
    let length =
        |lock: &Value| lock["until_ms"].as_f64().unwrap() - lock["from_ms"].as_f64().unwrap();
    let locks = seen["locks"].as_array().unwrap();
    let held = locks.iter().find(|lock| {
        lock["table"] == "event_logs" && lock["mode"] == "ACCESS EXCLUSIVE" && length(lock) > 350.0
    });
    let holder = &held.unwrap_or_else(|| panic!("{seen:#}"))["pid"];
    for who in ["partition-lab writer 1", "partition-lab reader 2"] {
        let waits = |wait: &&Value| wait["application"] == who && length(wait) > 350.0;
        let wait = seen["waits"].as_array().unwrap().iter().find(waits);
        let wait = wait.unwrap_or_else(|| panic!("{who}: {seen:#}"));
        assert!(wait["behind"].as_array().unwrap().contains(holder), "{wait:#}");
    }
}

#[test]
fn the_page_is_whole_in_itself_and_the_terminal_shows_the_same() {
    let database = after_setup();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("split.html");
    let mut command = repartition(&database, &["split", "--under-load", "1", "--html"]);
    let ran = ran(command.arg(&path)).ok();
    for what in ["1 writer and 1 reader", "longest wait", "sessions waiting", "split.html"] {
        assert!(ran.out.contains(what), "no {what}: {ran:#?}");
    }
    let page = std::fs::read_to_string(&path).unwrap();
    lab::page::assert_self_contained(&page);
    assert!(page.contains("How long somebody had to wait"), "{page}");
}

/// Waits until the script sleeps, with a load at work.
fn wait_until_it_sleeps(database: &Database) {
    let sleeps = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()
        AND application_name = 'partition-lab repartition' AND query LIKE '%pg_sleep%'";
    eventually(Duration::from_secs(30), "it sleeps", || database.count(sleeps) == 1);
}

#[test]
fn ctrl_c_removes_what_the_load_wrote() {
    let scripts = ScriptsCopy::new();
    scripts.insert("repartition/10_add_new_partition.sql", 0, "SELECT pg_sleep(600);");
    let database = after_setup();
    let before = database.fingerprint();
    let folder = scripts.path().to_str().unwrap();
    let arguments = ["add", "--under-load", "2", "--scripts", folder];
    let running = Running::start(&mut repartition(&database, &arguments));
    wait_until_it_sleeps(&database);
    eventually(Duration::from_secs(30), "rows are written", || marked(&database) > 0);
    running.interrupt();
    let _ = running.finish().exited(130).says(&["interrupted", "rolled back"]);
    database.assert_unchanged(&before, "Ctrl-C");
}

#[test]
fn what_a_killed_load_left_the_next_one_removes() {
    let scripts = ScriptsCopy::new();
    scripts.insert("repartition/10_add_new_partition.sql", 0, "SELECT pg_sleep(600);");
    let database = after_setup();
    let before = events(&database);
    let folder = scripts.path().to_str().unwrap();
    let arguments = ["add", "--under-load", "2", "--scripts", folder];
    let running = Running::start(&mut repartition(&database, &arguments));
    wait_until_it_sleeps(&database);
    eventually(Duration::from_secs(30), "rows are written", || marked(&database) > 0);
    running.kill();
    eventually(Duration::from_secs(30), "the server has noticed", || {
        let left = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()
            AND application_name LIKE 'partition-lab %'";
        database.count(left) == 0
    });
    assert!(marked(&database) > 0);
    let document = json(&database, &["add", "--under-load", "1"]).ok().document();
    assert_served(&document);
    assert_eq!((marked(&database), events(&database)), (0, before));
}

#[test]
fn flags_that_do_not_go_together_are_wrong_usage() {
    let database = testbed::server().database();
    for (arguments, says) in [
        (&["split", "--html", "x.html"][..], "--under-load"),
        (&["all", "--under-load", "2"], "one scenario"),
        (&["split", "--under-load", "0"], "0"),
        (&["cleanup", "--online"], "no online way"),
        (&["split", "--compare", "--online"], "--online"),
        (&["split", "--online", "--step"], "--step"),
    ] {
        let _ = ran(&mut repartition(&database, arguments)).exited(2).says(&[says]);
    }
}

//! `--dry-run`, `--step`, the list, and `all`.

use std::process::Stdio;

use testbed::{Running, ran};

use crate::bench::{after_setup, events, json, repartition, run, status, users};
use crate::model::{SCENARIOS, State};

#[test]
fn a_dry_run_shows_the_statements_and_changes_nothing() {
    let database = after_setup();
    let before = database.fingerprint();
    for scenario in ["add", "split", "detach", "migrate"] {
        let ran = ran(&mut repartition(&database, &[scenario, "--dry-run"])).ok();
        assert!(
            ran.out.contains("CREATE TABLE") && ran.out.contains("nothing was changed"),
            "{ran:#?}"
        );
    }
    let document = json(&database, &["all", "--dry-run"]).ok().document();
    let statuses: Vec<&str> = document["steps"].as_array().unwrap().iter().map(status).collect();
    assert_eq!(statuses, ["ready", "ready", "ready", "ready", "already"]);
    assert_eq!(status(&document), "ready", "there is something to do");
    database.assert_unchanged(&before, "a dry run");
}

#[test]
fn step_by_step_with_enter() {
    for scenario in ["split", "detach"] {
        let database = after_setup();
        let before = events(&database);
        let mut command = repartition(&database, &[scenario, "--step"]);
        let mut running = Running::start(command.stdin(Stdio::piped()));
        running.types(&"\n".repeat(100));
        let ran = running.finish().ok().says(&["Enter runs it"]);
        assert!(
            ran.out.contains("LOCK TABLE public.event_logs IN ACCESS EXCLUSIVE MODE;"),
            "{ran:#?}"
        );
        assert_eq!(events(&database), before);
        let mut state = State::default();
        assert_eq!(state.run(scenario), "done");
        state.assert_in(&database);
    }
}

/// Nobody looks on who could press Ctrl-C.
#[test]
fn step_by_step_stops_at_the_end_of_the_input_and_rolls_back() {
    let database = after_setup();
    let before = database.fingerprint();
    for input in ["", "\n\n"] {
        let mut command = repartition(&database, &["split", "--step"]);
        let mut running = Running::start(command.stdin(Stdio::piped()));
        running.types(input);
        let says = ["waits for Enter", "the input has ended", "rolled back", "without --step"];
        let _ = running.finish().exited(2).says(&says);
        assert_eq!(database.fingerprint(), before);
    }
}

#[test]
fn without_a_scenario_the_list_says_what_each_teaches() {
    // It needs no server: nothing is at this address.
    let list = |arguments: &[&str]| {
        let mut command = testbed::process("repartition");
        command.env("DATABASE_URL", "postgresql://nobody@127.0.0.1:1/none").args(arguments);
        ran(&mut command)
    };
    let listed = list(&[]).ok();
    for scenario in SCENARIOS.into_iter().chain(["all"]) {
        assert!(listed.out.lines().any(|line| line.starts_with(scenario)), "{listed:#?}");
    }
    assert_eq!(list(&["list"]).ok().out, listed.out);
    let _ = list(&["list", "--dry-run"]).exited(2).says(&["runs nothing"]);
}

#[test]
fn all_runs_the_five_in_order_and_again() {
    let database = after_setup();
    let (before, users_before) = (events(&database), users(&database, "users_distributed"));
    for _ in 0..2 {
        let document = run(&database, "all");
        assert_eq!(status(&document), "done");
        assert_eq!((&document["rows_before"], &document["rows_after"]), (&700.into(), &700.into()));
        let steps = document["steps"].as_array().unwrap();
        let names: Vec<&str> =
            steps.iter().map(|step| step["scenario"].as_str().unwrap()).collect();
        assert_eq!(names, SCENARIOS);
        assert!(steps.iter().all(|step| status(step) == "done"), "{document:#}");
        State::default().assert_in(&database);
        assert_eq!(events(&database), before);
        assert_eq!(users(&database, "users_distributed"), users_before);
    }
}

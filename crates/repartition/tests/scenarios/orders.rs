//! Every order of two scenarios, each scenario twice among them.

use testbed::Database;

use crate::bench::{after_setup, events, run, users};
use crate::model::{SCENARIOS, State, assert_document};

#[test]
fn add_then_any() {
    then_any("add");
}

#[test]
fn split_then_any() {
    then_any("split");
}

#[test]
fn detach_then_any() {
    then_any("detach");
}

#[test]
fn migrate_then_any() {
    then_any("migrate");
}

#[test]
fn cleanup_then_any() {
    then_any("cleanup");
}

/// The same, in the opposite order and each twice, as no pair has it.
#[test]
fn all_backwards_and_twice() {
    let database = after_setup();
    let (events_before, users_before) = (events(&database), users(&database, "users_distributed"));
    let mut state = State::default();
    for scenario in SCENARIOS.iter().rev().chain(SCENARIOS.iter().rev()) {
        step(&database, &mut state, scenario, &events_before, &users_before);
    }
}

fn then_any(first: &str) {
    for second in SCENARIOS {
        let database = after_setup();
        let events_before = events(&database);
        let users_before = users(&database, "users_distributed");
        let mut state = State::default();
        for scenario in [first, second] {
            step(&database, &mut state, scenario, &events_before, &users_before);
        }
        inserts_arrive(&database, state);
        let events_before = events(&database);
        step(&database, &mut state, "cleanup", &events_before, &users_before);
        assert_eq!(state, State::default());
    }
}

/// Runs a scenario, and compares all that the specification says of it.
fn step(
    database: &Database,
    state: &mut State,
    scenario: &str,
    events_then: &str,
    users_then: &str,
) {
    let status = state.run(scenario);
    let document = run(database, scenario);
    assert_document(&document, scenario, status, database);
    state.assert_in(database);
    assert_eq!(events(database), events_then, "events after {scenario}");
    assert_eq!(users(database, "users_distributed"), users_then, "users after {scenario}");
    if state.by_date {
        assert_eq!(users(database, "users_by_date"), users_then, "copied users after {scenario}");
    }
}

/// New events get ids that nobody had, and land where the partitions say.
fn inserts_arrive(database: &Database, state: State) {
    for (month, day) in [(1, 15), (2, 1), (2, 10), (2, 21), (2, 29), (3, 31), (4, 15), (12, 24)] {
        let highest = database.count(
            "SELECT max(id) FROM (SELECT id FROM event_logs UNION ALL SELECT id FROM event_logs_old) AS all_ids",
        );
        let inserted = database.text(&format!(
            "INSERT INTO event_logs (event_type, user_id, created_at) VALUES ('test', 1, '2024-{month}-{day} 12:00')
             RETURNING tableoid::regclass || ' ' || (id > {highest})"
        ));
        assert_eq!(
            inserted,
            format!("{} true", state.home_of(month, day)),
            "{month}-{day} in {state:?}"
        );
    }
}

//! No row is ever lost, whichever way it came in.

use crate::bench::{after_setup, events, run, status, users};
use crate::model::State;

#[test]
fn rows_that_came_in_between_are_there_after_cleanup() {
    let database = after_setup();
    for scenario in ["add", "split", "detach", "migrate"] {
        assert_eq!(status(&run(&database, scenario)), "done");
    }
    database.batch(
        "INSERT INTO event_logs (event_type, user_id, created_at)
             SELECT 'late', 1, day FROM generate_series(timestamp '2024-01-01', '2024-05-31', '1 day') AS day;
         INSERT INTO users_by_date (username, email, registration_date)
             VALUES ('only.here', 'a@example.com', '2024-02-02'), ('without.date', 'b@example.com', NULL);
         INSERT INTO users_distributed (username, email) VALUES ('only.there', 'c@example.com')",
    );
    let late = "SELECT count(*) FROM event_logs WHERE event_type = 'late'";
    assert_eq!(database.count(late), 152);
    let january = "SELECT count(*) FROM event_logs_default WHERE event_type = 'late' AND created_at < '2024-02-01'";
    assert_eq!(database.count(january), 31, "January has no partition any more");
    let events_before = events(&database);

    assert_eq!(status(&run(&database, "cleanup")), "done");
    State::default().assert_in(&database);
    assert_eq!(events(&database), events_before);
    assert_eq!(
        database.count("SELECT count(*) FROM event_logs_2024_01 WHERE event_type = 'late'"),
        31
    );
    let names = "SELECT username::text FROM users_distributed WHERE id > 200 ORDER BY username";
    assert_eq!(database.texts(names), ["only.here", "only.there", "without.date"]);
    let twice = "SELECT count(*) - count(DISTINCT id) FROM users_distributed";
    assert_eq!(database.count(twice), 0);
}

#[test]
fn a_user_changed_after_migrate_stays_changed() {
    let database = after_setup();
    let _ = run(&database, "migrate");
    database.batch("UPDATE users_distributed SET email = 'new@example.com' WHERE id = 7");
    let before = users(&database, "users_distributed");
    let _ = run(&database, "cleanup");
    assert_eq!(users(&database, "users_distributed"), before);
}

#[test]
fn users_without_a_date_and_of_other_years_land_in_the_default_of_migrate() {
    let database = after_setup();
    database.batch(
        "INSERT INTO users_distributed (username, email, registration_date) VALUES
             ('old', 'a@example.com', '1999-12-31'), ('none', 'b@example.com', NULL),
             ('first', 'c@example.com', '2023-01-01'), ('next', 'd@example.com', '2025-01-01')",
    );
    let _ = run(&database, "migrate");
    let homes = "SELECT username || ' ' || tableoid::regclass FROM users_by_date
        WHERE id > 200 ORDER BY username";
    assert_eq!(
        database.texts(homes),
        [
            "first users_by_date_2023_q1",
            "next users_by_date_default",
            "none users_by_date_default",
            "old users_by_date_default"
        ]
    );
    assert!(
        database
            .count("SELECT count(*) FROM users_by_date_default WHERE registration_date IS NULL")
            > 1
    );
    let fresh =
        "INSERT INTO users_by_date (username, email) VALUES ('x', 'y') RETURNING (id > 204)::text";
    assert_eq!(database.text(fresh), "true");
}

#[test]
fn empty_tables_go_through_all_scenarios() {
    let database = after_setup();
    database.batch("TRUNCATE event_logs, users_distributed");
    for scenario in ["add", "split", "detach", "migrate", "cleanup"] {
        let document = run(&database, scenario);
        assert_eq!(status(&document), "done");
        assert_eq!((&document["rows_before"], &document["rows_after"]), (&0.into(), &0.into()));
    }
    State::default().assert_in(&database);
}

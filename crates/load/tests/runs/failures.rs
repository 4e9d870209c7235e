//! Inserts that fail, and servers that go.

use testbed::{eventually, ran};

use crate::bench::{LIMIT, Rows, after_setup, load, loading};

#[test]
fn refused_inserts_are_counted_by_sqlstate_and_the_others_go_on() {
    let database = after_setup();
    database.batch("ALTER TABLE sales_data ADD CONSTRAINT few CHECK (quantity < 2) NOT VALID");
    let before = Rows::count(&database);
    let ended = ran(&mut load(&database, &["0", "2"])).exited(1);
    let ended = ended.says(&["of the inserts failed", "23514", "\"few\"", "×"]);
    let document = ended.document();
    let failed = document["failed"].as_u64().unwrap();
    assert!(failed > 0, "{document:#}");
    assert!(ended.err.contains(&format!("{failed} of the inserts")), "{ended:#?}");
    before.assert_grown_by(&document, &database);
    for table in ["event_logs", "users_distributed", "orders_by_region"] {
        assert!(document["tables"][table].as_u64().unwrap() > 0, "{document:#}");
    }
}

#[test]
fn a_table_that_goes_away_ends_it() {
    let database = after_setup();
    let running = loading(&database, &["5"], 5);
    database.batch("DROP TABLE sales_data");
    let ended = running.finish().exited(1).says(&["sales_data", "42P01", "cargo run -p setup"]);
    assert!(ended.document()["inserted"].as_u64().unwrap() >= 5);
}

#[test]
fn rights_that_are_taken_away_end_it() {
    let database = after_setup();
    database.batch(&format!(
        "CREATE ROLE {0}_writer LOGIN;
         GRANT SELECT, INSERT ON ALL TABLES IN SCHEMA public TO {0}_writer",
        database.name()
    ));
    let url = database.url().replace("postgres@", &format!("{}_writer@", database.name()));
    let mut command = load(&database, &["5"]);
    let running = testbed::Running::start(command.env("DATABASE_URL", url));
    let before = crate::bench::total(&database);
    eventually(LIMIT, "rows arrive", || crate::bench::total(&database) > before);
    database.batch(&format!("REVOKE INSERT ON event_logs FROM {}_writer", database.name()));
    let _ = running.finish().exited(1).says(&["event_logs", "42501", "GRANT"]);
}

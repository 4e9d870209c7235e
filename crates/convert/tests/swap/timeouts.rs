//! Timeouts that are for statements of another kind.

use testbed::{Database, ran, server};

const RUN: [&str; 6] = ["run", "t", "--range", "at", "--every", "month"];

fn table() -> Database {
    let database = server().database();
    database.batch(
        "CREATE TABLE t (id int PRIMARY KEY, at date NOT NULL);
         INSERT INTO t SELECT n, date '2088-01-01' + n % 60 FROM generate_series(1, 100) AS n",
    );
    database
}

fn convert(database: &Database, arguments: &[&str]) {
    let _ = ran(database.process("convert").args(arguments)).ok();
}

/// Thousands of files take longer to delete than anybody should wait for a lock.
#[test]
fn a_table_that_takes_long_to_drop_is_dropped() {
    let database = table();
    convert(&database, &RUN);
    database.batch(
        "CREATE FUNCTION slow() RETURNS event_trigger LANGUAGE plpgsql AS $$ BEGIN
             PERFORM pg_sleep(0.3) FROM pg_event_trigger_dropped_objects() WHERE object_name = 't_new' AND original;
         END $$;
         CREATE EVENT TRIGGER slow ON sql_drop EXECUTE FUNCTION slow()",
    );
    convert(&database, &["abort", "t", "--lock-budget", "2"]);
    assert_eq!(database.count("SELECT count(*) FROM pg_class WHERE relname ~ '^t_(new|2088)'"), 0);
}

/// What is settled after a swap takes as long as the table is big.
#[test]
fn a_statement_timeout_of_the_database_does_not_end_what_a_swap_has_left() {
    let database = table();
    database.batch(
        "CREATE MATERIALIZED VIEW slow AS SELECT count(*) AS n, (SELECT 1 FROM pg_sleep(0.5)) AS slept FROM t;
         DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET statement_timeout = 400', current_database()); END $$",
    );
    convert(&database, &RUN);
    convert(&database, &["swap", "t"]);
    assert_eq!(database.count("SELECT n FROM slow"), 100);
}

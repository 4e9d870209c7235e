//! Unique values that go from row to row, and columns that are NULL.

use convert::event::Point;
use convert::work::Guards;
use testbed::{Database, server};

use crate::converter::Verb;
use crate::observer::At;
use crate::plain::{converter, differences};

/// A second unique key, and a nullable column besides.
fn table() -> Database {
    let database = server().database();
    database.batch(
        "CREATE TABLE t (id integer, at date, code integer, v text,
             PRIMARY KEY (id, at), UNIQUE (code, at));
         INSERT INTO t SELECT i, date '2088-01-01' + i % 100, i, 'v'
             FROM generate_series(1, 20000) AS i",
    );
    database
}

/// A replay in batches meets the new owner of a value while the former still has it.
#[tokio::test]
async fn a_unique_value_that_goes_from_row_to_row_does_not_stop_catch_up() {
    let database = table();
    let client = database.client().await;
    // All rows but the first 100 take the code of a row 100 further, which has the same date.
    let observer = At::once(Point::Indexed, || async move {
        for sql in [
            "DELETE FROM t WHERE id <= 100",
            "DO $$ BEGIN
                FOR i IN 101..12000 LOOP
                    UPDATE t SET code = i - 100 WHERE id = i;
                END LOOP;
             END $$",
        ] {
            client.batch_execute(sql).await.unwrap();
        }
    });
    let mut converter = converter(&database, Guards::default(), &observer).await;
    converter.well(Verb::Run).await;
    converter.well(Verb::Swap).await;
    assert_eq!(differences(&database), [""; 0]);
    // The other way round, for the way back.
    database.batch(
        "DO $$ BEGIN
            FOR i IN REVERSE 12000..101 LOOP
                UPDATE t SET code = i WHERE id = i;
            END LOOP;
         END $$",
    );
    converter.well(Verb::Rollback).await;
    assert_eq!(database.count("SELECT count(*) FROM (TABLE t EXCEPT ALL TABLE t_new) AS d"), 0);
}

/// A partition column that may be NULL is in the log, and is compared there.
#[tokio::test]
async fn rows_whose_partition_column_is_null_are_found_again() {
    let database = server().database();
    database.batch(
        "CREATE TABLE t (id integer PRIMARY KEY, at date, v text);
         INSERT INTO t SELECT i, CASE WHEN i % 3 > 0 THEN date '2088-01-01' + i % 100 END, 'v'
             FROM generate_series(1, 3000) AS i",
    );
    let client = database.client().await;
    let race = "UPDATE t SET v = 'new' WHERE id <= 30;
        UPDATE t SET at = NULL WHERE id BETWEEN 31 AND 60;
        UPDATE t SET at = '2088-02-02' WHERE id BETWEEN 51 AND 90 AND at IS NULL;
        DELETE FROM t WHERE id BETWEEN 91 AND 99";
    let observer =
        At::once(Point::Indexed, || async move { client.batch_execute(race).await.unwrap() });
    let mut converter = converter(&database, Guards::default(), &observer).await;
    converter.request.default = true;
    // A primary key has no NULL, so it may be refused; but then at once, and by name.
    match converter.carry_out(Verb::Run).await {
        Ok(()) => {
            converter.well(Verb::Swap).await;
            assert_eq!(differences(&database), [""; 0]);
        }
        Err(error) => {
            let error = format!("{error:?}");
            assert!(error.contains("at") && error.contains("NULL"), "{error}");
            let made = "SELECT count(*) FROM pg_class WHERE relname ~ '^t_'
                AND relkind = 'p' OR relname ~ '^forward_'";
            assert_eq!(database.count(made), 0, "{error}");
        }
    }
}

//! Constraints that the rows there need not obey.

use convert::work::Guards;
use testbed::server;

use crate::converter::Verb;
use crate::observer::At;
use crate::plain::{converter, differences};

/// A copy of a table must take the rows that the table took before it had its constraint.
#[tokio::test]
async fn rows_that_break_a_constraint_which_is_not_valid_are_copied_or_refused_by_name() {
    let database = server().database();
    database.batch(
        "CREATE TABLE t (id integer PRIMARY KEY, at date NOT NULL, v integer);
         INSERT INTO t SELECT i, date '2088-01-01' + i % 50, i - 10 FROM generate_series(1, 300) AS i;
         ALTER TABLE t ADD CONSTRAINT positive CHECK (v > 0) NOT VALID;",
    );
    let nothing = At::nothing();
    let mut converter = converter(&database, Guards::default(), &nothing).await;
    match converter.carry_out(Verb::Run).await {
        Ok(()) => {
            converter.well(Verb::Swap).await;
            assert_eq!(differences(&database), [""; 0]);
            let client = database.client().await;
            let broken = client.execute("UPDATE t SET v = 0 WHERE id = 50", &[]).await;
            assert!(broken.is_err(), "the constraint was lost");
        }
        Err(error) => {
            let error = format!("{error:?}");
            assert!(error.contains("positive"), "{error}");
            let made = "SELECT count(*) FROM pg_trigger WHERE NOT tgisinternal";
            assert_eq!(database.count(made), 0, "it was refused too late: {error}");
        }
    }
}

//! Tables whose rows are moved, or whose shape changes, while they are copied.

use std::cell::Cell;

use convert::event::Point;
use convert::work::Guards;
use testbed::Database;

use crate::converter::Verb;
use crate::observer::At;
use crate::plain::{converter, differences, table};

/// Runs `statement` once the first batch is copied. What became of the conversion.
async fn when_half_is_copied(database: &Database, statement: &'static str) -> Result<(), String> {
    let (client, done) = (database.client().await, Cell::new(false));
    let client = &client;
    let observer = At::new(|point| {
        let now = point == Point::BatchCopied && !done.replace(point == Point::BatchCopied);
        async move {
            if now {
                client.batch_execute(statement).await.unwrap();
            }
            Ok(())
        }
    });
    let mut converter = converter(database, Guards::default(), &observer).await;
    converter.pace.workers = 1;
    let mut ended = converter.carry_out(Verb::Run).await;
    if ended.is_ok() {
        ended = converter.carry_out(Verb::Swap).await;
    }
    ended.map_err(|error| format!("{error} {error:?}"))
}

/// VACUUM FULL and CLUSTER give every row another place: what is copied by blocks must start anew,
/// or say so. What must not happen is that rows are missing in silence.
#[tokio::test]
async fn a_source_that_is_rewritten_while_it_is_copied_loses_no_row() {
    for rewrite in ["VACUUM FULL t", "CLUSTER t USING backwards"] {
        let database = table();
        database.batch("CREATE INDEX backwards ON t (v, id DESC); DELETE FROM t WHERE id % 3 = 0");
        match when_half_is_copied(&database, rewrite).await {
            Ok(()) => assert_eq!(differences(&database), [""; 0], "{rewrite}"),
            Err(error) => assert!(error.contains("rewritten"), "{rewrite}: {error}"),
        }
    }
}

#[tokio::test]
async fn a_column_that_comes_goes_or_changes_is_an_error_and_not_a_loss() {
    for change in [
        "ALTER TABLE t ADD COLUMN new integer DEFAULT 3",
        "ALTER TABLE t ALTER v TYPE varchar(300)",
        "ALTER TABLE t RENAME v TO w",
        "ALTER TABLE t DROP COLUMN v",
    ] {
        let database = table();
        let error = when_half_is_copied(&database, change).await.expect_err(change);
        assert!(error.contains("abort"), "{change}: what to type next is not said: {error}");
        assert_eq!(database.text("SELECT relkind::text FROM pg_class WHERE relname = 't'"), "r");
        let nothing = At::nothing();
        let mut converter = converter(&database, Guards::default(), &nothing).await;
        converter.well(Verb::Abort).await;
        database.batch("INSERT INTO t (id, at) SELECT 9000, '2088-02-02' WHERE false");
    }
}

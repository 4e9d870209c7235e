//! A row may be copied twice.

use std::cell::Cell;

use convert::event::Point;
use convert::work::Guards;
use lab::{Error, Result};
use testbed::Database;

use crate::converter::Verb;
use crate::observer::At;
use crate::plain::{converter, differences, table};

/// Once the first batch is copied, all its rows move on to blocks that are still to be copied.
async fn rows_move_on(database: &Database, guards: Guards) -> Result<()> {
    // Blocks at the end are empty, and known to be.
    database.batch(
        "INSERT INTO t SELECT i, '2088-01-01', repeat('v', 200) FROM generate_series(10001, 12000) AS i;
         DELETE FROM t WHERE id > 10000 AND id < 12000",
    );
    database.batch("VACUUM t");
    let client = &database.client().await;
    let batches = &Cell::new(0);
    let observer = At::new(|point| async move {
        if point == Point::BatchCopied && batches.replace(batches.get() + 1) == 0 {
            let moved =
                client.execute("UPDATE t SET v = repeat('m', 200) WHERE id <= 500", &[]).await;
            assert_eq!(moved.unwrap(), 500);
            let behind = "SELECT count(*) FROM t WHERE id <= 500 AND (ctid::text::point)[0] > 64";
            let behind: i64 = client.query_one(behind, &[]).await.unwrap().get(0);
            if behind == 0 {
                return Err(Error::failed("the test's rows did not move"));
            }
        }
        Ok(())
    });
    let mut converter = converter(database, guards, &observer).await;
    converter.pace.workers = 1;
    converter.carry_out(Verb::Run).await?;
    assert!(batches.get() > 1, "all was copied in one batch");
    converter.carry_out(Verb::Swap).await
}

#[tokio::test]
async fn a_row_that_was_copied_twice_is_there_once() {
    let database = table();
    rows_move_on(&database, Guards::default()).await.unwrap();
    assert!(differences(&database).is_empty());

    let without = Guards { delete_logged: false, ..Guards::default() };
    let error = rows_move_on(&table(), without).await.unwrap_err();
    let error = format!("{error:?}");
    assert!(
        error.contains("23505"),
        "the key cannot be built over rows that are there twice: {error}"
    );
}

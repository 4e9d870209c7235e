//! Transactions whose snapshot is older than the rows of the new table.

use convert::event::{Event, Point};
use convert::work::Guards;
use testbed::{Database, until};
use tokio_postgres::Client;

use crate::converter::{Converter, Verb};
use crate::fire::LIMIT;
use crate::observer::At;
use crate::plain::{ROWS, converter, table};

/// It looks at the table for the first time when that is the new one: whose rows were all written
/// after its snapshot.
#[tokio::test]
async fn a_transaction_older_than_the_copy_does_not_find_an_empty_table() {
    let database = table();
    let old = &database.client().await;
    let observer = At::new(|point| async move {
        if point == Point::Prepared {
            let snapshot = "BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT FROM pg_class LIMIT 1";
            old.batch_execute(snapshot).await.unwrap();
        }
        Ok(())
    });
    let mut converter = converter(&database, Guards::default(), &observer).await;
    converter.well(Verb::Run).await;
    swapped_with_all_rows(&database, converter, &observer, old, "t").await;
}

/// Everything that was written since the last catch-up comes into the new table shortly before the swap.
#[tokio::test]
async fn a_transaction_older_than_the_last_catch_up_does_not_find_a_table_as_it_was_long_ago() {
    let database = table();
    let nothing = At::nothing();
    let mut converter = converter(&database, Guards::default(), &nothing).await;
    converter.well(Verb::Run).await;
    database.batch("UPDATE t SET v = 'new'");
    let old = &database.client().await;
    old.batch_execute("BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT FROM pg_class").await.unwrap();
    swapped_with_all_rows(&database, converter, &nothing, old, "t WHERE v = 'new'").await;
}

/// What others do is hidden from most roles, but not that they have a snapshot.
#[tokio::test]
async fn a_converter_that_may_not_see_what_others_do_waits_for_them_too() {
    let database = table();
    let role = format!("converter_of_{}", database.name());
    database.batch(&format!(
        "CREATE ROLE {role}; ALTER TABLE t OWNER TO {role}; GRANT CREATE ON SCHEMA public TO {role};
         DO $$ BEGIN EXECUTE format('GRANT CREATE ON DATABASE %I TO {role}', current_database()); END $$"
    ));
    let nothing = At::nothing();
    let mut converter = converter(&database, Guards::default(), &nothing).await;
    converter.become_role(&role).await;
    converter.well(Verb::Run).await;
    database.batch("UPDATE t SET v = 'new'");
    let old = &database.client().await;
    old.batch_execute("BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT FROM pg_class").await.unwrap();
    swapped_with_all_rows(&database, converter, &nothing, old, "t WHERE v = 'new'").await;
}

/// Swaps, and has `old`, which has a snapshot, read `rows` as soon as it can: all of them are there.
async fn swapped_with_all_rows(
    database: &Database,
    mut converter: Converter<'_>,
    observer: &At<'_>,
    old: &Client,
    rows: &str,
) {
    let watcher = database.client().await;
    let waits = |event: &Event| matches!(event, Event::Note(note) if note.starts_with("waits for"));
    let reads = async {
        until(LIMIT, "the swap is done, or waits for somebody", async || {
            let swapped = "SELECT live = 'target' FROM partition_convert.conversions";
            let swapped: bool = watcher.query_one(swapped, &[]).await.unwrap().get(0);
            swapped || observer.told.borrow().iter().any(waits)
        })
        .await;
        let sql = format!("SELECT count(*) FROM {rows}");
        let rows: i64 = old.query_one(&sql, &[]).await.unwrap().get(0);
        assert_eq!(rows, ROWS);
        old.batch_execute("COMMIT").await.unwrap();
    };
    let (swapped, ()) = tokio::join!(converter.carry_out(Verb::Swap), reads);
    swapped.unwrap();
    assert_eq!(database.text("SELECT relkind::text FROM pg_class WHERE relname = 't'"), "p");
}

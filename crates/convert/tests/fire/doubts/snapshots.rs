//! Transactions whose snapshot is older than the rows of the new table.

use convert::event::{Event, Point};
use convert::work::Guards;
use testbed::until;

use crate::converter::Verb;
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
    let watcher = database.client().await;
    let waits = |event: &Event| matches!(event, Event::Note(note) if note.starts_with("waits for"));
    let reads = async {
        until(LIMIT, "the swap is done, or waits for somebody", async || {
            let swapped = "SELECT live = 'target' FROM partition_convert.conversions";
            let swapped: bool = watcher.query_one(swapped, &[]).await.unwrap().get(0);
            swapped || observer.told.borrow().iter().any(waits)
        })
        .await;
        let rows: i64 = old.query_one("SELECT count(*) FROM t", &[]).await.unwrap().get(0);
        assert_eq!(rows, ROWS);
        old.batch_execute("COMMIT").await.unwrap();
    };
    let (swapped, ()) = tokio::join!(converter.carry_out(Verb::Swap), reads);
    swapped.unwrap();
    assert_eq!(database.text("SELECT relkind::text FROM pg_class WHERE relname = 't'"), "p");
}

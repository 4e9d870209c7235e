//! The moment between the last catch-up and the rename.

use std::cell::{Cell, RefCell};

use convert::event::Point;
use convert::work::Guards;
use testbed::{Database, until};

use crate::converter::Verb;
use crate::fire::LIMIT;
use crate::observer::At;
use crate::plain::{converter, differences, table};

/// A writer comes between the last catch-up and the rename.
async fn written_in_between(database: &Database) {
    let (writer, watcher) = (database.client().await, database.client().await);
    let pid: i32 = writer.query_one("SELECT pg_backend_pid()", &[]).await.unwrap().get(0);
    let insert = "INSERT INTO t VALUES (9001, '2088-02-02', 'new')";
    let (done, mut written) = tokio::sync::oneshot::channel();
    let done = RefCell::new(Some((done, writer)));
    let observer = At::new(|point| {
        let done = (point == Point::LastReplayed).then(|| done.borrow_mut().take()).flatten();
        let watcher = &watcher;
        async move {
            let Some((done, writer)) = done else { return Ok(()) };
            let writing = tokio::spawn(async move {
                writer.batch_execute(insert).await.unwrap();
                let _ = done.send(());
            });
            let waits = "SELECT count(*) FROM pg_locks WHERE pid = $1 AND NOT granted";
            until(LIMIT, "the writer waits or is done", async || {
                let blocked: i64 = watcher.query_one(waits, &[&pid]).await.unwrap().get(0);
                blocked > 0 || writing.is_finished()
            })
            .await;
            Ok(())
        }
    });
    let mut converter = converter(database, Guards::default(), &observer).await;
    converter.well(Verb::Run).await;
    converter.well(Verb::Swap).await;
    until(LIMIT, "the writer is done", async || written.try_recv().is_ok()).await;
    let rows = "SELECT count(*) FROM t WHERE id = 9001 UNION ALL
        SELECT count(*) FROM t_old WHERE id = 9001";
    let rows = watcher.query(rows, &[]).await.unwrap();
    let sum: i64 = rows.iter().map(|row| row.get::<_, i64>(0)).sum();
    assert_eq!(sum, 1, "the writer was told that its row is there");
}

#[tokio::test]
async fn a_write_between_the_last_catch_up_and_the_rename_waits() {
    let database = table();
    written_in_between(&database).await;
    assert_eq!(differences(&database), ["+9001 2088-02-02"], "it is in the new table");
}

/// Writes come after the snapshot of each batch that is replayed before the locks are asked for.
async fn written_after_the_last_batch(guards: Guards) -> Vec<String> {
    let database = table();
    let client = &database.client().await;
    let (swapping, next) = (&Cell::new(false), &Cell::new(9001));
    let observer = At::new(|point| async move {
        if point == Point::BatchTaken && swapping.get() {
            let id = next.replace(next.get() + 1);
            let insert = format!("INSERT INTO t VALUES ({id}, '2088-02-02', 'new')");
            client.batch_execute(&insert).await.unwrap();
        }
        Ok(())
    });
    let mut converter = converter(&database, guards, &observer).await;
    converter.well(Verb::Run).await;
    swapping.set(true);
    converter.well(Verb::Swap).await;
    assert!(next.get() > 9001, "nothing was written");
    let last = format!("{} 2088-02-02", next.get() - 1);
    differences(&database).into_iter().map(|row| row.replace(&last, "last")).collect()
}

#[tokio::test]
async fn a_write_after_the_last_batch_is_replayed_under_the_lock() {
    assert!(written_after_the_last_batch(Guards::default()).await.is_empty());
    let without = Guards { last_catch_up_locked: false, ..Guards::default() };
    assert_eq!(written_after_the_last_batch(without).await, ["-last"]);
}

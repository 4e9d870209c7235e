//! What goes on where it stopped, and what refuses to.

use std::time::Duration;

use convert::event::Event;
use convert::state::Phase;
use lab::error::Kind;
use testbed::Database;

use crate::converter::{Converter, monthly};

fn table() -> Database {
    let database = testbed::server().database();
    database.batch(
        "CREATE TABLE t (id int PRIMARY KEY, at timestamp NOT NULL, v text);
         INSERT INTO t SELECT i, '2024-01-01'::timestamp + i * interval '1 min', repeat('x', 100)
         FROM generate_series(1, 60000) i",
    );
    database
}

#[tokio::test]
async fn an_interrupt_leaves_what_was_copied_and_the_next_run_copies_the_rest() {
    let database = table();
    let mut converter = Converter::new(&database).await;
    converter.pace.batch = Duration::from_millis(1);
    converter.pace.max_rate = Some(20_000.0);
    let interrupt = converter.interrupt.clone();
    let observer = database.clone();
    let raise = async {
        testbed::until(Duration::from_secs(30), "a batch is copied", async || {
            let there = "SELECT coalesce(sum(next_block - first_block), 0)::bigint FROM partition_convert.segments";
            let client = observer.client().await;
            client.query_one(there, &[]).await.is_ok_and(|row| row.get::<_, i64>(0) > 0)
        })
        .await;
        interrupt.raise();
    };
    let wanted = monthly("at");
    let (ended, ()) = tokio::join!(converter.run("t", &wanted), raise);
    assert_eq!(ended.unwrap_err().kind(), Kind::Interrupted);
    let copied = database.count("SELECT count(*) FROM t_new");
    assert!(0 < copied && copied < 60_000, "{copied}");

    database.batch("UPDATE t SET at = at + interval '20 days' WHERE id % 100 = 0; DELETE FROM t WHERE id % 100 = 1");
    drop(converter);
    let mut converter = Converter::new(&database).await;
    let conversion = converter.run("t", &wanted).await.unwrap();
    assert_eq!(conversion.phase, Phase::Ready);
    assert_eq!(database.count("SELECT count(*) FROM (TABLE t EXCEPT ALL TABLE t_new) d"), 0);
    assert_eq!(database.count("SELECT count(*) FROM t_new"), 59_400);
    let begun = converter
        .told
        .0
        .borrow()
        .iter()
        .filter(|event| matches!(event, Event::Begins("prepare")))
        .count();
    assert_eq!(begun, 0, "what was prepared is not prepared again");
}

#[tokio::test]
async fn a_difference_is_found_and_named() {
    let database = table();
    let mut converter = Converter::new(&database).await;
    let mut conversion = converter.run("t", &monthly("at")).await.unwrap();
    // Behind the trigger's back.
    database.batch(
        "SET partition_convert.replay = 'on'; UPDATE t SET v = 'y' WHERE id = 7; DELETE FROM t_new WHERE id = 8",
    );
    conversion.phase = Phase::Ready;
    let comparison = converter.compare(&conversion).await.unwrap();
    let said: Vec<String> = comparison.differences.iter().map(ToString::to_string).collect();
    assert_eq!(said, ["row 7 is not the same in both", "row 8 is only in the source"]);
}

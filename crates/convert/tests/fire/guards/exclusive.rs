//! Two converters of one table.

use std::cell::RefCell;

use convert::event::Point;
use convert::work::Guards;
use lab::Result;
use testbed::Database;

use crate::converter::Verb;
use crate::observer::At;
use crate::plain::{converter, differences, table};

const HOLDER: &str = "SELECT pid::text FROM pg_locks WHERE locktype = 'advisory' AND granted
    AND database = (SELECT oid FROM pg_database WHERE datname = current_database())";

/// One has built all indexes when another one does the rest and swaps, an application writes to the new
/// table, and the first goes on from where it was. How the second ended, and the first; and who held
/// the lock meanwhile.
async fn two(database: &Database, guards: &Guards) -> (Result<()>, Result<()>, Option<String>) {
    let (second_ended, pid) = (RefCell::new(None), RefCell::new(None));
    let observer = At::once(Point::Indexed, || async {
        let nothing = At::nothing();
        let mut second = converter(database, guards.clone(), &nothing).await;
        let mut ended = second.carry_out(Verb::Run).await;
        if ended.is_ok() {
            ended = second.carry_out(Verb::Swap).await;
        }
        *second_ended.borrow_mut() = Some(ended);
        *pid.borrow_mut() = database.texts(HOLDER).pop();
        database.batch("INSERT INTO t VALUES (9001, '2088-02-02', 'new')");
    });
    let first = converter(database, guards.clone(), &observer).await.carry_out(Verb::Run).await;
    (second_ended.take().expect("it met the point"), first, pid.take())
}

#[tokio::test]
async fn a_second_converter_is_sent_away_and_would_else_have_the_live_table_dropped() {
    let database = &table();
    let (second, first, pid) = two(database, &Guards::default()).await;
    let (error, pid) = (format!("{:?}", second.unwrap_err()), pid.expect("the first's"));
    assert!(error.contains(&format!("(pid {pid}) is converting")), "{error}");
    first.unwrap();
    let nothing = At::nothing();
    let mut next = converter(database, Guards::default(), &nothing).await;
    next.well(Verb::Swap).await;
    assert!(differences(database).is_empty());
    assert_eq!(database.count("SELECT count(*) FROM t WHERE id = 9001"), 1);

    let database = &table();
    let without = Guards { exclusive: false, ..Guards::default() };
    let (second, first, _) = two(database, &without).await;
    second.unwrap();
    // It compared the new table with the old one, and advises what it has just made fatal: its state
    // says that the old one is live.
    let error = format!("{:?}", first.unwrap_err());
    assert!(error.contains("row 9001 is only in the target") && error.contains("abort"), "{error}");
    let nothing = At::nothing();
    converter(database, without, &nothing).await.well(Verb::Abort).await;
    let left = "SELECT relname::text FROM pg_class WHERE relname IN ('t', 't_old')";
    assert_eq!(database.texts(left), ["t_old"], "the table that applications use is gone");
}

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

/// Without the log's trigger for a while, and with it again.
#[tokio::test]
async fn what_was_written_to_a_detached_partition_or_past_the_trigger_is_found_before_the_swap() {
    let partitioned = "
        ALTER TABLE t RENAME TO t_plain;
        CREATE TABLE t (id integer PRIMARY KEY, at date NOT NULL, v text NOT NULL) PARTITION BY HASH (id);
        CREATE TABLE t_h0 PARTITION OF t FOR VALUES WITH (MODULUS 2, REMAINDER 0);
        CREATE TABLE t_h1 PARTITION OF t FOR VALUES WITH (MODULUS 2, REMAINDER 1);
        INSERT INTO t TABLE t_plain; DROP TABLE t_plain";
    let detached = |write: &str| {
        format!(
            "ALTER TABLE t DETACH PARTITION t_h1; {write};
             ALTER TABLE t ATTACH PARTITION t_h1 FOR VALUES WITH (MODULUS 2, REMAINDER 1)"
        )
    };
    let disabled = "ALTER TABLE t DISABLE TRIGGER ALL; UPDATE t SET v = 'lost' WHERE id = 7;
        DO $$ BEGIN EXECUTE (SELECT format('ALTER TABLE t ENABLE ALWAYS TRIGGER %I', tgname) FROM pg_trigger
            WHERE tgrelid = 't'::regclass AND tgtype & 1 = 1 AND NOT tgisinternal); END $$";
    for (made, race, is_lost) in [
        (partitioned, detached("UPDATE t_h1 SET v = 'lost'"), true),
        (partitioned, detached("DELETE FROM t_h1 WHERE id < 100"), true),
        (partitioned, detached("ANALYZE t_h1"), false),
        ("", disabled.to_owned(), true),
    ] {
        let database = table();
        database.batch(made);
        let nothing = At::nothing();
        let mut converter = converter(&database, Guards::default(), &nothing).await;
        converter.well(Verb::Run).await;
        database.batch(&race);
        let rows = "SELECT md5(string_agg(t::text, ' ' ORDER BY id)) FROM t";
        let before = database.text(rows);
        let swapped = converter.carry_out(Verb::Swap).await.map_err(|error| error.to_string());
        match swapped {
            Ok(()) => assert!(!is_lost, "{race}"),
            Err(error) => assert!(is_lost && error.contains("differ"), "{race}: {error}"),
        }
        assert_eq!(database.text(rows), before, "{race}");
    }
}

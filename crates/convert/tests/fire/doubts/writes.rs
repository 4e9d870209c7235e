//! Ways of writing that the random writers do not use.

use convert::event::Point;
use convert::work::Guards;

use crate::converter::Verb;
use crate::observer::At;
use crate::plain::{converter, differences, table};

#[tokio::test]
async fn merge_writable_queries_and_functions_are_logged() {
    let database = table();
    let client = database.client().await;
    let race = "
        MERGE INTO t USING generate_series(5990, 6010) AS s (i) ON t.id = s.i
            WHEN MATCHED AND s.i % 2 = 0 THEN DELETE
            WHEN MATCHED THEN UPDATE SET v = 'merged', at = at + 1
            WHEN NOT MATCHED THEN INSERT VALUES (s.i, '2088-03-03', 'merged');
        WITH gone AS (DELETE FROM t WHERE id BETWEEN 100 AND 110 RETURNING *)
            INSERT INTO t SELECT id + 20000, at, 'moved' FROM gone;
        DO $$ BEGIN
            FOR i IN 200..220 LOOP
                BEGIN
                    UPDATE t SET v = 'inner' WHERE id = i;
                    DELETE FROM t WHERE id = i + 100;
                    IF i % 2 = 0 THEN RAISE division_by_zero; END IF;
                EXCEPTION WHEN division_by_zero THEN NULL;
                END;
            END LOOP;
        END $$;
        UPDATE t SET id = -id WHERE id BETWEEN 400 AND 420;
        UPDATE t SET id = id + 1 WHERE id = 500 + 1 AND false";
    let observer =
        At::once(Point::Indexed, || async move { client.batch_execute(race).await.unwrap() });
    let mut converter = converter(&database, Guards::default(), &observer).await;
    converter.well(Verb::Run).await;
    converter.well(Verb::Swap).await;
    assert_eq!(differences(&database), [""; 0]);
    assert_eq!(database.count("SELECT count(*) FROM t WHERE v IN ('merged', 'moved')"), 26);
}

/// A transaction that is open, and has written, while everything is made; it writes on after each
/// step, and commits just before the swap.
#[tokio::test]
async fn a_transaction_as_long_as_the_conversion_is_in_it_whole() {
    let database = table();
    let client = &database.client().await;
    client.batch_execute("BEGIN").await.unwrap();
    let next = std::cell::Cell::new(1);
    let observer = At::new(|point| {
        let id = next.replace(next.get() + 1);
        async move {
            match point {
                Point::LogReady
                | Point::Prepared
                | Point::BatchCopied
                | Point::Copied
                | Point::LoggedKeysDeleted => {
                    let sql = format!(
                        "UPDATE t SET v = 'open' WHERE id = {id}; DELETE FROM t WHERE id = {id} + 500;
                         INSERT INTO t VALUES ({id} + 9000, '2088-02-02', 'open')"
                    );
                    client.batch_execute(&sql).await.unwrap();
                }
                Point::Validated => client.batch_execute("COMMIT").await.unwrap(),
                _ => {}
            }
            Ok(())
        }
    });
    let mut converter = converter(&database, Guards::default(), &observer).await;
    converter.well(Verb::Run).await;
    converter.well(Verb::Swap).await;
    assert_eq!(differences(&database), [""; 0]);
    assert!(database.count("SELECT count(*) FROM t WHERE id > 9000") >= 5);
}

/// Replication workers write into the new table too.
#[tokio::test]
async fn what_a_replication_worker_writes_after_the_swap_is_on_the_way_back() {
    let database = table();
    let nothing = At::nothing();
    let mut converter = converter(&database, Guards::default(), &nothing).await;
    converter.well(Verb::Run).await;
    converter.well(Verb::Swap).await;
    database.batch(
        "SET session_replication_role = replica;
         DELETE FROM t WHERE id = 5;
         UPDATE t SET at = '2088-04-04' WHERE id = 6;
         INSERT INTO t VALUES (9001, '2088-02-02', 'new')",
    );
    let digest = "SELECT md5(string_agg(t::text, ' ' ORDER BY id)) FROM t";
    let before = database.text(digest);
    converter.well(Verb::Rollback).await;
    assert_eq!(database.text(digest), before);
}

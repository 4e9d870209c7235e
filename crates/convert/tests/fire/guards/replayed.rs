//! What a replay must see to.

use crate::plain::{converted, differences, table};
use convert::event::Point;
use convert::work::Guards;

async fn race(guards: Guards, point: Point, race: &str) -> Vec<String> {
    let database = table();
    converted(&database, guards, point, race).await.unwrap();
    differences(&database)
}

const DELETED: &str = "DELETE FROM t WHERE id = 5";

#[tokio::test]
async fn a_deleted_row_does_not_come_back() {
    assert!(race(Guards::default(), Point::Validated, DELETED).await.is_empty());
    let without = Guards { delete_before_insert: false, ..Guards::default() };
    assert_eq!(race(without, Point::Validated, DELETED).await, ["+5 2088-01-06"]);
}

const RENUMBERED: &str = "UPDATE t SET id = 9005 WHERE id = 5";

#[tokio::test]
async fn a_row_does_not_stay_under_its_former_key() {
    assert!(race(Guards::default(), Point::Validated, RENUMBERED).await.is_empty());
    let without = Guards { both_keys: false, ..Guards::default() };
    assert_eq!(race(without, Point::Validated, RENUMBERED).await, ["+5 2088-01-06"]);
}

const REPLICATED: &str = "SET session_replication_role = replica;
    DELETE FROM t WHERE id = 5;
    UPDATE t SET v = 'new' WHERE id = 6;
    INSERT INTO t VALUES (9001, '2088-02-02', 'new')";

#[tokio::test]
async fn what_a_replication_worker_writes_is_not_missed() {
    assert!(race(Guards::default(), Point::Validated, REPLICATED).await.is_empty());
    let without = Guards { always: false, ..Guards::default() };
    let due = ["+5 2088-01-06", "+6 2088-01-07", "-6 2088-01-07", "-9001 2088-02-02"];
    let mut differences = race(without, Point::Validated, REPLICATED).await;
    differences.sort();
    assert_eq!(differences, due);
}

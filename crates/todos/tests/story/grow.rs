//! From 16 partitions to 32 while others write, killed on the way, and back.

use std::process::Stdio;
use std::time::Duration;

use testbed::{Database, Running, until};

use crate::bench::{after, todos};
use crate::cutover::{CONTENT, assert_sound, commits};
use crate::writer::Writers;

const LIMIT: Duration = Duration::from_secs(120);
const TODOS: i64 = 4_000;

/// Partitions of this modulus, with all that a partition has to have.
fn whole(database: &Database, modulus: u32) -> i64 {
    database.count(&format!(
        "SELECT count(*) FROM pg_partition_tree('todo_app.todos_active') AS l JOIN pg_class AS c ON c.oid = l.relid
         WHERE l.isleaf AND pg_get_expr(c.relpartbound, c.oid) LIKE '%modulus {modulus},%'
           AND c.relname = 'todos_active_part_' || to_char((regexp_match(pg_get_expr(c.relpartbound, c.oid), 'remainder (\\d+)'))[1]::int, 'FM00')
           AND (SELECT count(*) FROM pg_index WHERE indrelid = l.relid AND indisvalid)
             = (SELECT count(*) FROM pg_index WHERE indrelid = 'todo_app.todos_active'::regclass AND indisvalid)
           AND (SELECT count(*) FROM pg_trigger WHERE tgrelid = l.relid AND tgname IN ('todos_log', 'todos_no_truncate')) = 2
           AND (SELECT count(*) FROM pg_constraint WHERE conrelid = l.relid AND contype = 'f' AND convalidated) >= 2"
    ))
}

fn cut_over() -> Database {
    after(&["seed --users 10 --todos 4000", "partition", "migrate", "indexes", "cutover"])
}

#[tokio::test]
async fn under_load_and_back() {
    let database = cut_over();
    let writers = Writers::start(&database, 4, TODOS).await;
    commits(&writers, 200).await;
    let grow = Running::start(
        database
            .process("todos")
            .args(["grow", "--partitions", "32", "--format", "json"])
            .stdin(Stdio::null()),
    );
    let finished = tokio::task::spawn_blocking(move || grow.finish()).await.unwrap();
    let document = finished.ok().document();
    assert_eq!(document["divided"], 16);
    commits(&writers, 200).await;
    writers.end().await;
    assert_sound(&database);
    assert_eq!(whole(&database, 32), 32);
    let noted = "SELECT count(*) FROM todo_app.maintenance_history WHERE action = 'grow'";
    assert_eq!(database.count(noted), 16);
    let before = database.text(CONTENT);
    let _ = todos(&database, "rollback").ok();
    assert_eq!(database.text(CONTENT), before);
    assert_eq!(crate::bench::failing(&database), (vec![], 9));
}

/// With writers at work; some buckets are of 16 and some of 32 then, and everything goes on.
#[tokio::test]
async fn killed_it_goes_on() {
    let database = cut_over();
    let writers = Writers::start(&database, 2, TODOS).await;
    for divided in [1, 3, 7] {
        let grow = Running::start(
            database.process("todos").args(["grow", "--partitions", "32"]).stdin(Stdio::null()),
        );
        let some = "SELECT count(*) FROM pg_inherits JOIN pg_class ON oid = inhrelid
                    WHERE inhparent = 'todo_app.todos_active'::regclass AND pg_get_expr(relpartbound, oid) LIKE '%modulus 32,%'";
        until(LIMIT, "buckets are divided", async || {
            database.query_one_i64(some).await >= 2 * divided
        })
        .await;
        grow.kill();
        commits(&writers, 50).await;
    }
    let grow = database
        .process("todos")
        .args(["grow", "--partitions", "32"])
        .stdin(Stdio::null())
        .output()
        .unwrap();
    assert!(grow.status.success(), "{grow:?}");
    writers.end().await;
    assert_sound(&database);
    assert_eq!(whole(&database, 32), 32);
    let before = database.text(CONTENT);
    let _ = todos(&database, "rollback").ok();
    assert_eq!(database.text(CONTENT), before);
}

#[test]
fn what_it_cannot_become() {
    let database = after(&["seed --users 10 --todos 400", "partition", "migrate", "indexes"]);
    let _ = todos(&database, "grow --partitions 32").exited(1).says(&["todos -- cutover"]);
    let _ = todos(&database, "cutover").ok();
    let _ = todos(&database, "grow --partitions 24").exited(2).says(&["is no power of two"]);
    let _ = todos(&database, "grow --partitions 8").exited(1).says(&["cannot have 8 partitions"]);
    let same = todos(&database, "grow --partitions 16 --format json").ok().document();
    assert_eq!(same["divided"], 0);
    let twice = todos(&database, "grow --partitions 64 --format json").ok().document();
    assert_eq!((&twice["divided"], whole(&database, 64)), (&16.into(), 64));
}

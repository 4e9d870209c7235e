//! The indexes of the new tables are built beside writers, and again where that was interrupted.

use std::process::Stdio;
use std::time::Duration;

use testbed::{Database, Running, until};

use crate::bench::{after, todos};

const LIMIT: Duration = Duration::from_secs(60);
const MISSING: &str = "SELECT count(*) FROM todo_app.index_statements()";
const INVALID: &str = "SELECT count(*) FROM pg_index WHERE NOT indisvalid";

fn migrated() -> Database {
    after(&["seed --users 20 --todos 1000", "partition", "migrate"])
}

/// Of a table and suffix, how many partitions have it.
fn attached(database: &Database, parent: &str) -> i64 {
    database.count(&format!(
        "SELECT count(*) FROM pg_inherits WHERE inhparent = 'todo_app.{parent}'::regclass"
    ))
}

#[test]
fn all_are_built_and_a_second_run_finds_nothing_to_do() {
    let database = migrated();
    let planned = todos(&database, "indexes --dry-run").ok().out;
    assert!(
        planned.contains("CREATE INDEX CONCURRENTLY todos_active_part_15_due_idx ON"),
        "{planned}"
    );
    let wanted = "SELECT count(*) FROM pg_class WHERE relname LIKE 'todos_active%_due_idx'";
    assert_eq!(database.count(wanted), 0, "a dry run builds nothing");

    let usage = todos(&database, "indexes --format json").ok().document();
    let open =
        usage.as_array().unwrap().iter().find(|index| index["index"] == "todos_active_open_idx");
    assert_eq!(open.expect("it is built")["verdict"], "never used");
    assert_eq!((database.count(MISSING), database.count(INVALID)), (0, 0));
    assert_eq!(attached(&database, "todos_active_due_idx"), 16);
    assert_eq!(
        todos(&database, "indexes --dry-run").ok().out.lines().skip(1).collect::<String>(),
        ""
    );

    // A partition that comes later has them of its own accord.
    database.batch("SELECT todo_app.ensure_archive_partitions('2001-01-01', '2001-01-01')");
    assert_eq!(database.count(MISSING), 0);
}

/// Killed while it waits for a snapshot from before, when others can write.
#[tokio::test]
async fn what_was_not_built_to_its_end_is_built_anew() {
    let database = migrated();
    let (reader, client) = (database.client().await, database.client().await);
    reader.batch_execute("BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT 1").await.unwrap();
    let line = ["indexes"];
    let building = Running::start(database.process("todos").args(line).stdin(Stdio::null()));
    let waiting = "SELECT count(*) FROM pg_stat_activity
        WHERE datname = current_database() AND wait_event = 'virtualxid'";
    let waits = async || database.query_one_i64(waiting).await == 1;
    until(LIMIT, "an index is built", waits).await;
    let write = "SET lock_timeout = '5s'; UPDATE todo_app.todos_active SET priority = 5";
    client.batch_execute(write).await.unwrap();
    building.kill();
    until(LIMIT, "the server notices", async || !waits().await).await;
    reader.batch_execute("COMMIT").await.unwrap();
    // The first partition's, and its parent's, which has not all of its partitions' yet.
    assert_eq!(database.count(INVALID), 2);

    let _ = todos(&database, "indexes").ok();
    assert_eq!((database.count(MISSING), database.count(INVALID)), (0, 0));
    assert_eq!(attached(&database, "todos_active_open_idx"), 16);
}

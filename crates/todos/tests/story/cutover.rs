//! A view in the table's place, while others write, and the way back.

use std::process::Stdio;
use std::sync::atomic::Ordering;
use std::time::Duration;

use testbed::{Database, Running, until};
use tokio_postgres::error::SqlState;

use crate::bench::{after, failing, todos};
use crate::writer::Writers;

const LIMIT: Duration = Duration::from_secs(120);
const TODOS: i64 = 8_000;
pub const CONTENT: &str =
    "SELECT count(*) || md5(string_agg(t::text, ' ' ORDER BY id)) FROM todo_app.todos AS t";

fn migrated() -> Database {
    after(&["seed --users 10 --todos 8000", "partition", "migrate"])
}

pub async fn commits(writers: &Writers, more: u64) {
    let due = writers.commits.load(Ordering::SeqCst) + more;
    until(LIMIT, "writers go on", async || writers.commits.load(Ordering::SeqCst) >= due).await;
}

/// What the view promises: no todo twice, no parent that is not there, depths that are right.
pub fn assert_sound(database: &Database) {
    for wrong in [
        "SELECT count(*) FROM todo_app.todos_active JOIN todo_app.todos_archived USING (id)",
        "SELECT count(*) - count(DISTINCT id) FROM todo_app.todos",
        "SELECT count(*) FROM todo_app.todos AS t WHERE parent_todo_id IS NOT NULL
         AND NOT EXISTS (SELECT FROM todo_app.todos AS p WHERE p.id = t.parent_todo_id)",
        "SELECT count(*) FROM todo_app.with_depth(array(SELECT id FROM todo_app.todos)) AS d JOIN
         (SELECT id, depth FROM todo_app.todos_active UNION ALL SELECT id, depth FROM todo_app.todos_archived) AS t USING (id)
         WHERE d.depth <> t.depth",
    ] {
        assert_eq!(database.count(wrong), 0, "{wrong}");
    }
}

#[tokio::test]
async fn ten_thousand_changes_after_it_are_in_the_table_after_a_rollback() {
    let database = migrated();
    let writers = Writers::start(&database, 4, TODOS).await;
    commits(&writers, 500).await;
    let cutover = todos(&database, "cutover --format json").ok().document();
    assert_eq!(cutover["todos"], "view");
    commits(&writers, 10_000).await;
    writers.end().await;
    assert_sound(&database);
    let before = database.text(CONTENT);
    let brought = todos(&database, "rollback --format json").ok().document();
    assert!(brought["brought_back"].as_i64() > Some(1_000), "{brought}");
    assert_eq!(database.text(CONTENT), before);
    assert_eq!(failing(&database), (vec![], 9));

    let writers = Writers::start(&database, 4, TODOS).await;
    commits(&writers, 500).await;
    writers.end().await;
    let before = database.text(CONTENT);
    let _ = todos(&database, "cutover").ok();
    assert_eq!(database.text(CONTENT), before);
    let _ = todos(&database, "finish --yes").exited(1).says(&["less than 30 days ago"]);
    let _ = todos(&database, "finish --keep-days 0 --yes").ok();
    assert_eq!(database.text(CONTENT), before);
    let _ = todos(&database, "rollback").exited(1).says(&["no way back"]);
}

#[test]
fn a_difference_keeps_the_table_in_its_place() {
    let database = migrated();
    database.batch(
        "UPDATE todo_app.todos_active SET title = 'wrong' WHERE id = md5('todo 1')::uuid
        OR id = (SELECT id FROM todo_app.todos_active LIMIT 1)",
    );
    let _ = todos(&database, "cutover")
        .exited(1)
        .says(&["is not what active and archive hold: content"]);
    assert_eq!(database.text("SELECT todo_app.todos_is()"), "table");
}

/// Others are let through between two attempts.
#[tokio::test]
async fn a_long_transaction_holds_up_the_cutover_and_nobody_else() {
    let database = migrated();
    let (reader, other) = (database.client().await, database.client().await);
    reader.batch_execute("BEGIN; SELECT count(*) FROM todo_app.todos").await.unwrap();
    let cutover = Running::start(database.process("todos").arg("cutover").stdin(Stdio::null()));
    let waiting =
        "SELECT count(*) FROM pg_locks WHERE relation = 'todo_app.todos'::regclass AND NOT granted";
    for _ in 0..3 {
        let waits = async || database.query_one_i64(waiting).await == 1;
        until(LIMIT, "it waits", waits).await;
        other.batch_execute("SET lock_timeout = '5s'; UPDATE todo_app.todos SET priority = 4 WHERE id = md5('todo 8')::uuid")
            .await
            .unwrap();
    }
    reader.batch_execute("COMMIT").await.unwrap();
    let _ = cutover.finish().ok();
    assert_eq!(database.text("SELECT todo_app.todos_is()"), "view");
    assert_sound(&database);
}

/// A view's trigger sees the row as its statement read it.
#[tokio::test]
async fn two_who_change_one_todo_both_keep_what_they_wrote_or_one_is_told() {
    let database = migrated();
    let _ = todos(&database, "cutover").ok();
    let (one, two) = (database.client().await, database.client().await);
    for (mine, yours, told) in [
        ("title = 'mine'", "priority = 5", false),
        ("title = 'mine'", "title = 'yours'", true),
        ("priority = priority + 1", "priority = priority + 2", true),
    ] {
        let set = |change: &str| {
            format!("UPDATE todo_app.todos SET {change} WHERE id = md5('todo 8')::uuid")
        };
        one.batch_execute(
            "UPDATE todo_app.todos SET title = 't', priority = 1 WHERE id = md5('todo 8')::uuid",
        )
        .await
        .unwrap();
        one.batch_execute(&format!("BEGIN; {}", set(mine))).await.unwrap();
        let second = set(yours);
        let changed = two.batch_execute(&second);
        let commits = async {
            let waits =
                "SELECT count(*) FROM pg_locks WHERE locktype = 'transactionid' AND NOT granted
                AND pid IN (SELECT pid FROM pg_stat_activity WHERE datname = current_database())";
            until(LIMIT, "it waits", async || database.query_one_i64(waits).await == 1).await;
            one.batch_execute("COMMIT").await.unwrap();
        };
        let (changed, ()) = tokio::join!(changed, commits);
        let code = changed.err().map(|error| error.code().unwrap().clone());
        assert_eq!(code, told.then_some(SqlState::T_R_SERIALIZATION_FAILURE), "{mine}, {yours}");
    }
    let now = database
        .text("SELECT title || priority FROM todo_app.todos WHERE id = md5('todo 8')::uuid");
    assert_eq!(now, "t2");
}

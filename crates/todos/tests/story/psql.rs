//! Phase by phase with the SQL alone, as from psql.

use testbed::{Database, server};

use crate::bench::failing;

macro_rules! script {
    ($name:literal) => {
        include_str!(concat!("../../../../scripts/todos/", $name))
    };
}

fn migrated(database: &Database) {
    database.batch(script!("00_base.sql"));
    database.batch("SELECT todo_app.seed_todos(20, 1000)");
    database.batch(script!("001_create_partitioned_tables.sql"));
    // Twice: what is there stays as it is.
    database.batch(script!("002_migrate_existing_data.sql"));
    database.batch(script!("002_migrate_existing_data.sql"));
}

#[test]
fn all_of_it_in_one_call() {
    let database = server().database();
    migrated(&database);
    let done =
        "SELECT copied || ' ' || carried || ' ' || finished FROM todo_app.migrate_todos_batch()";
    assert_eq!(database.text(done), "1000 0 true");
    assert_eq!(failing(&database), (vec![], 9));
    let progress = "SELECT status || ' ' || rows || ' ' || batches FROM todo_app.migration_progress WHERE phase = 'copy'";
    assert_eq!(database.text(progress), "done 1000 2");
}

#[test]
fn what_would_go_wrong_is_refused() {
    let database = server().database();
    migrated(&database);
    for (sql, why) in [
        ("SELECT todo_app.migrate_todos_batch(0)", "from 1"),
        (
            "BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT todo_app.migrate_todos_batch()",
            "READ COMMITTED only",
        ),
        ("TRUNCATE todo_app.todos", "cannot be truncated"),
    ] {
        let refused = refusal(&database, sql);
        assert!(refused.contains(why), "{sql}: {refused}");
    }
}

/// A chain of twelve: the last is eleven levels deep.
#[test]
fn a_todo_that_is_too_deep_is_named_and_nothing_is_moved() {
    let database = server().database();
    migrated(&database);
    database.batch(
        "INSERT INTO todo_app.todos (id, user_id, parent_todo_id, title)
         SELECT md5('deep ' || n)::uuid, md5('user 1')::uuid, CASE WHEN n > 0 THEN md5('deep ' || n - 1)::uuid END, 'deep'
         FROM generate_series(0, 11) AS n",
    );
    let deepest = database.text("SELECT md5('deep 11')::uuid::text");
    let refused = refusal(&database, "SELECT todo_app.migrate_todos_batch()");
    assert!(refused.contains(&deepest) && refused.contains("more than ten levels"), "{refused}");
    assert_eq!(database.count("SELECT count(*) FROM todo_app.todos_active"), 0);
    database.batch(&format!(
        "UPDATE todo_app.todos SET parent_todo_id = NULL WHERE id = '{deepest}';
         SELECT todo_app.migrate_todos_batch()"
    ));
    assert_eq!(failing(&database), (vec![], 9));
}

/// What the server says to a statement that must fail.
fn refusal(database: &Database, sql: &str) -> String {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let client = database.client().await;
        let refused = client.batch_execute(sql).await.unwrap_err();
        // The server tells of an error before it lets go of the transaction's locks.
        client.batch_execute("ROLLBACK").await.unwrap();
        refused.as_db_error().unwrap().message().to_owned()
    })
}

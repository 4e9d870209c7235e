//! What the view allows to whom, and what the way back depends on.

use testbed::Database;
use tokio_postgres::error::SqlState;

use crate::bench::{cut_over, todos};

/// How `role` fares with `sql`.
async fn refused(database: &Database, role: &str, sql: &str) -> Option<SqlState> {
    let client = database.client().await;
    client.batch_execute(&format!("SET ROLE {role}")).await.unwrap();
    let result = client.batch_execute(sql).await;
    result.err().map(|error| error.code().expect("the server's answer").clone())
}

#[tokio::test]
async fn nobody_may_do_more_than_before() {
    let (reader, writer) = ("todos_reader", "todos_writer");
    let database = cut_over(
        "CREATE ROLE todos_reader; CREATE ROLE todos_writer; GRANT USAGE ON SCHEMA todo_app TO todos_reader, todos_writer;
         GRANT SELECT ON todo_app.todos TO todos_reader;
         GRANT SELECT, INSERT, UPDATE ON todo_app.todos TO todos_writer",
    );
    let insert = "INSERT INTO todo_app.todos (user_id, title) VALUES (md5('user 1')::uuid, 'x')";
    let update = "UPDATE todo_app.todos SET priority = 2 WHERE id = md5('todo 1')::uuid";
    let archive = "UPDATE todo_app.todos_archived SET priority = 2";
    let active = "DELETE FROM todo_app.todos_active";
    let denied = Some(SqlState::INSUFFICIENT_PRIVILEGE);
    for (role, sql, code) in [
        (reader, "SELECT count(*) FROM todo_app.todos", None),
        (reader, insert, denied.clone()),
        (reader, active, denied.clone()),
        (writer, insert, None),
        (writer, update, None),
        (writer, "DELETE FROM todo_app.todos", denied.clone()),
        (writer, active, denied.clone()),
        (writer, archive, denied.clone()),
    ] {
        assert_eq!(refused(&database, role, sql).await, code, "{role}: {sql}");
    }
    database
        .batch("DROP OWNED BY todos_reader, todos_writer; DROP ROLE todos_reader, todos_writer");
}

/// TRUNCATE fires no trigger of a row, a replication worker none that is not ENABLE ALWAYS.
#[tokio::test]
async fn no_change_of_the_new_tables_goes_unlogged() {
    let database = cut_over("SELECT 1");
    database.batch("SELECT todo_app.ensure_archive_partitions('2001-01-01', '2001-01-01')");
    let busy = Some(SqlState::OBJECT_IN_USE);
    for table in ["todos_active", "todos_active_part_03", "todos_archived_2001_01"] {
        let truncate = format!("TRUNCATE todo_app.{table}");
        assert_eq!(refused(&database, "postgres", &truncate).await, busy, "{table}");
    }
    database.batch(
        "SET session_replication_role = replica;
         UPDATE todo_app.todos_active SET title = 'replicated' WHERE id = (SELECT id FROM todo_app.todos_active LIMIT 1)",
    );
    let _ = todos(&database, "rollback").ok();
    let replicated = "SELECT count(*) FROM todo_app.todos WHERE title = 'replicated'";
    assert_eq!(database.count(replicated), 1);
    let left = "SELECT count(*) FROM pg_trigger WHERE NOT tgisinternal AND tgrelid <> 'todo_app.todos'::regclass";
    assert_eq!(database.count(left), 0);
}

/// What docs/todos.md says of statements that a view takes otherwise.
#[tokio::test]
async fn what_a_view_cannot_do() {
    let database = cut_over("SELECT 1");
    let row = "(id, user_id, title) VALUES (md5('todo 1')::uuid, md5('user 1')::uuid, 'x')";
    let merge = if database.count("SELECT current_setting('server_version_num')::int / 10000") < 17
    {
        // Another code in 15 than in 16.
        [SqlState::FEATURE_NOT_SUPPORTED, SqlState::WRONG_OBJECT_TYPE].to_vec()
    } else {
        Vec::new()
    };
    for (sql, codes) in [
        (
            format!("INSERT INTO todo_app.todos {row} ON CONFLICT (id) DO NOTHING"),
            vec![SqlState::INVALID_COLUMN_REFERENCE],
        ),
        (
            format!("INSERT INTO todo_app.todos {row} ON CONFLICT DO NOTHING"),
            vec![SqlState::UNIQUE_VIOLATION],
        ),
        ("TRUNCATE todo_app.todos".to_owned(), vec![SqlState::WRONG_OBJECT_TYPE]),
        (
            "MERGE INTO todo_app.todos USING (VALUES (1)) AS v ON false
             WHEN NOT MATCHED THEN INSERT (user_id, title) VALUES (md5('user 1')::uuid, 'merged')"
                .to_owned(),
            merge,
        ),
    ] {
        let code = refused(&database, "postgres", &sql).await;
        let expected = code.as_ref().map_or(codes.is_empty(), |code| codes.contains(code));
        assert!(expected, "{sql}: {code:?} and not {codes:?}");
    }
}

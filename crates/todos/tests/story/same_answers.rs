//! What has always used `todos` gets the same answers from the view.

use testbed::{Database, server};

use crate::bench::todos;

/// Each returns one column of text.
const SUITE: [&str; 18] = [
    "SELECT count(*) || ' ' || count(completed_at) || ' ' || min(created_at) FROM todo_app.todos",
    "SELECT title || status FROM todo_app.todos WHERE user_id = md5('user 1')::uuid ORDER BY created_at DESC, id LIMIT 20",
    "INSERT INTO todo_app.todos (id, user_id, title) VALUES (md5('one')::uuid, md5('user 1')::uuid, 'one')
     RETURNING format('%s %s %s %s %s', id, status, priority, ai_generated, completed_at)",
    "INSERT INTO todo_app.todos (id, user_id, parent_todo_id, title)
     VALUES (md5('two')::uuid, md5('user 1')::uuid, md5('one')::uuid, 'two'),
            (md5('three')::uuid, md5('user 1')::uuid, md5('two')::uuid, 'three') RETURNING title",
    "INSERT INTO todo_app.todos (id, user_id, title) VALUES (md5('one')::uuid, md5('user 1')::uuid, 'again') RETURNING title",
    "INSERT INTO todo_app.todos (user_id, parent_todo_id, title) VALUES (md5('user 1')::uuid, md5('nobody')::uuid, 'x') RETURNING title",
    "INSERT INTO todo_app.todos (user_id, title) VALUES (md5('nobody')::uuid, 'x') RETURNING title",
    "UPDATE todo_app.todos SET status = 'done' WHERE title = 'one' RETURNING title",
    "UPDATE todo_app.todos SET status = 'done', completed_at = '2020-01-01Z', priority = priority + 1 WHERE title = 'one'
     RETURNING format('%s %s %s', status, completed_at, priority)",
    "UPDATE todo_app.todos SET status = 'todo', completed_at = NULL WHERE status = 'done' AND completed_at < now() - interval '90 days'
     RETURNING id::text",
    "UPDATE todo_app.todos SET parent_todo_id = NULL WHERE title = 'three' RETURNING title || coalesce(parent_todo_id::text, '')",
    "UPDATE todo_app.todos SET id = md5('four')::uuid WHERE title = 'one' RETURNING title",
    "UPDATE todo_app.todos SET id = md5('four')::uuid, user_id = md5('user 2')::uuid WHERE title = 'three' RETURNING id::text || user_id",
    "SELECT f.filename || t.title FROM todo_app.files AS f JOIN todo_app.todos AS t ON t.id = f.todo_id ORDER BY f.id LIMIT 20",
    "DELETE FROM todo_app.todos WHERE title = 'one' RETURNING title",
    "DELETE FROM todo_app.todos WHERE user_id = md5('user 0')::uuid RETURNING id::text",
    "WITH gone AS (DELETE FROM todo_app.todos WHERE priority = 4 RETURNING id) SELECT count(*)::text FROM gone",
    "SELECT title FROM todo_app.todos WHERE title IN ('one', 'two', 'three') ORDER BY title",
];

/// Rows of each statement in the order of their text, or the SQLSTATE and constraint that it fails with.
fn answers(database: &Database) -> Vec<String> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let client = database.client().await;
        client.batch_execute("SET timezone = 'UTC'").await.unwrap();
        let mut answers = Vec::new();
        for sql in SUITE {
            answers.push(match client.query(sql, &[]).await {
                Ok(rows) => {
                    let mut rows: Vec<String> = rows.iter().map(|row| row.get(0)).collect();
                    rows.sort();
                    rows.join("\n")
                }
                Err(error) => {
                    let error = error.as_db_error().unwrap();
                    format!(
                        "{:?} {:?}",
                        error.code(),
                        error.constraint().map(|name| name.replace("_active", ""))
                    )
                }
            });
        }
        answers
    })
}

fn begun(as_of: &str) -> Database {
    let database = server().database();
    let _ = todos(&database, "seed --users 1 --todos 0").ok();
    database.batch(&format!(
        "TRUNCATE todo_app.users CASCADE; SELECT todo_app.seed_todos(20, 2000, '{as_of}')"
    ));
    database
}

#[test]
fn the_old_application_keeps_working() {
    let as_of = "2026-01-31 12:00Z";
    let before = answers(&begun(as_of));
    let database = begun(as_of);
    for line in ["partition", "migrate", "cutover"] {
        let _ = todos(&database, line).ok();
    }
    for (sql, (before, after)) in SUITE.iter().zip(before.iter().zip(answers(&database))) {
        assert_eq!(before, &after, "{sql}");
    }
    let refused = before.iter().filter(|answer| answer.starts_with("SqlState"));
    assert_eq!(refused.count(), 5, "{before:#?}");
}

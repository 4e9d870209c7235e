//! Phase by phase with the SQL alone, by psql.

use testbed::{Database, server};

use crate::bench::{failing, psql, script};

/// Applies a script; what it prints is of no interest.
fn apply(database: &Database, name: &str) {
    let _ = psql(database, &["-1", "-f", &script(name)]);
}

/// The rows of a query.
fn ask(database: &Database, sql: &str) -> Vec<String> {
    psql(database, &["-c", sql]).remove(0)
}

fn migrated() -> Database {
    let database = server().database();
    apply(&database, "00_base.sql");
    assert_eq!(ask(&database, "SELECT todo_app.seed_todos(20, 1000)"), ["1000"]);
    apply(&database, "001_create_partitioned_tables.sql");
    // Twice: what is there stays as it is.
    apply(&database, "002_migrate_existing_data.sql");
    apply(&database, "002_migrate_existing_data.sql");
    database
}

#[test]
fn all_of_it_in_one_call() {
    let database = migrated();
    let done =
        "SELECT copied || ' ' || carried || ' ' || finished FROM todo_app.migrate_todos_batch()";
    assert_eq!(database.text(done), "1000 0 true");
    assert_eq!(failing(&database), (vec![], 9));
    let progress = "SELECT status || ' ' || rows || ' ' || batches FROM todo_app.migration_progress WHERE phase = 'copy'";
    assert_eq!(database.text(progress), "done 1000 2");
}

#[test]
fn what_would_go_wrong_is_refused() {
    let database = migrated();
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
    let database = migrated();
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

/// Each function by itself, then each period, which finds what is left to do.
#[test]
fn maintenance() {
    let database = migrated();
    let _ = ask(&database, "SELECT todo_app.migrate_todos_batch()");
    apply(&database, "002_cutover.sql");
    for call in ["cutover_todos()", "finish_todos(0)"] {
        let _ = ask(&database, &format!("SELECT todo_app.{call}"));
    }
    apply(&database, "005_indexing_optimization.sql");
    apply(&database, "003_maintenance_jobs.sql");
    database.batch(
        "UPDATE todo_app.todos SET completed_at = now() WHERE id IN (SELECT id FROM todo_app.todos_active WHERE status = 'done');
         UPDATE todo_app.todos SET status = 'done', completed_at = now() - interval '40 days' WHERE id IN (
             SELECT id FROM todo_app.todos_active WHERE status <> 'done' LIMIT 25);
         SELECT todo_app.ensure_archive_partitions('2001-01-01', '2001-02-01');
         INSERT INTO todo_app.todos_archived (id, user_id, title, completed_at, archived_at)
         SELECT gen_random_uuid(), md5('user 1')::uuid, '', at, at FROM (VALUES ('2001-01-15Z'::timestamptz), ('2001-01-16Z'),
             ('2001-02-15Z')) AS t (at);
         ANALYZE",
    );
    for (query, rows) in [
        (
            "issue, count(*) FROM todo_app.check_partition_health() GROUP BY issue ORDER BY issue",
            &["archive lag|1", "job did not run|3"] as &[_],
        ),
        (
            "sum(rows) = (SELECT count(*) FROM todo_app.todos), count(*) FILTER (WHERE type = 'active'), count(*) FILTER (WHERE type = 'ai')
             FROM todo_app.get_partition_statistics()",
            &["t|16|8"],
        ),
        ("todo_app.archive_completed_todos(batch_size => 10, max_batches => 1)", &["10"]),
        ("todo_app.create_archive_partitions(5)", &["2"]),
        (
            "* FROM todo_app.drop_old_archive_partitions(24, '2003-02-01Z')",
            &["todos_archived_2001_01|2"],
        ),
        (
            "task, status FROM todo_app.run_daily_maintenance()",
            &["archive completed todos|done", "check health|done", "create archive partitions|done"],
        ),
        (
            "task, status FROM todo_app.run_weekly_maintenance()",
            &["analyze changed partitions|done", "check indexes|done"],
        ),
        (
            "task, status FROM todo_app.run_monthly_maintenance()",
            &[
                "trim job log|done",
                "create archive partitions|done",
                "drop old archive partitions|done",
            ],
        ),
        (
            "details FROM todo_app.maintenance_job_log WHERE task LIKE '%archive%' ORDER BY id",
            &["15 archived", "0 created", "0 created", "1 dropped, 1 rows"],
        ),
        ("* FROM todo_app.check_partition_health()", &[]),
    ] {
        assert_eq!(ask(&database, &format!("SELECT {query}")), rows, "{query}");
    }
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

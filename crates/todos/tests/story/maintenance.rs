//! What is done every day, week and month, and what becomes of a task that fails.

use std::time::Duration;

use testbed::{Database, until};

use crate::bench::{after, cut_over, todos};

/// Everything but the job log.
const STATE: &str = "
    SELECT (SELECT md5(string_agg(t::text, ' ' ORDER BY id)) FROM todo_app.todos_active AS t)
        || (SELECT md5(string_agg(t::text, ' ' ORDER BY id)) FROM todo_app.todos_archived AS t)
        || (SELECT count(*) FROM todo_app.archive_partitions()) || (SELECT count(*) FROM todo_app.maintenance_history)";

const FINISH_SOME: &str = "
    UPDATE todo_app.todos SET status = 'done', completed_at = now() - interval '40 days'
    WHERE id IN (SELECT id FROM todo_app.todos_active WHERE status <> 'done' ORDER BY id LIMIT 25)";

const NEXT_MONTH: &str = "'todo_app.todos_archived_' || to_char(now() AT TIME ZONE 'UTC' + interval '1 month', 'YYYY_MM')";

const LAST_THREE: &str = "
    SELECT task || ' ' || status || coalesce(' ' || sqlstate, '')
    FROM (SELECT * FROM todo_app.maintenance_job_log ORDER BY id DESC LIMIT 3) AS last ORDER BY id";

fn maintained(before: &str) -> Database {
    let database = cut_over(before);
    let _ = todos(&database, "maintain daily").ok();
    database
}

fn drop_next_month(database: &Database) {
    database.batch(&format!("DO $$ BEGIN EXECUTE 'DROP TABLE ' || {NEXT_MONTH}; END $$"));
}

#[test]
fn daily_twice_does_nothing_the_second_time() {
    let database = maintained("SELECT 1");
    database.batch(FINISH_SOME);
    drop_next_month(&database);
    let first = todos(&database, "maintain daily --format json").ok().document();
    let details = |n: usize| first[n]["details"].as_str().unwrap();
    assert_eq!((details(0), details(2)), ("25 archived", "1 created"));
    let audited = "SELECT rows FROM todo_app.maintenance_history WHERE action = 'archive' AND who = session_user";
    assert_eq!(database.count(audited), 25);
    let state = database.text(STATE);
    let second = todos(&database, "maintain daily --format json").ok().document();
    assert_eq!(second[0]["details"], "0 archived");
    assert_eq!(second[2]["details"], "0 created");
    assert_eq!(database.text(STATE), state);
}

/// Each task of each period fails once, the function it calls being broken.
#[test]
fn a_task_that_fails_is_logged_and_the_others_run() {
    let database = maintained("SELECT 1");
    for (period, number, function, returns) in [
        ("daily", 0, "archive_completed_todos(int, int, int, timestamptz)", "bigint"),
        (
            "daily",
            1,
            "check_partition_health()",
            "TABLE (issue text, partition text, description text, severity text)",
        ),
        ("daily", 2, "create_archive_partitions(int, timestamptz)", "int"),
        ("weekly", 0, "analyze_changed()", "int"),
        (
            "weekly",
            1,
            "get_index_usage_stats()",
            r#"TABLE ("table" text, index text, size bigint, scans bigint, tuples_read bigint, tuples_fetched bigint, verdict text)"#,
        ),
        ("monthly", 0, "trim_job_log()", "bigint"),
        ("monthly", 1, "create_archive_partitions(int, timestamptz)", "int"),
        (
            "monthly",
            2,
            "drop_old_archive_partitions(int, timestamptz)",
            "TABLE (partition text, rows bigint)",
        ),
    ] {
        let copy = database.copy();
        let arguments = function.replace(
            "int, int, int, timestamptz",
            "a int = 1, b int = 1, max_batches int = 1, c timestamptz = now()",
        );
        let arguments =
            arguments.replace("(int, timestamptz)", "(a int = 1, b timestamptz = now())");
        copy.batch(&format!(
            "DROP FUNCTION todo_app.{function} CASCADE;
             CREATE FUNCTION todo_app.{arguments} RETURNS {returns} LANGUAGE plpgsql AS $$ BEGIN RAISE 'broken'; END $$"
        ));
        let ran = todos(&copy, &format!("maintain {period} --format json")).exited(1);
        let _ = ran.says(&["1 task failed; the others are done"]);
        let statuses = copy.texts(&format!(
            "SELECT status || ' ' || coalesce(sqlstate, '') || ' ' || details FROM todo_app.run_{period}_maintenance()
             JOIN LATERAL (SELECT sqlstate FROM todo_app.maintenance_job_log AS l WHERE l.task = run_{period}_maintenance.task
                           ORDER BY id DESC LIMIT 1) AS l ON true"
        ));
        for (n, status) in statuses.iter().enumerate() {
            assert_eq!(status == "failed P0001 broken", n == number, "{function}: {statuses:?}");
        }
    }
}

#[tokio::test]
async fn no_rights_a_locked_table_and_a_bad_row_are_such_failures() {
    let database =
        maintained("CREATE ROLE todos_clerk; GRANT USAGE ON SCHEMA todo_app TO todos_clerk");
    database.batch(
        "GRANT SELECT, INSERT, UPDATE ON ALL TABLES IN SCHEMA todo_app TO todos_clerk;
         GRANT USAGE ON ALL SEQUENCES IN SCHEMA todo_app TO todos_clerk;
         GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA todo_app TO todos_clerk",
    );
    database.batch(FINISH_SOME);
    let archived = "SELECT count(*) FROM todo_app.maintenance_history WHERE action = 'archive'";

    let clerk = database.copy();
    drop_next_month(&clerk);
    clerk.batch("SET ROLE todos_clerk; SELECT * FROM todo_app.run_daily_maintenance()");
    assert_eq!(
        clerk.texts(LAST_THREE),
        [
            "archive completed todos failed 42501",
            "check health done",
            "create archive partitions failed 42501"
        ]
    );
    assert_eq!(clerk.count(archived), 0);

    let bad = database.copy();
    bad.batch(
        "ALTER TABLE todo_app.todos_archived ADD CONSTRAINT no_bad_title CHECK (title <> 'bad');
         UPDATE todo_app.todos SET title = 'bad' WHERE id = (
             SELECT id FROM todo_app.todos_active WHERE status = 'done' AND completed_at < now() - interval '39 days' LIMIT 1)",
    );
    drop_next_month(&bad);
    let _ = todos(&bad, "maintain daily").exited(1).says(&["no_bad_title"]);
    assert_eq!(
        bad.count("SELECT count(*) FROM todo_app.maintenance_job_log WHERE details = '1 created'"),
        1
    );
    assert_eq!(bad.count(archived), 0);

    drop_next_month(&database);
    let reader = database.client().await;
    reader
        .batch_execute("BEGIN; SELECT count(*) FROM todo_app.todos_archived_default")
        .await
        .unwrap();
    let _ = todos(&database, "maintain daily")
        .exited(1)
        .says(&["could not lock todos_archived_default"]);
    assert_eq!(
        database.texts(LAST_THREE),
        [
            "archive completed todos done",
            "check health done",
            "create archive partitions failed 55P03"
        ]
    );
    assert_eq!(database.count(archived), 1);
    reader.batch_execute("COMMIT").await.unwrap();
    let again = todos(&database, "maintain daily --format json").ok().document();
    assert_eq!(again[2]["details"], "1 created");
    for database in [&clerk, &bad, &database] {
        database.batch("DROP OWNED BY todos_clerk");
    }
    database.batch("DROP ROLE todos_clerk");
}

#[test]
fn what_the_way_back_needs_is_neither_archived_before_nor_dropped() {
    let database = after(&["seed --users 10 --todos 800", "partition", "migrate"]);
    let _ = todos(&database, "maintain daily").exited(1).says(&["todos -- cutover"]);
    let _ = todos(&database, "cutover").ok();
    database.batch("SELECT todo_app.ensure_archive_partitions('2001-01-01', '2001-01-01')");
    let _ = todos(&database, "maintain monthly").exited(1).says(&["todos_old is there still"]);
    let _ = todos(&database, "finish --keep-days 0 --yes").ok();
    let ran = todos(&database, "maintain monthly --format json").ok().document();
    assert_eq!(ran[2]["details"], "1 dropped, 0 rows");
    let gone = "SELECT to_regclass('todo_app.todos_archived_2001_01') IS NULL
        AND EXISTS (SELECT FROM todo_app.maintenance_history WHERE action = 'drop' AND object = 'todos_archived_2001_01')";
    assert_eq!(database.text(&format!("SELECT ({gone})::text")), "true");
}

#[tokio::test]
async fn weekly_vacuums_and_rebuilds_what_is_due_once() {
    let database =
        after(&["seed --users 1 --todos 8000", "partition", "migrate", "indexes", "cutover"]);
    let ran = todos(&database, "maintain weekly --format json").ok().document();
    assert_eq!(ran[2]["task"], "vacuum");
    database.batch("DELETE FROM todo_app.todos_active WHERE id::text > '2'");
    let limit = Duration::from_secs(30);
    let due = |task: &str| {
        format!("SELECT count(*) FROM todo_app.weekly_statements(0) WHERE task = '{task}'")
    };
    until(limit, "dead rows count", async || database.query_one_i64(&due("vacuum")).await > 0)
        .await;
    let client = database.client().await;
    for task in ["vacuum", "reindex"] {
        let statements =
            format!("SELECT statement FROM todo_app.weekly_statements(0) WHERE task = '{task}'");
        let rows = client.query(&statements, &[]).await.unwrap();
        assert!(!rows.is_empty(), "no {task}");
        for row in rows {
            client.batch_execute(row.get(0)).await.unwrap();
        }
        until(limit, task, async || database.query_one_i64(&due(task)).await == 0).await;
    }
}

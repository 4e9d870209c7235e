//! What `monitoring.sql` answers, by psql.

use std::sync::LazyLock;
use std::time::Duration;

use testbed::{Database, until};

use crate::bench::{after, psql, script};

/// Of the archive, active and AI partitions together.
const LEAVES: &str = "
    SELECT count(*) FROM pg_inherits JOIN pg_class ON oid = inhrelid
    WHERE relkind = 'r' AND relnamespace = 'todo_app'::regnamespace";

/// Nothing is late for the archive, no job has run, and no index was scanned: a copy begins without statistics.
fn quiet() -> Database {
    static BEGUN: LazyLock<Database> = LazyLock::new(|| {
        let lines = ["seed --users 20 --todos 1000", "partition", "migrate", "indexes", "cutover"];
        let database = after(&lines);
        let _ = psql(&database, &["-1", "-f", &script("003_maintenance_jobs.sql")]);
        database.batch(
            "UPDATE todo_app.todos_active SET completed_at = now() WHERE status = 'done'; ANALYZE",
        );
        database
    });
    BEGUN.copy()
}

/// The rows of the five answers, asked for by who cannot write.
fn answers(database: &Database) -> [Vec<String>; 5] {
    let read_only = "SET default_transaction_read_only = on";
    let answers = psql(database, &["-c", read_only, "-f", &script("monitoring.sql")]);
    answers.try_into().expect("five answers")
}

#[test]
fn sizes() {
    let database = quiet();
    let [sizes, ..] = answers(&database);
    assert_eq!(sizes.len(), usize::try_from(database.count(LEAVES)).unwrap() + 3);
    for (kind, root) in
        [("active", "todos_active"), ("ai", "ai_todo_interactions"), ("archive", "todos_archived")]
    {
        let expected = format!(
            "SELECT '{kind}|together|' || sum(round(pg_total_relation_size(inhrelid) / 1048576.0, 2)) || '|'
                 || (SELECT count(*) FROM todo_app.{root})
             FROM pg_inherits WHERE inhparent = 'todo_app.{root}'::regclass"
        );
        assert!(sizes.contains(&database.text(&expected)), "{kind}: {sizes:#?}");
    }
}

#[test]
fn jobs() {
    let database = quiet();
    let _ = psql(&database, &["-c", "SELECT * FROM todo_app.run_daily_maintenance()"]);
    database.batch(
        "INSERT INTO todo_app.maintenance_job_log (period, task, status, details, sqlstate, started_at, took)
         VALUES ('weekly', 'long ago', 'done', '', NULL, now() - interval '8 days', '1 s'),
                ('weekly', 'vacuum', 'failed', 'no disk', '53100', now() - interval '6 days', '1 s')",
    );
    let [_, jobs, ..] = answers(&database);
    let expected = [
        "|weekly|vacuum|failed|no disk|53100|",
        "|daily|create archive partitions|done|0 created||",
        "|daily|check health|done|",
        "|daily|archive completed todos|done|0 archived||",
    ];
    assert_eq!(jobs.len(), expected.len(), "{jobs:#?}");
    for (job, expected) in jobs.iter().zip(expected) {
        assert!(job.contains(expected), "{expected}: {jobs:#?}");
    }
}

/// One is scanned once in each of 16 partitions, and of two that have none the one ten times, the other nine.
#[tokio::test]
async fn indexes() {
    let database = quiet();
    let scans = |table: &str, id: &str, times| {
        format!("SELECT FROM todo_app.{table} WHERE id = {id};").repeat(times)
    };
    let (active, log, history) = (
        scans("todos_active", "gen_random_uuid()", 1),
        scans("maintenance_job_log", "0", 10),
        scans("maintenance_history", "0", 9),
    );
    database.batch(&format!("SET enable_seqscan = off; {active} {log} {history}"));
    let scanned =
        "SELECT sum(idx_scan)::bigint FROM pg_stat_user_indexes WHERE schemaname = 'todo_app'";
    let counted = async || database.query_one_i64(scanned).await == 16 + 10 + 9;
    until(Duration::from_secs(20), "the scans are counted", counted).await;
    let [_, _, indexes, ..] = answers(&database);
    let all = "SELECT count(*) FROM pg_class
        WHERE relkind IN ('i', 'I') AND NOT relispartition AND relnamespace = 'todo_app'::regnamespace";
    assert_eq!(indexes.len(), usize::try_from(database.count(all)).unwrap() - 2, "{indexes:#?}");
    let listed =
        |table: &str| indexes.iter().any(|index| index.contains(&format!("|{table}_pkey|")));
    assert!(!listed("todos_active") && !listed("maintenance_job_log"), "{indexes:#?}");
    assert!(listed("maintenance_history"), "{indexes:#?}");
    let due = "SELECT 'todos_active|todos_active_due_idx|' || round(sum(pg_relation_size(inhrelid)) / 1048576, 2) || '|0|never used'
               FROM pg_inherits WHERE inhparent = 'todo_app.todos_active_due_idx'::regclass";
    assert!(indexes.contains(&database.text(due)), "{indexes:#?}");
}

#[test]
fn late_for_the_archive() {
    let database = quiet();
    // From 27.5 days to 33.5; the last one was opened again.
    database.batch(
        "UPDATE todo_app.todos_active AS t
         SET status = CASE WHEN days < 33 THEN 'done' ELSE 'todo' END, completed_at = now() - days * interval '1 day'
         FROM (SELECT id, 26.5 + row_number() OVER (ORDER BY id) AS days FROM todo_app.todos_active LIMIT 7) AS late
         WHERE t.id = late.id",
    );
    let [_, _, _, late, _] = answers(&database);
    let oldest = database
        .text("SELECT min(completed_at)::text FROM todo_app.todos_active WHERE status = 'done'");
    assert_eq!(late, [format!("3|{oldest}")]);
}

#[test]
fn uneven_partitions() {
    let database = quiet();
    database.batch(
        "INSERT INTO todo_app.todos_active (user_id, title) SELECT md5('user 1')::uuid, '' FROM generate_series(1, 3000);
         ANALYZE todo_app.todos_active",
    );
    let [.., spread] = answers(&database);
    let counted = database.texts(
        "SELECT relname || '|' || rows || '|' || round(rows * 100 / (sum(rows) OVER () / 16))
         FROM (SELECT c.relname, count(t.tableoid) AS rows FROM pg_class AS c LEFT JOIN todo_app.todos_active AS t ON t.tableoid = c.oid
               WHERE c.relname ~ '^todos_active_part_..$' GROUP BY c.relname) AS counted
         ORDER BY rows DESC, relname",
    );
    assert_eq!(spread, counted);
    let most = database.text(
        "SELECT relname::text FROM todo_app.todos_active AS t JOIN pg_class AS c ON c.oid = t.tableoid
         WHERE user_id = md5('user 1')::uuid LIMIT 1",
    );
    let [name, _, percent] = spread[0].split('|').collect::<Vec<_>>()[..] else {
        panic!("{spread:#?}")
    };
    assert_eq!(name, most);
    assert!(percent.parse::<u32>().unwrap() > 1000, "{spread:#?}");
}

//! What `health` finds, each issue brought about.

use std::time::Duration;

use testbed::{Database, until};

use crate::bench::{after, cut_over, todos};

fn healthy() -> Database {
    // As many users as make hash partitions alike.
    let database =
        after(&["seed --users 2000 --todos 400", "partition", "migrate", "indexes", "cutover"]);
    for period in ["daily", "weekly", "monthly"] {
        let _ = todos(&database, &format!("maintain {period}")).ok();
    }
    database
}

#[tokio::test]
async fn each_issue_is_found() {
    let database = healthy();
    assert_eq!(todos(&database, "health --format json").ok().document(), serde_json::json!([]));
    for (change, issue, exit) in [
        (
            "INSERT INTO todo_app.todos_archived (id, user_id, title, completed_at, archived_at)
             VALUES (gen_random_uuid(), md5('user 1')::uuid, '', now(), '1999-01-01')",
            "warning rows in DEFAULT todos_archived_default",
            1,
        ),
        (
            "DO $$ BEGIN EXECUTE 'DROP TABLE todo_app.todos_archived_' || to_char(now() AT TIME ZONE 'UTC', 'YYYY_MM'); END $$",
            "critical month missing todos_archived_",
            1,
        ),
        (
            "INSERT INTO todo_app.todos_active (user_id, title) SELECT md5('user 1')::uuid, '' FROM generate_series(1, 3000);
             ANALYZE todo_app.todos_active",
            "warning skew todos_active_part_",
            1,
        ),
        (
            "UPDATE todo_app.todos_active SET status = 'done', completed_at = now() - interval '32 days' WHERE id IN (
                 SELECT id FROM todo_app.todos_active LIMIT 3)",
            "warning archive lag todos_active",
            1,
        ),
        (
            "CREATE INDEX half ON ONLY todo_app.todos_active (title)",
            "warning index not valid todos_active",
            1,
        ),
        (
            "UPDATE todo_app.maintenance_job_log SET started_at = now() - interval '27 hours' WHERE period = 'daily'",
            "warning job did not run ",
            1,
        ),
        (
            "UPDATE todo_app.maintenance_job_log SET status = 'failed', sqlstate = '42501' WHERE task = 'check health'",
            "warning job failed ",
            1,
        ),
        (
            "INSERT INTO todo_app.todos_archived (id, user_id, title, completed_at)
             SELECT gen_random_uuid(), md5('user 1')::uuid, '', now() FROM generate_series(1, 1500); ANALYZE todo_app.todos_archived",
            "info never vacuumed todos_archived_",
            0,
        ),
    ] {
        let copy = database.copy();
        // A copy has rows and no statistics of its own: what was vacuumed is not known there.
        let known = "SELECT count(*) FROM todo_app.check_partition_health() WHERE severity <> 'info'";
        assert_eq!(copy.count(known), 0, "{issue}");
        copy.batch(change);
        let found = "SELECT string_agg(severity || ' ' || issue || ' ' || partition, ', ') FROM todo_app.check_partition_health()";
        let client = copy.client().await;
        let seen = async || {
            let row = client.query_one(found, &[]).await.unwrap();
            row.get::<_, Option<String>>(0).is_some_and(|found| found.starts_with(issue))
        };
        until(Duration::from_secs(20), issue, seen).await;
        let _ = todos(&copy, "health").exited(exit);
    }
}

#[test]
fn stats_are_of_every_partition() {
    let database = healthy();
    let stats = todos(&database, "stats --format json").ok().document();
    let stats = stats.as_array().unwrap();
    let leaves = "SELECT count(*) FROM pg_inherits JOIN pg_class ON oid = inhrelid
                  WHERE relkind = 'r' AND relnamespace = 'todo_app'::regnamespace";
    assert_eq!(stats.len(), usize::try_from(database.count(leaves)).unwrap());
    let rows: i64 = stats.iter().map(|one| one["rows"].as_i64().unwrap()).sum();
    assert_eq!(rows, 400);
}

#[test]
fn each_scheduler_is_told_of_each_period() {
    let database = testbed::server().database();
    for scheduler in ["--cron", "--pg-cron", "--systemd"] {
        let ran = todos(&database, &format!("schedule {scheduler} --format json")).ok().document();
        let text = ran.as_str().unwrap();
        assert!(
            ["daily", "weekly", "monthly"].iter().all(|period| text.contains(period)),
            "{text}"
        );
    }
    let _ = todos(&database, "schedule").exited(2);
}

/// cron has neither our folder nor our variables.
#[test]
fn cron_can_run_each_line_as_it_stands() {
    let database = cut_over("");
    let printed = todos(&database, "schedule --cron --format json").ok().document();
    let lines: Vec<_> =
        printed.as_str().unwrap().lines().filter(|line| !line.starts_with('#')).collect();
    assert_eq!(lines.len(), 3);
    let home = testbed::TestHome::new();
    for line in lines {
        let (_, command) = line.split_once("  ").unwrap();
        let mut cron = std::process::Command::new("env");
        cron.arg("-i").arg(format!("HOME={}", home.path().display()));
        cron.args(["sh", "-c", &command.replace(r"\%", "%")]);
        let _ = testbed::ran(cron.current_dir(home.path())).ok();
    }
    let runs = "SELECT count(DISTINCT period) FROM todo_app.maintenance_job_log";
    assert_eq!(database.count(runs), 3);
}

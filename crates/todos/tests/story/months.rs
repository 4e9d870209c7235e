//! Where months begin: their ends, leap years, time zones, and rows that came before their partition.

use testbed::Database;
use testbed::server;

use crate::bench::{cut_over, todos};

const ZONES: [&str; 3] = ["UTC", "Pacific/Auckland", "America/Los_Angeles"];

fn partitioned() -> Database {
    let database = server().database();
    for verb in ["seed --users 5 --todos 0", "partition"] {
        let _ = todos(&database, verb).ok();
    }
    database
}

fn maintained() -> Database {
    let database = cut_over("SELECT 1");
    let _ = todos(&database, "maintain daily").ok();
    database
}

fn names(database: &Database, like: &str) -> Vec<String> {
    database.texts(&format!(
        "SELECT name FROM todo_app.archive_partitions() WHERE name LIKE '{like}' ORDER BY name"
    ))
}

#[test]
fn they_begin_in_utc_wherever_one_is() {
    for zone in ZONES {
        let database = partitioned();
        database.batch(&format!("SET timezone = '{zone}'; SELECT todo_app.ensure_archive_partitions('2024-01-31', '2024-03-01')"));
        assert_eq!(
            names(&database, "%_2024_%"),
            ["todos_archived_2024_01", "todos_archived_2024_02", "todos_archived_2024_03"]
        );
        for (at, month) in [
            ("2024-02-29 23:59:59.999999+00", "02"),
            ("2024-03-01 00:00+00", "03"),
            ("2024-03-01 00:30+01", "02"),
            ("2024-01-31 19:00-05", "02"),
        ] {
            let table = database.text(&format!(
                "INSERT INTO todo_app.todos_archived (id, user_id, title, completed_at, archived_at)
                 VALUES (gen_random_uuid(), md5('user 1')::uuid, '', now(), '{at}') RETURNING tableoid::regclass::text"
            ));
            assert_eq!(table, format!("todo_app.todos_archived_2024_{month}"), "{at} in {zone}");
        }
    }
}

#[test]
fn those_ahead_of_the_last_day_of_a_month() {
    for (as_of, last) in [
        ("2023-01-31 23:59+00", ["01", "02"]),
        ("2024-01-31 20:00-05", ["02", "03"]),
        ("2024-02-29 12:00+00", ["02", "03"]),
        ("2024-02-01 11:00+13", ["01", "02"]),
    ] {
        let database = maintained();
        database.batch(&format!(
            "SET timezone = 'Asia/Tokyo'; SELECT todo_app.create_archive_partitions(1, '{as_of}')"
        ));
        let year = &as_of[..4];
        assert_eq!(
            names(&database, &format!("%_{year}_%")),
            last.map(|month| format!("todos_archived_{year}_{month}")),
            "{as_of}"
        );
    }
}

#[test]
fn those_past_retention() {
    let database = cut_over("SELECT 1");
    let _ = todos(&database, "finish --keep-days 0 --yes").ok();
    let _ = todos(&database, "maintain monthly").ok();
    database.batch("SELECT todo_app.ensure_archive_partitions('2001-01-01', '2001-04-01')");
    for (as_of, left) in [
        ("2001-02-28 23:59:59+00", 4),
        ("2001-03-01 00:30+01", 4),
        ("2001-03-01 00:00+00", 3),
        ("2001-03-31 23:59+00", 3),
        ("2001-04-30 21:00-05", 1),
    ] {
        database.batch(&format!("SET timezone = 'Pacific/Auckland'; SELECT todo_app.drop_old_archive_partitions(1, '{as_of}')"));
        assert_eq!(names(&database, "%_2001_%").len(), left, "{as_of}");
    }
}

/// Thirty days are thirty times 24 hours, also where clocks are put forward in between.
#[tokio::test]
async fn thirty_days_are_the_same_everywhere() {
    for zone in ZONES {
        let database = maintained();
        database.batch(
            "UPDATE todo_app.todos SET status = 'done', completed_at = '2024-03-01 00:00+00' WHERE id = (
                 SELECT id FROM todo_app.todos_active WHERE status = 'todo' LIMIT 1)",
        );
        for (as_of, archived) in [("2024-03-31 00:00+00", 0), ("2024-03-31 00:00:01+00", 1)] {
            let client = database.client().await;
            client.batch_execute(&format!("SET timezone = '{zone}'")).await.unwrap();
            let call = format!("SELECT todo_app.archive_completed_todos(as_of => '{as_of}')");
            let n: i64 = client.query_one(&call, &[]).await.unwrap().get(0);
            assert_eq!(n, archived, "{as_of} in {zone}");
        }
    }
}

/// A rollback knows them as well.
#[test]
fn what_default_holds_of_a_month_moves_to_its_partition() {
    let database = cut_over("SELECT 1");
    database.batch(
        "UPDATE todo_app.todos_archived SET archived_at = '2001-01-15' WHERE id IN (SELECT id FROM todo_app.todos_archived LIMIT 7)",
    );
    let content =
        "SELECT count(*) || md5(string_agg(t::text, ' ' ORDER BY id)) FROM todo_app.todos AS t";
    let before = database.text(content);
    let in_default = "SELECT count(*) FROM todo_app.todos_archived_default";
    assert_eq!(database.count(in_default), 7);
    let _ = todos(&database, "maintain daily").ok();
    assert_eq!(database.count(in_default), 0);
    assert_eq!(database.count("SELECT count(*) FROM todo_app.todos_archived_2001_01"), 7);
    assert_eq!(database.text(content), before);
    let _ = todos(&database, "rollback").ok();
    assert_eq!(database.text(content), before);
}

/// As `convert --split` leaves it: by others, for the present month, without what a partition has of its own.
#[test]
fn weeks_in_the_place_of_a_month_are_taken_as_they_are() {
    let database = maintained();
    let _ = todos(&database, "secure").ok();
    let month = names(&database, "%").pop().unwrap();
    database.batch(&format!(
        "SET timezone = 'UTC'; SET search_path = todo_app;
         DO $$ DECLARE m record; BEGIN
             SELECT * INTO m FROM archive_partitions() WHERE name = '{month}';
             DROP TABLE {month};
             EXECUTE format('CREATE TABLE week1 PARTITION OF todos_archived FOR VALUES FROM (%L) TO (%L)', m.since, m.since + interval '7 days');
             EXECUTE format('CREATE TABLE week2 PARTITION OF todos_archived FOR VALUES FROM (%L) TO (%L)', m.since + interval '7 days', m.until);
         END $$"
    ));
    let open = "SELECT string_agg(relname || relrowsecurity, ' ' ORDER BY relname) FROM pg_class WHERE relname ~ '^week.$'";
    assert_eq!(database.text(open), "week1false week2false");
    let daily = todos(&database, "maintain daily --format json").ok().document();
    let details = |daily: &serde_json::Value| daily[2]["details"].as_str().unwrap().to_owned();
    assert_eq!(details(&daily), "0 created, 2 settled");
    assert_eq!(database.text(open), "week1true week2true");
    let guards = "SELECT count(*) FROM pg_trigger WHERE tgname = 'todos_no_truncate' AND tgrelid::regclass::text ~ 'week'";
    assert_eq!(database.count(guards), 2);
    assert_eq!(
        details(&todos(&database, "maintain daily --format json").ok().document()),
        "0 created"
    );
}

//! Old partitions go, and only those.

use std::time::Duration;

use convert::premake::{Retain, Wish};
use testbed::{Database, ran, server, until};

use crate::premake::{carried_out, names, wish, within};

const NOW: &str = "2026-11-15T12:00:00Z";

/// Months from September 2025 to December 2026, each with a row.
fn year(database: &Database) {
    let months = (0..16).map(|n| {
        let month = |n: i32| format!("{}-{:02}-01", 2025 + (n + 8) / 12, (n + 8) % 12 + 1);
        let (from, to) = (month(n), month(n + 1));
        let name = from[..7].replace('-', "_");
        format!("CREATE TABLE t_{name} PARTITION OF t FOR VALUES FROM ('{from}') TO ('{to}'); INSERT INTO t VALUES ('{from}');")
    });
    let months: String = months.collect();
    database.batch(&format!("CREATE TABLE t (at date NOT NULL) PARTITION BY RANGE (at); {months}"));
}

fn retaining(text: &str, drop: bool) -> Wish {
    let retain: Retain = text.parse().unwrap();
    Wish { retain: Some(retain), drop, ..wish(1, None) }
}

fn exists(database: &Database, table: &str) -> bool {
    database.count(&format!("SELECT count(*) FROM pg_class WHERE relname = '{table}'")) == 1
}

#[tokio::test]
async fn only_what_is_wholly_older_goes() {
    let database = server().database();
    year(&database);
    // Twelve months before 15 November 2026 lies within November 2025, which therefore stays.
    carried_out(&database, "t", &retaining("12 months", false), NOW).await;
    assert_eq!(names(&database, "t").first().unwrap(), "t_2025_11");
    assert_eq!(database.count("SELECT count(*) FROM t_2025_09"), 1, "it is kept as a table");
    carried_out(&database, "t", &retaining("30 days", true), NOW).await;
    assert_eq!(names(&database, "t"), ["t_2026_10", "t_2026_11", "t_2026_12"]);
    assert!(!exists(&database, "t_2026_09") && exists(&database, "t_2025_10"));
}

#[tokio::test]
async fn with_a_default_partition_too() {
    let database = server().database();
    year(&database);
    database.batch(
        "CREATE TABLE t_default PARTITION OF t DEFAULT; INSERT INTO t VALUES ('1999-01-01')",
    );
    carried_out(&database, "t", &retaining("12 months", true), NOW).await;
    assert_eq!(names(&database, "t").first().unwrap(), "t_2025_11");
    assert!(!exists(&database, "t_2025_10"));
    assert_eq!(database.count("SELECT count(*) FROM t_default"), 1);
}

#[tokio::test]
async fn numbers_go_by_distance_from_the_greatest() {
    let database = server().database();
    database.batch(
        "CREATE TABLE t (id int) PARTITION BY RANGE (id);
         CREATE TABLE t_0 PARTITION OF t FOR VALUES FROM (0) TO (100);
         CREATE TABLE t_100 PARTITION OF t FOR VALUES FROM (100) TO (200);
         CREATE TABLE t_200 PARTITION OF t FOR VALUES FROM (200) TO (300);
         INSERT INTO t VALUES (1), (150), (250)",
    );
    carried_out(&database, "t", &retaining("100", true), NOW).await;
    assert_eq!(names(&database, "t"), ["t_100", "t_200", "t_300"]);
    let budget = Duration::from_secs(5);
    let error = within(&database, "t", &retaining("1 month", true), NOW, budget).await;
    assert!(error.unwrap_err().to_string().contains("no unit for integers"));
}

#[tokio::test]
async fn an_interrupted_detach_is_finished() {
    let database = server().database();
    year(&database);
    // A query of the parent holds up the second half of the detach.
    let mut reader = database.client().await;
    let transaction = reader.transaction().await.unwrap();
    transaction.batch_execute("SELECT count(*) FROM t").await.unwrap();
    let wish = retaining("12 months", true);
    let error = within(&database, "t", &wish, NOW, Duration::from_millis(500)).await;
    let text = error.unwrap_err().to_string();
    assert!(text.contains("older queries"), "{text}");
    let pending = "SELECT count(*) FROM pg_inherits WHERE inhdetachpending";
    assert_eq!(database.count(pending), 1);
    transaction.commit().await.unwrap();
    carried_out(&database, "t", &wish, NOW).await;
    assert_eq!(database.count(pending), 0);
    assert_eq!(names(&database, "t").first().unwrap(), "t_2025_11");
    assert!(!exists(&database, "t_2025_09") && !exists(&database, "t_2025_10"));
}

#[tokio::test]
async fn what_was_detached_to_be_dropped_is_dropped_by_the_next_run() {
    let database = server().database();
    year(&database);
    let budget = Duration::from_millis(500);
    // Something depends on the table, so that it can be detached and not dropped.
    database.batch("CREATE VIEW v AS SELECT * FROM t_2025_09");
    let wish = retaining("12 months", true);
    let error = within(&database, "t", &wish, NOW, budget).await.unwrap_err().to_string();
    assert!(error.contains("t_2025_09") && error.contains("view public.v"), "{error}");
    assert!(exists(&database, "t_2025_09"));
    database.batch("DROP VIEW v");
    carried_out(&database, "t", &wish, NOW).await;
    assert!(!exists(&database, "t_2025_09") && !exists(&database, "t_2025_10"));
}

#[tokio::test]
async fn readers_never_miss_a_row_of_what_stays() {
    let database = server().database();
    year(&database);
    let stop = lab::interrupt::Interrupt::default();
    let reading = {
        let (database, stop) = (database.clone(), stop.clone());
        tokio::spawn(async move {
            let client = database.client().await;
            let mut reads = 0;
            while !stop.is_raised() {
                let count = "SELECT count(*) FROM t WHERE at >= '2025-11-01'";
                let rows: i64 = client.query_one(count, &[]).await.expect("no error").get(0);
                assert_eq!(rows, 14);
                reads += 1;
            }
            reads
        })
    };
    carried_out(&database, "t", &retaining("12 months", true), NOW).await;
    stop.raise();
    assert!(reading.await.unwrap() > 0);
    until(Duration::from_secs(5), "they are gone", async || !exists(&database, "t_2025_10")).await;
}

/// From cron it takes whatever was converted, of which not all has a next partition.
#[test]
fn without_a_table_it_leaves_out_what_has_no_next_partition() {
    let database = server().database();
    database.batch(
        "CREATE TABLE h (id int PRIMARY KEY); INSERT INTO h VALUES (1);
         CREATE TABLE r (id int PRIMARY KEY, at date NOT NULL); INSERT INTO r VALUES (1, current_date)",
    );
    let convert = |line: &str| ran(database.process("convert").args(line.split(' ')));
    let _ = convert("run h --hash id --partitions 2 --swap").ok();
    let _ = convert("premake").exited(2).says(&["which tables?"]);
    let _ = convert("run r --range at --every month --swap").ok();
    let kept = convert("premake --ahead 6 --format json").ok().document();
    let tables = kept["tables"].as_array().unwrap().iter().map(|table| table["table"].clone());
    assert_eq!(tables.collect::<Vec<_>>(), ["public.r"]);
}

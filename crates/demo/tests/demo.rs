//! The lessons hold on a real server, and say so when they do not.

use std::collections::BTreeMap;

use serde_json::Value;
use testbed::{Database, Ran, ScriptsCopy, ran, server};

/// A database with the demonstration in it.
fn after_setup(arguments: &[&str]) -> Database {
    let database = server().database();
    let _ = ran(database.process("setup").args(arguments)).ok();
    database
}

fn demo(database: &Database, arguments: &[&str]) -> Ran {
    ran(database.process("demo").args(arguments))
}

/// What stands in queries that do not read the lesson's table: they ask a catalog, call, or insert.
const NOT_READ: [&str; 5] =
    ["pg_index\n", "pg_indexes\n", "pg_locks\n", "pg_temp.", "INSERT INTO public.orders"];

/// Topics some of whose lessons mean nothing on tables without partitions.
const WITHOUT_BASELINE: [&str; 2] = ["indexes", "dml"];

fn lessons(document: &Value) -> &[Value] {
    document["lessons"].as_array().map_or(&[], Vec::as_slice)
}

#[test]
fn every_lesson_holds_changes_nothing_and_has_its_fields() {
    let database = after_setup(&[]);
    let before = database.fingerprint();
    let document = demo(&database, &["--format", "json"]).ok().document();
    assert_eq!(database.fingerprint(), before);
    assert_eq!(document["ok"], true);

    let mut topics = BTreeMap::new();
    for lesson in lessons(&document) {
        let name = format!("{} · {}", lesson["topic"], lesson["lesson"]);
        let topic = lesson["topic"].as_str().unwrap_or_default();
        *topics.entry(topic).or_insert(0) += 1;
        let count =
            |field: &str| lesson[field].as_u64().unwrap_or_else(|| panic!("{name}: {field}"));
        let pruned = count("pruned_at_plan") + count("pruned_at_start") + count("never_executed");
        // Nothing became of partitions that are not even looked for.
        let not_read =
            lesson["sql"].as_str().is_some_and(|sql| NOT_READ.iter().any(|c| sql.contains(c)));
        let total = if not_read { 0 } else { count("total") };
        assert_eq!(count("scanned") + pruned, total, "{name}");
        assert_eq!(lesson["expected"]["scanned"], lesson["scanned"], "{name}");
        let named = lesson["partitions_scanned"].as_array().map_or(0, Vec::len);
        assert_eq!(named as u64, count("scanned"), "{name}");
        assert_eq!(lesson["found"].is_string(), lesson["expected"]["text"].is_string(), "{name}");
        // Before partitioning there are no partitions to index or detach.
        let has_baseline = lesson["baseline_ms"].is_f64() || WITHOUT_BASELINE.contains(&topic);
        assert!(lesson["execution_ms"].is_f64() && has_baseline, "{name}");
        assert!(lesson["sql"].as_str().is_some_and(|sql| sql.ends_with(';')), "{name}");
    }
    for (topic, at_least) in
        [("range", 5), ("hash", 5), ("list", 5), ("composite", 5), ("traps", 8)]
            .into_iter()
            .chain(["joins", "prepared", "indexes", "dml"].map(|topic| (topic, 4)))
    {
        assert!(
            topics.get(topic).is_some_and(|lessons| *lessons >= at_least),
            "{topic}: {topics:?}"
        );
    }
    for field in ["pruned_at_plan", "pruned_at_start", "never_executed"] {
        let shown = lessons(&document).iter().any(|lesson| lesson[field].as_u64() > Some(0));
        assert!(shown, "no lesson shows {field}");
    }
}

#[test]
fn lessons_hold_with_more_rows_and_after_load() {
    let database = after_setup(&["--scale", "20"]);
    let _ = ran(database.process("load").args(["0", "1"])).ok();
    let _ = demo(&database, &["--no-baseline"]).ok();
}

#[test]
fn before_partitioning_it_says_single_table() {
    let database = after_setup(&["--until", "base"]);
    let text = demo(&database, &["hash"]).ok().out;
    assert!(text.contains("single table: nothing can be pruned"), "{text}");
    assert!(text.contains("on single tables: nothing to check"), "{text}");
    assert!(!text.contains("lessons hold"), "nothing was checked: {text}");
    let document = demo(&database, &["hash", "--format", "json"]).ok().document();
    for lesson in lessons(&document) {
        assert_eq!(lesson["expected"], Value::Null);
        assert_eq!(lesson["total"], 1);
        assert_eq!(lesson["baseline_ms"], Value::Null);
    }
}

#[test]
fn every_lesson_runs_on_single_tables_or_says_that_it_needs_partitions() {
    let database = after_setup(&["--until", "base"]);
    let document = demo(&database, &["--format", "json"]).ok().document();
    let refused: Vec<_> = lessons(&document)
        .iter()
        .filter(|lesson| lesson["execution_ms"].is_null())
        .map(|lesson| lesson["lesson"].as_str().unwrap_or_default())
        .collect();
    let needs = ["on-only", "all-attached", "on-conflict", "no-conflict"];
    assert_eq!(refused, [&needs[..], &["detach-a-month", "detach-locks"]].concat());
    let text = demo(&database, &["dml"]).ok().out;
    assert!(text.contains("single table: this lesson needs partitions"), "{text}");
}

#[test]
fn a_lesson_that_does_not_hold_fails_the_command() {
    let database = after_setup(&[]);
    let scripts = ScriptsCopy::new();
    let file = "queries/20_range_queries.sql";
    let wrong = scripts.read(file).replacen("expect: scanned 1 of 4", "expect: scanned 2 of 4", 1);
    scripts.write(file, &wrong);
    let folder = scripts.path().to_string_lossy().into_owned();
    let text = demo(&database, &["range", "--scripts", &folder])
        .exited(1)
        .says(&["1 lesson does not hold", "setup -- --reset"])
        .out;
    assert!(text.contains("✗ expected: scanned 2 of 4"), "{text}");
    assert!(text.contains("found:    scanned 1 of 4"), "{text}");
    let document =
        demo(&database, &["range", "--scripts", &folder, "--format", "json"]).exited(1).document();
    assert_eq!(document["ok"], false);
    assert_eq!(lessons(&document).iter().filter(|lesson| lesson["ok"] == false).count(), 1);
}

#[test]
fn other_partitions_than_setups_are_told_with_the_way_back() {
    let database = after_setup(&[]);
    let _ = ran(database.process("repartition").arg("add")).ok();
    let _ = demo(&database, &["range"]).exited(1).says(&["cargo run -p repartition -- cleanup"]);
    let _ = ran(database.process("repartition").arg("cleanup")).ok();
    let _ = demo(&database, &["range"]).ok();
}

#[test]
fn step_stops_at_the_end_of_input_and_the_baseline_can_be_left_out() {
    let database = after_setup(&[]);
    let stopped = demo(&database, &["list", "--step"]).exited(2).says(&["the input has ended"]);
    assert_eq!(stopped.err.matches("Enter goes on").count(), 1);
    let arguments = ["list", "--no-baseline", "--format", "json"];
    let document = demo(&database, &arguments).ok().document();
    assert!(lessons(&document).iter().all(|lesson| lesson["baseline_ms"].is_null()));
}

#[test]
fn any_query_of_any_database_can_be_looked_into() {
    let database = server().database();
    database.batch(
        "CREATE SCHEMA \"Shop\";
         CREATE TABLE \"Shop\".\"Order Lines\" (day date, kind text) PARTITION BY RANGE (day);
         CREATE TABLE \"Shop\".y2023 PARTITION OF \"Shop\".\"Order Lines\"
             FOR VALUES FROM ('2023-01-01') TO ('2024-01-01');
         CREATE TABLE \"Shop\".y2024 PARTITION OF \"Shop\".\"Order Lines\"
             FOR VALUES FROM ('2024-01-01') TO ('2025-01-01') PARTITION BY LIST (kind);
         CREATE TABLE \"Shop\".y2024_a PARTITION OF \"Shop\".y2024 FOR VALUES IN ('a');
         CREATE TABLE \"Shop\".y2024_rest PARTITION OF \"Shop\".y2024 DEFAULT;",
    );
    let sql =
        "SELECT count(*) FROM \"Shop\".\"Order Lines\" WHERE day >= '2024-05-01' AND kind = 'a'";
    let document = demo(&database, &["query", sql, "--format", "json"]).ok().document();
    assert_eq!(document["sql"], sql);
    assert!(document["execution_ms"].is_f64());
    let table = &document["tables"][0];
    assert_eq!(table["table"], "Order Lines");
    assert_eq!((table["scanned"].as_u64(), table["total"].as_u64()), (Some(1), Some(3)));
    assert_eq!(table["partitions_scanned"], serde_json::json!(["y2024_a"]));
    assert_eq!(table["pruned_at_plan"], 2);

    let text = demo(&database, &["query", "SELECT 1"]).ok().out;
    assert!(text.contains("It reads no partitioned table."), "{text}");
}

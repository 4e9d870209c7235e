//! `todos bench`, whose figures are of what is there, and which changes nothing.

use serde_json::Value;
use testbed::Database;

use crate::bench::{cut_over, todos};

fn measured(database: &Database, more: &str) -> Vec<Value> {
    let line = format!("bench --rounds 20 --format json{more}");
    todos(database, &line).ok().document().as_array().unwrap().clone()
}

fn figure(lines: &[Value], measure: &str, side: &str) -> Option<f64> {
    lines.iter().find(|line| line["measure"] == measure).unwrap()[side].as_f64()
}

#[test]
fn the_old_table_and_the_new_ones_side_by_side() {
    let database = cut_over("SELECT 1");
    let before = database.fingerprint();
    let lines = measured(&database, " --skip-backup");
    database.assert_unchanged(&before, "todos bench");
    let size = |tables: &str| {
        database.text(&format!(
            "SELECT sum(pg_table_size(oid))::text FROM pg_class WHERE relkind = 'r' AND relname ~ '{tables}'"
        ))
    };
    let of = |side| figure(&lines, "tables", side).unwrap().to_string();
    assert_eq!(of("before"), size("^todos_old$"));
    assert_eq!(of("after"), size("^todos_(active|archived)_"));
    let list = "a user's list, newest first, ";
    for side in ["before", "after"] {
        let [p50, p99] =
            ["p50", "p99"].map(|one| figure(&lines, &format!("{list}{one}"), side).unwrap());
        assert!(0.0 < p50 && p50 <= p99, "{side}: {p50} {p99}");
    }
}

#[test]
fn once_the_old_table_is_gone_only_the_new_ones() {
    let database = cut_over("SELECT 1");
    let _ = todos(&database, "finish --keep-days 0 --yes").ok();
    let lines = measured(&database, " --skip-backup");
    assert_eq!(figure(&lines, "dashboard, p50", "before"), None);
    assert!(figure(&lines, "dashboard, p50", "after").unwrap() > 0.0);
}

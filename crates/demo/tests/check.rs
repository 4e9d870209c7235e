//! `demo check`: all lessons on this server, and what of them does not hold.

use serde_json::{Value, json};
use testbed::{Database, Ran, ScriptsCopy, ran, server};

const FILE: &str = "queries/27_indexes.sql";
/// Of the lesson `needless-join`.
const BY_VERSION: &str = "expect: scanned 0 of 4\n-- expect (15): scanned 4 of 4";

/// A database with the demonstration in it.
fn after_setup(arguments: &[&str]) -> Database {
    let database = server().database();
    let _ = ran(database.process("setup").args(arguments)).ok();
    database
}

fn check(database: &Database, arguments: &[&str]) -> Ran {
    ran(database.process("demo").arg("check").args(arguments))
}

/// Runs the check with `BY_VERSION` replaced.
fn check_with(database: &Database, by_version: &str, arguments: &[&str]) -> Ran {
    let scripts = ScriptsCopy::new();
    let text = scripts.read(FILE);
    assert!(text.contains(BY_VERSION), "{FILE} has another version of the lesson");
    scripts.write(FILE, &text.replace(BY_VERSION, by_version));
    let folder = scripts.path().to_string_lossy().into_owned();
    check(database, &[&["--scripts", &folder][..], arguments].concat())
}

#[test]
fn says_nothing_of_lessons_that_hold() {
    let database = after_setup(&[]);
    let before = database.fingerprint();
    let text = check(&database, &[]).ok().out;
    assert!(text.contains("lessons hold") && !text.contains(" · needless-join"), "{text}");
    assert_eq!(database.fingerprint(), before);
    let document = check(&database, &["--format", "json"]).ok().document();
    assert_eq!((&document["ok"], &document["failed"]), (&json!(true), &json!([])));
    assert!(document["lessons"].as_u64() >= Some(100), "{document}");
    assert_eq!(
        (&document["checked"], &document["held"]),
        (&document["lessons"], &document["lessons"])
    );
    assert!(document["version"].as_str().is_some_and(|version| version.contains('.')));
}

#[test]
fn says_what_was_expected_and_found() {
    let database = after_setup(&[]);
    let wrong = "expect: scanned 3 of 4, rows at least 1\n-- expect (14): scanned 4 of 4";
    let text = check_with(&database, wrong, &[]).exited(1).says(&["1 lesson does not hold"]).out;
    assert!(text.contains("\n✗ ") && text.contains("  ✗ indexes · needless-join\n"), "{text}");
    assert!(text.contains("    expected: scanned 3 of 4, rows at least 1\n"), "{text}");
    assert!(text.contains("    found:    scanned "), "{text}");
    let document = check_with(&database, wrong, &["--format", "json"]).exited(1).document();
    assert_eq!(document["ok"], false);
    let failed = &document["failed"][0];
    assert_eq!((&failed["topic"], &failed["lesson"]), (&"indexes".into(), &"needless-join".into()));
    assert_eq!(failed["expected"], "scanned 3 of 4, rows at least 1");
    assert!(
        failed["found"].as_str().is_some_and(|found| found.ends_with(", rows 300")),
        "{failed}"
    );
}

#[test]
fn what_holds_on_another_version_does_not_hold_here() {
    let database = after_setup(&[]);
    let join_stays = lab_major(&database) == 15;
    let (here, elsewhere) = if join_stays { ("4 of 4", "0 of 4") } else { ("0 of 4", "4 of 4") };
    let wrong =
        format!("expect: scanned {here}\n-- expect (15, 16, 17, 18, 19): scanned {elsewhere}");
    let document = check_with(&database, &wrong, &["--format", "json"]).exited(1).document();
    assert_eq!(document["failed"].as_array().map(Vec::len), Some(1), "{document}");
    let _ = check_with(&database, &format!("expect: scanned {here}"), &[]).ok();
    // The lesson tells of both.
    let text = ran(database.process("demo").arg("indexes")).ok().out;
    assert!(text.contains(&format!("✓ scanned {here}\n")), "{text}");
    let other = if join_stays { "on other versions" } else { "on PostgreSQL 15" };
    assert!(text.contains(&format!("    {other}: scanned {elsewhere}\n")), "{text}");
}

fn lab_major(database: &Database) -> u32 {
    let document = check(database, &["--format", "json"]).ok().document();
    let version = document["version"].as_str().unwrap_or_default();
    version.split('.').next().and_then(|major| major.parse().ok()).unwrap_or_default()
}

#[test]
fn single_tables_are_nothing_that_holds() {
    let database = after_setup(&["--until", "base"]);
    let ran = check(&database, &[]).exited(1);
    let text = ran.says(&["nothing was checked", "not partitioned", "cargo run -p setup"]).out;
    assert!(text.contains("on single tables: nothing to check"), "{text}");
    let document = check(&database, &["--format", "json"]).exited(1).document();
    assert_eq!((&document["ok"], &document["checked"]), (&json!(false), &json!(0)));
}

#[test]
fn a_partition_that_is_missing_is_no_reason_to_stop() {
    let database = after_setup(&[]);
    let _ = ran(database.process("repartition").arg("detach")).ok();
    let ran = check(&database, &["--format", "json"]).exited(1);
    let document = ran.says(&["cargo run -p repartition -- cleanup"]).document();
    let failed: Vec<&Value> = document["failed"].as_array().into_iter().flatten().collect();
    let found = |lesson: &str| failed.iter().find(|failed| failed["lesson"] == lesson);
    assert_eq!(
        found("detach-locks").map(|failed| &failed["found"]),
        Some(&json!("it cannot run: relation \"public.event_logs_2024_01\" does not exist"))
    );
    assert!(found("merge").is_none(), "it comes after, and is about another table");
    assert_eq!(document["checked"].as_u64(), Some(failed.len() as u64 + held(&document)));
}

fn held(document: &Value) -> u64 {
    document["held"].as_u64().unwrap_or_default()
}

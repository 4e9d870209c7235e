//! `--online`: the same end as the script's, by catalog and content, and nobody waits.

use std::time::Duration;
use testbed::{Database, Running, eventually};

use crate::bench::{after_setup, events, json, run, status, users};
use crate::model::{State, assert_document};

/// What the catalog says of the tables of a scenario, but for what no user of them sees: OIDs and the
/// names of a partition's own indexes and constraints.
const CATALOG: &str = "
    WITH tables AS (
        SELECT c.oid, c.relname, c.relkind FROM pg_class c
        WHERE c.relkind IN ('r', 'p') AND c.relnamespace = 'public'::regnamespace)
    SELECT line FROM tables t CROSS JOIN LATERAL (
        SELECT concat_ws(' | ', relname, relkind, pg_get_expr(c.relpartbound, c.oid), c.relowner::regrole, c.relacl,
                         c.reloptions, c.relreplident, obj_description(c.oid, 'pg_class'), pg_get_partkeydef(c.oid),
                         (SELECT inhparent::regclass FROM pg_inherits WHERE inhrelid = c.oid))
        FROM pg_class c WHERE c.oid = t.oid
        UNION ALL
        SELECT concat_ws(' | ', relname, a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull, a.attidentity,
                         a.attstattarget, pg_get_expr(d.adbin, d.adrelid))
        FROM pg_attribute a LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
        WHERE a.attrelid = t.oid AND a.attnum > 0 AND NOT a.attisdropped
        UNION ALL
        SELECT concat_ws(' | ', relname, 'index', CASE WHEN relkind = 'p' THEN x.indexrelid::regclass::text END,
                         regexp_replace(pg_get_indexdef(x.indexrelid), 'INDEX .* ON ', 'INDEX ON '), x.indisvalid,
                         x.indisprimary, EXISTS (SELECT FROM pg_inherits WHERE inhrelid = x.indexrelid),
                         EXISTS (SELECT FROM pg_constraint WHERE conindid = x.indexrelid))
        FROM pg_index x WHERE x.indrelid = t.oid
        UNION ALL
        SELECT concat_ws(' | ', relname, 'constraint', pg_get_constraintdef(k.oid), k.convalidated)
        FROM pg_constraint k WHERE k.conrelid = t.oid
        UNION ALL
        SELECT concat_ws(' | ', relname, 'trigger', g.tgname) FROM pg_trigger g WHERE g.tgrelid = t.oid
    ) AS lines (line)
    ORDER BY line COLLATE \"C\"";

/// Rows by the leaf that holds them.
fn rows(database: &Database, table: &str) -> Vec<String> {
    let columns = match table {
        // When it came is the one thing that must differ.
        "event_logs_archive" => {
            "id, event_type, user_id, event_data, ip_address, created_at, archive_reason"
        }
        _ => "t",
    };
    database.texts(&format!(
        "SELECT concat_ws(' ', tableoid::regclass, ({columns})::text) FROM {table} t ORDER BY 1"
    ))
}

fn scenario_ends_as_its_script(scenario: &str, tables: &[&str]) {
    let (classic, online) = (after_setup(), after_setup());
    let _ = run(&classic, scenario);
    let document = json(&online, &[scenario, "--online"]).ok().document();
    let mut state = State::default();
    assert_document(&document, scenario, state.run(scenario), &online);
    state.assert_in(&online);
    let (wanted, found) = (classic.texts(CATALOG), online.texts(CATALOG));
    let only_in = |one: &[String], other: &[String]| -> Vec<String> {
        one.iter().filter(|line| !other.contains(line)).cloned().collect()
    };
    let (missing, extra) = (only_in(&wanted, &found), only_in(&found, &wanted));
    assert!(
        missing.is_empty() && extra.is_empty(),
        "{scenario}: missing {missing:#?}, extra {extra:#?}"
    );
    for table in tables {
        assert_eq!(rows(&classic, table), rows(&online, table), "{scenario}: {table}");
    }
    // Again: it is done. Then back, as from the script's.
    let again = json(&online, &[scenario, "--online"]).ok().document();
    assert_eq!(status(&again), "already");
    let before = (events(&online), users(&online, "users_distributed"));
    assert_eq!(status(&run(&online, "cleanup")), "done");
    State::default().assert_in(&online);
    assert_eq!((events(&online), users(&online, "users_distributed")), before);
}

#[test]
fn add_ends_as_its_script() {
    scenario_ends_as_its_script("add", &["event_logs"]);
}

#[test]
fn split_ends_as_its_script() {
    scenario_ends_as_its_script("split", &["event_logs"]);
}

#[test]
fn migrate_ends_as_its_script() {
    scenario_ends_as_its_script("migrate", &["users_distributed", "users_by_date"]);
}

#[test]
fn detach_ends_as_its_script() {
    scenario_ends_as_its_script("detach", &["event_logs", "event_logs_archive"]);
}

/// Asserts what `--online` promises, while others work: no row lost or doubled, no error, no reader
/// that saw a count dip, and the table never locked for as long as the script would.
#[test]
fn all_goes_through_to_cleanup() {
    let database = after_setup();
    let before = rows(&database, "event_logs");
    let document = json(&database, &["all", "--online"]).ok().document();
    assert_eq!(document["status"], "done");
    assert_eq!(document["steps"].as_array().map(Vec::len), Some(5));
    assert_eq!(rows(&database, "event_logs"), before);
}

fn under_load(scenario: &str) {
    let database = after_setup();
    let before = (events(&database), users(&database, "users_distributed"));
    let document = json(&database, &[scenario, "--online", "--under-load", "3"]).ok().document();
    let seen = &document["under_load"];
    for what in ["reads_that_differed", "rows_missing", "rows_too_many"] {
        assert_eq!(seen[what], 0, "{what}: {document:#}");
    }
    assert_eq!(seen["refused"].as_array().unwrap().len(), 0, "{document:#}");
    let mut state = State::default();
    state.run(scenario);
    state.assert_in(&database);
    assert_eq!((events(&database), users(&database, "users_distributed")), before);
    if scenario == "migrate" {
        assert_eq!(users(&database, "users_by_date"), before.1);
    }
}

#[test]
fn add_under_load() {
    under_load("add");
}

#[test]
fn split_under_load() {
    under_load("split");
}

#[test]
fn migrate_under_load() {
    under_load("migrate");
}

#[test]
fn detach_under_load() {
    under_load("detach");
}

#[tokio::test]
async fn detach_lets_others_pass_and_waits_for_its_turn() {
    let database = after_setup();
    let client = database.client().await;
    client.batch_execute("BEGIN; SELECT FROM event_logs LIMIT 1").await.unwrap();
    let running = Running::start(
        crate::bench::repartition(&database, &["detach", "--online"]).args(["--format", "json"]),
    );
    // It tries, and lets go again: nobody waits behind it for longer than its timeout.
    let has_let_go = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()
        AND application_name = 'partition-lab repartition' AND state = 'idle' AND query = 'ROLLBACK'";
    eventually(Duration::from_secs(30), "it lets go", || database.count(has_let_go) == 1);
    State::default().assert_in(&database);
    client.batch_execute("COMMIT").await.unwrap();
    let document = running.finish().ok().document();
    assert_eq!(status(&document), "done");
}

#[test]
fn detach_goes_on_where_it_was_interrupted() {
    let database = after_setup();
    let before = events(&database);
    // As the DETACH's commit leaves it.
    database.batch("ALTER TABLE event_logs DETACH PARTITION event_logs_2024_01");
    let blocked = json(&database, &["detach"]).exited(1).says(&["interrupted", "detach --online"]);
    assert_eq!(status(&blocked.document()), "blocked");
    let document = json(&database, &["detach", "--online"]).ok().document();
    assert_eq!(status(&document), "done");
    assert_eq!((&document["rows_before"], &document["rows_after"]), (&500.into(), &500.into()));
    let state = State { archive: true, ..State::default() };
    state.assert_in(&database);
    assert_eq!(events(&database), before);
    // And cleanup understands it, too.
    let database = after_setup();
    database.batch("ALTER TABLE event_logs DETACH PARTITION event_logs_2024_01");
    assert_eq!(status(&run(&database, "cleanup")), "done");
    State::default().assert_in(&database);
    assert_eq!(events(&database), before);
}

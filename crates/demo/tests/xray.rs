//! `demo query` on tables that are not the lab's.
#![allow(
    clippy::unwrap_used,
    reason = "a panic is how a test fails; clippy.toml allows it in #[test] functions only"
)]

use std::fs;

use serde_json::Value;
use testbed::{Database, Ran, ran, server};

const MONTHS: &str = "
    CREATE TABLE visits (id int, at date NOT NULL) PARTITION BY RANGE (at);
    CREATE TABLE visits_2024 PARTITION OF visits FOR VALUES FROM ('2024-01-01') TO ('2025-01-01') PARTITION BY LIST (id);
    CREATE TABLE visits_2024_1 PARTITION OF visits_2024 FOR VALUES IN (1);
    CREATE TABLE visits_2024_other PARTITION OF visits_2024 DEFAULT;
    CREATE TABLE visits_2025 PARTITION OF visits FOR VALUES FROM ('2025-01-01') TO ('2026-01-01');
    INSERT INTO visits SELECT n % 3, '2024-01-01'::date + n FROM generate_series(0, 699) AS n;
    CREATE TABLE visits_old AS SELECT * FROM visits;
    CREATE SEQUENCE numbers;
    ANALYZE visits;";

fn months() -> Database {
    let database = server().database();
    database.batch(MONTHS);
    database
}

fn query(database: &Database, args: &[&str]) -> Ran {
    ran(database.process("demo").arg("query").args(args))
}

fn document(database: &Database, args: &[&str]) -> Value {
    query(database, &[args, &["--format", "json"]].concat()).ok().document()
}

/// Each leaf with its fate and the rows that came out of it.
fn leaves(document: &Value) -> Vec<String> {
    let leaves = document["tables"][0]["partitions"].as_array().unwrap().iter();
    leaves
        .map(|leaf| {
            format!(
                "{} {} {}",
                leaf["partition"].as_str().unwrap(),
                leaf["fate"].as_str().unwrap(),
                leaf["rows"]
            )
        })
        .collect()
}

#[test]
fn every_leaf_of_every_level() {
    let database = months();
    let sql = "SELECT * FROM visits WHERE at < '2024-02-01' AND id = 1";
    assert_eq!(
        leaves(&document(&database, &[sql])),
        [
            "visits_2024_1 scanned 10.0",
            "visits_2024_other pruned_at_plan 0.0",
            "visits_2025 pruned_at_plan 0.0"
        ]
    );
    let text = query(&database, &[sql]).ok().out;
    for line in [
        "├─ ◐ visits_2024 ",
        "│  ├─ ● visits_2024_1 ",
        "│  └─ ○ visits_2024_other",
        "└─ ○ visits_2025 ",
    ] {
        assert!(text.contains(line), "{line}\n{text}");
    }
    assert!(text.contains("1 of 3 partitions scanned"), "{text}");
}

#[test]
fn a_generic_plan_prunes_when_it_starts_and_a_custom_one_before() {
    let database = months();
    let sql = "SELECT * FROM visits WHERE at = $1";
    let custom = leaves(&document(&database, &[sql, "--param", "1=2025-02-01"]));
    assert_eq!(custom[0], "visits_2024_1 pruned_at_plan 0.0");
    let generic = leaves(&document(&database, &[sql, "--param", "1=2025-02-01", "--generic"]));
    assert_eq!(generic[0], "visits_2024_1 pruned_at_start 0.0");
    assert_eq!(generic[2], "visits_2025 scanned 1.0");
    let wrong = query(&database, &[sql, "--param", "2=2025-02-01"]).exited(2);
    assert!(wrong.complains_of("$1 has no value"));
    let unreadable = query(&database, &[sql, "--param", "1=it's"]).exited(1);
    assert!(unreadable.complains_of("it's"));
}

#[test]
fn only_planned() {
    let document = document(
        &months(),
        &["SELECT 1 / (id - id) FROM visits WHERE at >= '2025-01-01'", "--no-analyze"],
    );
    assert_eq!(document["analyzed"], false);
    assert_eq!(leaves(&document)[2], "visits_2025 never_executed 0.0");
}

#[test]
fn two_side_by_side() {
    let database = months();
    let slow = "SELECT * FROM visits WHERE extract(year FROM at) = 2025";
    let both = document(
        &database,
        &[slow, "--before-after", "SELECT * FROM visits WHERE at >= '2025-01-01'"],
    );
    let scanned = |side: &str| both[side]["tables"][0]["scanned"].as_u64().unwrap();
    assert_eq!((scanned("before"), scanned("after")), (3, 1));
    let shown = |args: &[&str], wanted: &[&str]| {
        let text = query(&database, args).ok().out;
        assert!(wanted.iter().all(|wanted| text.contains(wanted)), "{text}");
    };
    shown(
        &[slow, "--before-after", "SELECT * FROM visits LIMIT 1"],
        &["3 of 3", "not the same question"],
    );
    shown(&[slow, "--on-old"], &["FROM visits_old WHERE", "not partitioned"]);
    database.batch("DROP TABLE visits_old");
    assert!(query(&database, &[slow, "--on-old"]).exited(1).complains_of("visits_old"));
}

#[test]
fn a_workload_is_ranked_and_what_writes_is_only_planned() {
    let database = months();
    let before = database.fingerprint();
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("statements.sql");
    fs::write(
        &file,
        "\u{feff}SELECT count(*) FROM visits; SELECT * FROM visits WHERE at = '2025-01-05'; DELETE FROM visits;
         SELECT * FROM visits WHERE at = $1; WITH gone AS (DELETE FROM visits RETURNING *) SELECT * FROM gone;
         SELECT nonsense; SELECT 1; VACUUM visits;",
    )
    .unwrap();
    let all = document(&database, &["--workload", file.to_str().unwrap()]);
    database.assert_unchanged(&before, "a workload");
    let statements: Vec<String> = all["statements"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| {
            format!(
                "{} {}+{} {}",
                one["sql"].as_str().unwrap(),
                one["partitions"],
                one["by_parameter"],
                one["ms"].is_null()
            )
        })
        .collect();
    assert_eq!(statements.len(), 6, "{statements:?}");
    for wanted in [
        "SELECT count(*) FROM visits 3+0 false",
        "SELECT * FROM visits WHERE at = '2025-01-05' 1+0 false",
        "DELETE FROM visits 3+0 true",
        "SELECT * FROM visits WHERE at = $1 0+3 true",
        "SELECT 1 0+0 false",
    ] {
        assert!(statements.contains(&wanted.to_owned()), "{wanted}: {statements:?}");
    }
    assert_eq!(all["refused"].as_array().unwrap().len(), 2);
    let text = query(&database, &["--workload", file.to_str().unwrap()]).ok().out;
    for wanted in ["3 of 3", "not run", "VACUUM visits: VACUUM has no plan"] {
        assert!(text.contains(wanted), "{text}");
    }
    assert!(
        query(&database, &["--workload", "pg_stat_statements"])
            .exited(1)
            .complains_of("CREATE EXTENSION")
    );
}

/// But for what no read-only transaction can prevent, which the help names.
#[test]
fn nothing_is_written() {
    let database = months();
    database.batch(
        "CREATE FUNCTION write() RETURNS int LANGUAGE plpgsql AS $$ BEGIN DELETE FROM visits; RETURN 1; END $$;
         CREATE FUNCTION loosen() RETURNS int LANGUAGE plpgsql AS $$ BEGIN SET transaction_read_only = off; DELETE FROM visits; RETURN 1; END $$;",
    );
    let before = database.fingerprint();
    for sql in [
        "WITH gone AS (DELETE FROM visits RETURNING *) SELECT * FROM gone",
        "SELECT write()",
        "SELECT loosen() FROM visits",
        "SELECT * INTO copied FROM visits",
        "SELECT nextval('numbers')",
        "SELECT 1; DROP TABLE visits",
        "SELECT 1; COMMIT; DELETE FROM visits",
        "DELETE FROM visits",
        "SELECT * FROM visits FOR UPDATE",
        "EXPLAIN ANALYZE DELETE FROM visits",
        "SELECT set_config('transaction_read_only', 'off', false), write()",
    ] {
        for more in [&[][..], &["--generic"], &["--no-analyze"]] {
            let _ = query(&database, &[&[sql], more].concat());
            database.assert_unchanged(&before, sql);
        }
    }
    let help = query(&database, &["--help"]).ok().out;
    assert!(help.contains("pg_terminate_backend") && help.contains("dblink"), "{help}");
}

#[test]
fn thousands_of_partitions_are_folded() {
    let database = server().database();
    database.batch(
        "CREATE TABLE many (n int) PARTITION BY RANGE (n);
         DO $$ BEGIN FOR n IN 0..1999 LOOP
             EXECUTE format('CREATE TABLE many_%s PARTITION OF many FOR VALUES FROM (%s) TO (%s)', to_char(n, 'FM0000'), n, n + 1);
         END LOOP; END $$",
    );
    let sql = "SELECT * FROM many WHERE n IN (7, 900) OR n > 1500";
    let text = query(&database, &[sql]).ok().out;
    assert!(text.lines().count() < 20, "{text}");
    for line in ["○ many_0000 … 0006", "● many_0007", "○ many_0008 … 0899", "● many_1500 … 1999"]
    {
        assert!(text.contains(line), "{line}\n{text}");
    }
    assert!(text.contains("892 pruned at plan time") && text.contains("500 scanned"), "{text}");
    assert_eq!(leaves(&document(&database, &[sql])).len(), 2000);
}

#[test]
fn what_could_be_done_partition_by_partition_is_said_and_is_so_when_set() {
    let database = months();
    let sql = "SELECT at, id, count(*) FROM visits a JOIN visits b USING (at, id) GROUP BY at, id";
    let text = query(&database, &[sql]).ok().out;
    for said in [
        "visits as a\n",
        "visits as b\n",
        "partition-wise join: SET enable_partitionwise_join = on",
        "partition-wise aggregate: SET enable_partitionwise_join = on",
    ] {
        assert!(text.contains(said), "{said}: {text}");
    }
    database.batch(&format!(
        "ALTER DATABASE {0} SET enable_partitionwise_join = on;
         ALTER DATABASE {0} SET enable_partitionwise_aggregate = on",
        database.name()
    ));
    let after = document(&database, &[sql]);
    assert_eq!(after["partitionwise"]["join"]["kind"], "used", "{after:#}");
    assert_eq!(after["partitionwise"]["aggregate"]["kind"], "used", "{after:#}");
}

#[test]
fn a_workload_ends_with_its_connection() {
    let database = months();
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("statements.sql");
    fs::write(&file, "SELECT pg_terminate_backend(pg_backend_pid()); SELECT count(*) FROM visits;")
        .unwrap();
    let ended = query(&database, &["--workload", file.to_str().unwrap()]).exited(1);
    assert!(ended.complains_of("terminating connection"), "{ended:?}");
    assert!(ended.out.lines().count() <= 1, "no ranking: {ended:?}");
}

#[test]
fn the_old_tables_are_read_or_it_is_an_error() {
    let database = months();
    for sql in ["SELECT * FROM VISITS", "SELECT * FROM \"visits\""] {
        let both = document(&database, &[sql, "--on-old"]);
        assert_eq!(both["unpartitioned"]["tables"], Value::Array(Vec::new()), "{sql}");
    }
    database.batch("CREATE VIEW all_visits AS SELECT * FROM visits");
    let view = query(&database, &["SELECT * FROM all_visits", "--on-old"]).exited(1);
    assert!(view.complains_of("still reads the partitioned table visits"), "{view:?}");
}

#[test]
fn each_parameter_has_a_value_and_each_value_a_parameter() {
    let database = months();
    let sql = "SELECT * FROM visits WHERE at = $1 AND id = $2";
    for (args, said) in [
        (vec![sql], "--param 1=VALUE"),
        (vec![sql, "--generic"], "$1 has no value"),
        (vec![sql, "--param", "1=2024-01-01"], "$2 has no value"),
        (vec!["SELECT * FROM visits", "--param", "1=2"], "the query has no $1"),
    ] {
        assert!(query(&database, &args).exited(2).complains_of(said), "{args:?}");
    }
}

#[test]
fn what_names_hold_stays_within_its_line() {
    let database = months();
    database.batch(
        "CREATE TABLE odd (id int) PARTITION BY LIST (id); CREATE TABLE nothing (id int) PARTITION BY LIST (id);
         CREATE TABLE \"o\x1b[31m\nd\" PARTITION OF odd FOR VALUES IN (1)",
    );
    let text = query(&database, &["SELECT * FROM odd LEFT JOIN nothing USING (id)"]).ok().out;
    assert!(text.contains("└─ ● o\\x1b[31m\\x0ad") && !text.contains('\x1b'), "{text}");
    assert!(text.contains("why it has no partitions"), "{text}");
    let sql = format!("SELECT * FROM odd WHERE id + 1 IN ({})", vec!["7"; 3000].join(", "));
    let text = query(&database, &[&sql]).ok().out;
    let why = text.split("why ").nth(1).unwrap();
    assert!(why.len() < 1500, "{why}");
}

/// `EXPLAIN (ANALYZE)` makes the table, in a read-only transaction too: an event trigger would see it, and a sequence of its
/// defaults would go on.
#[test]
fn what_makes_a_table_is_refused_or_planned() {
    let database = months();
    database.batch(
        "CREATE TABLE seen (what text);
         CREATE FUNCTION tell() RETURNS event_trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'it was executed'; END $$;
         CREATE EVENT TRIGGER tells ON ddl_command_end EXECUTE FUNCTION tell()",
    );
    for sql in
        ["CREATE TABLE t AS SELECT 1", "CREATE MATERIALIZED VIEW t AS SELECT 1", "SELECT 1 INTO t"]
    {
        let _ = query(&database, &[sql]).exited(2).says(&["makes a table", "--no-analyze"]);
        let _ = query(&database, &[sql, "--no-analyze"]).ok();
    }
    let refused = query(&database, &["INSERT INTO seen VALUES ('x')"]).exited(1);
    let _ = refused.says(&["25006", "cannot prevent", "dblink", "files", "--no-analyze"]);
    let long = format!("SELECT {} wrong", "1, ".repeat(6000));
    let said = query(&database, &[&long]).exited(1);
    assert!(said.err.len() < 1000 && said.complains_of("wrong"), "{}", said.err);
}

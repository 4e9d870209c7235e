//! `lab::plan` against a real server.

#![allow(clippy::unwrap_used, clippy::panic, reason = "in tests, a panic is how they fail")]

use lab::plan::{Explained, Fate, explain};
use tokio_postgres::{Client, Transaction};

/// Tables of each strategy; no statistics needed, for partitions are pruned by bounds alone.
const TABLES: &str = "
    CREATE TABLE logs (id int, at date, kind text) PARTITION BY RANGE (at);
    CREATE TABLE logs_01 PARTITION OF logs FOR VALUES FROM ('2024-01-01') TO ('2024-02-01');
    CREATE TABLE logs_02 PARTITION OF logs FOR VALUES FROM ('2024-02-01') TO ('2024-03-01');
    CREATE TABLE logs_03 PARTITION OF logs FOR VALUES FROM ('2024-03-01') TO ('2024-04-01');
    CREATE TABLE logs_rest PARTITION OF logs DEFAULT;
    CREATE INDEX ON logs (at);
    INSERT INTO logs SELECT n, date '2024-01-01' + n % 100, 'k' FROM generate_series(1, 2000) n;

    CREATE TABLE users (id int PRIMARY KEY, name text) PARTITION BY HASH (id);
    CREATE TABLE users_0 PARTITION OF users FOR VALUES WITH (MODULUS 4, REMAINDER 0);
    CREATE TABLE users_1 PARTITION OF users FOR VALUES WITH (MODULUS 4, REMAINDER 1);
    CREATE TABLE users_2 PARTITION OF users FOR VALUES WITH (MODULUS 4, REMAINDER 2);
    CREATE TABLE users_3 PARTITION OF users FOR VALUES WITH (MODULUS 4, REMAINDER 3);
    INSERT INTO users SELECT n, 'u' || n FROM generate_series(1, 400) n;

    CREATE TABLE sales (day date, category text, amount int) PARTITION BY RANGE (day);
    CREATE TABLE sales_q1 PARTITION OF sales FOR VALUES FROM ('2024-01-01') TO ('2024-04-01')
        PARTITION BY LIST (category);
    CREATE TABLE sales_q1_a PARTITION OF sales_q1 FOR VALUES IN ('a');
    CREATE TABLE sales_q1_rest PARTITION OF sales_q1 DEFAULT;
    CREATE TABLE sales_q2 PARTITION OF sales FOR VALUES FROM ('2024-04-01') TO ('2024-07-01')
        PARTITION BY LIST (category);
    CREATE TABLE sales_q2_a PARTITION OF sales_q2 FOR VALUES IN ('a');
    CREATE TABLE sales_q2_rest PARTITION OF sales_q2 DEFAULT;
    INSERT INTO sales SELECT date '2024-01-01' + n % 180, chr(97 + n % 3), n FROM generate_series(1, 600) n;

    CREATE TABLE bounded (at int) PARTITION BY RANGE (at);
    CREATE TABLE bounded_1 PARTITION OF bounded FOR VALUES FROM (0) TO (10);
    CREATE TABLE bounded_2 PARTITION OF bounded FOR VALUES FROM (10) TO (20);
    INSERT INTO bounded SELECT n % 20 FROM generate_series(0, 99) n;

    CREATE TABLE plain (id int, at date);
    INSERT INTO plain VALUES (1, '2024-02-10'), (2, '2024-02-11');
    CREATE VIEW february AS SELECT * FROM logs WHERE at >= '2024-02-01' AND at < '2024-03-01';
    ANALYZE logs, users, sales, bounded, plain;
";

async fn tables() -> Client {
    let client = testbed::server().database().client().await;
    client.batch_execute(TABLES).await.unwrap();
    client
}

/// Each table with a letter a leaf, in the order of the bounds: `S`canned, `n`ever executed,
/// pruned at `s`tart, pruned at plan time `.`.
fn fates(explained: &Explained) -> String {
    let touched = explained.touched.iter().map(|touched| {
        let letters = touched.leaves.iter().map(|leaf| match leaf.fate {
            Fate::Scanned => 'S',
            Fate::NeverExecuted => 'n',
            Fate::PrunedAtStart => 's',
            Fate::PrunedAtPlan => '.',
        });
        format!("{} {}", touched.table.name, letters.collect::<String>())
    });
    touched.collect::<Vec<_>>().join(", ")
}

/// Explains each query in a transaction of its own, behind `setup`.
async fn expect(client: &mut Client, setup: &str, cases: &[(&str, &str)]) {
    for (sql, expected) in cases {
        let tx = client.transaction().await.unwrap();
        tx.batch_execute(setup).await.unwrap();
        let explained = explain(&tx, sql).await.unwrap_or_else(|e| panic!("{sql}: {e}"));
        assert_eq!(fates(&explained), *expected, "{sql}\n{:#?}", explained.plan);
    }
}

#[tokio::test]
async fn one_table_of_each_strategy() {
    let cases = [
        ("SELECT * FROM logs WHERE at = '2024-02-10'", "logs .S.."),
        ("SELECT * FROM logs WHERE at >= '2024-02-01' AND at < '2024-04-01'", "logs .SS."),
        ("SELECT * FROM logs WHERE at = '2030-01-01'", "logs ...S"),
        ("SELECT * FROM logs WHERE id = 7", "logs SSSS"),
        ("SELECT * FROM logs WHERE at IN ('2024-01-05', '2024-03-05')", "logs S.S."),
        ("SELECT count(*) FROM users WHERE id = 1", "users S..."),
        ("SELECT count(*) FROM users WHERE id < 3", "users SSSS"),
        ("SELECT * FROM sales WHERE category = 'a'", "sales S.S."),
        ("SELECT * FROM sales WHERE day < '2024-04-01' AND category = 'b'", "sales .S.."),
        ("SELECT * FROM sales_q2 WHERE category = 'a'", "sales_q2 S."),
    ];
    expect(&mut tables().await, "", &cases).await;
}

/// The session's first plan locks the parent too, to read the bounds.
#[tokio::test]
async fn a_partition_that_is_partitioned_in_a_fresh_session() {
    let database = testbed::server().database();
    database.client().await.batch_execute(TABLES).await.unwrap();
    let cases = [("SELECT * FROM sales_q2 WHERE category = 'a'", "sales_q2 S.")];
    expect(&mut database.client().await, "", &cases).await;
    // Of a leaf, the bounds are read with this setting only.
    let cases = [("SELECT * FROM logs_01 WHERE kind = 'a'", "")];
    expect(&mut database.client().await, "SET LOCAL constraint_exclusion = on", &cases).await;
    // A function that reads the parent locks it too, but only when it is executed.
    database.batch(
        "CREATE FUNCTION is_open() RETURNS bool LANGUAGE plpgsql AS
         'BEGIN PERFORM 1 FROM sales WHERE false; RETURN true; END'",
    );
    let cases = [("SELECT * FROM sales_q2 WHERE category = 'a' AND is_open()", "sales_q2 S.")];
    expect(&mut database.client().await, "", &cases).await;
}

#[tokio::test]
async fn tables_of_which_nothing_is_left() {
    let cases = [
        ("SELECT * FROM bounded WHERE at = 99", "bounded .."),
        ("SELECT * FROM logs WHERE at = '2024-01-01' AND at = '2024-02-01'", "logs ...."),
        ("SELECT * FROM logs WHERE false", "logs ...."),
        ("SELECT * FROM sales_q1 WHERE category = 'a' AND category = 'b'", "sales_q1 .."),
        ("SELECT * FROM bounded WHERE at = 99 UNION ALL SELECT 1", "bounded .."),
        ("UPDATE bounded SET at = 1 WHERE at = 99", "bounded .."),
        ("DELETE FROM bounded WHERE at = 99", "bounded .."),
    ];
    expect(&mut tables().await, "", &cases).await;
}

#[tokio::test]
async fn queries_without_a_partitioned_table() {
    let cases = [
        ("SELECT 1", ""),
        ("SELECT * FROM plain", ""),
        ("VALUES (1), (2)", ""),
        ("SELECT * FROM logs_01", ""),
        ("SELECT * FROM sales_q1_a", ""),
        ("UPDATE logs_01 SET kind = 'z'", ""),
        ("INSERT INTO logs_01 VALUES (1, '2024-01-05', 'z')", ""),
        ("INSERT INTO logs VALUES (1, '2024-01-05', 'z')", ""),
        ("INSERT INTO users VALUES (1, 'z') ON CONFLICT (id) DO UPDATE SET name = 'y'", ""),
        ("SELECT * FROM pg_class", ""),
    ];
    expect(&mut tables().await, "SET LOCAL constraint_exclusion = on", &cases).await;
}

#[tokio::test]
async fn several_tables_and_the_same_one_twice() {
    let cases = [
        (
            "SELECT * FROM logs a JOIN logs b ON a.id = b.id WHERE a.at = '2024-01-05' AND b.at = '2024-03-05'",
            "logs S.S.",
        ),
        (
            "SELECT * FROM february UNION ALL SELECT * FROM logs WHERE at = '2024-01-05'",
            "logs SS..",
        ),
        (
            "SELECT kind FROM february UNION SELECT name FROM users WHERE id = 1",
            "logs .S.., users S...",
        ),
        (
            "WITH recent AS MATERIALIZED (SELECT * FROM february) SELECT * FROM recent, plain",
            "logs .S..",
        ),
        (
            "SELECT (SELECT max(id) FROM users WHERE id = 1), l.* FROM logs l WHERE at = '2024-03-05'",
            "logs ..S., users S...",
        ),
        ("SELECT * FROM sales_q1 WHERE category = 'a'", "sales_q1 S."),
        (
            "SELECT * FROM plain p WHERE EXISTS (SELECT FROM february f WHERE f.at = p.at)",
            "logs .S..",
        ),
        ("SELECT * FROM bounded b, february WHERE b.at = 99", "bounded .., logs ...."),
    ];
    expect(&mut tables().await, "", &cases).await;
}

#[tokio::test]
async fn data_modifying_statements() {
    let cases = [
        ("UPDATE logs SET kind = 'z' WHERE at = '2024-02-10'", "logs .S.."),
        ("DELETE FROM sales WHERE category = 'a' AND day = '2024-01-01'", "sales S..."),
        ("UPDATE logs SET at = '2024-01-01' WHERE at = '2024-02-10'", "logs .S.."),
        ("INSERT INTO logs SELECT * FROM logs WHERE at = '2024-02-10'", "logs .S.."),
        ("INSERT INTO bounded SELECT * FROM bounded WHERE at = 99", "bounded .."),
        ("INSERT INTO plain SELECT id, at FROM february", "logs .S.."),
        (
            "MERGE INTO logs USING plain p ON logs.at = p.at AND logs.at = '2024-02-10'
             WHEN MATCHED THEN DELETE WHEN NOT MATCHED THEN INSERT VALUES (p.id, p.at, 'm')",
            "logs .S..",
        ),
        (
            "WITH moved AS (DELETE FROM logs WHERE at = '2024-03-05' RETURNING *)
             INSERT INTO users SELECT id + 10000, kind FROM moved",
            "logs ..S.",
        ),
        ("SELECT * FROM logs WHERE at = '2024-02-10' FOR UPDATE", "logs .S.."),
        ("CREATE TABLE copied AS SELECT * FROM february", "logs .S.."),
    ];
    let mut client = tables().await;
    expect(&mut client, "", &cases).await;
}

#[tokio::test]
async fn pruned_when_execution_begins() {
    let client = &mut tables().await;
    client
        .batch_execute(
            "PREPARE logs_on(date) AS SELECT * FROM logs WHERE at = $1;
             PREPARE bounded_at(int) AS SELECT * FROM bounded WHERE at = $1;
             PREPARE sales_of(date, text) AS SELECT * FROM sales WHERE day = $1 AND category = $2;
             PREPARE later(date) AS SELECT * FROM logs WHERE at > $1 AND at >= '2024-02-01';
             PREPARE sorted(date) AS SELECT * FROM logs WHERE at > $1 ORDER BY at;
             PREPARE both_on(date) AS
                SELECT * FROM logs JOIN sales ON at = day WHERE at = $1 AND category = 'a'",
        )
        .await
        .unwrap();
    let generic = [
        ("EXECUTE logs_on('2024-02-10')", "logs sSss"),
        ("EXECUTE bounded_at(99)", "bounded ss"),
        ("EXECUTE sales_of('2024-02-10', 'a')", "sales Ssss"),
        ("EXECUTE later('2024-02-15')", "logs .SSS"),
        ("EXECUTE later('2024-03-15')", "logs .sSS"),
        ("EXECUTE sorted('2024-03-15')", "logs ssSS"),
        ("EXECUTE both_on('2024-02-10')", "logs sSss, sales S.s."),
    ];
    expect(client, "SET LOCAL plan_cache_mode = force_generic_plan", &generic).await;
    // Again: the plans are cached now.
    expect(client, "SET LOCAL plan_cache_mode = force_generic_plan", &generic).await;
    let custom =
        [("EXECUTE logs_on('2024-02-10')", "logs .S.."), ("EXECUTE bounded_at(99)", "bounded ..")];
    expect(client, "SET LOCAL plan_cache_mode = force_custom_plan", &custom).await;
    let stable = [
        ("SELECT * FROM logs WHERE at > now()", "logs sssS"),
        ("SELECT * FROM bounded WHERE at = 5 + extract(year FROM now())::int * 0", "bounded Ss"),
        (
            "SELECT * FROM logs WHERE at > now() AND at >= '2024-02-01'
             UNION ALL SELECT * FROM logs WHERE at = '2024-01-05'",
            "logs SssS",
        ),
    ];
    expect(client, "", &stable).await;
}

#[tokio::test]
async fn pruned_while_running_or_never_reached() {
    let cases = [
        ("SELECT * FROM logs WHERE at = (SELECT max(at) FROM plain)", "logs nSnn"),
        ("SELECT * FROM logs WHERE at >= '2024-02-01' LIMIT 1", "logs .Snn"),
        ("SELECT * FROM logs ORDER BY at LIMIT 1", "logs SSSS"),
        (
            "SELECT * FROM plain p, LATERAL (SELECT * FROM logs l WHERE l.at = p.at LIMIT 1) x",
            "logs nSnn",
        ),
        ("SELECT * FROM bounded WHERE at = 99 + (SELECT count(*) FROM plain)", "bounded nn"),
    ];
    let nested_loops = "SET LOCAL enable_hashjoin = off; SET LOCAL enable_mergejoin = off";
    expect(&mut tables().await, nested_loops, &cases).await;
    let joined = [("SELECT * FROM plain p JOIN users u ON u.id = p.id", "users SnSn")];
    let nested_loops = "SET LOCAL enable_hashjoin = off; SET LOCAL enable_mergejoin = off;
        SET LOCAL enable_seqscan = off; SET LOCAL enable_bitmapscan = off; SET LOCAL enable_sort = off";
    expect(&mut tables().await, nested_loops, &joined).await;
}

#[tokio::test]
async fn every_kind_of_plan() {
    let client = &mut tables().await;
    let february = [
        ("SELECT count(*) FROM logs WHERE at >= '2024-02-05' AND at < '2024-04-01'", "logs .SS."),
        (
            "SELECT at FROM logs WHERE at BETWEEN '2024-02-05' AND '2024-03-05' ORDER BY at",
            "logs .SS.",
        ),
    ];
    let off = |names: &[&str]| {
        let settings = names.iter().map(|name| format!("SET LOCAL enable_{name} = off"));
        settings.collect::<Vec<_>>().join("; ")
    };
    let parallel = "SET LOCAL parallel_setup_cost = 0; SET LOCAL parallel_tuple_cost = 0;
        SET LOCAL min_parallel_table_scan_size = 0; SET LOCAL min_parallel_index_scan_size = 0;";
    let kinds = [
        (off(&["bitmapscan", "indexscan", "indexonlyscan"]), "Seq Scan"),
        (off(&["seqscan", "indexscan", "indexonlyscan"]), "Bitmap Heap Scan"),
        (off(&["seqscan", "bitmapscan", "indexonlyscan"]), "Index Scan"),
        (off(&["seqscan", "bitmapscan"]), "Index Only Scan"),
        (parallel.to_owned(), "Gather"),
        ("SET LOCAL enable_partitionwise_aggregate = on".to_owned(), "Append"),
    ];
    for (settings, kind) in kinds {
        expect(client, &settings, &february).await;
        let tx = client.transaction().await.unwrap();
        tx.batch_execute(&settings).await.unwrap();
        let plan = explain(&tx, february[0].0).await.unwrap().plan;
        assert!(plan.nodes().any(|node| node.node_type == kind), "no {kind} in {plan:#?}");
    }
}

#[tokio::test]
async fn partitionwise_joins() {
    let client = &mut tables().await;
    let setup = "SET LOCAL enable_partitionwise_join = on;
        CREATE TABLE notes (user_id int, note text) PARTITION BY HASH (user_id);
        CREATE TABLE notes_0 PARTITION OF notes FOR VALUES WITH (MODULUS 4, REMAINDER 0);
        CREATE TABLE notes_1 PARTITION OF notes FOR VALUES WITH (MODULUS 4, REMAINDER 1);
        CREATE TABLE notes_2 PARTITION OF notes FOR VALUES WITH (MODULUS 4, REMAINDER 2);
        CREATE TABLE notes_3 PARTITION OF notes FOR VALUES WITH (MODULUS 4, REMAINDER 3);
        INSERT INTO notes SELECT n, 'x' FROM generate_series(1, 400) n";
    let tx = client.transaction().await.unwrap();
    tx.batch_execute(setup).await.unwrap();
    let explained = explain(&tx, "SELECT * FROM users JOIN notes ON id = user_id").await.unwrap();
    assert_eq!(explained.plan.root.node_type, "Append", "{:#?}", explained.plan);
    assert_eq!(fates(&explained), "notes SSSS, users SSSS");
}

/// Joins, finished aggregates and partial ones, each beneath the Append.
#[tokio::test]
async fn what_is_done_partition_by_partition() {
    let mut client = tables().await;
    let on =
        "SET LOCAL enable_partitionwise_join = on; SET LOCAL enable_partitionwise_aggregate = on";
    let join = "SELECT * FROM users a JOIN users b ON a.id = b.id AND a.name < b.name";
    for (setup, sql, expected) in [
        ("", join, (0, 0, 0)),
        (on, join, (4, 0, 0)),
        (on, "SELECT id, count(*) FROM users GROUP BY id", (0, 4, 0)),
        (on, "SELECT category, sum(amount) FROM sales GROUP BY category", (0, 0, 4)),
    ] {
        let tx = client.transaction().await.unwrap();
        tx.batch_execute(setup).await.unwrap();
        let plan = explain(&tx, sql).await.unwrap().plan;
        let found = (
            plan.partitionwise_joins(),
            plan.partitionwise_aggregates(),
            plan.partial_aggregates(),
        );
        assert_eq!(found, expected, "{setup} {sql}\n{plan:#?}");
    }
}

#[tokio::test]
async fn a_generic_plan_locks_and_a_custom_one_leaves_alone_what_is_pruned() {
    let mut client = tables().await;
    client
        .batch_execute("PREPARE user_of(int) AS SELECT * FROM users WHERE id = $1")
        .await
        .unwrap();
    for (mode, locked) in [("force_custom_plan", 1), ("force_generic_plan", 4)] {
        let tx = client.transaction().await.unwrap();
        tx.batch_execute(&format!("SET LOCAL plan_cache_mode = {mode}")).await.unwrap();
        let explained = explain(&tx, "EXECUTE user_of(1)").await.unwrap();
        assert_eq!(
            (fates(&explained).matches('S').count(), explained.touched[0].locked()),
            (1, locked)
        );
    }
}

/// Up to 17 a generic plan's UPDATE has every partition ready, since 18 those that are not pruned.
#[tokio::test]
async fn the_targets_of_what_writes() {
    let mut client = tables().await;
    let version = client.query_one("SHOW server_version_num", &[]).await.unwrap();
    let since_18 = version.get::<_, &str>(0) >= "180000";
    client
        .batch_execute(
            "PREPARE rename(int) AS UPDATE users SET name = 'z' WHERE id = $1;
             SET plan_cache_mode = force_generic_plan",
        )
        .await
        .unwrap();
    for (sql, targets) in [
        ("SELECT * FROM users", 0),
        ("DELETE FROM logs WHERE at >= '2024-02-01' AND at < '2024-04-01'", 2),
        ("MERGE INTO logs USING plain ON logs.id = plain.id WHEN MATCHED THEN DELETE", 4),
        ("EXECUTE rename(1)", if since_18 { 1 } else { 4 }),
    ] {
        let tx = client.transaction().await.unwrap();
        let plan = explain(&tx, sql).await.unwrap().plan;
        assert_eq!(plan.root.targets(), targets, "{sql}\n{plan:#?}");
    }
}

#[tokio::test]
async fn partitions_that_cannot_be_read_or_are_excluded_otherwise() {
    let client = &mut tables().await;
    client
        .batch_execute(
            "CREATE EXTENSION file_fdw; CREATE SERVER files FOREIGN DATA WRAPPER file_fdw;
             CREATE FOREIGN TABLE bounded_3 PARTITION OF bounded FOR VALUES FROM (20) TO (30)
                SERVER files OPTIONS (program 'echo 25');",
        )
        .await
        .unwrap();
    let foreign = [
        ("SELECT * FROM bounded WHERE at = 25", "bounded ..S"),
        ("SELECT * FROM bounded WHERE at < 10", "bounded S.."),
        ("SELECT * FROM bounded LIMIT 1", "bounded Snn"),
    ];
    expect(client, "", &foreign).await;
    // Locked and absent, though nothing was removed when execution began.
    client
        .batch_execute("UPDATE logs_02 SET id = -id; ALTER TABLE logs_02 ADD CHECK (id < 0);")
        .await
        .unwrap();
    expect(client, "", &[("SELECT * FROM logs WHERE id = 7", "logs S.SS")]).await;
}

/// The table was locked, and some leaves too, before the query.
#[tokio::test]
async fn after_other_statements_of_the_transaction() {
    let client = &mut tables().await;
    let inserted = "INSERT INTO logs VALUES (1, '2024-01-05', 'z');
        SET LOCAL plan_cache_mode = force_generic_plan;";
    let cases = [
        ("SELECT * FROM bounded", "bounded SS"),
        ("SELECT * FROM logs WHERE at = '2024-02-10'", "logs .S.."),
        ("SELECT * FROM logs WHERE false", "logs ...."),
        ("SELECT * FROM logs_01", ""),
        ("SELECT * FROM logs WHERE at > now()", "logs sssS"),
    ];
    expect(client, inserted, &cases).await;

    let tx = client.transaction().await.unwrap();
    tx.batch_execute(inserted).await.unwrap();
    tx.batch_execute("PREPARE on_day(date) AS SELECT * FROM logs WHERE at = $1").await.unwrap();
    for _ in 0..2 {
        let explained = explain(&tx, "EXECUTE on_day('2024-03-05')").await.unwrap();
        assert_eq!(fates(&explained), "logs ssSs");
    }
    // The same leaves, in the same mode: the plan's count says that start-up removed them.
    tx.batch_execute("SELECT * FROM logs").await.unwrap();
    let explained = explain(&tx, "EXECUTE on_day('2024-03-05')").await.unwrap();
    assert_eq!(fates(&explained), "logs ssSs");
}

#[tokio::test]
async fn names_that_need_quotes_temporary_tables_and_empty_ones() {
    let setup = r#"
        CREATE SCHEMA "My Schema";
        CREATE TABLE "My Schema"."Größe" (at int) PARTITION BY LIST (at);
        CREATE TABLE "My Schema"."order" PARTITION OF "My Schema"."Größe" FOR VALUES IN (1);
        CREATE TABLE "My Schema"."rest""s" PARTITION OF "My Schema"."Größe" DEFAULT;
        CREATE TEMP TABLE logs (at int) PARTITION BY RANGE (at);
        CREATE TEMP TABLE logs_01 PARTITION OF logs FOR VALUES FROM (0) TO (10);
        CREATE TEMP TABLE logs_02 PARTITION OF logs FOR VALUES FROM (10) TO (20);
        CREATE TABLE childless (at int) PARTITION BY RANGE (at);"#;
    let cases = [
        (r#"SELECT * FROM "My Schema"."Größe" WHERE at = 1"#, "Größe S."),
        (r#"SELECT * FROM "My Schema"."Größe" WHERE at = 2"#, "Größe .S"),
        ("SELECT * FROM logs WHERE at = 12", "logs .S"),
        (
            "SELECT * FROM logs t, public.logs p WHERE t.at = 1 AND p.at = '2024-02-10'",
            "logs S., logs .S..",
        ),
        ("SELECT * FROM childless", "childless "),
    ];
    let mut client = tables().await;
    expect(&mut client, setup, &cases).await;
}

#[tokio::test]
async fn measures_rows_time_and_buffers() {
    let client = &mut tables().await;
    let tx = client.transaction().await.unwrap();
    let plan = explain(&tx, "SELECT * FROM logs").await.unwrap().plan;
    assert!((plan.rows() - 2000.0).abs() < 0.5, "{plan:#?}");
    assert!(plan.execution_ms > 0.0 && plan.planning_ms > 0.0, "{plan:#?}");
    assert!(plan.root.blocks_hit() + plan.root.blocks_read() > 0, "{plan:#?}");
}

#[tokio::test]
async fn leaves_the_transaction_as_it_was() {
    let client = &mut tables().await;
    let tx = client.transaction().await.unwrap();
    explain(&tx, "DELETE FROM plain").await.unwrap();
    explain(&tx, "SELECT 1 / (id - 1) FROM plain").await.unwrap_err();
    assert_eq!(count(&tx, "SELECT count(*) FROM plain").await, 2);
    let locks = "SELECT count(*) FROM pg_locks l JOIN pg_class c ON c.oid = l.relation
        WHERE l.pid = pg_backend_pid() AND c.relname = 'logs'";
    explain(&tx, "SELECT * FROM logs").await.unwrap();
    assert_eq!(count(&tx, locks).await, 0);
}

async fn count(tx: &Transaction<'_>, sql: &str) -> i64 {
    tx.query_one(sql, &[]).await.unwrap().get(0)
}

#[tokio::test]
async fn says_what_it_cannot_explain() {
    let client = &mut tables().await;
    client.batch_execute("CREATE RULE off AS ON DELETE TO plain DO INSTEAD NOTHING").await.unwrap();
    let tx = client.build_transaction().read_only(true).start().await.unwrap();
    for (sql, said) in [
        ("", "no statement in it"),
        (" ; -- nothing", "no statement in it"),
        ("SELECT 1; COMMIT; DROP TABLE plain", "more than one statement"),
        ("SELECT * FROM logs WHERE at = $1", "$1 has no value"),
        ("SELECT $1", "$1 has no value"),
        ("SELECT * FROM logs WHERE at = $2 AND id = $1", "$1 to $2 have no value"),
        ("EXPLAIN SELECT 1", "without EXPLAIN"),
        (
            "-- tidy
 VACUUM logs;",
            "VACUUM has no plan",
        ),
        ("COMMIT", "COMMIT has no plan"),
        ("SELECT *\n  FRM logs", "  FRM logs\n              ^"),
        ("SELECT *\n FROM nowhere", " FROM nowhere\n                  ^"),
        ("UPDATE logs SET id = 1", "read-only"),
        ("DELETE FROM plain", "0 statements"),
    ] {
        let error = explain(&tx, sql).await.expect_err(sql).to_string();
        assert!(
            error.contains(said),
            "{sql}:
{error}"
        );
    }
    // None of them ended the transaction or its read-only mode.
    let rest = explain(&tx, "/* a; b */ SELECT * FROM logs WHERE at = '2024-02-10'; -- done").await;
    assert_eq!(fates(&rest.unwrap()), "logs .S..");
    assert!(tx.batch_execute("DROP TABLE plain").await.is_err());
}

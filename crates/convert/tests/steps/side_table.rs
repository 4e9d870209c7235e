//! A unique key that a partitioned table cannot have stays unique by a table beside it.

use testbed::{Database, ran};

fn convert(database: &Database, arguments: &[&str]) {
    let _ = ran(database.process("convert").args(arguments)).ok();
}

async fn insert(database: &Database, code: &str, at: &str) -> Result<(), String> {
    let sql = format!("INSERT INTO t (code, at) VALUES ('{code}', '{at}')");
    let inserted = database.client().await.batch_execute(&sql).await;
    inserted.map_err(|error| error.as_db_error().unwrap().message().to_owned())
}

#[tokio::test]
async fn a_value_cannot_come_twice_in_two_partitions() {
    let database = testbed::server().database();
    database.batch(
        "CREATE TABLE t (id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY, code text CONSTRAINT t_code_key UNIQUE, at timestamp NOT NULL);
         INSERT INTO t (code, at) SELECT nullif('c' || i, 'c7'), '2024-01-01'::timestamp + i * interval '1 hour' FROM generate_series(1, 2000) i",
    );
    let side = "SELECT count(*) FROM t_code_key_global";
    let range =
        ["--range", "at", "--every", "month", "--ahead", "0", "--unique", "t_code_key=side-table"];
    convert(&database, &[&["run", "t", "--swap"], &range[..]].concat());
    assert_eq!(database.count(side), 1_999, "one code is null");

    let twice = insert(&database, "c1", "2024-02-20").await.unwrap_err();
    assert!(twice.contains("t_code_key"), "{twice}");
    insert(&database, "new", "2024-02-20").await.unwrap();
    // A replication worker's rows, too.
    database.batch(
        "SET session_replication_role = replica; INSERT INTO t (code, at) VALUES ('far', '2024-01-20')",
    );
    insert(&database, "far", "2024-02-20").await.unwrap_err();
    database.batch("DELETE FROM t WHERE code = 'far'");
    database.batch("DELETE FROM t WHERE code = 'c1'; UPDATE t SET code = 'c1', at = '2024-03-01' WHERE code = 'c2'");
    assert_eq!(database.count(side), 1_999);

    convert(&database, &["rollback", "t"]);
    database.batch("DELETE FROM t WHERE code = 'new'");
    convert(&database, &["swap", "t"]);
    assert_eq!(database.count(side), 1_998, "what the old table lost meanwhile is gone here too");
    insert(&database, "c3", "2024-02-20").await.unwrap_err();

    convert(&database, &["rollback", "t"]);
    convert(&database, &["abort", "t"]);
    assert_eq!(
        database.count("SELECT count(*) FROM pg_class WHERE relname LIKE 't_code_key_global%'"),
        0
    );
    assert_eq!(
        database.count(
            "SELECT count(*) FROM pg_trigger WHERE tgrelid = 't'::regclass AND NOT tgisinternal"
        ),
        0
    );
}

#[test]
fn a_table_that_is_attached_gets_none() {
    let database = testbed::server().database();
    database.batch(
        "CREATE TABLE t (id int PRIMARY KEY, code text CONSTRAINT t_code_key UNIQUE, at timestamp NOT NULL);
         INSERT INTO t VALUES (1, 'c', '2024-01-01')",
    );
    let run = |more: &[&str]| {
        let range = ["run", "t", "--range", "at", "--every", "month", "--attach-old"];
        ran(database.process("convert").args(range).args(more)).exited(1)
    };
    assert!(!run(&[]).complains_of("=side-table"));
    let _ = run(&["--unique", "t_code_key=side-table"]).says(&["t_code_key", "t_code_key=extend"]);
}

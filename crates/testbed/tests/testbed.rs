//! The test support keeps its own promises: other tests rest on them.

use std::process::{Command, Stdio};
use std::time::Duration;

#[tokio::test]
async fn databases_are_empty_separate_and_reachable_by_their_url() {
    let (one, other) = (testbed::server().database(), testbed::server().database());
    let config: tokio_postgres::Config = one.url().parse().unwrap();
    let (client, connection) = config.connect(tokio_postgres::NoTls).await.unwrap();
    tokio::spawn(connection);
    client.batch_execute("CREATE TABLE t AS SELECT 1 AS x").await.unwrap();
    let tables = "SELECT count(*) FROM pg_class WHERE relname = 't'";
    assert_eq!(one.query_one_i64(tables).await, 1);
    assert_eq!(other.query_one_i64(tables).await, 0);
}

#[tokio::test]
async fn many_may_connect() {
    let database = testbed::server().database();
    let most = "SELECT setting::bigint FROM pg_settings WHERE name = 'max_connections'";
    assert_eq!(database.query_one_i64(most).await, 200);
}

/// Runs this test program again, as a process of its own that makes a server and is then killed.
#[test]
fn the_server_goes_when_its_test_process_is_killed() {
    use std::io::{BufRead, BufReader};

    if std::env::var_os("TESTBED_VICTIM").is_some() {
        println!("\nserver {}", testbed::server().attached().home.display());
        testbed::eventually(Duration::from_secs(60), "the other process kills this one", || false);
    }
    let mut victim = Command::new(std::env::current_exe().unwrap())
        .args(["the_server_goes_when_its_test_process_is_killed", "--exact", "--nocapture"])
        .env("TESTBED_VICTIM", "1")
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(victim.stdout.take().unwrap()).lines().map_while(Result::ok);
    let home = lines.find_map(|line| line.strip_prefix("server ").map(std::path::PathBuf::from));
    let home = home.expect("the server's home");
    let pid = std::fs::read_to_string(home.join("data/postmaster.pid")).unwrap();
    let process = pid.lines().next().unwrap().to_owned();
    victim.kill().unwrap();
    victim.wait().unwrap();
    testbed::eventually(Duration::from_secs(20), "the home is gone", || {
        !home.parent().unwrap().exists()
    });
    let mut probe = Command::new("sh");
    probe.args(["-c", "kill -0 \"$1\"", "sh", &process]).stderr(Stdio::null());
    let alive = probe.status().unwrap();
    assert!(!alive.success(), "server process {process} still runs");
}

#[test]
fn a_fingerprint_sees_every_change_and_a_copy_has_the_same() {
    let database = testbed::server().database();
    database.batch("CREATE TABLE t (x int); INSERT INTO t VALUES (1), (2)");
    let copy = database.copy();
    let mut last = database.fingerprint();
    assert_eq!(copy.fingerprint(), last);
    for change in [
        "UPDATE t SET x = 3 WHERE x = 1",
        "INSERT INTO t VALUES (NULL)",
        "CREATE INDEX ON t (x)",
        "COMMENT ON TABLE t IS 'ours'",
        "ALTER TABLE t ADD CHECK (x > 0)",
        "ALTER TABLE t ALTER x TYPE bigint",
        "GRANT SELECT ON t TO pg_monitor",
        "CREATE VIEW v AS SELECT FROM t",
    ] {
        copy.batch(change);
        let now = copy.fingerprint();
        assert_ne!(now, last, "{change}");
        last = now;
    }
}

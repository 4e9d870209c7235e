//! Making, starting, attaching, stopping.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::time::{Duration, Instant};

use lab::server::State;

use crate::bench::{Bench, assert_says, connect, setting, signal};

#[tokio::test]
async fn a_cold_start_makes_the_server_and_the_next_command_attaches() {
    let bench = Bench::new();
    assert!(bench.server.attach().await.unwrap().is_none());
    assert!(!bench.home.exists(), "attaching makes nothing");

    let first = bench.server.attach_or_start(None).await.unwrap();
    assert!(first.started && first.created);
    assert_eq!(first.notes, Vec::<String>::new());
    assert_eq!((first.tcp_port, &first.data), (None, &bench.data()));
    let client = connect(&first).await;
    assert_eq!(setting(&client, "server_version").await.split(' ').next().unwrap(), first.version);
    client.batch_execute("CREATE TABLE kept AS SELECT 42 AS x").await.unwrap();

    let mut quickest = Duration::MAX;
    for _ in 0..5 {
        let begun = Instant::now();
        let again = bench.server.attach_or_start(None).await.unwrap();
        quickest = quickest.min(begun.elapsed());
        assert!(!again.started && !again.created);
    }
    assert!(quickest < Duration::from_millis(30), "attaching took {quickest:?}");
    assert!(bench.server.stop().await.unwrap());
    assert!(!bench.server.stop().await.unwrap(), "it is stopped already");

    let restarted = bench.server.attach_or_start(None).await.unwrap();
    assert!(restarted.started && !restarted.created);
    let row = connect(&restarted).await.query_one("SELECT x FROM kept", &[]).await.unwrap();
    assert_eq!(row.get::<_, i32>(0), 42);
}

#[tokio::test]
async fn the_server_is_durable_private_and_utf8() {
    let (bench, attached) = Bench::running().await;
    let client = connect(&attached).await;
    for (name, value) in [
        ("fsync", "on"),
        ("full_page_writes", "on"),
        ("synchronous_commit", "on"),
        ("listen_addresses", ""),
        ("unix_socket_permissions", "0700"),
        ("server_encoding", "UTF8"),
        ("lc_collate", "C"),
        ("cluster_name", "partition-lab"),
    ] {
        // lc_collate is a column of pg_database since PostgreSQL 16.
        let found = if name == "lc_collate" {
            let sql = "SELECT datcollate FROM pg_database WHERE datname = current_database()";
            client.query_one(sql, &[]).await.unwrap().get(0)
        } else {
            setting(&client, name).await
        };
        assert_eq!(found, value, "{name}");
    }
    let mode = |path| fs::metadata(path).unwrap().permissions().mode() & 0o7777;
    assert_eq!(mode(&bench.home), 0o700);
    assert_eq!(mode(&attached.socket), 0o700);
    assert_eq!(mode(&bench.server.pgpass_path()), 0o600);
    assert!(!bench.home.join("pwfile").exists());
}

#[tokio::test]
async fn a_dropped_database_is_made_again() {
    let (bench, attached) = Bench::running().await;
    let (client, connection) =
        attached.config.clone().dbname("postgres").connect(tokio_postgres::NoTls).await.unwrap();
    tokio::spawn(connection);
    client.batch_execute("DROP DATABASE partition_demo WITH (FORCE)").await.unwrap();
    let again = bench.server.attach().await.unwrap().expect("it runs");
    connect(&again).await;
}

#[tokio::test]
async fn status_tells_the_four_states() {
    let bench = Bench::new();
    assert!(matches!(bench.server.status().await.unwrap(), State::Absent));

    let attached = bench.server.attach_or_start(None).await.unwrap();
    let State::Running { pid, .. } = bench.server.status().await.unwrap() else { panic!() };
    assert_eq!(pid, bench.pid());

    // A process that is held up accepts connections, and answers none.
    signal("STOP", pid);
    let (status, attach) = tokio::join!(bench.server.status(), bench.server.attach());
    signal("CONT", pid);
    let State::Busy { pid: busy, .. } = status.unwrap() else { panic!() };
    assert_eq!(busy, pid);
    assert_says(&attach.unwrap_err(), &["does not accept connections", "did not answer"]);

    assert!(bench.server.stop().await.unwrap());
    let State::Stopped { major } = bench.server.status().await.unwrap() else { panic!() };
    assert_eq!(attached.version.split('.').next().unwrap(), major.to_string());

    bench.server.destroy().await.unwrap();
    assert!(matches!(bench.server.status().await.unwrap(), State::Absent));
}

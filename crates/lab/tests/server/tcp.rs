//! TCP, where it is wanted: loopback only, and with a password.

use std::fs;
use std::net::TcpListener;

use tokio_postgres::{Config, NoTls};

use crate::bench::{Bench, assert_says, connect, setting};

fn free_port() -> u16 {
    TcpListener::bind(("127.0.0.1", 0)).unwrap().local_addr().unwrap().port()
}

#[tokio::test]
async fn tcp_needs_the_password_in_pgpass() {
    let bench = Bench::stopped();
    let port = free_port();
    let attached = bench.server.attach_or_start(Some(port)).await.unwrap();
    assert_eq!(attached.tcp_port, Some(port));
    assert_eq!(setting(&connect(&attached).await, "listen_addresses").await, "127.0.0.1");

    let pgpass = fs::read_to_string(bench.server.pgpass_path()).unwrap();
    let (before, password) = pgpass.lines().next().unwrap().rsplit_once(':').unwrap();
    assert_eq!(before, "127.0.0.1:*:*:postgres");
    let mut config = Config::new();
    config.host("127.0.0.1").port(port).user("postgres").dbname("partition_demo");
    config.password("guessed");
    let refused = config.connect(NoTls).await.err().unwrap();
    assert_eq!(refused.code().unwrap().code(), "28P01");
    assert!(config.password(password).connect(NoTls).await.is_ok());

    // The next command, which asks for no port, attaches to the same server.
    assert_eq!(bench.server.attach_or_start(None).await.unwrap().tcp_port, Some(port));
}

#[tokio::test]
async fn another_port_than_the_running_servers_needs_a_restart() {
    let (bench, _) = Bench::running().await;
    let error = bench.server.attach_or_start(Some(6001)).await.unwrap_err();
    let steps = ["6001", "without TCP", "server -- stop", "server -- start --port 6001"];
    assert_says(&error, &steps);
    assert!(bench.server.attach().await.unwrap().is_some(), "it runs on");
}

#[tokio::test]
async fn a_port_in_use_is_named_with_a_free_one() {
    let taken = TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let port = taken.local_addr().unwrap().port();
    let bench = Bench::stopped();
    let error = bench.server.attach_or_start(Some(port)).await.unwrap_err();
    let says = [format!("port {port}"), "another program uses it".into(), "start --port ".into()];
    assert_says(&error, &says.each_ref().map(String::as_str));
    assert!(!bench.data().join("postmaster.pid").exists(), "nothing was left running");
    drop(taken);
    assert_eq!(bench.server.attach_or_start(Some(port)).await.unwrap().tcp_port, Some(port));
}

//! What every session of ours has.

use lab::config::{Kind, Variables};

use crate::bench::{connect, open, plain};

#[tokio::test]
async fn the_server_knows_who_we_are_and_watches_whether_we_are_there() {
    let plain = plain().await;
    let session = open(&plain.url("localhost", "")).await.unwrap();
    let ask = "SELECT application_name, current_setting('client_connection_check_interval')
               FROM pg_stat_activity WHERE pid = pg_backend_pid()";
    let row = session.client().query_one(ask, &[]).await.unwrap();
    assert_eq!((row.get(0), row.get(1)), ("partition-lab test", "1s"));
}

#[tokio::test]
async fn we_know_the_server() {
    let plain = plain().await;
    let session = open(&plain.url("127.0.0.1", "")).await.unwrap();
    let server = session.server();
    assert_eq!(server.kind, Kind::Url);
    assert_eq!(server.place, format!("postgres@127.0.0.1:{}/partition_demo", plain.port));
    assert_eq!(server.version.text, plain.attached.version.split(' ').next().unwrap());

    let home = plain.attached.home.to_str().unwrap();
    let variables = Variables::from([("PARTITION_LAB_HOME", home)]);
    let local = connect(&variables, None).await.unwrap();
    assert_eq!((local.server().kind, local.server().place.as_str()), (Kind::Local, home));
    assert_eq!(local.server().version, server.version);
}

#[tokio::test]
async fn messages_are_kept_in_order_until_they_are_taken() {
    let mut session = open(&plain().await.url("localhost", "")).await.unwrap();
    let raise = "DO $$ BEGIN RAISE NOTICE 'one'; RAISE WARNING 'two'; END $$";
    session.client().batch_execute(raise).await.unwrap();
    assert_eq!(session.take_notices(), ["one", "two"]);
    assert!(session.take_notices().is_empty());
}

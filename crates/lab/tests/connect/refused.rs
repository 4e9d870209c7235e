//! Connections that cannot be: what happened, to what, and what to do next, without the password.

use std::net::TcpListener;
use std::thread;
use std::time::{Duration, Instant};

use lab::config::Variables;
use lab::error::Kind;

use crate::bench::{assert_says, connect, free_port, open, open_with, plain};

#[tokio::test]
async fn a_wrong_password() {
    let plain = plain().await;
    let url = plain.url("localhost", "").replace(&plain.password, "guessed-in-vain");
    let error = open(&url).await.unwrap_err();
    assert_says(&error, &["postgres@localhost", "28P01", "next", "POSTGRES_PASSWORD"]);
    assert!(!format!("{error} {error:?}").contains("guessed-in-vain"), "{error:?}");
    assert_eq!(error.kind(), Kind::Failed);
}

#[tokio::test]
async fn no_password_at_all() {
    let plain = plain().await;
    let url = plain.url("localhost", "").replace(&format!(":{}@", plain.password), "@");
    assert_says(&open(&url).await.unwrap_err(), &["password missing", "PGPASSWORD"]);
    assert!(open_with(&url, [("PGPASSWORD", &plain.password)]).await.is_ok());
}

#[tokio::test]
async fn a_database_that_is_not_there() {
    let plain = plain().await;
    let url = plain.url("localhost", "").replace("/partition_demo", "/nowhere");
    assert_says(&open(&url).await.unwrap_err(), &["/nowhere", "3D000", "createdb"]);
}

#[tokio::test]
async fn nothing_listens_there() {
    let port = free_port().to_string();
    let url = format!("postgresql://ann:secret@127.0.0.1:{port}/shop");
    let place = format!("ann@127.0.0.1:{port}/shop");
    for (variables, flag, named_by) in [
        (Variables::default(), Some(url.as_str()), "--database-url"),
        ([("DATABASE_URL", url.as_str())].into(), None, "DATABASE_URL"),
        (
            [
                ("POSTGRES_HOST", "127.0.0.1"),
                ("PGPORT", &port),
                ("PGUSER", "ann"),
                ("POSTGRES_DB", "shop"),
                ("POSTGRES_PASSWORD", "secret"),
            ]
            .into(),
            None,
            "POSTGRES_HOST, PGPORT, POSTGRES_DB, PGUSER",
        ),
    ] {
        let error = connect(&variables, flag).await.unwrap_err();
        let step = format!("start that server, or correct {named_by}");
        assert_says(&error, &[&place, "Connection refused", &step, "use the local server"]);
        assert!(!format!("{error} {error:?}").contains("secret"), "{error:?}");
    }
}

#[tokio::test]
async fn a_host_without_an_address() {
    let error = open("postgresql://ann@nosuchhost.invalid/shop").await.unwrap_err();
    assert_says(&error, &["nosuchhost.invalid:5432", "correct --database-url"]);
}

#[tokio::test]
async fn a_server_that_accepts_and_says_nothing() {
    // The system accepts for the listener, which never looks.
    let silent = TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let port = silent.local_addr().unwrap().port();
    let start = Instant::now();
    for mode in ["disable", "prefer"] {
        let url = format!("postgresql://ann@127.0.0.1:{port}/shop?sslmode={mode}");
        let error = open_with(&url, [("PGCONNECT_TIMEOUT", "1")]).await.unwrap_err();
        assert_says(&error, &["ann@127.0.0.1", "no answer within 1 s", "start that server"]);
    }
    assert!(start.elapsed() >= Duration::from_secs(2), "{:?}", start.elapsed());
    assert!(start.elapsed() < Duration::from_secs(8), "{:?}", start.elapsed());
}

#[tokio::test]
async fn a_server_that_hangs_up() {
    let rude = TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let port = rude.local_addr().unwrap().port();
    let hang_up = thread::spawn(move || drop(rude.accept().unwrap()));
    let url = format!("postgresql://ann@127.0.0.1:{port}/shop?sslmode=disable");
    assert_says(&open(&url).await.unwrap_err(), &["cannot connect to ann@127.0.0.1", "next"]);
    hang_up.join().unwrap();
}

//! Each `sslmode` does what libpq's does, and refuses what libpq refuses.

use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

use lab::connect::Session;
use lab::error::Kind;
use lab::interrupt::Interrupt;
use testbed::until;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use crate::bench::{assert_says, open, open_with, plain, with_tls};

async fn is_encrypted(session: &Session) -> bool {
    let ask = "SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()";
    session.client().query_one(ask, &[]).await.unwrap().get(0)
}

fn query(mode: &str, root: Option<&Path>) -> String {
    let root = root.map(|path| format!("&sslrootcert={}", path.display()));
    format!("sslmode={mode}{}", root.unwrap_or_default())
}

#[tokio::test]
async fn what_each_mode_accepts() {
    let tls = with_tls().await;
    let (ours, stranger) = (Some(tls.authority.as_path()), Some(tls.stranger.as_path()));
    for (host, mode, root, encrypted) in [
        ("localhost", "disable", None, false),
        ("localhost", "prefer", None, true),
        ("localhost", "prefer", stranger, true),
        ("localhost", "require", None, true),
        ("127.0.0.1", "require", ours, true),
        ("127.0.0.1", "verify-ca", ours, true),
        ("localhost", "verify-full", ours, true),
    ] {
        let session = open(&tls.server.url(host, &query(mode, root))).await;
        let session = session.unwrap_or_else(|error| panic!("{host} {mode} {root:?}: {error}"));
        assert_eq!(is_encrypted(&session).await, encrypted, "{host} {mode} {root:?}");
    }
}

#[tokio::test]
async fn a_stream_is_taken_back_from_the_handshake_as_it_was_agreed_on() {
    let tls = with_tls().await;
    let tcp = |mode: &str| tls.server.url("localhost", &query(mode, Some(&tls.authority)));
    let socket =
        lab::server::socket_url(&tls.server.attached.socket, tls.server.attached.port, "postgres");
    for (url, encrypted) in [
        (tcp("disable"), false),
        (tcp("prefer"), true),
        (tcp("verify-full"), true),
        (socket, false),
    ] {
        let session = open(&url).await.unwrap();
        let mut stream = session.connector().open_stream().await.unwrap();
        let ask = "SELECT ssl FROM pg_stat_ssl WHERE pid = $1";
        let row = session.client().query_one(ask, &[&stream.pid]).await.unwrap();
        assert_eq!(row.get::<_, bool>(0), encrypted, "{url}");
        // It is ours now: `Q`, its length, the statement.
        stream.io.write_all(b"Q\0\0\0\x12SELECT 40 + 2\0").await.unwrap();
        stream.io.flush().await.unwrap();
        let mut answer = Vec::new();
        until(Duration::from_secs(10), "the answer is whole", async || {
            stream.io.read_buf(&mut answer).await.unwrap();
            answer.ends_with(b"Z\0\0\0\x05I")
        })
        .await;
        assert!(answer.windows(2).any(|two| two == b"42"), "{url}: {answer:?}");
    }
}

#[tokio::test]
async fn what_each_mode_refuses() {
    const NOT_TRUSTED: [&str; 3] =
        ["no authority that you trust", "UnknownIssuer", "PGSSLROOTCERT"];
    const OTHER_NAME: [&str; 3] = ["another host name", "localhost", "sslmode=verify-ca"];
    let tls = with_tls().await;
    let (ours, stranger) = (tls.authority.as_path(), tls.stranger.as_path());
    for (host, mode, root, says) in [
        ("localhost", "require", stranger, NOT_TRUSTED),
        ("localhost", "verify-ca", stranger, NOT_TRUSTED),
        ("127.0.0.1", "verify-ca", stranger, NOT_TRUSTED),
        ("localhost", "verify-full", stranger, NOT_TRUSTED),
        ("127.0.0.1", "verify-full", ours, OTHER_NAME),
    ] {
        let refused = open(&tls.server.url(host, &query(mode, Some(root)))).await;
        let Err(error) = refused else { panic!("{host} {mode} {root:?} was accepted") };
        assert_says(&error, &says);
        assert_says(&error, &["cannot connect to postgres@"]);
    }
    // Whatever this system trusts, it is not an authority made a moment ago.
    for mode in ["verify-ca", "verify-full"] {
        let error = open(&tls.server.url("localhost", &query(mode, None))).await.unwrap_err();
        assert_says(&error, &["PGSSLROOTCERT"]);
    }
}

#[tokio::test]
async fn a_server_without_tls_gets_no_password_from_those_who_demand_it() {
    let plain = plain().await;
    for mode in ["disable", "prefer"] {
        let session = open(&plain.url("localhost", &query(mode, None))).await.unwrap();
        assert!(!is_encrypted(&session).await, "{mode}");
    }
    let root = with_tls().await.authority.as_path();
    for (mode, root) in [("require", None), ("verify-ca", Some(root)), ("verify-full", Some(root))]
    {
        let error = open(&plain.url("localhost", &query(mode, root))).await.unwrap_err();
        assert_says(&error, &["switched off", "ssl = on", "sslmode=prefer"]);
    }
}

#[tokio::test]
async fn the_environment_decides_where_the_url_is_silent() {
    let tls = with_tls().await;
    let (ours, stranger) = (tls.authority.to_str().unwrap(), tls.stranger.to_str().unwrap());
    let variables = |root| [("PGSSLMODE", "verify-full"), ("PGSSLROOTCERT", root)];
    let url = tls.server.url("localhost", "");
    assert!(is_encrypted(&open_with(&url, variables(ours)).await.unwrap()).await);
    assert!(open_with(&url, variables(stranger)).await.is_err());
    let url = tls.server.url("localhost", &query("verify-full", Some(&tls.authority)));
    assert!(open_with(&url, variables(stranger)).await.is_ok(), "the URL's file counts");
    let url = tls.server.url("localhost", "sslmode=disable");
    assert!(!is_encrypted(&open_with(&url, variables(stranger)).await.unwrap()).await);
}

#[tokio::test]
async fn a_root_certificate_that_is_none_is_a_wrong_setting() {
    let tls = with_tls().await;
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| {
        let path = folder.path().join(name);
        fs::write(&path, text).unwrap();
        path
    };
    let pem = fs::read_to_string(&tls.authority).unwrap();
    for (path, says) in [
        (folder.path().join("missing.pem"), "No such file"),
        (folder.path().to_owned(), "Is a directory"),
        (write("empty.pem", ""), "BEGIN CERTIFICATE"),
        (write("text.pem", "to be done"), "BEGIN CERTIFICATE"),
        (write("cut.pem", &pem[..pem.len() / 2]), "has no end"),
        (
            write("other.pem", "-----BEGIN CERTIFICATE-----\naGVsbG8=\n-----END CERTIFICATE-----"),
            "BadEncoding",
        ),
    ] {
        let url = tls.server.url("localhost", &query("verify-full", Some(&path)));
        let error = open(&url).await.unwrap_err();
        assert_eq!(error.kind(), Kind::Usage);
        assert_says(&error, &[path.to_str().unwrap(), says, "PGSSLROOTCERT"]);
    }
}

#[tokio::test]
async fn an_address_beside_the_name_changes_nothing_of_the_checks() {
    let tls = with_tls().await;
    let root = query("verify-full", Some(&tls.authority));
    let query = format!("hostaddr=127.0.0.1&{root}");
    assert!(is_encrypted(&open(&tls.server.url("localhost", &query)).await.unwrap()).await);
    let error = open(&tls.server.url("other.invalid", &query)).await.unwrap_err();
    assert_says(&error, &["other.invalid", "another host name"]);
    // Without a name the address is what the certificate must be for.
    let (password, port) = (&tls.server.password, tls.server.port);
    let url = format!("postgresql://postgres:{password}@/partition_demo?port={port}&{query}");
    assert_says(&open(&url).await.unwrap_err(), &["127.0.0.1", "another host name"]);
    let url = url.replace("verify-full", "verify-ca");
    assert!(is_encrypted(&open(&url).await.unwrap()).await);
}

#[tokio::test]
async fn the_password_is_bound_to_the_tls_channel() {
    let server = &with_tls().await.server;
    let bound = |mode| server.url("localhost", &format!("sslmode={mode}&channel_binding=require"));
    assert!(is_encrypted(&open(&bound("require")).await.unwrap()).await);
    let error = open(&bound("disable")).await.unwrap_err();
    assert_says(&error, &["channel binding"]);
    let wrong = server.url("localhost", "sslmode=require").replace(&server.password, "guessed");
    assert_says(&open(&wrong).await.unwrap_err(), &["28P01"]);
}

#[tokio::test]
async fn a_statement_is_cancelled_over_tls_too() {
    let tls = with_tls().await;
    let query = query("verify-full", Some(&tls.authority));
    let session = open(&tls.server.url("localhost", &query)).await.unwrap();
    let (interrupt, start) = (Interrupt::default(), Instant::now());
    let sleep = session.client().simple_query("SELECT pg_sleep(60)");
    let canceller = session.canceller();
    let sleeping = canceller.unless_interrupted(&interrupt, sleep);
    let press = async {
        let looker = tls.server.client().await;
        let asleep = "SELECT FROM pg_stat_activity WHERE wait_event = 'PgSleep'";
        until(Duration::from_secs(30), "it sleeps", async || {
            !looker.query(asleep, &[]).await.unwrap().is_empty()
        })
        .await;
        interrupt.raise();
    };
    let (outcome, ()) = tokio::join!(sleeping, press);
    assert!(outcome.unwrap().is_none());
    assert!(start.elapsed() < Duration::from_secs(30), "{:?}", start.elapsed());
}

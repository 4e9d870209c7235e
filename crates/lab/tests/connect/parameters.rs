//! libpq's parameters and variables, row by row of the table in `docs/configuration.md`.

use lab::config::{Settings, Target, Variables};

use crate::bench::{assert_says, connect, open, open_with, plain, with_tls};

/// The place of the server that these lead to: `user@host:port/database`.
fn place(url: Option<&str>, variables: &[(&str, &str)]) -> String {
    let settings = Settings::from_variables(&variables.iter().copied().collect(), url).unwrap();
    match settings.target {
        Target::Remote(remote) => remote.place(),
        Target::Local(_) => "local".to_owned(),
    }
}

#[test]
fn libpqs_defaults_for_urls_and_variables_and_ours_for_our_own() {
    let user = nix::unistd::User::from_uid(nix::unistd::geteuid()).unwrap().unwrap().name;
    for (url, variables, expected) in [
        (None, &[("PGHOST", "db")][..], format!("{user}@db:5432/{user}")),
        (None, &[("PGHOST", "db"), ("PGUSER", "ann")], "ann@db:5432/ann".to_owned()),
        (Some("postgresql://db"), &[], format!("{user}@db:5432/{user}")),
        (Some("postgresql://ann@db"), &[("PGPORT", "6000")], "ann@db:6000/ann".to_owned()),
        (None, &[("POSTGRES_HOST", "db")], "postgres@db:5432/partition_demo".to_owned()),
        (None, &[("POSTGRES_DB", "shop")], "postgres@localhost:5432/shop".to_owned()),
        // One of ours makes all defaults ours.
        (None, &[("POSTGRES_DB", "shop"), ("PGUSER", "ann")], "ann@localhost:5432/shop".to_owned()),
        // Behind a URL, ours fill in, and what is still open is libpq's.
        (Some("postgresql://db/"), &[("POSTGRES_USER", "ann")], "ann@db:5432/ann".to_owned()),
        (None, &[("PGPASSWORD", "x")], "local".to_owned()),
        (
            None,
            &[("PGHOSTADDR", "192.0.2.1"), ("PGUSER", "ann")],
            "ann@192.0.2.1:5432/ann".to_owned(),
        ),
    ] {
        assert_eq!(place(url, variables), expected, "{url:?} {variables:?}");
    }
    for (url, variables) in
        [(Some("postgresql:///shop"), &[][..]), (None, &[("PGDATABASE", "shop")])]
    {
        let place = place(url, variables);
        assert!(
            place.starts_with(&format!("{user}@/")) && place.ends_with(":5432/shop"),
            "{place}"
        );
    }
}

#[tokio::test]
async fn without_a_host_the_socket_is_tried_and_a_host_is_proposed() {
    let error = open("postgresql://ann@/shop?port=1").await.unwrap_err();
    assert_says(&error, &["cannot connect to ann@/", ":1/shop", "PGHOST=localhost"]);
}

#[tokio::test]
async fn options_reach_the_server_from_both_and_the_url_wins() {
    let plain = plain().await;
    let variables = [("PGOPTIONS", "-c work_mem=7MB")];
    let ask = "SELECT current_setting('work_mem')";
    for (query, expected) in [("", "7MB"), ("options=-c%20work_mem%3D9MB", "9MB")] {
        let session = open_with(&plain.url("localhost", query), variables).await.unwrap();
        let row = session.client().query_one(ask, &[]).await.unwrap();
        assert_eq!(row.get::<_, &str>(0), expected);
    }
    // To the local server, too.
    let home = plain.attached.home.to_str().unwrap();
    let variables = Variables::from([("PARTITION_LAB_HOME", home), variables[0]]);
    let row = connect(&variables, None).await.unwrap();
    let row = row.client().query_one(ask, &[]).await.unwrap();
    assert_eq!(row.get::<_, &str>(0), "7MB");
}

#[tokio::test]
async fn several_hosts_are_tried_in_order() {
    let plain = plain().await;
    let (password, port) = (&plain.password, plain.port);
    let url = format!(
        "postgresql://postgres:{password}@127.0.0.1:1,127.0.0.1:{port}/partition_demo?target_session_attrs=read-write"
    );
    open(&url).await.unwrap();
    let error = open("postgresql://ann@db1:1,db2:2,db3/shop?port=1,2").await.unwrap_err();
    assert_says(&error, &["2 ports for 3 hosts"]);
}

#[tokio::test]
async fn what_is_taken() {
    let plain = plain().await;
    for query in [
        "gssencmode=disable",
        "gssencmode=prefer&krbsrvname=postgres",
        "application_name=psql&fallback_application_name=x&client_encoding=LATIN1",
        "channel_binding=prefer&target_session_attrs=any&load_balance_hosts=random",
        "keepalives=1&keepalives_idle=30&keepalives_interval=10&keepalives_count=3",
        "keepalives_retries=3&tcp_user_timeout=1000&connect_timeout=5",
        "sslsni=1&sslcompression=0&sslcertmode=allow&sslnegotiation=postgres",
        "ssl_min_protocol_version=TLSv1.2&ssl_max_protocol_version=TLSv1.3",
        "hostaddr=127.0.0.1",
    ] {
        if let Err(error) = open(&plain.url("localhost", query)).await {
            panic!("{query}: {error}");
        }
    }
    let variables =
        [("PGGSSENCMODE", "disable"), ("PGAPPNAME", "me"), ("PGTARGETSESSIONATTRS", "read-write")];
    open_with(&plain.url("localhost", ""), variables).await.unwrap();
    let error = open(&plain.url("localhost", "target_session_attrs=read-only")).await.unwrap_err();
    assert_says(&error, &["cannot connect to"]);
}

#[tokio::test]
async fn channel_binding_can_be_demanded_where_there_is_tls() {
    let query = "channel_binding=require";
    open(&with_tls().await.server.url("localhost", query)).await.unwrap();
    let error = open(&plain().await.url("localhost", query)).await.unwrap_err();
    assert_says(&error, &["cannot connect to", "channel binding"]);
}

#[tokio::test]
async fn what_cannot_be_had_is_named_with_a_reason() {
    for (query, says) in [
        ("gssencmode=require", "gssencmode in --database-url: it must be disable or prefer"),
        ("sslcrl=x.pem", "sslcrl in --database-url: lists of revoked certificates"),
        ("sslpassword=secret", "passphrase"),
        ("requirepeer=postgres", "requirepeer in --database-url: it is not supported"),
        ("require_auth=scram-sha-256", "channel_binding=require"),
        ("target_session_attrs=standby", "any, read-write or read-only"),
        ("channel_binding=maybe", "disable, prefer or require"),
        ("sslnegotiation=direct", "it must be postgres"),
        ("ssl_min_protocol_version=TLSv1.3", "TLS 1.2 and 1.3 are offered"),
        ("sslsni=0", "it must be 1"),
        ("replication=database", "our connections run SQL"),
        ("oauth_issuer=x", "OAuth is not supported"),
        ("hostaddr=here", "an IP address"),
        ("keepalives_idle=soon", "it must be seconds"),
        ("colour=red", "colour in --database-url: there is no such connection parameter"),
        ("sslrootcert=system&sslmode=require", "demands sslmode=verify-full"),
        ("options=%zz", "in the value of options a % has no two hex digits"),
    ] {
        let error = open(&format!("postgresql://ann:secret@db/shop?{query}")).await.unwrap_err();
        assert_says(&error, &["a setting is wrong", says]);
        assert!(!error.to_string().contains("secret"), "{error}");
    }
    let error = open_with("postgresql://ann@db/shop", [("PGREQUIREPEER", "x")]).await.unwrap_err();
    assert_says(&error, &["PGREQUIREPEER: it is not supported"]);
}

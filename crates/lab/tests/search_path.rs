//! Where sessions of ours look names up, and where a table's name that the user types is looked for.
#![allow(clippy::unwrap_used, clippy::panic, reason = "these are tests")]

use lab::catalog::find_table;
use lab::connect::search_path;
use testbed::{Database, server};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio_postgres::Client;

/// A database whose sessions look into three schemas; two have a table `t`.
fn shop() -> Database {
    let database = server().database();
    database.batch(&format!(
        r#"CREATE SCHEMA "The, Shop"; CREATE SCHEMA other;
           CREATE TABLE "The, Shop".t (here int); CREATE TABLE public.t (there int);
           CREATE TABLE other.hidden (x int); CREATE TABLE public."Odd Name" (x int);
           ALTER DATABASE {} SET search_path = "$user", "The, Shop", missing, public"#,
        database.name()
    ));
    database
}

async fn path(client: &Client) -> String {
    client.query_one("SHOW search_path", &[]).await.unwrap().get(0)
}

async fn name_of(client: &Client, table: &str) -> Option<String> {
    let oid = find_table(client, table).await.unwrap()?;
    let sql = "SELECT $1::oid::regclass::text";
    Some(client.query_one(sql, &[&oid]).await.unwrap().get(0))
}

#[tokio::test]
async fn every_connection_of_ours_has_our_path_and_knows_the_users() {
    let database = shop();
    let session = database.session("test").await;
    let (pooled, _driver) = session.connector().open_client().await.unwrap();
    for client in [session.client(), &pooled] {
        assert_eq!(path(client).await, "pg_catalog, pg_temp");
        let theirs = "SELECT current_setting('partition_lab.user_search_path')";
        let theirs: String = client.query_one(theirs, &[]).await.unwrap().get(0);
        assert_eq!(theirs, r#""$user", "The, Shop", missing, public"#);
    }
    // What the condition sets ends with its statement, outside a transaction.
    let as_user = format!("SELECT current_setting('search_path') WHERE {}", search_path::AS_USER);
    let theirs: String = session.client().query_one(&as_user, &[]).await.unwrap().get(0);
    assert!(theirs.contains("The, Shop"), "{theirs}");
    assert_eq!(path(session.client()).await, "pg_catalog, pg_temp");
}

/// What `load` sends behind the handshake are inserts into the user's tables, whose defaults and CHECKs are the user's.
#[tokio::test]
async fn a_stream_is_left_with_the_users_path() {
    let session = shop().session("test").await;
    let mut stream = session.connector().open_stream().await.unwrap();
    let sql = b"SHOW search_path\0";
    let mut query = vec![b'Q'];
    query.extend(u32::try_from(sql.len() + 4).unwrap().to_be_bytes());
    query.extend(sql);
    stream.io.write_all(&query).await.unwrap();
    stream.io.flush().await.unwrap();
    let mut answer = Vec::new();
    while !String::from_utf8_lossy(&answer).contains("SHOW") {
        let mut some = [0; 512];
        let read = stream.io.read(&mut some).await.unwrap();
        assert!(read > 0, "closed");
        answer.extend(&some[..read]);
    }
    let answer = String::from_utf8_lossy(&answer);
    assert!(answer.contains(r#""The, Shop", missing, public"#), "{answer}");
}

#[tokio::test]
async fn a_table_is_found_where_the_users_sessions_find_it() {
    let session = shop().session("test").await;
    let client = session.client();
    for (typed, found) in [
        ("t", Some(r#""The, Shop".t"#)),
        ("T", Some(r#""The, Shop".t"#)),
        ("public.t", Some("public.t")),
        ("Odd Name", Some(r#"public."Odd Name""#)),
        (r#""Odd Name""#, Some(r#"public."Odd Name""#)),
        ("hidden", None),
        ("other.hidden", Some("other.hidden")),
        ("nowhere", None),
    ] {
        assert_eq!(name_of(client, typed).await.as_deref(), found, "{typed}");
    }
}

/// A role's own setting comes before the database's, and a schema of its name before both.
#[tokio::test]
async fn a_roles_own_schema_and_setting_count() {
    let database = shop();
    let role = format!("own_{}", std::process::id());
    database.batch(&format!(
        "CREATE ROLE {role} LOGIN; CREATE SCHEMA AUTHORIZATION {role}; CREATE TABLE {role}.t (mine int);
         GRANT USAGE ON SCHEMA other TO {role}"
    ));
    let url = database.url().replacen("//postgres@", &format!("//{role}@"), 1);
    let open = async || {
        let settings =
            lab::config::Settings::from_variables(&lab::config::Variables::default(), Some(&url));
        let connector =
            lab::connect::Connector::new(&settings.unwrap().target, "test").await.unwrap();
        connector.open().await.unwrap()
    };
    let session = open().await;
    assert_eq!(name_of(session.client(), "t").await, Some(format!("{role}.t")));
    database.batch(&format!("ALTER ROLE {role} SET search_path = other"));
    let session = open().await;
    assert_eq!(name_of(session.client(), "t").await, None);
    assert_eq!(name_of(session.client(), "hidden").await.as_deref(), Some("other.hidden"));
}

//! What a request is about: a table, or its hash buckets one by one.

use convert::design;
use convert::request::{Every, Level, Request};
use convert::shape::{self, Subject};
use testbed::{Database, server};

use crate::conversion::request;

async fn subject(database: &Database, request: &Request) -> Subject {
    shape::subject(&database.client().await, "t", None, request.clone()).await.unwrap()
}

fn hash(column: &str, partitions: u32) -> Request {
    request(Level::Hash { column: column.into(), partitions })
}

#[tokio::test]
async fn buckets_of_the_same_column_are_divided_and_others_are_not() {
    let database = server().database();
    database.batch(
        "CREATE TABLE t (gone int, id int, n int) PARTITION BY HASH (id); ALTER TABLE t DROP COLUMN gone;
         CREATE TABLE t_p0 PARTITION OF t FOR VALUES WITH (MODULUS 2, REMAINDER 0);
         CREATE TABLE t_p1 PARTITION OF t FOR VALUES WITH (MODULUS 2, REMAINDER 1)",
    );
    let Subject::Buckets(buckets) = subject(&database, &hash("id", 4)).await else {
        panic!("2 buckets become 4")
    };
    let next = buckets.next(&database.client().await).await.unwrap().unwrap();
    let first = database.count("SELECT 't_p0'::regclass::oid::bigint");
    assert_eq!((i64::from(next.oid), next.after), (first, 1));
    assert_eq!(next.request.levels, hash("id", 2).levels);
    let Subject::Buckets(buckets) = subject(&database, &hash("id", 2)).await else {
        panic!("2 buckets stay 2")
    };
    assert!(buckets.next(&database.client().await).await.unwrap().is_none());
    let whole = |subject| matches!(subject, Subject::One { .. });
    for (other, why) in [
        (hash("n", 4), "another column"),
        (hash("id", 3), "2 does not divide 3"),
        (request(Level::Range { column: "id".into(), every: Every::Step(9) }), "no hash"),
    ] {
        assert!(whole(subject(&database, &other).await), "{why}");
    }
}

#[tokio::test]
async fn a_table_is_read_once_to_decide_about_it() {
    let database = server().database();
    database.batch("CREATE TABLE t (id int PRIMARY KEY, n int)");
    let mut session = database.session("subject").await;
    let client = session.client();
    client.batch_execute("SET client_min_messages = log; SET log_statement = 'all'").await.unwrap();
    let subject = shape::subject(client, "t", None, hash("id", 4)).await.unwrap();
    let Subject::One { oid, request } = subject else { panic!("{subject:?}") };
    design::decide(client, oid, &request).await.unwrap();
    let heard = session.take_notices();
    let readings = heard.iter().filter(|statement| statement.contains("'foreign_keys_out'"));
    assert_eq!(readings.count(), 1, "{heard:#?}");
}

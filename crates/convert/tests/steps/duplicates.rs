//! Indexes of values that come once are built without looking for duplicates, and nobody sees it afterwards.

use testbed::Database;

use crate::converter::{Converter, monthly};

fn table() -> Database {
    let database = testbed::server().database();
    // When `once` is indexed it holds one value 20,000 times: only a build that does not look stores each.
    database.batch(
        "CREATE TABLE t (id int PRIMARY KEY, at timestamp NOT NULL, once int NOT NULL, often int NOT NULL);
         INSERT INTO t SELECT i, '2024-01-01'::timestamp + i * interval '1 min', i, 7 FROM generate_series(1, 20000) i;
         CREATE INDEX t_once ON t (once);
         CREATE INDEX t_often ON t (often);
         ANALYZE t;
         UPDATE t SET once = 7",
    );
    database
}

#[tokio::test]
async fn statistics_say_where_duplicates_are_looked_for() {
    let database = table();
    Converter::new(&database).await.run("t", &monthly("at")).await.unwrap();
    let leaf_indexes = "FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid
        JOIN pg_class l ON l.oid = i.indrelid AND l.relkind = 'r' JOIN pg_inherits h ON h.inhrelid = l.oid
        WHERE h.inhparent = 't_new'::regclass";
    let size = |column: &str| {
        let of = format!("AND pg_get_indexdef(c.oid) LIKE '%({column})'");
        database.count(&format!("SELECT max(pg_relation_size(c.oid)) {leaf_indexes} {of}"))
    };
    let (once, often) = (size("once"), size("often"));
    assert!(once > 2 * often, "{once} and {often} bytes");
    let with_options = format!("SELECT count(*) {leaf_indexes} AND c.reloptions IS NOT NULL");
    assert_eq!(database.count(&with_options), 0);
}

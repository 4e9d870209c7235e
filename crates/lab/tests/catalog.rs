//! `lab::catalog` against a real server.

#![allow(clippy::unwrap_used, reason = "in tests, a panic is how they fail")]

use std::fmt::Write;
use std::time::Instant;

use lab::catalog::{Name, RowCount, Strategy, Tree, find_table, quote_ident, tree};
use tokio_postgres::Client;

/// A line a table: name indented by its level, bounds, rows, and what is special about it.
fn drawn(tree: &Tree) -> String {
    let mut lines = String::new();
    for table in tree.walk() {
        let indent = 2 * table.level;
        let bounds = table.bounds.as_deref().unwrap_or("-").replace("FOR VALUES ", "");
        let rows = table.rows.map_or("?".to_owned(), |rows| rows.to_string());
        let key = table.partitioning.as_ref().map_or("", |p| &p.key);
        writeln!(lines, "{:indent$}{} | {bounds} | {rows} | {key}", "", table.name.name).unwrap();
    }
    lines
}

async fn exact(client: &Client, table: &str) -> Tree {
    tree(client, table, RowCount::Exact).await.unwrap().unwrap()
}

#[tokio::test]
async fn three_levels_of_three_strategies() {
    let client = testbed::server().database().client().await;
    client
        .batch_execute(
            "CREATE TABLE sales (day date, region text, id int) PARTITION BY RANGE (day);
             CREATE TABLE later PARTITION OF sales FOR VALUES FROM ('2024-04-01') TO (MAXVALUE);
             CREATE TABLE rest PARTITION OF sales DEFAULT;
             CREATE TABLE q1 PARTITION OF sales FOR VALUES FROM ('2024-01-01') TO ('2024-04-01')
                PARTITION BY LIST (region);
             CREATE TABLE q1_rest PARTITION OF q1 DEFAULT;
             CREATE TABLE q1_eu PARTITION OF q1 FOR VALUES IN ('DE', 'FR', NULL)
                PARTITION BY HASH (id, lower(region));
             CREATE TABLE eu_1 PARTITION OF q1_eu FOR VALUES WITH (MODULUS 2, REMAINDER 1);
             CREATE TABLE eu_0 PARTITION OF q1_eu FOR VALUES WITH (MODULUS 2, REMAINDER 0);
             CREATE INDEX ON sales (day);
             INSERT INTO sales VALUES ('2024-01-05', 'US', 1), ('2023-01-01', 'DE', 2),
                ('2024-05-01', 'DE', 3), (NULL, 'DE', 4), ('2024-02-01', 'DE', 5);",
        )
        .await
        .unwrap();
    let tree = exact(&client, "sales").await;
    let rows =
        |name: &str| tree.leaves().find(|leaf| leaf.name.name == name).unwrap().rows.unwrap();
    let (zero, one) = (rows("eu_0"), rows("eu_1"));
    assert_eq!(zero + one, 1);
    assert_eq!(
        drawn(&tree),
        format!(
            "sales | - | ? | RANGE (day)\n  \
               q1 | FROM ('2024-01-01') TO ('2024-04-01') | ? | LIST (region)\n    \
                 q1_eu | IN ('DE', 'FR', NULL) | ? | HASH (id, lower(region))\n      \
                   eu_0 | WITH (modulus 2, remainder 0) | {zero} | \n      \
                   eu_1 | WITH (modulus 2, remainder 1) | {one} | \n    \
                 q1_rest | DEFAULT | 1 | \n  \
               later | FROM ('2024-04-01') TO (MAXVALUE) | 1 | \n  \
               rest | DEFAULT | 2 | \n"
        )
    );
    assert_eq!((tree.depth(), tree.leaf_count(), tree.total_rows()), (3, 5, Some(5)));
    let q1 = tree.children.first().unwrap();
    assert_eq!(q1.partitioning.as_ref().unwrap().strategy, Strategy::List);
    assert_eq!((q1.depth(), q1.parent, tree.parent), (2, Some(tree.oid), None));
    assert_eq!(tree.find(q1.oid).unwrap().name, Name::new("public", "q1"));
    assert!(tree.total_bytes() > 0 && tree.bytes == 0);
    let index = &tree.leaves().next().unwrap().indexes[0];
    assert_eq!(index.definition, "CREATE INDEX eu_0_day_idx ON public.eu_0 USING btree (day)");
    assert!(index.valid);

    // A partition on its own is a tree too.
    let q1 = exact(&client, "q1").await;
    assert_eq!((q1.level, q1.parent, q1.leaf_count(), q1.total_rows()), (0, None, 3, Some(2)));
}

#[tokio::test]
async fn tables_without_partitions_and_names_without_tables() {
    let client = testbed::server().database().client().await;
    client
        .batch_execute(
            "CREATE TABLE plain (id int); INSERT INTO plain VALUES (1), (2);
             CREATE TABLE heir () INHERITS (plain); INSERT INTO heir VALUES (3);
             CREATE TABLE childless (id int) PARTITION BY RANGE (id);
             CREATE VIEW seen AS SELECT 1; CREATE SEQUENCE counted;",
        )
        .await
        .unwrap();
    let plain = exact(&client, "plain").await;
    assert_eq!((plain.is_leaf(), plain.leaf_count(), plain.rows), (true, 1, Some(2)));
    let childless = exact(&client, "childless").await;
    assert_eq!((childless.is_leaf(), childless.leaf_count()), (false, 0));
    assert_eq!((childless.total_rows(), childless.depth()), (Some(0), 0));
    for missing in ["nothing", "no_schema.plain", "seen", "counted", "Plain "] {
        let found = find_table(&client, missing).await.unwrap();
        assert_eq!(found.is_some(), missing == "Plain ", "{missing}");
    }
    let error = find_table(&client, "a.b.c.d").await.unwrap_err().to_string();
    assert!(error.starts_with("cannot look up table a.b.c.d"), "{error}");
}

#[tokio::test]
async fn rows_are_unknown_until_analysed() {
    let client = testbed::server().database().client().await;
    client
        .batch_execute(
            "CREATE TABLE t (id int) PARTITION BY LIST (id);
             CREATE TABLE t_1 PARTITION OF t FOR VALUES IN (1);
             CREATE TABLE t_2 PARTITION OF t FOR VALUES IN (2);
             INSERT INTO t VALUES (1), (2), (2); ANALYZE t_2;",
        )
        .await
        .unwrap();
    let rows = |tree: &Tree| tree.leaves().map(|leaf| leaf.rows).collect::<Vec<_>>();
    let estimated = tree(&client, "t", RowCount::Estimated).await.unwrap().unwrap();
    assert_eq!((rows(&estimated), estimated.total_rows()), (vec![None, Some(2)], None));
    assert_eq!(rows(&exact(&client, "t").await), [Some(1), Some(2)]);
}

#[tokio::test]
async fn names_that_need_quotes() {
    let client = testbed::server().database().client().await;
    client
        .batch_execute(
            r#"CREATE SCHEMA "Löwe's"; SET search_path = "Löwe's", public;
               CREATE TABLE "Order ""x""" (id int) PARTITION BY RANGE (id);
               CREATE TABLE "select" PARTITION OF "Order ""x""" FOR VALUES FROM (10) TO (20);
               CREATE TABLE "表.一" PARTITION OF "Order ""x""" FOR VALUES FROM (-5) TO (10);
               INSERT INTO "Order ""x""" VALUES (1), (15), (16);
               CREATE TEMP TABLE "Temp" (id int)"#,
        )
        .await
        .unwrap();
    for written in ["Order \"x\"", r#""Order ""x""""#, r#""Löwe's"."Order ""x""""#] {
        let tree = exact(&client, written).await;
        assert_eq!(tree.name.to_string(), r#""Löwe's"."Order ""x""""#);
        assert_eq!(tree.children.iter().map(|c| c.rows.unwrap()).collect::<Vec<_>>(), [1, 2]);
        assert_eq!(tree.children[0].name, Name::new("Löwe's", "表.一"));
    }
    assert_eq!(exact(&client, "Temp").await.name.to_string(), "pg_temp.\"Temp\"");
}

/// `quote_ident()` of the server must quote no word that ours leaves bare.
#[tokio::test]
async fn quotes_every_word_that_the_server_quotes() {
    let client = testbed::server().database().client().await;
    for row in
        client.query("SELECT word, quote_ident(word) FROM pg_get_keywords()", &[]).await.unwrap()
    {
        let (word, quoted): (&str, &str) = (row.get(0), row.get(1));
        let ours = quote_ident(word);
        assert!(ours == quoted || quoted == word, "{word}: {ours} is not {quoted}");
    }
}

/// A concurrent detach, cancelled while it waits for a reader, stays pending.
#[tokio::test]
async fn a_partition_pending_detach_is_marked_and_counted() {
    let database = testbed::server().database();
    let client = database.client().await;
    client
        .batch_execute(
            "CREATE TABLE t (id int) PARTITION BY LIST (id);
             CREATE TABLE t_1 PARTITION OF t FOR VALUES IN (1);
             CREATE TABLE t_2 PARTITION OF t FOR VALUES IN (2) PARTITION BY LIST (id);
             CREATE TABLE t_2_x PARTITION OF t_2 FOR VALUES IN (2);
             INSERT INTO t VALUES (1), (2), (2);",
        )
        .await
        .unwrap();
    let mut reader = database.client().await;
    let transaction = reader.transaction().await.unwrap();
    transaction.execute("SELECT FROM t", &[]).await.unwrap();
    client.batch_execute("SET lock_timeout = '100ms'").await.unwrap();
    let detach = client.batch_execute("ALTER TABLE t DETACH PARTITION t_2 CONCURRENTLY").await;
    assert!(detach.is_err(), "the reader holds t");
    transaction.rollback().await.unwrap();

    let tree = exact(&client, "t").await;
    let pending: Vec<_> = tree.children.iter().map(|child| child.detach_pending).collect();
    assert_eq!((pending, tree.total_rows()), (vec![false, true], Some(3)));
    let tx = reader.transaction().await.unwrap();
    let touched = lab::plan::explain(&tx, "SELECT * FROM t").await.unwrap().touched;
    assert_eq!(touched[0].total(), 1, "queries no longer see it");
}

#[tokio::test]
async fn a_thousand_partitions_in_one_query() {
    let mut client = testbed::server().database().client().await;
    client
        .batch_execute(
            "CREATE TABLE t (id int, v text) PARTITION BY RANGE (id);
             DO $$ BEGIN FOR n IN 0..999 LOOP EXECUTE format(
                'CREATE TABLE t_%s PARTITION OF t FOR VALUES FROM (%s) TO (%s)', n, n * 10, n * 10 + 10);
             END LOOP; END $$;
             CREATE INDEX ON t (id);
             INSERT INTO t SELECT n, 'v' FROM generate_series(0, 9999) n;",
        )
        .await
        .unwrap();
    for rows in [RowCount::Estimated, RowCount::Exact] {
        let start = Instant::now();
        let tree = tree(&client, "t", rows).await.unwrap().unwrap();
        eprintln!("1,000 partitions, {rows:?} rows: {:?}", start.elapsed());
        assert_eq!(tree.leaf_count(), 1000);
        let names: Vec<_> = tree.leaves().map(|leaf| leaf.name.name.clone()).collect();
        assert!(names.iter().enumerate().all(|(n, name)| *name == format!("t_{n}")));
        if rows == RowCount::Exact {
            assert!(tree.leaves().all(|leaf| leaf.rows == Some(10)));
        }
    }
    let tx = client.transaction().await.unwrap();
    for (sql, scanned) in [("SELECT * FROM t WHERE id = 5", 1), ("SELECT * FROM t", 1000)] {
        let start = Instant::now();
        let touched = lab::plan::explain(&tx, sql).await.unwrap().touched;
        eprintln!("1,000 partitions, {sql}: {:?}", start.elapsed());
        assert_eq!(touched[0].count(lab::plan::Fate::Scanned), scanned);
    }
}

//! Sources of every kind: what the target must have in common with them.

use convert::request::Level;
use convert::state::Phase;
use testbed::Database;

use crate::converter::{Converter, monthly, request};

/// Converts up to `Ready`; whether both hold the same rows afterwards, generated columns included.
async fn ready(database: &Database, table: &str, request: &convert::request::Request) {
    let mut converter = Converter::new(database).await;
    let conversion = converter.run(table, request).await.unwrap();
    assert_eq!(conversion.phase, Phase::Ready);
    let (source, target) = (conversion.source, conversion.target.unwrap());
    let name = |oid: u32| database.text(&format!("SELECT {oid}::regclass::text"));
    let (source, target) = (name(source), name(target));
    for (one, other) in [(&source, &target), (&target, &source)] {
        let only = format!("SELECT count(*) FROM (TABLE {one} EXCEPT ALL TABLE {other}) d");
        assert_eq!(database.count(&only), 0, "only in {one}");
    }
    assert!(database.count(&format!("SELECT count(*) FROM {source}")) > 0);
}

#[tokio::test]
async fn a_hash_table_with_identity_always_and_generated_columns() {
    let database = testbed::server().database();
    database.batch(
        "CREATE TABLE t (id bigint GENERATED ALWAYS AS IDENTITY, at timestamptz NOT NULL DEFAULT now(), v text,
                         twice text GENERATED ALWAYS AS (v || v) STORED, PRIMARY KEY (id)) PARTITION BY HASH (id);
         CREATE TABLE t_0 PARTITION OF t FOR VALUES WITH (MODULUS 2, REMAINDER 0);
         CREATE TABLE t_1 PARTITION OF t FOR VALUES WITH (MODULUS 2, REMAINDER 1);
         CREATE INDEX ON t (v);
         INSERT INTO t (at, v) SELECT '2024-01-01 UTC'::timestamptz + i * interval '1 hour', 'v' || i FROM generate_series(1, 3000) i",
    );
    ready(&database, "t", &monthly("at")).await;
}

#[tokio::test]
async fn wild_names_outside_the_search_path_and_null_partition_values() {
    let database = testbed::server().database();
    database.batch(
        r#"CREATE SCHEMA "Sche ma"; CREATE TABLE "Sche ma"."Ta""ble 'ñ" ("seq" int, "Id ""x" int PRIMARY KEY, "re gion" text);
           INSERT INTO "Sche ma"."Ta""ble 'ñ" SELECT i, i, CASE i % 3 WHEN 0 THEN 'a''b' WHEN 1 THEN 'ü' END FROM generate_series(1, 900) i;
           CREATE INDEX "odd %s" ON "Sche ma"."Ta""ble 'ñ" ("re gion");
           ALTER TABLE "Sche ma"."Ta""ble 'ñ" DROP CONSTRAINT "Ta""ble 'ñ_pkey";
           ALTER TABLE "Sche ma"."Ta""ble 'ñ" ALTER "Id ""x" SET NOT NULL;
           CREATE UNIQUE INDEX u ON "Sche ma"."Ta""ble 'ñ" ("Id ""x")"#,
    );
    let level = Level::List { column: "re gion".to_owned() };
    ready(&database, r#""Sche ma"."Ta""ble 'ñ""#, &request(vec![level])).await;
}

#[tokio::test]
async fn a_second_level_and_types_without_a_hash() {
    let database = testbed::server().database();
    database.batch(
        "CREATE TABLE t (id uuid PRIMARY KEY, at date NOT NULL, j json, n numeric, p point, a int[], x xml) WITH (fillfactor = 80);
         INSERT INTO t SELECT gen_random_uuid(), '2024-01-01'::date + i % 60, '{\"a\": 1}', i * 1.00, point(i, i), ARRAY[i], '<a/>'
         FROM generate_series(1, 1000) i",
    );
    let mut wanted = monthly("at");
    wanted.levels.push(Level::Hash { column: "id".to_owned(), partitions: 2 });
    let mut converter = Converter::new(&database).await;
    converter.run("t", &wanted).await.unwrap();
    assert_eq!(database.count("SELECT count(*) FROM t_new"), 1000);
    let options = "SELECT DISTINCT array_to_string(reloptions, ',') FROM pg_class
                   WHERE relname LIKE 't\\_%' AND relkind = 'r' AND relispartition";
    assert_eq!(database.texts(options), ["fillfactor=80"]);
}

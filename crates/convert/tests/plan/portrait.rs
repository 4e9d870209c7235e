//! A portrait holds all there is, whatever things are called.

use convert::portrait::{self, Portrait};
use testbed::{Database, server};

async fn of(database: &Database, table: &str) -> Portrait {
    let client = database.client().await;
    let oid = client.query_one("SELECT $1::text::regclass::oid", &[&table]).await.unwrap().get(0);
    portrait::read(&client, oid).await.unwrap()
}

/// 63 bytes with a quote, a space, upper case, something that looks like syntax, and umlauts.
const LONG: &str = "Größe \" USING btree (x) ON ONLY {table} $1 aaaaaaaaaaaaaaaaaa";

#[tokio::test]
async fn everything_that_hangs_on_a_table_is_in_its_portrait() {
    assert_eq!(LONG.len(), 63);
    let database = server().database();
    adorn(&database);
    let table = format!("\"My Schema\".{}", lab::catalog::quote_ident(LONG));
    let found = of(&database, &table).await;
    holds_columns_keys_and_sizes(&found);
    holds_what_refers_to_it(&found, &table);
    holds_rights_and_settings(&found, &table);
}

/// Makes a table with one of everything.
fn adorn(database: &Database) {
    let long = lab::catalog::quote_ident(LONG).into_owned();
    database.batch(&format!(
        "CREATE ROLE \"Reader 1\"; CREATE ROLE portrait_owner;
         CREATE SCHEMA \"My Schema\"; CREATE TYPE \"My Schema\".\"State\" AS ENUM ('a', 'b');
         CREATE DOMAIN public.positive AS int8 CHECK (VALUE > 0);
         CREATE DOMAIN public.very_positive AS public.positive CHECK (VALUE > 10);
         CREATE TABLE public.other (id int PRIMARY KEY);
         CREATE FUNCTION public.f() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
         SET search_path = \"My Schema\";
         CREATE TABLE {long} (
             gone int, id int GENERATED ALWAYS AS IDENTITY, {long} text COLLATE \"C\" DEFAULT 'it''s',
             state \"State\" NOT NULL DEFAULT 'a', big public.very_positive, serial serial,
             twice int GENERATED ALWAYS AS (id * 2) STORED, other int REFERENCES public.other ON DELETE CASCADE,
             CONSTRAINT \"the key\" PRIMARY KEY (id), CHECK (id > 0), UNIQUE (serial, id) INCLUDE (big) DEFERRABLE);
         ALTER TABLE {long} DROP COLUMN gone;
         ALTER TABLE {long} ADD CONSTRAINT late CHECK (id < 1000000) NOT VALID;
         CREATE UNIQUE INDEX ON {long} (lower({long}), id DESC) NULLS NOT DISTINCT WHERE id > 5;
         CREATE TABLE referrer (x int REFERENCES {long});
         CREATE TRIGGER t BEFORE UPDATE ON {long} FOR EACH ROW WHEN (OLD.id > 1) EXECUTE FUNCTION public.f();
         CREATE TRIGGER partition_convert_7 AFTER UPDATE ON {long} FOR EACH ROW EXECUTE FUNCTION public.f();
         ALTER TABLE {long} ENABLE ALWAYS TRIGGER t;
         CREATE POLICY p ON {long} FOR SELECT TO \"Reader 1\", PUBLIC USING (state = 'a');
         ALTER TABLE {long} ENABLE ROW LEVEL SECURITY;
         CREATE VIEW v WITH (security_barrier) AS SELECT id, state FROM {long} GROUP BY id;
         CREATE MATERIALIZED VIEW m AS SELECT 1 AS one FROM {long};
         CREATE PUBLICATION pub FOR TABLE {long} (id, {long}) WHERE (id > 3);
         CREATE PUBLICATION everything FOR ALL TABLES;
         CREATE STATISTICS s ON id, other FROM {long};
         GRANT SELECT, INSERT ON {long} TO \"Reader 1\" WITH GRANT OPTION;
         GRANT UPDATE (id, state) ON {long} TO PUBLIC;
         COMMENT ON TABLE {long} IS 'it''s it'; COMMENT ON INDEX \"the key\" IS 'key';
         ALTER TABLE {long} SET (fillfactor = 70, toast.autovacuum_enabled = off);
         CREATE RULE r AS ON DELETE TO {long} WHERE OLD.id = 7 DO INSTEAD NOTHING;
         CREATE FUNCTION uses(t {long}) RETURNS int LANGUAGE sql AS 'SELECT 1';
         CREATE FUNCTION body() RETURNS bigint LANGUAGE sql BEGIN ATOMIC SELECT count(*) FROM {long}; END;
         CREATE TABLE rows (r {long}[]);
         ALTER TABLE {long} OWNER TO portrait_owner; REVOKE TRUNCATE ON {long} FROM portrait_owner;
         INSERT INTO {long} (big) SELECT g FROM generate_series(11, 1000) g; ANALYZE {long};"
    ));
}

fn holds_columns_keys_and_sizes(found: &Portrait) {
    let long = lab::catalog::quote_ident(LONG);
    assert_eq!((found.schema.as_str(), found.name.as_str()), ("My Schema", LONG));
    assert_eq!((found.kind, found.persistence, found.owner.as_str()), ('r', 'p', "portrait_owner"));
    assert_eq!(found.tree, [found.oid]);
    assert_eq!((found.leaves.len(), found.leaves[0].oid), (1, found.oid));
    assert!(found.leaves[0].blocks > 0 && found.heap_bytes > 0 && found.index_bytes > 0);
    assert_eq!(found.rows, Some(990.0));

    let columns: Vec<_> =
        found.columns.iter().map(|c| (c.name.as_str(), c.base_type.as_str())).collect();
    let wanted = [
        ("id", "int4"),
        (LONG, "text"),
        ("state", "State"),
        ("big", "int8"),
        ("serial", "int4"),
        ("twice", "int4"),
        ("other", "int4"),
    ];
    assert_eq!(columns, wanted);
    assert_eq!(found.columns[0].identity, Some('a'));
    assert!(found.columns[0].sequence.is_some() && found.columns[4].sequence.is_some());
    assert_eq!(found.columns[2].data_type, "\"My Schema\".\"State\"");
    assert_eq!(found.columns[2].default.as_deref(), Some("'a'::\"My Schema\".\"State\""));
    assert_eq!(found.columns[5].generated, Some('s'));

    let index = |name: &str| found.indexes.iter().find(|i| i.name.starts_with(name)).unwrap();
    let key = index("the key");
    assert_eq!((key.using.as_str(), key.constraint), ("btree (id)", Some('p')));
    assert_eq!(key.comment.as_deref(), Some("key"));
    let expression = found.indexes.iter().find(|i| i.constraint.is_none()).unwrap();
    assert_eq!(
        expression.using,
        format!("btree (lower({long}), id DESC) NULLS NOT DISTINCT WHERE (id > 5)")
    );
    assert_eq!(expression.columns, [None, Some("id".to_owned())]);
    assert!(expression.partial && expression.unique && expression.nulls_not_distinct);
    let unique = found.indexes.iter().find(|i| i.constraint == Some('u')).unwrap();
    assert_eq!(
        (unique.using.as_str(), unique.deferrable),
        ("btree (serial, id) INCLUDE (big)", true)
    );

    let checks: Vec<_> = found.constraints.iter().filter(|c| c.kind == 'c').collect();
    assert_eq!(checks.len(), 2);
    assert!(
        checks.iter().any(|c| c.name == "late" && !c.valid && c.definition.ends_with("NOT VALID"))
    );
}

fn holds_what_refers_to_it(found: &Portrait, table: &str) {
    let out = &found.foreign_keys_out[0];
    assert_eq!((out.table.as_str(), out.references.as_str()), (table, "public.other"));
    assert_eq!(out.definition, "FOREIGN KEY (other) REFERENCES public.other(id) ON DELETE CASCADE");
    let into = &found.foreign_keys_in[0];
    assert_eq!((into.table.as_str(), into.columns[0].as_str()), ("\"My Schema\".referrer", "x"));
    assert_eq!(into.referenced_columns, ["id"]);

    let [trigger] = found.triggers.as_slice() else { panic!("{:?}", found.triggers) };
    assert_eq!((trigger.name.as_str(), trigger.enabled, trigger.row), ("t", 'A', true));
    assert!(trigger.definition.contains(&format!("ON {table}")), "{}", trigger.definition);
    assert_eq!(
        found.policies[0].definition,
        "CREATE POLICY p ON {table} AS PERMISSIVE FOR SELECT TO PUBLIC \
         USING ((state = 'a'::\"My Schema\".\"State\"))"
    );
    let views: Vec<_> =
        found.views.iter().map(|v| (v.name.as_str(), v.materialized, v.needs_key)).collect();
    assert_eq!(views, [("m", true, false), ("v", false, true)]);
    assert_eq!(found.views[1].options, ["security_barrier=true"]);
    assert!(found.views[1].definition.contains(table) && !found.views[1].definition.ends_with(';'));
}

fn holds_rights_and_settings(found: &Portrait, table: &str) {
    let long = lab::catalog::quote_ident(LONG);
    assert!(found.row_security && !found.force_row_security);

    let publications: Vec<_> =
        found.publications.iter().map(|p| (p.name.as_str(), p.all, p.tail.as_str())).collect();
    assert_eq!(
        publications,
        [("everything", true, ""), ("pub", false, &format!(" (id, {long}) WHERE ((id > 3))"))]
    );
    assert_eq!(found.statistics[0].name, "s");
    assert_eq!(
        found.grants,
        [
            "REVOKE TRUNCATE ON {table} FROM portrait_owner",
            "GRANT INSERT, SELECT ON {table} TO \"Reader 1\" WITH GRANT OPTION",
            "GRANT UPDATE (id) ON {table} TO PUBLIC",
            "GRANT UPDATE (state) ON {table} TO PUBLIC",
        ]
    );
    assert_eq!(found.comment.as_deref(), Some("it's it"));
    assert_eq!(found.options, ["fillfactor=70", "toast.autovacuum_enabled=off"]);
    assert_eq!((found.rules.len(), found.inheritance.len()), (1, 0));
    let dependents = [
        "column r of table \"My Schema\".rows".to_owned(),
        format!("function \"My Schema\".uses({table})"),
    ];
    assert_eq!(found.dependents, dependents);
    assert_eq!(found.rebound, ["function \"My Schema\".body()"]);
}

#[tokio::test]
async fn a_partitioned_table_has_its_leaves_at_any_depth_and_what_only_they_have() {
    let database = server().database();
    database.batch(
        "CREATE TABLE t (id int, at date) PARTITION BY RANGE (at);
         CREATE INDEX t_id ON t (id);
         CREATE TABLE z PARTITION OF t FOR VALUES FROM ('2024-01-01') TO ('2025-01-01') PARTITION BY HASH (id);
         CREATE TABLE z1 PARTITION OF z FOR VALUES WITH (MODULUS 2, REMAINDER 0) WITH (fillfactor = 60);
         CREATE TABLE z0 PARTITION OF z FOR VALUES WITH (MODULUS 2, REMAINDER 1) WITH (fillfactor = 60);
         CREATE TABLE a PARTITION OF t DEFAULT WITH (fillfactor = 60, autovacuum_enabled = off);
         CREATE INDEX only_here ON a (at); CREATE VIEW of_a AS SELECT * FROM a;
         INSERT INTO t SELECT g, '2024-01-01' FROM generate_series(1, 1000) g;",
    );
    let found = of(&database, "t").await;
    assert_eq!(found.partition_key.as_deref(), Some("RANGE (at)"));
    assert_eq!(found.partition_columns, [Some("at".to_owned())]);
    let leaves: Vec<_> = found.leaves.iter().map(|leaf| leaf.name.as_str()).collect();
    assert_eq!(leaves, ["a", "z0", "z1"]);
    // Parents first, then by OID: z was made before a, and their partitions come last.
    let names = database.texts(&format!(
        "SELECT c.relname::text FROM unnest('{{{}}}'::oid[]) WITH ORDINALITY o (oid, at)
         JOIN pg_class c USING (oid) ORDER BY o.at",
        found.tree.iter().map(ToString::to_string).collect::<Vec<_>>().join(",")
    ));
    assert_eq!(names, ["t", "z", "a", "z1", "z0"]);
    assert_eq!(found.options, ["fillfactor=60"]);
    assert_eq!(found.rows, None);
    assert_eq!(found.indexes[0].using, "btree (id)");
    assert!(found.indexes[0].bytes > 0);
    assert_eq!(
        found.dependents,
        ["index public.only_here on public.a", "rule _RETURN on view public.of_a"]
    );

    let leaf = of(&database, "z0").await;
    let parent = leaf.parent.unwrap();
    assert_eq!((parent.name.as_str(), parent.partition_key.as_str()), ("z", "HASH (id)"));
    assert_eq!(parent.bound, "FOR VALUES WITH (modulus 2, remainder 1)");
    assert_eq!(of(&database, "a").await.parent.unwrap().default.as_deref(), Some("public.a"));
}

#[tokio::test]
async fn reading_leaves_the_search_path_as_it_was_and_misses_what_is_gone() {
    let database = server().database();
    database.batch("CREATE SCHEMA app; CREATE TABLE app.t (id int)");
    let mut client = database.client().await;
    client.batch_execute("SET search_path = app").await.unwrap();
    let oid = client.query_one("SELECT 't'::regclass::oid", &[]).await.unwrap().get(0);
    let path = "SHOW search_path";
    portrait::read(&client, oid).await.unwrap();
    assert_eq!(client.query_one(path, &[]).await.unwrap().get::<_, &str>(0), "app");

    let transaction = client.transaction().await.unwrap();
    transaction.batch_execute("SET LOCAL search_path = app, public").await.unwrap();
    portrait::read(&transaction, oid).await.unwrap();
    let inside: String = transaction.query_one(path, &[]).await.unwrap().get(0);
    assert_eq!(inside, "app, public");
    transaction.rollback().await.unwrap();

    client.batch_execute("DROP TABLE app.t").await.unwrap();
    let error = portrait::read(&client, oid).await.unwrap_err().to_string();
    assert!(error.contains("no such table any more"), "{error}");
}

#[tokio::test]
async fn a_thousand_partitions_are_read_quickly() {
    let database = server().database();
    database.batch(
        "CREATE TABLE t (id int, at int, PRIMARY KEY (id, at)) PARTITION BY RANGE (at);
         CREATE INDEX ON t (at); CREATE INDEX ON t (id);
         DO $$ BEGIN FOR n IN 0..999 LOOP
             EXECUTE format('CREATE TABLE t_%s PARTITION OF t FOR VALUES FROM (%s) TO (%s)', n, n, n + 1);
         END LOOP; END $$",
    );
    let client = database.client().await;
    let oid = client.query_one("SELECT 't'::regclass::oid", &[]).await.unwrap().get(0);
    for _ in 0..3 {
        let begun = std::time::Instant::now();
        let found = portrait::read(&client, oid).await.unwrap();
        let took = begun.elapsed();
        assert_eq!((found.leaves.len(), found.tree.len()), (1000, 1001));
        println!("1,000 partitions in {took:?}");
        assert!(took.as_secs() < 2, "{took:?}");
    }
}

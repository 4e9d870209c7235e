//! Tables of all sorts take the rows that are invented for them.

use super::bench::{assert_even, database, load};
use crate::rows::Wish;

/// Loads and counts `rows` rows.
fn takes(schema: &str, table: &str, rows: usize) -> testbed::Database {
    let database = database(schema);
    load(&database, table, &Wish::default(), rows);
    let count = database.count(&format!("SELECT count(*) FROM {table}"));
    assert_eq!(count, i64::try_from(rows).unwrap());
    database
}

#[test]
fn a_shop_of_every_common_type() {
    let database = takes(
        "CREATE TYPE state AS ENUM ('new', 'it''s paid', 'gone');
         CREATE DOMAIN email AS text CHECK (VALUE ~* '^[a-z0-9._+-]+@[a-z0-9.-]+$') NOT NULL;
         CREATE DOMAIN share AS numeric(5, 2) CHECK (VALUE >= 0 AND VALUE <= 100);
         CREATE TABLE orders (
             id bigserial PRIMARY KEY, ref uuid NOT NULL UNIQUE, email email, discount share,
             state state NOT NULL, tags text[] NOT NULL, sizes int[], doc jsonb NOT NULL, old json,
             price numeric(10,2) NOT NULL CHECK (price > 0), cost numeric(10,2) NOT NULL,
             total numeric GENERATED ALWAYS AS (price * 2) STORED,
             quantity int NOT NULL CHECK (quantity BETWEEN 1 AND 10), small smallint,
             placed timestamptz NOT NULL, paid timestamptz, day date, at time, atz timetz,
             took interval NOT NULL, ip inet NOT NULL, net cidr, mac macaddr, mac8 macaddr8,
             flag boolean NOT NULL, f4 real NOT NULL, f8 double precision NOT NULL,
             raw bytea NOT NULL, code char(3) NOT NULL, short varchar(5) NOT NULL,
             cents money NOT NULL, obj oid, b bit(5), vb varbit(9), during tstzrange NOT NULL,
             ages int4range, spans datemultirange, spot point, doc_xml xml, c \"char\", n name,
             made timestamptz NOT NULL DEFAULT now(), due date NOT NULL,
             CHECK (price >= cost), CHECK (paid > placed), CHECK (due > made::date)
         )",
        "orders",
        1_000,
    );
    assert_eq!(database.count("SELECT count(DISTINCT state) FROM orders"), 3);
    assert_eq!(database.count("SELECT count(DISTINCT ref) FROM orders"), 1_000);
    let nulls = database.count("SELECT count(*) FROM orders WHERE day IS NULL");
    assert!((5..100).contains(&nulls), "{nulls}");
    // Fitting, and not all the same.
    for column in ["price", "quantity", "tags", "doc::text", "took", "ip", "short", "during", "f8"]
    {
        let count = database.count(&format!("SELECT count(DISTINCT {column}) FROM orders"));
        assert!(count > 3, "{column}: {count}");
    }
}

#[test]
fn a_composite_key_and_foreign_keys() {
    let database = database(
        "CREATE TABLE tenants (id uuid PRIMARY KEY, name text NOT NULL);
         CREATE TABLE users (tenant uuid NOT NULL REFERENCES tenants, no int NOT NULL,
             login varchar(20) UNIQUE, boss int, PRIMARY KEY (tenant, no),
             FOREIGN KEY (tenant, boss) REFERENCES users);
         CREATE TABLE roles (id smallint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
             name text NOT NULL UNIQUE);
         CREATE TABLE grants (tenant uuid, no int, role smallint NOT NULL REFERENCES roles,
             PRIMARY KEY (tenant, no, role), FOREIGN KEY (tenant, no) REFERENCES users);
         CREATE TABLE member (user_id uuid NOT NULL REFERENCES tenants,
             kind smallint NOT NULL REFERENCES roles, PRIMARY KEY (user_id, kind));
         CREATE TABLE profile (tenant uuid PRIMARY KEY REFERENCES tenants, bio text)",
    );
    let wish = Wish::default();
    load(&database, "tenants", &wish, 100);
    load(&database, "users", &wish, 500);
    load(&database, "roles", &wish, 20);
    // 100 × 20 combinations, none of them twice.
    load(&database, "member", &wish, 1_000);
    load(&database, "profile", &wish, 50);
    load(&database, "profile", &wish, 50);
    assert_eq!(database.count("SELECT count(DISTINCT no) FROM users"), 500);
    load(&database, "users", &wish, 500); // after the highest that there is
    assert_eq!(database.count("SELECT count(DISTINCT no) FROM users"), 1_000);
}

#[test]
fn foreign_keys_that_share_a_column() {
    let database = database(
        "CREATE TABLE people (tenant int, id int, PRIMARY KEY (tenant, id));
         CREATE TABLE projects (tenant int, id int, PRIMARY KEY (tenant, id));
         CREATE TABLE tasks (tenant int NOT NULL, person int NOT NULL, project int NOT NULL, helper int,
             FOREIGN KEY (tenant, person) REFERENCES people, FOREIGN KEY (tenant, project) REFERENCES projects,
             FOREIGN KEY (tenant, helper) REFERENCES people);
         INSERT INTO people SELECT n % 10, n FROM generate_series(1, 100) n;
         INSERT INTO projects SELECT n % 7, n FROM generate_series(1, 50) n",
    );
    load(&database, "tasks", &Wish::default(), 500);
    assert_eq!(database.count("SELECT count(DISTINCT tenant) FROM tasks"), 7);
    let helped = database.count("SELECT count(*) FROM tasks WHERE helper IS NOT NULL");
    assert!((400..500).contains(&helped), "{helped}");
}

#[test]
fn names_that_need_quotes() {
    let database = takes(
        r#"CREATE SCHEMA "My ""Schema"; SET search_path = "My ""Schema";
           CREATE TYPE "The State" AS ENUM ('A', 'b c');
           CREATE DOMAIN "Small Int" AS int CHECK (VALUE > 5 AND VALUE < 9);
           CREATE TABLE "Order's ""Items""" ("ID" int PRIMARY KEY, "unit Price" numeric(8,2)
               CHECK ("unit Price" > 10), "The ""State""" "The State" NOT NULL, "when" date NOT NULL,
               "Käse" "Small Int" NOT NULL, "Ends At" date, CHECK ("Ends At" > "when"))"#,
        r#""My ""Schema"."Order's ""Items""""#,
        300,
    );
    let prices =
        r#"SELECT count(*) FROM "My ""Schema"."Order's ""Items""" WHERE "unit Price" > 10"#;
    assert!(database.count(prices) > 200);
}

#[test]
fn composite_types_and_arrays_of_all_sorts() {
    takes(
        "CREATE TYPE mood AS ENUM ('ok', 'bad, very');
         CREATE TYPE place AS (street text, no int, moods mood[]);
         CREATE DOMAIN positive AS int CHECK (VALUE > 0);
         CREATE TABLE t (a place NOT NULL, b place[] NOT NULL, c mood[] NOT NULL, d numeric(6,3)[],
             e positive[] NOT NULL, f timestamptz[], g jsonb[], h uuid[] NOT NULL, i varchar(3)[])",
        "t",
        200,
    );
}

#[test]
fn a_table_that_fills_itself_in() {
    takes(
        "CREATE TABLE t (id int GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY,
             at timestamptz NOT NULL DEFAULT now())",
        "t",
        10,
    );
}

#[test]
fn case_insensitive_text() {
    let database = testbed::server().database();
    let available = "SELECT count(*) FROM pg_available_extensions WHERE name = 'citext'";
    if database.count(available) == 0 {
        return; // this server was installed without it
    }
    database.batch("CREATE EXTENSION citext; CREATE TABLE t (email citext NOT NULL UNIQUE)");
    load(&database, "t", &Wish::default(), 500);
}

#[test]
fn a_uuid_key_and_a_log_by_hash_and_month() {
    let database = database(
        "CREATE TABLE log (id uuid NOT NULL, at timestamptz NOT NULL, level text NOT NULL
             CHECK (level IN ('info', 'warn', 'it''s bad')), PRIMARY KEY (id, at)) PARTITION BY RANGE (at);
         CREATE TABLE log_1 PARTITION OF log FOR VALUES FROM ('2024-01-01') TO ('2024-02-01')
             PARTITION BY HASH (id);
         CREATE TABLE log_1_0 PARTITION OF log_1 FOR VALUES WITH (MODULUS 2, REMAINDER 0);
         CREATE TABLE log_1_1 PARTITION OF log_1 FOR VALUES WITH (MODULUS 2, REMAINDER 1);
         CREATE TABLE log_2 PARTITION OF log FOR VALUES FROM ('2024-02-01') TO ('2024-03-01')
             PARTITION BY HASH (id);
         CREATE TABLE log_2_0 PARTITION OF log_2 FOR VALUES WITH (MODULUS 2, REMAINDER 0);
         CREATE TABLE log_2_1 PARTITION OF log_2 FOR VALUES WITH (MODULUS 2, REMAINDER 1);
         CREATE TABLE log_default PARTITION OF log DEFAULT",
    );
    load(&database, "log", &Wish::default(), 1_000);
    assert_even(&database, "log");
    assert_eq!(database.count("SELECT count(DISTINCT level) FROM log"), 3);
}

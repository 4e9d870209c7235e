//! Rows reach the partitions that they are wanted in.

use jiff::civil::date;

use super::bench::{assert_even, by_leaf, database, find, insert, load};
use crate::rows::{Spread, Wish};

/// An evenly spread load reaches every leaf but DEFAULT.
fn even(schema: &str, rows: usize) -> testbed::Database {
    let database = database(schema);
    load(&database, "t", &Wish::default(), rows);
    assert_even(&database, "t");
    database
}

#[test]
fn months() {
    let schema = "CREATE TABLE t (id bigint GENERATED ALWAYS AS IDENTITY,
             at timestamp NOT NULL DEFAULT now(), PRIMARY KEY (id, at)) PARTITION BY RANGE (at);
         CREATE TABLE t_old PARTITION OF t FOR VALUES FROM (MINVALUE) TO ('2024-01-01');
         CREATE TABLE t_1 PARTITION OF t FOR VALUES FROM ('2024-01-01') TO ('2024-02-01');
         CREATE TABLE t_2 PARTITION OF t FOR VALUES FROM ('2024-02-01') TO ('2024-03-01');
         CREATE TABLE t_default PARTITION OF t DEFAULT";
    even(schema, 1_000);
    let database = database(schema);
    let half = Wish { out_of_range: Some(50.0), ..Wish::default() };
    load(&database, "t", &half, 1_000);
    let leaves = by_leaf(&database, "t");
    assert!((400..600).contains(&leaves["t_default"]), "{leaves:?}");
    let february = (date(2024, 2, 10), date(2024, 2, 12));
    let wish = Wish { dates: Some(february), ..Wish::default() };
    let before = leaves["t_2"];
    load(&database, "t", &wish, 100);
    assert_eq!(by_leaf(&database, "t")["t_2"], before + 100);
    let days = "SELECT count(*) FROM t WHERE at >= '2024-02-10' AND at < '2024-02-12'";
    assert!(database.count(days) >= 100);
    let wish = Wish { dates: Some((date(2030, 1, 1), date(2031, 1, 1))), ..Wish::default() };
    let error = find(&database, "t", &wish).err().unwrap();
    assert!(error.contains("2030-01-01") && error.contains("--out-of-range"), "{error}");
}

#[test]
fn zipf_prefers_the_first() {
    let database = database(
        "CREATE TABLE t (id int NOT NULL) PARTITION BY RANGE (id);
         CREATE TABLE t_c PARTITION OF t FOR VALUES FROM (0) TO (10);
         CREATE TABLE t_b PARTITION OF t FOR VALUES FROM (10) TO (20);
         CREATE TABLE t_a PARTITION OF t FOR VALUES FROM (20) TO (30)",
    );
    load(&database, "t", &Wish { spread: Spread::Zipf, ..Wish::default() }, 1_100);
    let leaves = by_leaf(&database, "t");
    for (leaf, wanted) in [("t_c", 600), ("t_b", 300), ("t_a", 200)] {
        assert!((leaves[leaf] - wanted).abs() < 80, "{leaves:?}");
    }
}

#[test]
fn lists_with_null_and_quotes() {
    let schema = "CREATE TABLE t (region text, n int) PARTITION BY LIST (region);
         CREATE TABLE t_1 PARTITION OF t FOR VALUES IN ('O''Brien, (x)', E'back\\\\slash', '');
         CREATE TABLE t_2 PARTITION OF t FOR VALUES IN (NULL);
         CREATE TABLE t_3 PARTITION OF t FOR VALUES IN ('a', NULL_TEXT);
         CREATE TABLE t_default PARTITION OF t DEFAULT"
        .replace("NULL_TEXT", "'NULL'");
    let database = even(&schema, 900);
    assert_eq!(database.count("SELECT count(DISTINCT region) FROM t"), 5);
    let wish = Wish { out_of_range: Some(100.0), ..Wish::default() };
    load(&database, "t", &wish, 100);
    assert_eq!(by_leaf(&database, "t")["t_default"], 100);
}

#[test]
fn ids_that_are_unique_and_ranged() {
    let schema = "CREATE TABLE t (id bigserial PRIMARY KEY, name text) PARTITION BY RANGE (id);
         CREATE TABLE t_1 PARTITION OF t FOR VALUES FROM (1) TO (1001);
         CREATE TABLE t_2 PARTITION OF t FOR VALUES FROM (1001) TO (2001);
         CREATE TABLE t_3 PARTITION OF t FOR VALUES FROM (2001) TO (MAXVALUE)";
    let database = even(schema, 1_000);
    load(&database, "t", &Wish::default(), 500); // after those that there are
}

#[test]
fn several_columns_and_levels() {
    even(
        "CREATE TABLE t (y int NOT NULL, m int NOT NULL, kind text, amount numeric(8,2))
             PARTITION BY RANGE (y, m);
         CREATE TABLE t_1 PARTITION OF t FOR VALUES FROM (2023, 7) TO (2024, 1);
         CREATE TABLE t_2 PARTITION OF t FOR VALUES FROM (2024, 1) TO (2024, 7);
         CREATE TABLE t_3 PARTITION OF t FOR VALUES FROM (2024, 7) TO (2024, MAXVALUE);
         CREATE TABLE t_4 PARTITION OF t FOR VALUES FROM (2025, MINVALUE) TO (2030, MINVALUE)
             PARTITION BY LIST (kind);
         CREATE TABLE t_4_a PARTITION OF t_4 FOR VALUES IN ('a', 'b');
         CREATE TABLE t_4_n PARTITION OF t_4 FOR VALUES IN (NULL) PARTITION BY RANGE (amount);
         CREATE TABLE t_4_n_1 PARTITION OF t_4_n FOR VALUES FROM (0) TO (0.02);
         CREATE TABLE t_4_n_2 PARTITION OF t_4_n FOR VALUES FROM (0.02) TO (99.5);
         CREATE TABLE t_4_default PARTITION OF t_4 DEFAULT;
         CREATE TABLE t_default PARTITION OF t DEFAULT",
        2_000,
    );
}

#[test]
fn a_level_that_repeats_a_key_and_one_of_another_table() {
    let database = even(
        "CREATE TABLE t (day date NOT NULL, kind text NOT NULL) PARTITION BY RANGE (day);
         CREATE TABLE t_1 PARTITION OF t FOR VALUES FROM ('2024-01-01') TO ('2025-01-01')
             PARTITION BY RANGE (day);
         CREATE TABLE t_1_1 PARTITION OF t_1 FOR VALUES FROM (MINVALUE) TO ('2024-07-01');
         CREATE TABLE t_1_2 PARTITION OF t_1 FOR VALUES FROM ('2024-07-01') TO (MAXVALUE)
             PARTITION BY LIST (kind);
         CREATE TABLE t_1_2_a PARTITION OF t_1_2 FOR VALUES IN ('a')",
        300,
    );
    // A partition by its own name: what is above it holds too.
    load(&database, "t_1_2", &Wish::default(), 50);
    load(&database, "t_1_1", &Wish::default(), 50);
    assert_eq!(database.count("SELECT count(*) FROM t"), 400);
}

#[test]
fn other_types_in_ranges() {
    even(
        "CREATE TABLE t (name text NOT NULL, id uuid NOT NULL, f float8, v varchar(12) NOT NULL, ip inet)
             PARTITION BY RANGE (name);
         CREATE TABLE t_1 PARTITION OF t FOR VALUES FROM (MINVALUE) TO ('g');
         CREATE TABLE t_2 PARTITION OF t FOR VALUES FROM ('g') TO ('o') PARTITION BY RANGE (id);
         CREATE TABLE t_2_1 PARTITION OF t_2 FOR VALUES FROM (MINVALUE)
             TO ('80000000-0000-0000-0000-000000000000');
         CREATE TABLE t_2_2 PARTITION OF t_2 FOR VALUES
             FROM ('80000000-0000-0000-0000-000000000000') TO (MAXVALUE);
         CREATE TABLE t_3 PARTITION OF t FOR VALUES FROM ('o') TO (MAXVALUE) PARTITION BY RANGE (f);
         CREATE TABLE t_3_1 PARTITION OF t_3 FOR VALUES FROM (0.5) TO (7.25);
         CREATE TABLE t_3_2 PARTITION OF t_3 FOR VALUES FROM (7.25) TO (MAXVALUE) PARTITION BY RANGE (ip);
         CREATE TABLE t_3_2_1 PARTITION OF t_3_2 FOR VALUES FROM ('10.0.0.0') TO ('10.128.0.0');
         CREATE TABLE t_3_2_default PARTITION OF t_3_2 DEFAULT",
        1_000,
    );
}

#[test]
fn text_keys_that_are_unique() {
    even(
        "CREATE TABLE t (name text PRIMARY KEY) PARTITION BY RANGE (name);
         CREATE TABLE t_1 PARTITION OF t FOR VALUES FROM ('a') TO ('m');
         CREATE TABLE t_2 PARTITION OF t FOR VALUES FROM ('m') TO ('z')",
        2_000,
    );
}

#[test]
fn text_in_the_order_of_its_column() {
    even(
        "CREATE TABLE t (name text COLLATE \"C\" NOT NULL) PARTITION BY RANGE (name);
         CREATE TABLE t_1 PARTITION OF t FOR VALUES FROM (MINVALUE) TO ('a');
         CREATE TABLE t_2 PARTITION OF t FOR VALUES FROM ('a') TO (MAXVALUE)",
        500,
    );
}

#[test]
fn a_default_partition_by_its_own_name() {
    let database = database(
        "CREATE TABLE t (id int) PARTITION BY LIST (id); CREATE TABLE d PARTITION OF t DEFAULT",
    );
    let error = find(&database, "d", &Wish::default()).err().unwrap();
    assert!(error.contains("DEFAULT") && error.contains("parent"), "{error}");
}

#[test]
fn enums_booleans_and_expressions() {
    let database = database(
        "CREATE TYPE mood AS ENUM ('sad', 'ok', 'happy');
         CREATE TABLE t (m mood NOT NULL, b boolean NOT NULL, at timestamptz NOT NULL)
             PARTITION BY LIST (m);
         CREATE TABLE t_1 PARTITION OF t FOR VALUES IN ('sad');
         CREATE TABLE t_2 PARTITION OF t FOR VALUES IN ('ok') PARTITION BY LIST (b);
         CREATE TABLE t_2_1 PARTITION OF t_2 FOR VALUES IN (true);
         CREATE TABLE t_2_2 PARTITION OF t_2 FOR VALUES IN (false) PARTITION BY RANGE (date_part('day', at AT TIME ZONE 'UTC'));
         CREATE TABLE t_2_2_all PARTITION OF t_2_2 FOR VALUES FROM (MINVALUE) TO (MAXVALUE)",
    );
    let own = load(&database, "t", &Wish::default(), 600);
    assert_even(&database, "t");
    assert!(own.notes.iter().any(|note| note.contains("date_part")), "{:?}", own.notes);
    // Nobody takes 'happy'.
    let strays = Wish { out_of_range: Some(100.0), ..Wish::default() };
    let own = find(&database, "t", &strays).ok().unwrap();
    let refused = insert(&database, &own, 1).unwrap_err();
    assert!(refused.contains("23514"), "{refused}");
}

#[test]
fn where_nothing_lies_outside() {
    let database = database(
        "CREATE TABLE t (id int NOT NULL) PARTITION BY RANGE (id);
         CREATE TABLE t_1 PARTITION OF t FOR VALUES FROM (MINVALUE) TO (MAXVALUE);
         CREATE TABLE plain (id int); CREATE TABLE nothing (id int) PARTITION BY LIST (id)",
    );
    let strays = Wish { out_of_range: Some(10.0), ..Wish::default() };
    for table in ["t", "plain"] {
        let error = find(&database, table, &strays).err().unwrap();
        assert!(error.contains("outside") && error.contains("--out-of-range"), "{error}");
    }
    let error = find(&database, "nothing", &Wish::default()).err().unwrap();
    assert!(error.contains("no partition"), "{error}");
}

#[test]
fn a_partition_key_that_refers_to_another_table() {
    let database = database(
        "CREATE TABLE tenants (id int PRIMARY KEY);
         CREATE TABLE t (tenant int NOT NULL REFERENCES tenants, at date NOT NULL) PARTITION BY LIST (tenant);
         CREATE TABLE t_1 PARTITION OF t FOR VALUES IN (1, 2) PARTITION BY RANGE (at);
         CREATE TABLE t_1_1 PARTITION OF t_1 FOR VALUES FROM ('2024-01-01') TO ('2024-02-01');
         CREATE TABLE t_2 PARTITION OF t FOR VALUES IN (3) PARTITION BY RANGE (at);
         CREATE TABLE t_2_1 PARTITION OF t_2 FOR VALUES FROM ('2024-01-01') TO ('2024-02-01');
         INSERT INTO tenants VALUES (1), (3)",
    );
    let own = load(&database, "t", &Wish::default(), 400);
    assert_even(&database, "t");
    assert!(own.notes.iter().any(|note| note.contains("foreign key")), "{:?}", own.notes);
}

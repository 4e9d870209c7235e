//! `--table`: a table that nobody made for us.

use serde_json::Value;
use testbed::{Database, ran, server};

use crate::bench::load;

const SHOP: &str = r#"
    CREATE SCHEMA "My Shop";
    CREATE TYPE "My Shop".state AS ENUM ('new', 'paid', 'sent');
    CREATE DOMAIN "My Shop".email AS text CHECK (value ~ '^[^@]+@[^@]+$' AND length(value) <= 100);
    CREATE TABLE "My Shop".customers (
        id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        mail "My Shop".email NOT NULL,
        tags text[] NOT NULL,
        profile jsonb NOT NULL);
    CREATE TABLE "My Shop"."Order ""Lines""" (
        "Order Id" uuid,
        line int CHECK (line BETWEEN 1 AND 50),
        customer bigint NOT NULL REFERENCES "My Shop".customers,
        state "My Shop".state NOT NULL,
        price numeric(10, 2) NOT NULL CHECK (price > 0),
        quantity smallint NOT NULL,
        total numeric GENERATED ALWAYS AS (price * quantity) STORED,
        at timestamptz NOT NULL,
        PRIMARY KEY ("Order Id", line, at)
    ) PARTITION BY RANGE (at);
    CREATE TABLE "My Shop".january PARTITION OF "My Shop"."Order ""Lines"""
        FOR VALUES FROM ('2026-01-01') TO ('2026-02-01');
    CREATE TABLE "My Shop".february PARTITION OF "My Shop"."Order ""Lines"""
        FOR VALUES FROM ('2026-02-01') TO ('2026-03-01');
    CREATE TABLE "My Shop".other PARTITION OF "My Shop"."Order ""Lines""" DEFAULT;
"#;

const LINES: &str = r#""My Shop"."Order ""Lines""""#;

fn loaded(database: &Database, arguments: &[&str]) -> Value {
    let document = ran(load(database, arguments).arg("--verify")).ok().document();
    let [verdict] = document["verify"].as_array().unwrap().as_slice() else {
        panic!("{document:#}")
    };
    assert_eq!((&verdict["missing"], &verdict["invented"]), (&0.into(), &0.into()));
    document
}

#[test]
fn its_rows_are_invented_and_spread_over_its_partitions() {
    let database = server().database();
    database.batch(SHOP);
    let empty = ran(&mut load(&database, &["--rows", "10", "--table", LINES])).exited(1);
    let _ = empty.says(&["customers", "is empty", "cargo run -p load -- --table"]);
    let customers = loaded(&database, &["--rows", "500", "--table", "\"My Shop\".customers"]);
    assert_eq!(customers["inserted"], 500);
    for how in [["--workers", "3"].as_slice(), &["--batch", "100"], &["--copy", "--workers", "2"]] {
        let rows = ["--rows", "1000", "--table", LINES, "--out-of-range", "10"];
        let document = loaded(&database, &[&rows, how].concat());
        assert_eq!(document["inserted"], 1_000, "{document:#}");
        let into = |leaf: &str| document["partitions"][leaf].as_i64().unwrap();
        // Ten standard deviations around 450, 450 and 100.
        assert!((290..610).contains(&into("january")), "{document:#}");
        assert!((290..610).contains(&into("february")), "{document:#}");
        assert!((5..200).contains(&into("other")), "{document:#}");
    }
    let outside =
        "SELECT count(*) FROM \"My Shop\".other WHERE at >= '2026-01-01' AND at < '2026-03-01'";
    assert_eq!(database.count(outside), 0);
}

#[test]
fn what_cannot_be_filled_is_named_and_a_value_helps() {
    let database = server().database();
    database.batch("CREATE TABLE searches (id int, what tsquery NOT NULL, mood text NOT NULL)");
    let refused = ran(&mut load(&database, &["--rows", "10", "--table", "searches"])).exited(1);
    let _ = refused.says(&["what", "tsquery", "NOT NULL", "--set 'what="]);
    assert_eq!(database.count("SELECT count(*) FROM searches"), 0);
    let values = ["--set", "what=cat & dog", "--set", "mood=good", "--set", "mood=it's bad"];
    let set = [&["--rows", "100", "--table", "searches"], values.as_slice()].concat();
    assert_eq!(loaded(&database, &set)["inserted"], 100);
    let moods = "SELECT DISTINCT mood || ' ' || what::text FROM searches ORDER BY 1";
    assert_eq!(database.texts(moods), ["good 'cat' & 'dog'", "it's bad 'cat' & 'dog'"]);
}

#[test]
fn a_refusal_before_the_load_names_the_check_and_leaves_nothing() {
    let database = server().database();
    database.batch(
        "CREATE TABLE pairs (a int NOT NULL, b int NOT NULL, CONSTRAINT odd CHECK ((a + b) % 977 = 5))",
    );
    let refused = ran(&mut load(&database, &["--rows", "10", "--table", "pairs"])).exited(1);
    let _ = refused.says(&["pairs", "odd", "23514", "--set"]);
    assert_eq!(database.count("SELECT count(*) FROM pairs"), 0);
}

#[test]
fn the_four_tables_can_be_steered_too() {
    let database = crate::bench::after_setup();
    let evenly = ["--rows", "2000", "--spread", "even", "--mix", "events=1,orders=1,sales=1"];
    let document = ran(&mut load(&database, &evenly)).ok().document();
    for (leaf, rows) in document["partitions"].as_object().unwrap() {
        let is_default = leaf.ends_with("_default") || leaf.ends_with("_other");
        assert_eq!(rows.as_u64() > Some(0), !is_default, "{leaf}: {document:#}");
    }
    let outside = ["--rows", "300", "--out-of-range", "100", "--mix", "events=1"];
    let document = ran(&mut load(&database, &outside)).ok().document();
    assert_eq!(document["partitions"]["event_logs_default"], 300, "{document:#}");
}

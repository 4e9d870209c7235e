//! The old table as first partition, and as the table again.

use convert::request::{Every, Level, Request, Shape};
use testbed::{Database, server};

use crate::conversion::{Converter, request};
use crate::hand::Hand;

const ORDERS: &str = "
    CREATE ROLE attach_reader;
    CREATE TABLE customers (id int PRIMARY KEY);
    INSERT INTO customers SELECT generate_series(1, 10);
    CREATE TABLE orders (
        id bigint GENERATED ALWAYS AS IDENTITY (INCREMENT BY 2) PRIMARY KEY, at timestamp NOT NULL, code text UNIQUE,
        customer int REFERENCES customers, number serial);
    CREATE INDEX orders_customer ON orders (customer);
    CREATE STATISTICS orders_both ON at, customer FROM orders;
    CREATE VIEW recent AS SELECT * FROM orders WHERE at > '2024-02-01';
    GRANT SELECT ON orders TO attach_reader;
    CREATE FUNCTION stamp() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
    CREATE TRIGGER stamp BEFORE UPDATE ON orders FOR EACH ROW EXECUTE FUNCTION stamp();
    INSERT INTO orders (at, code, customer)
        SELECT timestamp '2024-01-01' + g * interval '1 hour', g, g % 10 + 1 FROM generate_series(0, 2500) g;
    ANALYZE orders;";

#[tokio::test]
async fn the_old_table_is_attached_and_detached_again() {
    let database = server().database();
    database.batch(ORDERS);
    let before = database.fingerprint();
    let level = Level::Range { column: "at".into(), every: Every::Month };
    let mut hand = Hand::new(&database, "public.orders", Shape::AttachOld, level).await;
    for _ in 0..2 {
        hand.exchange().await;
        assert_eq!(database.count("SELECT count(*) FROM orders"), 2501);
        assert_eq!(database.count("SELECT count(*) FROM orders_old"), 2501);
        assert_eq!(database.count("SELECT count(*) FROM recent WHERE at > '2024-03-01'"), 1060);
        database.batch("INSERT INTO orders (at, code, customer) VALUES (now() + '75 days', 'late', 3); DELETE FROM orders WHERE code = 'late' AND number % 2 = 7");
        let late = database.text("SELECT format('%s %s', id > 5000, tableoid::regclass <> 'orders_old'::regclass) FROM orders WHERE code = 'late'");
        assert_eq!(late, "t t");
        hand.exchange().await;
        assert_eq!(database.count("SELECT count(*) FROM orders"), 2502);
        database.batch("DELETE FROM orders WHERE code = 'late'");
    }
    hand.clear().await;
    database.batch("DROP TABLE orders_new; DROP SCHEMA partition_convert CASCADE");
    database.assert_unchanged(&before, "swapped and rolled back twice");
}

/// Constraints of `orders`, by kind.
fn keys(database: &Database) -> Vec<String> {
    database.texts(
        "SELECT pg_get_constraintdef(oid) FROM pg_constraint
         WHERE conrelid = 'orders'::regclass AND contype IN ('p', 'u') ORDER BY 1",
    )
}

#[tokio::test]
async fn a_list_without_default_keeps_its_keys() {
    let database = server().database();
    database.batch(
        "CREATE TABLE orders (id int PRIMARY KEY, kind text NOT NULL, n int NOT NULL, UNIQUE NULLS NOT DISTINCT (kind, n) INCLUDE (id));
         INSERT INTO orders SELECT g, 'ab', g FROM generate_series(1, 100) g",
    );
    let before = keys(&database);
    let level = Level::List { column: "kind".into() };
    let request = Request { shape: Shape::AttachOld, ..request(level) };
    let mut converter = Converter::new(&database).await;
    converter.run("orders", &request).await;
    converter.swap().await.unwrap();
    // The old table is the only partition, so the new one's keys have nobody to be taken from.
    let wider = ["PRIMARY KEY (id, kind)", before[1].as_str()];
    assert_eq!(keys(&database), wider);
    let client = database.client().await;
    let unknown = client.batch_execute("INSERT INTO orders VALUES (101, 'c', 1)").await;
    assert_eq!(unknown.unwrap_err().code().unwrap().code(), "23514");
    converter.rollback().await.unwrap();
    assert_eq!(keys(&database), before);
    converter.swap().await.unwrap();
    converter.finish().await.unwrap();
    assert_eq!(keys(&database), wider);
}

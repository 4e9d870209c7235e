//! A partition gives way to several, and comes back.

use convert::request::{Every, Level, Request, Shape};
use testbed::{Database, server};

use crate::conversion::{Converter, request};
use crate::hand::Hand;

/// A parent with three months and a DEFAULT, referencing and referenced, with a trigger and a view.
const EVENTS: &str = "
    CREATE TABLE kinds (id int PRIMARY KEY);
    INSERT INTO kinds SELECT generate_series(1, 10);
    CREATE TABLE events (
        id bigint GENERATED ALWAYS AS IDENTITY, at timestamp NOT NULL, kind int REFERENCES kinds ON DELETE CASCADE,
        text text DEFAULT 'x', PRIMARY KEY (id, at), CHECK (id > 0)) PARTITION BY RANGE (at);
    CREATE TABLE events_2024_01 PARTITION OF events FOR VALUES FROM ('2024-01-01') TO ('2024-02-01');
    CREATE TABLE events_2024_02 PARTITION OF events FOR VALUES FROM ('2024-02-01') TO ('2024-03-01');
    CREATE TABLE events_default PARTITION OF events DEFAULT;
    CREATE INDEX events_kind ON events (kind);
    CREATE FUNCTION stamp() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
    CREATE TRIGGER stamp BEFORE UPDATE ON events FOR EACH ROW EXECUTE FUNCTION stamp();
    INSERT INTO events (at, kind)
        SELECT timestamp '2024-01-01' + g * interval '1 hour', g % 10 + 1 FROM generate_series(0, 2500) g;
    CREATE TABLE notes (event bigint, at timestamp, FOREIGN KEY (event, at) REFERENCES events);
    INSERT INTO notes SELECT id, at FROM events WHERE id % 3 = 0;
    ANALYZE events;";

fn range(every: Every) -> Level {
    Level::Range { column: String::new(), every }
}

/// Rows by partition.
fn partitions(database: &Database, table: &str) -> Vec<String> {
    database.texts(&format!(
        "SELECT format('%s %s', tableoid::regclass, count(*)) FROM {table} GROUP BY tableoid ORDER BY min(ctid), tableoid::regclass::text"
    ))
}

/// All that a user sees of the parent.
fn seen(database: &Database, table: &str) -> String {
    database.text(&format!("SELECT md5(string_agg(t::text, ',' ORDER BY t::text)) FROM {table} t"))
}

#[tokio::test]
async fn a_month_becomes_weeks_and_comes_back() {
    let database = server().database();
    database.batch(EVENTS);
    let (before, rows) = (database.fingerprint(), seen(&database, "events"));
    let mut hand =
        Hand::new(&database, "public.events_2024_02", Shape::Split, range(Every::Week)).await;
    for _ in 0..2 {
        hand.exchange().await;
        assert_eq!(seen(&database, "events"), rows);
        assert_eq!(
            partitions(&database, "events").into_iter().collect::<std::collections::BTreeSet<_>>(),
            [
                "events_2024_01 744",
                "events_2024_02_week1 168",
                "events_2024_02_week2 168",
                "events_2024_02_week3 168",
                "events_2024_02_week4 192",
                "events_default 1061"
            ]
            .map(str::to_owned)
            .into()
        );
        hand.exchange().await;
        assert_eq!(seen(&database, "events"), rows);
    }
    hand.clear().await;
    // Until 17, PostgreSQL leaves its own rows of a key that was validated late marked NOT VALID.
    database.batch(
        "DROP TABLE events_2024_02_new; DROP SCHEMA partition_convert CASCADE;
         ALTER TABLE notes DROP CONSTRAINT notes_event_at_fkey, ADD FOREIGN KEY (event, at) REFERENCES events",
    );
    database.assert_unchanged(&before, "swapped and rolled back twice");
}

#[tokio::test]
async fn months_leave_the_default() {
    let database = server().database();
    database.batch(EVENTS);
    let rows = seen(&database, "events");
    let mut hand =
        Hand::new(&database, "public.events_default", Shape::Split, range(Every::Month)).await;
    for _ in 0..2 {
        hand.exchange().await;
        assert_eq!(seen(&database, "events"), rows);
        assert_eq!(database.count("SELECT count(*) FROM events_2024_03"), 744);
        assert_eq!(database.count("SELECT count(*) FROM events_default"), 0);
        hand.exchange().await;
        assert_eq!(database.count("SELECT count(*) FROM events_default"), 1061);
    }
}

#[tokio::test]
async fn a_bucket_is_doubled_whatever_its_columns_are() {
    let database = server().database();
    database.batch(
        "CREATE TABLE s (id int, name text COLLATE \"C\", code varchar(20), PRIMARY KEY (id, name, code)) PARTITION BY HASH (name);
         CREATE TABLE s_p0 PARTITION OF s FOR VALUES WITH (modulus 2, remainder 0);
         CREATE TABLE s_p1 PARTITION OF s FOR VALUES WITH (modulus 2, remainder 1);
         INSERT INTO s SELECT g, g, g FROM generate_series(1, 1000) g;",
    );
    let rows = seen(&database, "s");
    // Without a number it is doubled.
    let level = Level::List { column: String::new() };
    let mut hand = Hand::new(&database, "public.s_p1", Shape::Split, level).await;
    hand.exchange().await;
    assert_eq!(seen(&database, "s"), rows);
    assert_eq!(
        database.texts("SELECT c.relname || ' ' || pg_get_expr(relpartbound, c.oid) FROM pg_class c WHERE relispartition AND relkind = 'r' ORDER BY 1"),
        ["s_p0 FOR VALUES WITH (modulus 2, remainder 0)", "s_p1 FOR VALUES WITH (modulus 4, remainder 1)", "s_p3 FOR VALUES WITH (modulus 4, remainder 3)"]
    );
    hand.exchange().await;
    hand.exchange().await;
    assert_eq!(seen(&database, "s"), rows);
}

/// The new partitions hang below the parent; what is done to them without the log is found before the way back.
#[tokio::test]
async fn what_no_log_knows_of_is_not_lost_on_the_way_back() {
    let database = server().database();
    database.batch(EVENTS);
    let request = Request { shape: Shape::Split, ..request(range(Every::Week)) };
    let mut converter = Converter::new(&database).await;
    converter.run("events_2024_02", &request).await;
    converter.swap().await.unwrap();
    let trigger = database.text(
        "SELECT tgname::text FROM pg_trigger WHERE tgrelid = 'events_2024_02_week1'::regclass AND tgname ~ '^partition_convert'
             AND tgtype & 1 = 1",
    );
    let week = "ALTER TABLE events_2024_02_week1";
    let rows = seen(&database, "events");
    database.batch(&format!("{week} DISABLE TRIGGER {trigger}"));
    let error = converter.rollback().await.unwrap_err().to_string();
    assert!(error.contains(&trigger) && error.contains("disabled"), "{error}");
    assert_eq!(seen(&database, "events"), rows);
    database.batch("UPDATE events SET text = 'lost' WHERE at = '2024-02-01 05:00'");
    // As it was made.
    database.batch(&format!("{week} ENABLE ALWAYS TRIGGER {trigger}"));
    let rows = seen(&database, "events");
    let error = converter.rollback().await.unwrap_err().to_string();
    assert!(error.contains("differ"), "{error}");
    assert_eq!(seen(&database, "events"), rows);
    database.batch("UPDATE events SET text = 'logged' WHERE at = '2024-02-01 05:00'");
    let rows = seen(&database, "events");
    converter.rollback().await.unwrap();
    assert_eq!(seen(&database, "events"), rows);
}

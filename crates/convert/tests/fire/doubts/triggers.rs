//! Triggers of the table's own, and foreign keys, which write too.

use convert::event::Point;
use convert::work::Guards;
use testbed::{Database, server};

use crate::converter::Verb;
use crate::observer::At;
use crate::plain::{converter, table};

/// The contents of the live table.
fn contents(database: &Database) -> String {
    database.text("SELECT md5(string_agg(t::text, ' ' ORDER BY id)) FROM t")
}

/// What the swap shall not change, though `race` was run at [`Point::Indexed`] and again after it.
async fn keeps(database: &Database, race: &'static str) {
    let client = database.client().await;
    let observer =
        At::once(Point::Indexed, || async move { client.batch_execute(race).await.unwrap() });
    let mut converter = converter(database, Guards::default(), &observer).await;
    converter.well(Verb::Run).await;
    for verb in [Verb::Swap, Verb::Rollback, Verb::Swap] {
        let before = contents(database);
        converter.well(verb).await;
        assert_eq!(contents(database), before, "{verb:?}: {race}");
        database.batch(race);
    }
}

#[tokio::test]
async fn triggers_that_change_or_refuse_what_is_written_fire_once() {
    let database = table();
    database.batch(
        "CREATE TABLE audit (n serial, what text);
         CREATE FUNCTION change() RETURNS trigger LANGUAGE plpgsql AS $$
         BEGIN
             IF TG_OP = 'DELETE' THEN
                 IF OLD.id % 2 = 0 THEN RETURN NULL; END IF;
                 RETURN OLD;
             END IF;
             NEW.v := left(NEW.v || '!', 100);
             RETURN NEW;
         END $$;
         CREATE FUNCTION follow() RETURNS trigger LANGUAGE plpgsql AS $$
         BEGIN
             INSERT INTO audit (what) VALUES (TG_OP || ' ' || OLD.id);
             IF pg_trigger_depth() = 1 THEN
                 UPDATE t SET v = 'follows ' || OLD.id WHERE id = OLD.id + 1000;
             END IF;
             RETURN NULL;
         END $$;
         CREATE TRIGGER change BEFORE INSERT OR UPDATE OR DELETE ON t
             FOR EACH ROW EXECUTE FUNCTION change();
         CREATE TRIGGER follow AFTER UPDATE OR DELETE ON t FOR EACH ROW EXECUTE FUNCTION follow();",
    );
    let race = "UPDATE t SET v = 'changed' WHERE id BETWEEN 10 AND 12;
        DELETE FROM t WHERE id BETWEEN 20 AND 23;
        TRUNCATE audit;
        UPDATE t SET v = 'again' WHERE id = 11";
    keeps(&database, race).await;
    // The statement's own row and the one that follows; the conversion's replays fire nothing.
    assert_eq!(database.count("SELECT count(*) FROM audit"), 2);
}

#[tokio::test]
async fn what_foreign_keys_do_to_rows_is_carried_over() {
    let database = server().database();
    database.batch(
        "CREATE TABLE parent (p integer PRIMARY KEY);
         INSERT INTO parent SELECT generate_series(1, 100);
         CREATE TABLE t (id integer PRIMARY KEY, at date NOT NULL, v text,
             p integer REFERENCES parent ON DELETE CASCADE ON UPDATE CASCADE,
             q integer REFERENCES parent ON DELETE SET NULL ON UPDATE CASCADE);
         INSERT INTO t SELECT i, date '2088-01-01' + i % 100, 'v', 1 + i % 100, 1 + (i * 7) % 100
             FROM generate_series(1, 3000) AS i;",
    );
    let race = "DELETE FROM parent WHERE p = (SELECT min(p) FROM parent);
        UPDATE parent SET p = p + 1000 WHERE p = (SELECT max(p) FROM parent WHERE p < 100)";
    keeps(&database, race).await;
    let orphans = "SELECT count(*) FROM t LEFT JOIN parent USING (p) WHERE parent.p IS NULL";
    assert_eq!(database.count(orphans), 0);
}

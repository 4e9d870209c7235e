//! What cannot be filled is named, with what to do.

use super::bench::{database, find, load};
use crate::rows::Wish;

fn error(database: &testbed::Database, table: &str, wish: &Wish) -> String {
    find(database, table, wish).err().unwrap_or_else(|| panic!("{table} is no error"))
}

fn set(pairs: &[(&str, &str)]) -> Wish {
    let set = pairs.iter().map(|&(column, value)| (column.to_owned(), value.to_owned())).collect();
    Wish { set, ..Wish::default() }
}

fn says(error: &str, texts: &[&str]) {
    for text in texts {
        assert!(error.contains(text), "lacks {text:?}: {error}");
    }
}

#[test]
fn a_column_that_nobody_can_fill_until_a_value_is_given() {
    let database = database(
        "CREATE TABLE t (id int, q tsquery NOT NULL, \"Odd One\" text NOT NULL CHECK (\"Odd One\" = 'x' || 'y' || 'z'))",
    );
    says(&error(&database, "t", &Wish::default()), &["column q", "tsquery", "--set 'q=value'"]);
    let given = [("q", "a & b"), ("q", "c"), ("Odd One", "xyz")];
    says(&error(&database, "t", &set(&given[..2])), &["\"Odd One\"", "--set 'Odd One=value'"]);
    load(&database, "t", &set(&given), 50);
    assert_eq!(database.count("SELECT count(DISTINCT q::text) FROM t"), 2);
    says(&error(&database, "t", &set(&[("q", "a &")])), &["--set 'q=a &'", "no operand"]);
    says(&error(&database, "t", &set(&[("Q", "a")])), &["--set Q", "no column", "Odd One"]);
    says(&error(&database, "t", &set(&[("q", "a"), ("Odd One", "no")])), &["check", "Odd One"]);
}

#[test]
fn a_constraint_that_no_invented_row_passes() {
    let database = database(
        "CREATE TABLE t (a int NOT NULL, b int NOT NULL, CONSTRAINT \"no such sum\" CHECK (a + b = -77));
         CREATE TABLE two (a int NOT NULL);
         CREATE FUNCTION no() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'not today'; END $$;
         CREATE TRIGGER no BEFORE INSERT ON two FOR EACH ROW EXECUTE FUNCTION no()",
    );
    let refused = error(&database, "t", &Wish::default());
    says(&refused, &["public.t", "no such sum", "a + b", "23514", "DETAIL", "--set"]);
    says(&error(&database, "two", &Wish::default()), &["not today", "P0001"]);
    assert_eq!(database.count("SELECT count(*) FROM t"), 0);
}

#[test]
fn null_can_be_given() {
    let database = database(
        "CREATE TABLE t (status text NOT NULL CHECK (status IN ('open', 'done')), done_at date,
             CHECK ((status = 'done') = (done_at IS NOT NULL)))",
    );
    says(&error(&database, "t", &Wish::default()), &["t_check", "done_at IS NOT NULL", "--set"]);
    load(&database, "t", &set(&[("status", "open"), ("done_at", "NULL")]), 20);
    says(&error(&database, "t", &set(&[("status", "NULL")])), &["--set 'status=NULL'", "NOT NULL"]);
}

#[test]
fn an_empty_table_that_is_referenced() {
    let database = database(
        "CREATE SCHEMA \"S\"; CREATE TABLE \"S\".one (id int PRIMARY KEY);
         CREATE TABLE two (id int NOT NULL REFERENCES \"S\".one);
         CREATE TABLE three (id int REFERENCES \"S\".one, n int)",
    );
    let refused = error(&database, "two", &Wish::default());
    says(&refused, &["\"S\".one", "column id", "is empty", "--table '\"S\".one' --rows 1000"]);
    load(&database, "three", &Wish::default(), 10);
    load(&database, "\"S\".one", &Wish::default(), 10);
    load(&database, "two", &Wish::default(), 10);
}

#[test]
fn what_is_no_table() {
    let database = database(
        "CREATE TABLE t (a int); CREATE VIEW v AS SELECT * FROM t; CREATE SEQUENCE s;
         CREATE TABLE g (a int GENERATED ALWAYS AS IDENTITY)",
    );
    let wish = Wish::default();
    says(&error(&database, "v", &wish), &["v is a view"]);
    says(&error(&database, "s", &wish), &["s is a sequence"]);
    says(&error(&database, "nowhere", &wish), &["no table nowhere"]);
    says(&error(&database, "g", &wish), &["no column to send"]);
    says(&error(&database, "g", &set(&[("a", "1")])), &["GENERATED ALWAYS"]);
}

//! Files that are not run at all: they are refused before the first statement is sent.

use crate::bench::{assert_says, load};

const BOTH: [&str; 2] = ["in one transaction", "each statement alone"];

#[test]
fn statements_that_begin_or_end_a_transaction() {
    for runs in BOTH {
        for (statement, name) in [
            ("BEGIN", "BEGIN"),
            ("start transaction", "START TRANSACTION"),
            ("/* now */ COMMIT", "COMMIT"),
            ("ROLLBACK", "ROLLBACK"),
        ] {
            let error = load(runs, &format!("SELECT 1;\n{statement};\nSELECT 2")).unwrap_err();
            let says = format!("x.sql:5: {name} cannot stand in a script");
            assert_says(&error, &[&says, "`Runs:`", "next"]);
        }
        load(runs, "SAVEPOINT a; ROLLBACK TO a; DO $$ BEGIN NULL; END $$").unwrap();
    }
}

#[test]
fn a_copy_that_waits_for_rows() {
    let body = "CREATE TABLE public.t (x text);\nCOPY t FROM STDIN;\nit's\n\\.\n";
    let error = load(BOTH[0], body).unwrap_err();
    assert_says(&error, &["x.sql:5: COPY … FROM STDIN cannot stand", "next", "INSERT"]);
    load(BOTH[0], "COPY public.t FROM '/tmp/rows'").unwrap();
}

#[test]
fn files_without_statements_or_header() {
    for empty in ["", " \n", "-- to be done\n;;"] {
        let error = load(BOTH[0], empty).unwrap_err();
        assert_says(&error, &["x.sql: there is no statement in it"]);
    }
    assert_says(&load("now and then", "SELECT 1").unwrap_err(), &["x.sql:1:", "now and then"]);
    assert_says(&load(BOTH[0], "SELECT 'a").unwrap_err(), &["x.sql:4: this string never ends"]);
}

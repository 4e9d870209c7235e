//! Checks of many forms.

use super::bench::{database, load};
use crate::rows::Wish;

#[test]
fn checks_that_are_understood_and_checks_that_only_the_server_understands() {
    let database = database(
        "CREATE DOMAIN plz AS char(5) CHECK (VALUE ~ '^[0-9]{5}$');
         CREATE TABLE t (
             a int NOT NULL CHECK (a % 5 = 0), b text NOT NULL CHECK (b = upper(b) AND b <> ''),
             c varchar(40) NOT NULL CHECK (length(c) >= 30), d date NOT NULL CHECK (extract(isodow FROM d) < 6),
             e plz NOT NULL, f smallint NOT NULL CHECK (f IN (3, 5, 8)),
             g numeric(4,1) NOT NULL CHECK (g > 99.8), h text NOT NULL CHECK (h ~ '^[A-Z]{3}-[0-9]{5}$'),
             i int NOT NULL CHECK (i < -1000), j text[] NOT NULL CHECK (cardinality(j) > 0),
             k jsonb NOT NULL CHECK (k ? 'id'), l int NOT NULL, m int NOT NULL, n int NOT NULL,
             o timestamptz NOT NULL CHECK (o >= '2031-05-01' AND o < '2031-05-02'), p float8 NOT NULL CHECK (p BETWEEN 0.25 AND 0.5),
             q text CHECK (q IS NOT NULL), r char(2) NOT NULL CHECK (r = 'DE' OR r = 'FR'),
             s time NOT NULL CHECK (s >= '09:00' AND s < '09:30'),
             CHECK (l < m AND m <= n)
         )",
    );
    load(&database, "t", &Wish::default(), 1_000);
    for column in ["f", "r", "a", "d", "g", "p"] {
        let count = database.count(&format!("SELECT count(DISTINCT {column}) FROM t"));
        assert!(count > 1, "{column}: {count}");
    }
}

#[test]
fn unique_values_within_narrow_texts_and_checks() {
    let database = database(
        "CREATE TABLE t (code char(4) PRIMARY KEY, email varchar(60) NOT NULL UNIQUE CHECK (email LIKE '%_@_%'),
             lowered text NOT NULL, no numeric(9,0) UNIQUE NOT NULL, day date UNIQUE NOT NULL,
             at timestamptz UNIQUE NOT NULL, raw bytea UNIQUE NOT NULL, sku text UNIQUE CHECK (sku ~ '^[0-9]{6,}$'),
             grade char(1), subject smallint, UNIQUE (grade, subject));
         CREATE UNIQUE INDEX ON t (lower(lowered))",
    );
    load(&database, "t", &Wish::default(), 40);
    let own = load(&database, "t", &Wish::default(), 40);
    // What fits the check on sku is found, not made: there is an end to it, which is announced.
    assert!(own.notes.iter().any(|note| note.contains("more rows")), "{:?}", own.notes);
    assert_eq!(database.count("SELECT count(DISTINCT lower(lowered)) FROM t"), 80);
}

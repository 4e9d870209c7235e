//! Many partitions on either side, and names as long as they may be.

use convert::request::Level;
use lab::catalog::Name;
use testbed::server;

use crate::converter::{Converter, Verb};
use crate::observer::At;

const SCHEMA: &str = "Ein Schema mit Leerzeichen und Größe";

/// 63 bytes, and a cut at 62 would be within a character.
fn name() -> String {
    format!("{} \"t\"", "ü".repeat(29))
}

/// `CONVERT_PARTITIONS`, a thousand of which take minutes where the machine is busy.
fn partitions() -> u32 {
    match std::env::var("CONVERT_PARTITIONS") {
        Ok(text) => text.parse().expect("a number"),
        Err(_) => 80,
    }
}

#[tokio::test]
async fn many_partitions_of_long_names_become_as_many_others() {
    let table = Name::new(SCHEMA, name());
    assert_eq!(table.name.len(), 63 - 1);
    let database = server().database();
    let mut script = vec![format!(
        "CREATE SCHEMA \"{SCHEMA}\";
         CREATE TABLE {table} (\"the id\" integer PRIMARY KEY, v text) PARTITION BY RANGE (\"the id\");
         CREATE INDEX ON {table} (v)"
    )];
    let partitions = partitions();
    for number in 0..partitions {
        let partition = Name::new(SCHEMA, format!("{}{number:03}", "é".repeat(29)));
        let (from, to) = (number * 10, number * 10 + 10);
        script.push(format!(
            "CREATE TABLE {partition} PARTITION OF {table} FOR VALUES FROM ({from}) TO ({to})"
        ));
    }
    script.push(format!(
        "INSERT INTO {table} SELECT i, i FROM generate_series(0, {partitions} * 10 - 1) AS i"
    ));
    database.batch(&script.join(";\n"));

    let nothing = At::nothing();
    let column = "the id".to_owned();
    let levels = vec![Level::Hash { column, partitions }];
    let mut converter = Converter::of(&database, table.clone(), levels, &nothing).await;
    converter.well(Verb::Run).await;
    database.batch(&format!(
        "UPDATE {table} SET v = 'new' WHERE \"the id\" % 7 = 0; DELETE FROM {table} WHERE \"the id\" < 5"
    ));
    let digest =
        format!("SELECT md5(string_agg(t::text, ' ' ORDER BY \"the id\")) FROM {table} AS t");
    let before = database.text(&digest);
    converter.well(Verb::Swap).await;
    assert_eq!(database.text(&digest), before);
    let hashed = format!("SELECT pg_get_partkeydef('{table}'::regclass)");
    assert_eq!(database.text(&hashed), "HASH (\"the id\")");
    database.batch(&format!("UPDATE {table} SET v = 'newer' WHERE \"the id\" % 9 = 0"));
    let before = database.text(&digest);
    converter.well(Verb::Rollback).await;
    assert_eq!(database.text(&digest), before);
    assert_eq!(database.text(&hashed), "RANGE (\"the id\")");
    converter.well(Verb::Swap).await;
    converter.well(Verb::Finish).await;
    assert_eq!(database.text(&digest), before);
}

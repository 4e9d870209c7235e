//! Beside others at work `run` is gentle, unless it is told not to be.

use convert::event::Event;
use convert::work::Pace;
use testbed::{Database, Ran, ran, server};
use tokio_postgres::Client;

use crate::converter::{Converter, monthly};

/// How many indexes a partition has that are valid and a part of one of the whole table.
const INDEXES: &str = "SELECT DISTINCT count(*)::text FROM pg_index AS i
    JOIN pg_partition_tree('t_new') AS t ON t.relid = i.indrelid AND t.isleaf
    WHERE i.indisvalid AND EXISTS (SELECT FROM pg_inherits WHERE inhrelid = i.indexrelid)
    GROUP BY i.indrelid";
const MONTHS: [&str; 5] = ["run", "t", "--range", "at", "--every=month"];
const NOTE: &str = "other sessions are at work here: gently, with rests";

fn table() -> Database {
    let database = server().database();
    database.batch(
        "CREATE TABLE t (id int PRIMARY KEY, at date NOT NULL);
         INSERT INTO t SELECT n, date '2088-01-01' + n % 60 FROM generate_series(1, 2000) AS n",
    );
    database
}

/// Sessions with a transaction that is open.
async fn others(database: &Database, count: usize) -> Vec<Client> {
    let mut others = Vec::new();
    for _ in 0..count {
        let client = database.client().await;
        client.batch_execute("BEGIN; SELECT 1").await.unwrap();
        others.push(client);
    }
    others
}

fn run(database: &Database, pace: &[&str]) -> Ran {
    ran(database.process("convert").args(MONTHS).args(pace)).ok()
}

/// The lines that say what steps came to, in their order.
fn done(ran: &Ran) -> Vec<&str> {
    ran.out.lines().filter(|line| line.starts_with("✓ ")).collect()
}

/// Where these steps were named first.
fn order(ran: &Ran, steps: [&str; 2]) -> bool {
    let at = |step: &str| ran.out.find(&format!("✓ {step}")).expect(step);
    at(steps[0]) < at(steps[1])
}

#[tokio::test]
async fn beside_three_others_keys_come_first_and_the_result_is_the_same() {
    let database = table();
    let _others = others(&database, 3).await;
    let gently = run(&database, &[]).says(&[NOTE]);
    assert!(order(&gently, ["index", "copy"]), "{gently:#?}");
    assert_eq!(database.count("SELECT count(*) FROM t_new"), 2_000);
}

#[tokio::test]
async fn full_pace_does_not_look_for_others_and_gentle_needs_none() {
    let full = table();
    let _others = others(&full, 3).await;
    let ran = run(&full, &["--pace=full"]);
    assert!(!ran.complains_of(NOTE) && order(&ran, ["copy", "index"]), "{ran:#?}");

    let gentle = table();
    let ran = run(&gentle, &["--pace=gentle"]);
    assert!(!ran.complains_of(NOTE) && order(&ran, ["index", "copy"]), "{ran:#?}");
}

#[test]
fn at_a_gentle_pace_other_indexes_follow_the_rows_of_a_small_table() {
    let database = table();
    database.batch("CREATE INDEX ON t (at); CREATE INDEX ON t ((id % 7)) WHERE id > 5");
    let ran = run(&database, &["--pace=gentle"]);
    let said = ["index", "1 index on", "copy", "2,000 rows", "index", "2 indexes on"];
    let lines = done(&ran);
    for (line, said) in lines[1..].iter().zip(said.chunks(2)) {
        assert!(said.iter().all(|part| line.contains(part)), "{said:?}: {lines:#?}");
    }
    assert_eq!(database.texts(INDEXES), ["3"]);
}

#[tokio::test]
async fn of_a_big_table_all_indexes_come_before_the_rows() {
    let database = table();
    database.batch("CREATE INDEX ON t (at)");
    let mut converter = Converter::new(&database).await;
    converter.pace = Pace { small: 0, ..Pace::default().gently() };
    converter.run("t", &monthly("at")).await.unwrap();
    let told = converter.told.0.take();
    let ended = |event| match event {
        Event::Ended(step, said, _) => Some((step, said)),
        _ => None,
    };
    let steps: Vec<(&str, String)> = told.into_iter().filter_map(ended).collect();
    let said =
        [("index", "2 indexes on"), ("copy", "2,000 rows"), ("index", "nothing left to build")];
    for ((step, sentence), (due, part)) in steps[1..].iter().zip(said) {
        assert!(*step == due && sentence.contains(part), "{due}, {part}: {steps:#?}");
    }
    assert_eq!(database.texts(INDEXES), ["2"]);
}

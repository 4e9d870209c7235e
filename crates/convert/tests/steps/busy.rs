//! Beside others at work `run` is gentle, unless it is told not to be.

use testbed::{Database, Ran, ran, server};
use tokio_postgres::Client;

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

/// Where these steps were named first.
fn order(ran: &Ran, steps: [&str; 2]) -> bool {
    let at = |step: &str| ran.out.find(&format!("✓ {step}")).expect(step);
    at(steps[0]) < at(steps[1])
}

#[tokio::test]
async fn beside_three_others_indexes_come_first_and_the_result_is_the_same() {
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

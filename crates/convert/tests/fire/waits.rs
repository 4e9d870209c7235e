//! Who waits for whom, and what those who are at work see of a swap.

use std::time::Duration;

use convert::event::Event;
use lab::catalog::Name;
use testbed::{Database, server, until};
use tokio_postgres::Client;

use crate::converter::{Converter, Verb};
use crate::equal::assert_equal;
use crate::fire::{Fire, LIMIT};
use crate::observer::At;
use crate::table::Table;

async fn open(database: &Database, statement: &str) -> Client {
    let client = database.client().await;
    client.batch_execute(&format!("BEGIN; {statement}")).await.unwrap();
    client
}

/// How many of its attempts the converter has told to have failed.
fn attempts(observer: &At) -> usize {
    let told = observer.told.borrow();
    told.iter().filter(|event| matches!(event, Event::Note(_))).count()
}

#[tokio::test]
async fn a_long_transaction_holds_up_the_swap_and_nobody_else() {
    for statement in ["SELECT FROM", "DELETE FROM"] {
        let table = Table::invent(11);
        let database = server().database();
        database.batch(&table.script());
        let fire = Fire::open(database.config(), &table).await;
        let observer = At::nothing();
        let mut converter = Converter::new(&database, &table, &observer).await;
        converter.well(Verb::Run).await;
        let long = format!("{statement} {} WHERE false", table.name);
        let long = open(&database, &long).await;
        let before = attempts(&observer);
        let others = async {
            until(LIMIT, "an attempt failed", async || attempts(&observer) > before).await;
            fire.commits(20).await;
            long.batch_execute("COMMIT").await.unwrap();
        };
        let (swapped, ()) = tokio::join!(converter.carry_out(Verb::Swap), others);
        swapped.unwrap();
        assert_equal(database.config(), &table, "after a swap that was held up").await;
        fire.cease(database.config()).await;
    }
}

#[tokio::test]
async fn when_the_budget_runs_out_all_is_as_before_and_the_culprit_is_named() {
    let table = Table::invent(12);
    let database = server().database();
    database.batch(&table.script());
    let fire = Fire::open(database.config(), &table).await;
    let observer = At::nothing();
    let mut converter = Converter::new(&database, &table, &observer).await;
    let long = format!("SELECT FROM {} WHERE false", table.name);
    let writes = format!("DELETE FROM {} WHERE false", table.name);
    // The trigger waits for writers, the swap for all.
    for (verb, statement) in [(Verb::Run, writes), (Verb::Swap, long)] {
        let long = open(&database, &statement).await;
        let pid: i32 = long.query_one("SELECT pg_backend_pid()", &[]).await.unwrap().get(0);
        converter.pace.lock_budget = Duration::from_millis(700);
        let error = format!("{:?}", converter.carry_out(verb).await.unwrap_err());
        assert!(error.contains(&pid.to_string()), "{verb:?}: {pid} is not named: {error}");
        let triggers = "SELECT count(*) FROM pg_trigger WHERE NOT tgisinternal";
        if verb == Verb::Run {
            assert_eq!(database.count(triggers), 0, "the trigger of an attempt that failed");
        }
        fire.commits(10).await;
        long.batch_execute("COMMIT").await.unwrap();
        converter.pace.lock_budget = Duration::from_secs(60);
        converter.well(verb).await;
    }
    fire.cease(database.config()).await;
}

/// Sessions that know the table from before: by prepared statements and by functions' cached plans.
#[tokio::test]
async fn what_sessions_have_cached_goes_on() {
    let database = server().database();
    database.batch(
        "CREATE TABLE t (gone int, id integer PRIMARY KEY, at date NOT NULL, more numeric DEFAULT 3);
         ALTER TABLE t DROP COLUMN gone;
         INSERT INTO t SELECT i, date '2088-01-01' + i % 90 FROM generate_series(1, 200) AS i;
         CREATE FUNCTION whole() RETURNS text LANGUAGE plpgsql AS $$
         DECLARE r t%ROWTYPE;
         BEGIN
             SELECT * INTO STRICT r FROM t WHERE id = 7;
             UPDATE t SET more = more + 1 WHERE id = 7;
             RETURN r.id || ' ' || r.at;
         END $$;
         CREATE FUNCTION counted() RETURNS bigint STABLE LANGUAGE sql AS 'SELECT count(*) FROM t';",
    );
    let client = database.client().await;
    let all = client.prepare("SELECT * FROM t ORDER BY id").await.unwrap();
    let row = client.prepare("SELECT t::text FROM t WHERE id = $1").await.unwrap();
    let insert =
        client.prepare("INSERT INTO t VALUES ($1, '2088-02-03', 4) RETURNING *").await.unwrap();
    let others = ["SELECT whole()", "SELECT counted()::text"];
    let mut due = 200;
    let mut use_all = async || {
        // Often enough for a generic plan.
        for _ in 0..7 {
            assert_eq!(client.query(&all, &[]).await.unwrap().len(), due);
            due += 1;
            let id = i32::try_from(due).unwrap();
            client.query_one(&insert, &[&id]).await.unwrap();
            assert!(client.query_one(&row, &[&id]).await.is_ok());
            for sql in others {
                client.query_one(sql, &[]).await.unwrap();
            }
        }
    };
    let observer = At::nothing();
    let (name, levels) = (Name::new("public", "t"), Converter::monthly());
    let mut converter = Converter::of(&database, name, levels, &observer).await;
    use_all().await;
    converter.well(Verb::Run).await;
    use_all().await;
    for verb in [Verb::Swap, Verb::Rollback, Verb::Swap] {
        converter.well(verb).await;
        use_all().await;
    }
}

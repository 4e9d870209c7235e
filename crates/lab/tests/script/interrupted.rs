//! Ctrl-C while a script runs.

use std::time::{Duration, Instant};

use lab::error::Kind;
use lab::interrupt::Interrupt;
use lab::script::{self, Script};
use testbed::Database;

use crate::bench::{BeforeSecond, Log, alone, assert_says, exists, sleeper, together};

const SLEEPY: &str = "CREATE TABLE public.t ();\nSELECT pg_sleep(60);\nCREATE TABLE never ()";

/// Runs `script` and interrupts it in its sleep.
async fn interrupt_asleep(database: &Database, script: &Script) -> lab::Error {
    let session = database.session("test").await;
    let (interrupt, start) = (Interrupt::default(), Instant::now());
    let mut log = Log::default();
    let running = script::run(&session, script, &interrupt, &mut log, async |_| Ok(()));
    let press = async {
        sleeper(database).await;
        interrupt.raise();
    };
    let (outcome, ()) = tokio::join!(running, press);
    assert!(start.elapsed() < Duration::from_secs(30), "{:?}", start.elapsed());
    let idle = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()
                AND application_name = 'partition-lab test' AND state = 'idle'";
    assert_eq!(
        database.query_one_i64(idle).await,
        1,
        "nothing of it runs, nor is it in a transaction"
    );
    outcome.unwrap_err()
}

#[tokio::test]
async fn the_running_statement_is_cancelled_and_the_transaction_rolled_back() {
    let database = testbed::server().database();
    let error = interrupt_asleep(&database, &together(SLEEPY)).await;
    assert_eq!(error.kind(), Kind::Interrupted);
    assert_says(&error, &["x.sql:5: interrupted", "rolled back"]);
    assert!(!exists(&database, "t").await);
}

#[tokio::test]
async fn statements_that_were_done_alone_stay() {
    let database = testbed::server().database();
    let error = interrupt_asleep(&database, &alone(SLEEPY)).await;
    assert_says(&error, &["x.sql:5: interrupted", "1 of 3 statements are done"]);
    assert!(exists(&database, "t").await);
    assert!(!exists(&database, "never").await);
}

/// Between two statements there is nothing to cancel, and nothing more may be sent.
#[tokio::test]
async fn after_an_interruption_between_two_statements_no_other_is_sent() {
    let database = testbed::server().database();
    let session = database.session("test").await;
    let interrupt = Interrupt::default();
    let mut observer = BeforeSecond(async || {
        interrupt.raise();
        Ok(())
    });
    let script = alone("CREATE TABLE public.t ();\nCREATE TABLE never ()");
    let outcome = script::run(&session, &script, &interrupt, &mut observer, async |_| Ok(())).await;
    assert_says(&outcome.unwrap_err(), &["x.sql:5: interrupted", "1 of 2 statements are done"]);
    assert!(!exists(&database, "never").await);
}

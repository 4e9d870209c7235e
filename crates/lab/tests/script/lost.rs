//! The connection ends in the middle of a script.

use lab::connect::Session;
use lab::interrupt::Interrupt;
use lab::script;
use testbed::Database;
use tokio_postgres::Client;

use crate::bench::{BeforeSecond, Log, assert_says, exists, run, sleeper, together};

/// Ends a session from another one, and waits until it is gone.
async fn terminate(database: &Database, pid: i64) {
    let end = format!("SELECT pg_terminate_backend({pid}, 10000)::int::bigint");
    assert_eq!(database.query_one_i64(&end).await, 1);
}

async fn pid(session: &Session) -> i64 {
    session.client().query_one("SELECT pg_backend_pid()::bigint", &[]).await.unwrap().get(0)
}

#[tokio::test]
async fn while_a_statement_runs() {
    let database = testbed::server().database();
    let session = database.session("test").await;
    let script = together("CREATE TABLE public.t ();\nSELECT pg_sleep(60)");
    let mut log = Log::default();
    let end = async { terminate(&database, sleeper(&database).await).await };
    let (outcome, ()) = tokio::join!(run(&session, &script, &mut log), end);
    let error = outcome.unwrap_err();
    assert_says(&error, &["x.sql:5: a statement failed", "pg_sleep", "57P01", "rolled back"]);
    assert_says(&error, &["next", "run the same command again"]);
    assert!(!exists(&database, "t").await);
}

#[tokio::test]
async fn between_two_statements() {
    let database = testbed::server().database();
    let session = database.session("test").await;
    let pid = pid(&session).await;
    let mut observer = BeforeSecond(async || {
        terminate(&database, pid).await;
        Ok(())
    });
    let script = together("CREATE TABLE public.t ();\nSELECT 1");
    let error = run(&session, &script, &mut observer).await.unwrap_err();
    assert_says(&error, &["x.sql:5:", "connection closed", "server's log", "rolled back"]);
    assert!(!exists(&database, "t").await);
}

/// Nobody can know then whether the server got the `COMMIT`.
#[tokio::test]
async fn at_the_commit() {
    let database = testbed::server().database();
    let session = database.session("test").await;
    let pid = pid(&session).await;
    let script = together("CREATE TABLE public.t ()");
    let last = async |_: &Client| {
        terminate(&database, pid).await;
        Ok(())
    };
    let mut log = Log::default();
    let outcome = script::run(&session, &script, &Interrupt::default(), &mut log, last).await;
    let error = outcome.unwrap_err();
    assert_says(&error, &["x.sql: cannot commit", "connection closed", "answer was lost"]);
    assert!(!error.to_string().contains("rolled back"), "{error}");
}

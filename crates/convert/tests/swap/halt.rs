//! The command killed by SIGKILL while its session is at a statement of a test's choice.

use std::time::Duration;

use testbed::{Database, Running, until};

/// Long enough on a busy machine.
const LIMIT: Duration = Duration::from_secs(60);

/// A statement of this tag that looks like this waits for the test.
fn halt((tag, pattern): Moment<'_>) -> String {
    format!(
        "CREATE SCHEMA halt;
         CREATE FUNCTION halt.halt() RETURNS event_trigger LANGUAGE plpgsql AS $$
         BEGIN
             IF current_query() LIKE '{pattern}' THEN
                 PERFORM pg_advisory_xact_lock(42);
             END IF;
         END $$;
         CREATE EVENT TRIGGER halt ON ddl_command_start WHEN TAG IN ('{tag}')
             EXECUTE FUNCTION halt.halt()"
    )
}

/// Who waits there.
const HALTED: &str = "SELECT pid FROM pg_locks WHERE locktype = 'advisory' AND objid = 42
    AND NOT granted AND database = (SELECT oid FROM pg_database WHERE datname = current_database())";

/// Tag and pattern of a statement.
pub type Moment<'a> = (&'a str, &'a str);

/// Runs the command and kills it when its session is at `moment`.
pub async fn killed_at(database: &Database, arguments: &[&str], moment: Moment<'_>) {
    let client = database.client().await;
    client.batch_execute("SELECT pg_advisory_lock(42)").await.unwrap();
    client.batch_execute(&halt(moment)).await.unwrap();
    let mut running = Running::start(database.process("convert").args(arguments));
    let mut pid: Option<i32> = None;
    until(LIMIT, "it is there", async || {
        pid = client.query_opt(HALTED, &[]).await.unwrap().map(|row| row.get(0));
        pid.is_some() || !running.runs()
    })
    .await;
    let Some(pid) = pid else {
        panic!("{arguments:?} was not at {moment:?}: {:#?}", running.finish())
    };
    running.kill();
    // The server would notice within a second, and carry out no more of what it was sent.
    client.execute("SELECT pg_terminate_backend($1)", &[&pid]).await.unwrap();
    let there = "SELECT FROM pg_stat_activity WHERE pid = $1";
    until(LIMIT, "its session is gone", async || {
        client.query_opt(there, &[&pid]).await.unwrap().is_none()
    })
    .await;
    client.batch_execute("DROP SCHEMA halt CASCADE; SELECT pg_advisory_unlock(42)").await.unwrap();
}

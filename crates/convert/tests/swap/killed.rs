//! The command killed by SIGKILL after a swap or rollback, while it settles what that left.

use std::time::Duration;

use convert::request::{Every, Level};
use testbed::{Database, Running, ran, server, until};

use crate::conversion::{Converter, request};
use crate::describe::{describe, same};
use crate::moves::adorned;
use crate::whole::machinery;

/// Long enough on a busy machine.
const LIMIT: Duration = Duration::from_secs(60);

/// A statement of this tag that looks like this waits for the test.
fn halt((tag, pattern): Moment) -> String {
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
type Moment = (&'static str, &'static str);

/// A leaf's key; the table's own; a copy of a materialised view; that takes the view's place; the
/// list is empty, and old selves are left.
const MOMENTS: [Moment; 5] = [
    ("ALTER TABLE", "ALTER TABLE IF EXISTS % VALIDATE CONSTRAINT%"),
    ("ALTER TABLE", "%ADD CONSTRAINT %AND position = %"),
    ("CREATE MATERIALIZED VIEW", "%partition_convert.new_%"),
    ("ALTER MATERIALIZED VIEW", "% SET SCHEMA partition_convert%"),
    ("DROP MATERIALIZED VIEW", "DROP MATERIALIZED VIEW partition_convert%"),
];

/// A table with one of everything, converted up to the swap; and what can be seen of it.
async fn ready(database: &Database) -> (String, String) {
    let table = adorned(database);
    let before = describe(database, &table).await;
    let years = request(Level::Range { column: "day".into(), every: Every::Year });
    Converter::new(database).await.run(&table, &years).await;
    (table, before)
}

/// Carries out `verb` and kills it when it is at `moment`. How many settlements are left then.
async fn killed(database: &Database, verb: &str, table: &str, moment: Moment) -> i64 {
    let client = database.client().await;
    client.batch_execute("SELECT pg_advisory_lock(42)").await.unwrap();
    client.batch_execute(&halt(moment)).await.unwrap();
    let mut running = Running::start(database.process("convert").args([verb, table]));
    let mut pid: Option<i32> = None;
    until(LIMIT, "it is there", async || {
        pid = client.query_opt(HALTED, &[]).await.unwrap().map(|row| row.get(0));
        pid.is_some() || !running.runs()
    })
    .await;
    let Some(pid) = pid else { panic!("{verb} was not at {moment:?}: {:#?}", running.finish()) };
    running.kill();
    // The server would notice within a second, and carry out no more of what it was sent.
    client.execute("SELECT pg_terminate_backend($1)", &[&pid]).await.unwrap();
    let there = "SELECT FROM pg_stat_activity WHERE pid = $1";
    until(LIMIT, "its session is gone", async || {
        client.query_opt(there, &[&pid]).await.unwrap().is_none()
    })
    .await;
    client.batch_execute("DROP SCHEMA halt CASCADE; SELECT pg_advisory_unlock(42)").await.unwrap();
    database.query_one_i64("SELECT count(*) FROM partition_convert.settlements").await
}

/// Carries out `verb`, to its end.
async fn done(database: &Database, verb: &str, table: &str, before: &str, when: Moment) {
    let _ = ran(database.process("convert").args([verb, table])).ok();
    same(before, &describe(database, table).await, &format!("killed at {when:?}, then {verb}"));
    let left = "SELECT count(*) FROM pg_class WHERE relkind = 'm' AND relnamespace = 'partition_convert'::regnamespace";
    assert_eq!(database.count(left), 0, "old materialised views: killed at {when:?}, then {verb}");
    let left = "SELECT count(*) FROM partition_convert.settlements";
    assert_eq!(database.count(left), 0, "settlements: killed at {when:?}, then {verb}");
}

#[tokio::test]
async fn what_a_killed_swap_left_is_settled_by_the_next_and_does_not_hinder_a_rollback() {
    for moment in MOMENTS {
        let database = server().database();
        let (table, before) = ready(&database).await;
        let left = killed(&database, "swap", &table, moment).await;
        assert_eq!(left == 0, moment == MOMENTS[4], "{left} left at {moment:?}");
        done(&database, "rollback", &table, &before, moment).await;
        killed(&database, "swap", &table, moment).await;
        done(&database, "swap", &table, &before, moment).await;
    }
}

#[tokio::test]
async fn finish_and_abort_settle_first() {
    for (moment, verb) in [(MOMENTS[1], "abort"), (MOMENTS[3], "finish")] {
        let database = server().database();
        let (table, before) = ready(&database).await;
        killed(&database, "swap", &table, moment).await;
        if verb == "abort" {
            killed(&database, "rollback", &table, moment).await;
        }
        done(&database, verb, &table, &before, moment).await;
        assert_eq!(machinery(&database), Vec::<String>::new(), "{verb} at {moment:?}");
    }
}

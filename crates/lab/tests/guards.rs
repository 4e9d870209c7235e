//! What keeps our commands off each other, and off other people's tables.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "these are tests")]

use std::time::Duration;

use lab::connect::Session;
use lab::error::Kind;
use lab::exclusive::{self, PATIENCE};
use lab::interrupt::Interrupt;
use lab::mark;
use testbed::until;

const SHORT: Duration = Duration::from_millis(200);

async fn hold(session: &Session, patience: Duration) -> lab::Result<()> {
    exclusive::hold(session, patience, &Interrupt::default()).await
}

/// Waits until the session with this process id has tried, or tries, to take the lock.
async fn until_waiting(database: &testbed::Database, pid: i32) {
    let waits = format!(
        "SELECT count(*) FROM pg_stat_activity WHERE pid = {pid} AND query ~ 'advisory_lock' AND query !~ 'pg_stat_activity'"
    );
    until(PATIENCE, "it waits", async || database.query_one_i64(&waits).await == 1).await;
}

async fn pid(session: &Session) -> i32 {
    session.client().query_one("SELECT pg_backend_pid()", &[]).await.unwrap().get(0)
}

#[tokio::test]
async fn the_second_is_told_who_the_first_is() {
    let (database, other) = (testbed::server().database(), testbed::server().database());
    // The same lock in another database is another lock.
    let elsewhere = other.session("elsewhere").await;
    hold(&elsewhere, SHORT).await.unwrap();
    let (first, second) = (database.session("first").await, database.session("second").await);
    hold(&first, SHORT).await.unwrap();
    let error = hold(&second, SHORT).await.unwrap_err().to_string();
    let who = format!("partition-lab first (pid {}) is changing", pid(&first).await);
    for part in [who.as_str(), "200ms", "run the same command again"] {
        assert!(error.contains(part), "{part:?} is not in:\n{error}");
    }
}

#[tokio::test]
async fn the_lock_goes_with_the_session_that_held_it() {
    let database = testbed::server().database();
    let (first, second) = (database.session("first").await, database.session("second").await);
    hold(&first, SHORT).await.unwrap();
    let waiter = pid(&second).await;
    let end = async {
        until_waiting(&database, waiter).await;
        drop(first);
    };
    let (held, ()) = tokio::join!(hold(&second, PATIENCE), end);
    held.unwrap();
    let timeout = second.client().query_one("SHOW lock_timeout", &[]).await.unwrap();
    assert_eq!(timeout.get::<_, &str>(0), "5s", "its statements wait for locks only briefly");
}

#[tokio::test]
async fn who_waits_can_be_interrupted() {
    let database = testbed::server().database();
    let (first, second) = (database.session("first").await, database.session("second").await);
    hold(&first, SHORT).await.unwrap();
    let waiter = pid(&second).await;
    let interrupt = Interrupt::default();
    let waiting = exclusive::hold(&second, Duration::from_secs(60), &interrupt);
    let press = async {
        until_waiting(&database, waiter).await;
        interrupt.raise();
    };
    let (outcome, ()) = tokio::join!(waiting, press);
    assert_eq!(outcome.unwrap_err().kind(), Kind::Interrupted);
    let held = "SELECT FROM pg_locks WHERE locktype = 'advisory' AND pid = pg_backend_pid()";
    assert!(second.client().query(held, &[]).await.unwrap().is_empty());
}

/// Waiting in a statement, the second would hold a snapshot that the first waits for: "deadlock detected".
#[tokio::test]
async fn who_waits_is_not_waited_for() {
    let database = testbed::server().database();
    database.batch(
        "CREATE TABLE t (a int) PARTITION BY LIST (a);
         CREATE TABLE t_1 PARTITION OF t FOR VALUES IN (1); CREATE TABLE t_2 PARTITION OF t FOR VALUES IN (2)",
    );
    let (first, second) = (database.session("first").await, database.session("second").await);
    hold(&first, SHORT).await.unwrap();
    // Asked before: where it waits in a statement, as it must not, it would answer nothing else.
    let waiter = pid(&second).await;
    let waiting = hold(&second, Duration::from_secs(60));
    let working = async {
        until_waiting(&database, waiter).await;
        for statement in [
            "CREATE INDEX CONCURRENTLY ON public.t_1 (a)",
            "ALTER TABLE public.t DETACH PARTITION public.t_1 CONCURRENTLY",
        ] {
            first.client().batch_execute(statement).await.unwrap_or_else(|error| {
                panic!("{statement}: {error:?}");
            });
        }
        drop(first);
    };
    let (held, ()) = tokio::join!(waiting, working);
    held.unwrap();
}

#[tokio::test]
async fn only_tables_with_our_comment_are_ours() {
    let session = testbed::server().database().session("test").await;
    let run = async |sql: &str| session.client().batch_execute(sql).await.unwrap();
    let tables = ["events", "Order \"x\"; --", "hidden", "missing"];
    run("CREATE TABLE public.events (); COMMENT ON TABLE public.events IS 'Partition Lab: base';
         CREATE TABLE public.\"Order \"\"x\"\"; --\" ();
         COMMENT ON TABLE public.\"Order \"\"x\"\"; --\" IS 'Partition Lab: more';
         CREATE SCHEMA \"Else\"; CREATE TABLE \"Else\".hidden ()")
    .await;
    mark::require(&session, &tables).await.expect("another schema than public is not ours");

    run("CREATE TABLE public.hidden ()").await;
    let error = mark::require(&session, &tables).await.unwrap_err().to_string();
    assert!(
        error.starts_with("public.hidden exists already, and setup did not make it\n"),
        "{error}"
    );
    assert!(error.contains("next") && error.contains("rename it"), "{error}");
    run("COMMENT ON TABLE public.hidden IS 'Partition Lab: hidden'").await;
    mark::require(&session, &tables).await.expect("all are ours");

    for comment in ["NULL", "'my Partition Lab: x'", "'partition lab: x'", "'Partition Lab'"] {
        run(&format!(
            "COMMENT ON TABLE public.events IS {comment}; COMMENT ON TABLE public.\"Order \"\"x\"\"; --\" IS NULL"
        ))
        .await;
        let error = mark::require(&session, &tables).await.unwrap_err().to_string();
        let both = "public.\"Order \"\"x\"\"; --\", public.events exist already";
        assert!(error.starts_with(both), "{comment}: {error}");
    }
    mark::require(&session, &["missing"]).await.expect("only what is asked for counts");
}

/// Whatever has the name is in the way of a table.
#[tokio::test]
async fn a_view_of_that_name_is_not_ours_either() {
    let session = testbed::server().database().session("test").await;
    session.client().batch_execute("CREATE VIEW public.events AS SELECT 1").await.unwrap();
    let error = mark::require(&session, &["events"]).await.unwrap_err();
    assert!(error.to_string().starts_with("public.events exists already"), "{error}");
}

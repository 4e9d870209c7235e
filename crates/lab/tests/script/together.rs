//! `Runs: in one transaction`.

use lab::Error;
use lab::interrupt::Interrupt;
use lab::script;
use tokio_postgres::Client;

use crate::bench::{BeforeSecond, FIRST_LINE, Log, assert_says, exists, run, together};

const ROLLED_BACK: &str = "rolled back: nothing was changed";

#[tokio::test]
async fn all_statements_are_done_and_told() {
    let database = testbed::server().database();
    let mut session = database.session("test").await;
    let script = together(
        "CREATE TABLE public.t (x int);
INSERT INTO public.t SELECT generate_series(1, 3); -- one; two
CREATE FUNCTION public.twice(i int) RETURNS int LANGUAGE plpgsql AS $body$
BEGIN
    RAISE NOTICE 'it''s %; fine', i;
    RETURN 2 * i;
END $body$;
DO $$ BEGIN UPDATE public.t SET x = public.twice(x) WHERE x = 3; END $$;
SELECT * FROM public.t",
    );
    let mut log = Log::default();
    let last = async |client: &Client| {
        Ok(client.query_one("SELECT sum(x) FROM public.t", &[]).await.unwrap().get::<_, i64>(0))
    };
    let sum = script::run(&session, &script, &Interrupt::default(), &mut log, last).await.unwrap();
    assert_eq!(sum, 1 + 2 + 6);
    assert_eq!(log.begun, [1, 2, 3, 4, 5]);
    assert_eq!(log.done, [(4, 0), (5, 3), (6, 0), (11, 0), (12, 3)]);
    assert_eq!(session.take_notices(), ["it's 3; fine"]);
    assert_eq!(database.query_one_i64("SELECT count(*) FROM public.t").await, 3);
}

#[tokio::test]
async fn an_error_undoes_what_came_before_and_is_shown_in_its_place() {
    let database = testbed::server().database();
    let session = database.session("test").await;
    let script = together(
        "CREATE TABLE public.t (amount int);
INSERT INTO public.t VALUES (1);
SELECT 'größe 東京' AS a,
  /* größe 東京 */ amont
FROM public.t;
SELECT 1",
    );
    let mut log = Log::default();
    let error = run(&session, &script, &mut log).await.unwrap_err();
    let place = format!("x.sql:{}: a statement failed", FIRST_LINE + 3);
    let hint = "Perhaps you meant to reference the column \"t.amount\"";
    assert_says(&error, &[&place, "42703", "\"amont\" does not exist", hint, ROLLED_BACK]);
    assert_eq!(log.begun, [1, 2, 3]);
    assert!(!exists(&database, "t").await);
    // The caret stands beneath the word, as wide as a terminal shows what is before it.
    let text = error.to_string();
    let (line, caret) = text
        .lines()
        .zip(text.lines().skip(1))
        .find(|(_, next)| next.trim() == "^")
        .expect("a caret");
    let before = line.split("amont").next().unwrap();
    let wide = before.chars().filter(|c| "東京".contains(*c)).count();
    assert_eq!(caret.find('^').unwrap(), before.chars().count() + wide, "{text}");

    assert!(run(&session, &together("SELECT 1"), &mut log).await.is_ok(), "the session is usable");
}

#[tokio::test]
async fn detail_and_context_are_shown() {
    let database = testbed::server().database();
    let session = database.session("test").await;
    let twice =
        together("CREATE TABLE public.t (x int PRIMARY KEY); INSERT INTO public.t VALUES (1), (1)");
    let error = run(&session, &twice, &mut Log::default()).await.unwrap_err();
    assert_says(&error, &["x.sql:4:", "23505", "DETAIL", "Key (x)=(1) already exists"]);
    // A place inside of a function is none in the file: the statement's beginning stands for it.
    let inside = together("SELECT 1;\nDO $$\nBEGIN\n  PERFORM wrong;\nEND $$");
    let error = run(&session, &inside, &mut Log::default()).await.unwrap_err();
    assert_says(&error, &["x.sql:5:", "DO $$\n", "42703", "CONTEXT", "line 3 at PERFORM"]);
}

/// Else what is made would land in `pg_catalog`: a superuser may make functions there.
#[tokio::test]
async fn what_is_made_without_a_schema_is_refused() {
    let session = testbed::server().database().session("test").await;
    for body in [
        "CREATE TABLE t (x int)",
        "CREATE FUNCTION f() RETURNS int LANGUAGE sql RETURN 1",
        "CREATE TYPE e AS ENUM ('a')",
    ] {
        let error = run(&session, &together(body), &mut Log::default()).await.unwrap_err();
        assert_says(&error, &["3F000", "public.t", ROLLED_BACK]);
    }
    let read = together("CREATE TABLE public.t ();\nSELECT * FROM t");
    let error = run(&session, &read, &mut Log::default()).await.unwrap_err();
    assert_says(&error, &["x.sql:5:", "42P01", "its schema (public.t)"]);
}

#[tokio::test]
async fn a_check_that_fails_before_the_commit_undoes_everything() {
    let database = testbed::server().database();
    let session = database.session("test").await;
    let script = together("CREATE TABLE public.t (); SELECT 1");
    let last = async |_: &Client| Err::<(), _>(Error::failed("the counts differ"));
    let failed =
        script::run(&session, &script, &Interrupt::default(), &mut Log::default(), last).await;
    assert_says(&failed.unwrap_err(), &["the counts differ", ROLLED_BACK]);
    assert!(!exists(&database, "t").await);

    let mut stop = BeforeSecond(async || Err(Error::failed("stopped by the reader")));
    let stopped = run(&session, &script, &mut stop).await.unwrap_err();
    assert_says(&stopped, &["stopped by the reader", ROLLED_BACK]);
    assert!(!exists(&database, "t").await);
}

#[tokio::test]
async fn a_commit_that_the_server_refuses_is_a_failure() {
    let database = testbed::server().database();
    let session = database.session("test").await;
    let script = together(
        "CREATE TABLE public.t (x int PRIMARY KEY, y int REFERENCES public.t DEFERRABLE INITIALLY DEFERRED);
         INSERT INTO public.t VALUES (1, 2)",
    );
    let mut log = Log::default();
    let error = run(&session, &script, &mut log).await.unwrap_err();
    assert_eq!(log.done.len(), 2, "each statement alone succeeds");
    assert_says(&error, &["x.sql: cannot commit", "23503", "(y)=(2)", ROLLED_BACK]);
    assert!(!exists(&database, "t").await);
}

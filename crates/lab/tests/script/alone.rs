//! `Runs: each statement alone`.

use crate::bench::{Log, alone, assert_says, exists, run, together};

const MAINTENANCE: &str = "CREATE TABLE public.t (x int);
VACUUM public.t;
CREATE INDEX CONCURRENTLY t_x ON public.t (x);
SELECT 1 / 0;
CREATE TABLE public.never ()";

#[tokio::test]
async fn what_was_done_stays_when_a_later_statement_fails() {
    let database = testbed::server().database();
    let session = database.session("test").await;
    let mut log = Log::default();
    let error = run(&session, &alone(MAINTENANCE), &mut log).await.unwrap_err();
    assert_says(&error, &["x.sql:7:", "SELECT 1 / 0", "22012", "3 of 5 statements are done"]);
    assert_eq!((log.begun.len(), log.done.len()), (4, 3));
    let valid =
        "SELECT count(*) FROM pg_index WHERE indexrelid = to_regclass('t_x') AND indisvalid";
    assert_eq!(database.query_one_i64(valid).await, 1);
    assert!(!exists(&database, "never").await);
}

#[tokio::test]
async fn the_same_statements_are_refused_in_one_transaction() {
    let database = testbed::server().database();
    let session = database.session("test").await;
    let error = run(&session, &together(MAINTENANCE), &mut Log::default()).await.unwrap_err();
    assert_says(&error, &["x.sql:5:", "VACUUM", "25001", "rolled back"]);
    assert!(!exists(&database, "t").await);
}

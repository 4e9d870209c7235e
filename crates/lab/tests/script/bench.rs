//! What the tests of the script runner work with.

use std::fs;
use std::time::Duration;

use lab::connect::Session;
use lab::interrupt::Interrupt;
use lab::script::{self, Observer, Outcome, Script, Scripts, Statement};
use testbed::{Database, until};

/// The line of the file on which a body begins.
pub const FIRST_LINE: usize = 4;

/// Loads a file with `body` below a header that says `runs`.
pub fn load(runs: &str, body: &str) -> lab::Result<Script> {
    let folder = tempfile::tempdir().unwrap();
    let text = format!("-- x.sql: a test\n-- Runs: {runs}\n\n{body}");
    fs::write(folder.path().join("x.sql"), text).unwrap();
    Scripts::new(Some(folder.path().to_owned())).unwrap().load("x.sql")
}

/// A script that is all or nothing.
pub fn together(body: &str) -> Script {
    load("in one transaction", body).unwrap()
}

/// A script whose statements commit one by one.
pub fn alone(body: &str) -> Script {
    load("each statement alone", body).unwrap()
}

/// Keeps what it is told.
#[derive(Default)]
pub struct Log {
    /// Numbers of the statements that were begun.
    pub begun: Vec<usize>,
    /// Line and rows of those that succeeded.
    pub done: Vec<(usize, u64)>,
}

impl Observer for Log {
    async fn before(&mut self, number: usize, _: &Statement) -> lab::Result<()> {
        self.begun.push(number);
        Ok(())
    }

    fn after(&mut self, statement: &Statement, outcome: &Outcome) -> lab::Result<()> {
        assert_eq!(statement.line, outcome.line);
        self.done.push((outcome.line, outcome.rows));
        Ok(())
    }
}

/// Does something before the second statement.
pub struct BeforeSecond<F>(pub F);

impl<F: AsyncFnMut() -> lab::Result<()>> Observer for BeforeSecond<F> {
    async fn before(&mut self, number: usize, _: &Statement) -> lab::Result<()> {
        if number == 2 { (self.0)().await } else { Ok(()) }
    }

    fn after(&mut self, _: &Statement, _: &Outcome) -> lab::Result<()> {
        Ok(())
    }
}

/// Runs it without interruption.
pub async fn run(
    session: &Session,
    script: &Script,
    observer: &mut impl Observer,
) -> lab::Result<()> {
    script::run(session, script, &Interrupt::default(), observer, async |_| Ok(())).await
}

/// Whether there is a relation of this name.
pub async fn exists(database: &Database, name: &str) -> bool {
    let count = format!("SELECT count(to_regclass('{name}'))");
    database.query_one_i64(&count).await == 1
}

/// Waits until a session of the database sleeps, and returns its process.
pub async fn sleeper(database: &Database) -> i64 {
    let pid = "SELECT coalesce(max(pid), 0)::bigint FROM pg_stat_activity
               WHERE wait_event = 'PgSleep' AND datname = current_database()";
    let mut found = 0;
    until(Duration::from_secs(30), "a session sleeps", async || {
        found = database.query_one_i64(pid).await;
        found != 0
    })
    .await;
    found
}

/// Fails with the whole text when a part of it is missing.
pub fn assert_says(error: &lab::Error, parts: &[&str]) {
    let text = error.to_string();
    for part in parts {
        assert!(text.contains(part), "{part:?} is not in:\n{text}");
    }
}

//! Running a script: statement by statement, timed, all or nothing where its header says so.

use std::time::{Duration, Instant};

use tokio_postgres::{Client, SimpleQueryMessage};

use super::{Runs, Script, Statement, excerpt};
use crate::connect::{Session, search_path};
use crate::interrupt::Interrupt;
use crate::{Context, Error, Result};

/// What became of one statement.
#[derive(Debug, Clone)]
pub struct Outcome {
    /// The line of the file on which it begins.
    pub line: usize,
    /// Rows it returned or changed.
    pub rows: u64,
    /// How long the server took, including the way there and back.
    pub elapsed: Duration,
}

/// What is told while a script runs.
pub trait Observer {
    /// Before statement `number` (from 1); may wait, and an error ends the script here.
    fn before(&mut self, number: usize, statement: &Statement) -> impl Future<Output = Result<()>>;
    /// After it succeeded; an error ends the script here, too.
    fn after(&mut self, statement: &Statement, outcome: &Outcome) -> Result<()>;
}

/// Tells nobody.
impl Observer for () {
    async fn before(&mut self, _: usize, _: &Statement) -> Result<()> {
        Ok(())
    }

    fn after(&mut self, _: &Statement, _: &Outcome) -> Result<()> {
        Ok(())
    }
}

const ROLLED_BACK: &str = "the script's transaction was rolled back: nothing was changed";

/// Runs all statements of `script`, and then `last` before the commit.
///
/// With `Runs: in one transaction` an error, an interruption or a failing `last` rolls back
/// everything; with `Runs: each statement alone` what is done stays. The error says which.
pub async fn run<T>(
    session: &Session,
    script: &Script,
    interrupt: &Interrupt,
    observer: &mut impl Observer,
    last: impl AsyncFnOnce(&Client) -> Result<T>,
) -> Result<T> {
    let client = session.client();
    if script.from_folder {
        // With pg_catalog in it, what is made without a schema would go there.
        client
            .batch_execute("SET search_path = ''")
            .await
            .context(|| "cannot set the search_path")?;
    }
    let in_transaction = script.header.runs == Runs::InOneTransaction;
    if in_transaction {
        client.batch_execute("BEGIN").await.context(|| "cannot begin a transaction")?;
    }
    let mut done = 0;
    let result = async {
        for (n, statement) in script.statements.iter().enumerate() {
            observer.before(n + 1, statement).await?;
            let outcome = execute(session, script, statement, interrupt).await?;
            done = n + 1;
            observer.after(statement, &outcome)?;
        }
        last(client).await
    };
    let result = match (result.await, in_transaction) {
        (Ok(value), true) => commit(client, script).await.map(|()| value),
        (Err(error), true) => {
            // Where the connection is gone, the server has rolled back by itself.
            let _ = client.batch_execute("ROLLBACK").await;
            Err(error.detail("state", ROLLED_BACK))
        }
        (result, false) => result.map_err(|error| {
            let all = script.statements.len();
            error.detail("state", format!("{done} of {all} statements are done, and stay so"))
        }),
    };
    if script.from_folder && result.is_ok() {
        client.batch_execute(search_path::SET).await.context(|| "cannot set the search_path")?;
    }
    result
}

async fn commit(client: &Client, script: &Script) -> Result<()> {
    let Err(error) = client.batch_execute("COMMIT").await else { return Ok(()) };
    let failed = Error::failed(format!("{}: cannot commit", script.path)).caused_by(&error);
    Err(failed.detail(
        "state",
        // A deferred constraint, say.
        if error.as_db_error().is_some() {
            ROLLED_BACK
        } else {
            "the answer was lost: either all that the script does was done, or nothing of it"
        },
    ))
}

/// Sends one statement; an interruption cancels it on the server.
async fn execute(
    session: &Session,
    script: &Script,
    statement: &Statement,
    interrupt: &Interrupt,
) -> Result<Outcome> {
    let start = Instant::now();
    let work = session.client().simple_query(&statement.sql);
    let result =
        session.canceller().unless_interrupted(interrupt, work).await?.ok_or_else(|| {
            Error::interrupted(format!("{}:{}: interrupted", script.path, statement.line))
        })?;
    let messages = result.map_err(|error| at(script, statement, &error))?;
    let rows = messages.iter().rev().find_map(|message| match message {
        SimpleQueryMessage::CommandComplete(rows) => Some(*rows),
        _ => None,
    });
    Ok(Outcome { line: statement.line, rows: rows.unwrap_or(0), elapsed: start.elapsed() })
}

/// The error with file, line and a caret under the place that the server names.
fn at(script: &Script, statement: &Statement, error: &tokio_postgres::Error) -> Error {
    let position = error.as_db_error().and_then(excerpt::position);
    let (line, excerpt) = shown(statement, position);
    Error::failed(format!("{}:{line}: a statement failed", script.path))
        .detail("statement", excerpt)
        .caused_by(error)
        .or_next("change what it names, there or in the database, then run the same command again")
}

/// The line of the file that `position` (in characters of the statement, from 1) points at, and
/// its text with a caret; without a position the statement's first lines.
fn shown(statement: &Statement, position: Option<usize>) -> (usize, String) {
    const LINES_WITHOUT_POSITION: usize = 3;
    const CHARACTERS_OF_A_LINE: usize = 200;
    if let Some(position) = position {
        let excerpt = excerpt::at(&statement.sql, position);
        return (statement.line + excerpt.row, excerpt.text);
    }
    let lines = statement.sql.lines().take(LINES_WITHOUT_POSITION);
    let lines: Vec<String> = lines.map(|line| excerpt::first(line, CHARACTERS_OF_A_LINE)).collect();
    (statement.line, lines.join("\n"))
}

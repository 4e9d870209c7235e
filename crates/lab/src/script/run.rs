//! Running a script: statement by statement, timed, all or nothing where its header says so.

use std::time::{Duration, Instant};

use tokio_postgres::{Client, SimpleQueryMessage};

use super::{Runs, Script, Statement};
use crate::connect::Session;
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

/// Runs all statements of `script`, and then `last` before the commit.
///
/// With `Runs: in one transaction` an error, an interruption or a failing `last` rolls back
/// everything; the error then says so.
pub async fn run<T>(
    session: &Session,
    script: &Script,
    interrupt: &Interrupt,
    observer: &mut impl Observer,
    last: impl AsyncFnOnce(&Client) -> Result<T>,
) -> Result<T> {
    let client = session.client();
    let in_transaction = script.header.runs == Runs::InOneTransaction;
    if in_transaction {
        client.batch_execute("BEGIN").await.context(|| "cannot begin a transaction")?;
    }
    let result = async {
        for (n, statement) in script.statements.iter().enumerate() {
            observer.before(n + 1, statement).await?;
            let outcome = execute(session, script, statement, interrupt).await?;
            observer.after(statement, &outcome)?;
        }
        last(client).await
    };
    match (result.await, in_transaction) {
        (Ok(value), true) => {
            client
                .batch_execute("COMMIT")
                .await
                .context(|| format!("{}: cannot commit", script.path))?;
            Ok(value)
        }
        (Err(error), true) => {
            // Where the connection is gone, the server has rolled back by itself.
            let _ = client.batch_execute("ROLLBACK").await;
            Err(error.detail(
                "state",
                "the script's transaction was rolled back: nothing of it was changed",
            ))
        }
        (result, false) => result,
    }
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
    let position = error.as_db_error().and_then(|db| match db.position() {
        Some(tokio_postgres::error::ErrorPosition::Original(at)) => Some(*at as usize),
        _ => None,
    });
    let (line, excerpt) = excerpt(statement, position);
    Error::failed(format!("{}:{line}: a statement failed", script.path))
        .detail("statement", excerpt)
        .caused_by(error)
}

/// The statement's line that `position` (in characters, from 1) points at, with a caret below it;
/// without a position its first lines.
fn excerpt(statement: &Statement, position: Option<usize>) -> (usize, String) {
    const LINES_WITHOUT_POSITION: usize = 3;
    let Some(position) = position else {
        let lines: Vec<&str> = statement.sql.lines().take(LINES_WITHOUT_POSITION).collect();
        return (statement.line, lines.join("\n"));
    };
    let before: String = statement.sql.chars().take(position.saturating_sub(1)).collect();
    let row = before.matches('\n').count();
    let column = before.chars().rev().take_while(|c| *c != '\n').count();
    let text = statement.sql.lines().nth(row).unwrap_or_default();
    (statement.line + row, format!("{text}\n{:column$}^", ""))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn points_at_the_word_that_the_server_names() {
        let sql = "SELECT größe,\n  wrong\nFROM t".to_owned();
        let statement = Statement { sql, line: 10, comment: Vec::new() };
        // PostgreSQL counts characters, from 1: `wrong` is the 17th.
        assert_eq!(excerpt(&statement, Some(17)), (11, "  wrong\n  ^".to_owned()));
        assert_eq!(excerpt(&statement, None).0, 10);
    }
}

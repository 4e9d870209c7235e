//! What a writer and a reader do, one operation after the other.

use std::time::{Duration, Instant};

use lab::connect::Session;
use lab::{Context, Result};
use tokio::sync::watch;
use tokio::time::timeout;
use tokio_postgres::Statement;
use tokio_postgres::types::ToSql;

use super::{Errors, Operation, PACE, Subject};

/// What a session did.
#[derive(Debug, Default)]
pub struct Done {
    pub operations: Vec<Operation>,
    pub errors: Errors,
    /// Of a writer: its rows that are there now.
    pub rows: Vec<(String, String)>,
    /// Changes acknowledged, and changes that found no row.
    pub changes: u64,
    pub not_found: u64,
    /// Of a reader: counts, by when.
    pub counts: Vec<(Duration, i64)>,
}

/// How long an operation may still wait when the load ends.
const PATIENCE: Duration = Duration::from_secs(10);

/// A session with its schedule.
pub struct Worker {
    pub session: Session,
    pub subject: Subject,
    pub number: usize,
    pub began: Instant,
    pub stop: watch::Receiver<bool>,
    pub done: Done,
}

/// What came of waiting for an answer.
enum Answer<T> {
    Got(T),
    Refused,
    /// The connection is gone, or the answer did not come although the load is over.
    Gone,
}

impl Worker {
    /// Inserts, updates, moves and deletes rows of its own until the load ends.
    pub async fn write(mut self) -> Result<Done> {
        let statements = self.subject.statements();
        let [insert, update, again, delete] =
            [statements.insert, statements.update, statements.again, statements.delete];
        let prepared = [
            self.prepare(insert).await?,
            self.prepare(update).await?,
            self.prepare(again).await?,
            self.prepare(delete).await?,
        ];
        let number = self.number.to_string();
        for n in 0.. {
            let Some(due) = self.next(n, true).await else { break };
            let date = self.subject.date(n * 31 + self.number);
            // A few rows first; then each kind in turn.
            let kind = if self.done.rows.len() < 6 { 0 } else { n % 4 };
            let at = n * 7 % self.done.rows.len().max(1);
            let row = self.done.rows.get(at).cloned().unwrap_or_default();
            let parameters: &[&(dyn ToSql + Sync)] = match kind {
                0 => &[&number, &date],
                2 => &[&row.0, &row.1, &date],
                _ => &[&row.0, &row.1],
            };
            let client = self.session.client();
            let work = client.query_opt(&prepared[kind], parameters);
            let answer = Self::answer(&mut self.stop, work).await;
            match self.record(true, due, answer) {
                Answer::Got(Some(row)) => {
                    self.done.changes += 1;
                    let values = (row.get(0), row.get(1));
                    match kind {
                        0 => self.done.rows.push(values),
                        3 => drop(self.done.rows.swap_remove(at)),
                        _ => self.done.rows[at] = values,
                    }
                }
                Answer::Got(None) => {
                    self.done.not_found += 1;
                    self.done.rows.swap_remove(at);
                }
                Answer::Refused => {}
                Answer::Gone => break,
            }
        }
        Ok(self.done)
    }

    /// Counts the rows with these ids until the load ends.
    pub async fn read(mut self, ids: Vec<i64>) -> Result<Done> {
        let count = self.prepare(self.subject.statements().count).await?;
        for n in 0.. {
            let Some(due) = self.next(n, false).await else { break };
            let parameters: [&(dyn ToSql + Sync); 1] = [&ids];
            let work = self.session.client().query_one(&count, &parameters);
            let answer = Self::answer(&mut self.stop, work).await;
            match self.record(false, due, answer) {
                Answer::Got(row) => self.done.counts.push((due, row.get(0))),
                Answer::Refused => {}
                Answer::Gone => break,
            }
        }
        Ok(self.done)
    }

    async fn prepare(&self, sql: &str) -> Result<Statement> {
        self.session.client().prepare(sql).await.context(|| "cannot prepare the load's statements")
    }

    /// Waits until operation `n` is due; `None` when the load has ended before.
    async fn next(&mut self, n: usize, writes: bool) -> Option<Duration> {
        let due = self.due(n);
        let wake = tokio::time::Instant::from_std(self.began + due);
        tokio::select! {
            biased;
            _ = self.stop.wait_for(|stop| *stop) => {}
            () = tokio::time::sleep_until(wake) => return Some(due),
        }
        // Whatever was due and not sent, because the one before it waited, has waited to the end.
        let now = self.began.elapsed();
        let waited = (n..).map(|n| self.due(n)).take_while(|due| *due < now);
        let waited: Vec<_> =
            waited.map(|due| Operation { writes, due, took: now.saturating_sub(due) }).collect();
        self.done.operations.extend(waited);
        None
    }

    /// When operation `n` is due: the sessions do not all begin at the same moment.
    fn due(&self, n: usize) -> Duration {
        let offset = PACE / 16 * u32::try_from(self.number % 16).unwrap_or_default();
        offset + PACE.saturating_mul(u32::try_from(n).unwrap_or(u32::MAX))
    }

    async fn answer<T>(
        stop: &mut watch::Receiver<bool>,
        work: impl Future<Output = Result<T, tokio_postgres::Error>>,
    ) -> Option<Result<T, tokio_postgres::Error>> {
        let mut work = std::pin::pin!(work);
        tokio::select! {
            answer = &mut work => return Some(answer),
            _ = stop.wait_for(|stop| *stop) => {}
        }
        timeout(PATIENCE, work).await.ok()
    }

    fn record<T>(
        &mut self,
        writes: bool,
        due: Duration,
        answer: Option<Result<T, tokio_postgres::Error>>,
    ) -> Answer<T> {
        let took = self.began.elapsed().saturating_sub(due);
        self.done.operations.push(Operation { writes, due, took });
        match answer {
            Some(Ok(value)) => Answer::Got(value),
            Some(Err(error)) => {
                self.done.errors.add(&error);
                if error.is_closed() { Answer::Gone } else { Answer::Refused }
            }
            None => Answer::Gone,
        }
    }
}

//! `--verify`: what the server acknowledged is there, and nothing else.

use backon::{ExponentialBuilder, Retryable};
use lab::connect::Session;
use lab::report::{Align, Table, count, mark};
use lab::{Context, Error, Result};
use serde::Serialize;

use crate::engine::Ever;
use crate::rows::Source;

/// One table's count, compared.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Verdict {
    /// The table's label.
    pub table: String,
    /// Rows before the first statement.
    pub before: u64,
    /// Rows after the last one.
    pub after: u64,
    /// Rows that the server acknowledged, warm-up included.
    pub acknowledged: u64,
    /// Rows of which nobody knew.
    pub in_doubt: u64,
    /// Of those, the ones that arrived.
    pub arrived: u64,
    /// Acknowledged rows that are not there.
    pub missing: u64,
    /// Rows that nobody sent, or that were sent and not acknowledged nor in doubt.
    pub invented: u64,
}

impl Verdict {
    fn new(table: &str, before: u64, after: u64, ever: Ever) -> Self {
        let Ever { acknowledged, in_doubt } = ever;
        let come = after.saturating_sub(before);
        let more = come.saturating_sub(acknowledged);
        Self {
            table: table.to_owned(),
            before,
            after,
            acknowledged,
            in_doubt,
            arrived: more.min(in_doubt),
            // Also when there are fewer rows than before.
            missing: (before + acknowledged).saturating_sub(after),
            invented: more.saturating_sub(in_doubt),
        }
    }

    /// Whether every acknowledged row is there, and none that nobody sent.
    pub fn holds(&self) -> bool {
        self.missing == 0 && self.invented == 0
    }
}

/// Rows of each table, now.
pub async fn rows(session: &Session, sources: &[Source]) -> Result<Vec<u64>> {
    let mut counts = Vec::new();
    for source in sources {
        // The name is quoted already.
        let sql = format!("SELECT count(*) FROM {}", source.table);
        let counted = session.client().query_one(&sql, &[]).await;
        let counted = counted.context(|| format!("cannot count the rows of {}", source.label))?;
        counts.push(u64::try_from(counted.get::<_, i64>(0)).unwrap_or(0));
    }
    Ok(counts)
}

/// A session to the server of `session`, which may have been restarted meanwhile: waits up to
/// half a minute for it.
pub async fn session_again(session: Session) -> Result<Session> {
    if !session.client().is_closed() && session.client().check_connection().await.is_ok() {
        return Ok(session);
    }
    let patience = ExponentialBuilder::new().with_jitter().with_max_times(5);
    let connector = session.connector();
    (|| connector.open()).retry(patience).sleep(tokio::time::sleep).await
}

/// Counts again and compares.
pub async fn verdicts(
    session: &Session,
    sources: &[Source],
    before: &[u64],
    ever: &[Ever],
) -> Result<Vec<Verdict>> {
    let after = rows(session, sources).await?;
    let tables = sources.iter().zip(before).zip(after).zip(ever);
    Ok(tables
        .map(|(((source, before), after), ever)| Verdict::new(&source.label, *before, after, *ever))
        .collect())
}

/// The verdicts for people.
pub fn render(verdicts: &[Verdict]) -> String {
    let mut table = Table::new(&[
        ("verified", Align::Left),
        ("before", Align::Right),
        ("acknowledged", Align::Right),
        ("in doubt", Align::Right),
        ("after", Align::Right),
        ("", Align::Left),
    ]);
    for verdict in verdicts {
        let found = if verdict.in_doubt > 0 {
            format!("{} ({} came)", count(verdict.in_doubt), count(verdict.arrived))
        } else {
            "0".to_owned()
        };
        table.row([
            verdict.table.clone(),
            count(verdict.before),
            count(verdict.acknowledged),
            found,
            count(verdict.after),
            mark(verdict.holds()).to_string(),
        ]);
    }
    table.to_string()
}

/// An error when one does not hold.
pub fn check(verdicts: &[Verdict]) -> Result<()> {
    let wrong = verdicts.iter().filter(|verdict| !verdict.holds());
    let wrong: Vec<_> = wrong
        .map(|verdict| match (verdict.missing, verdict.invented) {
            (0, more) => format!("{} has {more} rows more than were sent", verdict.table),
            (missing, _) => format!("{} lacks {missing} acknowledged rows", verdict.table),
        })
        .collect();
    if wrong.is_empty() {
        return Ok(());
    }
    Err(Error::failed("the rows in the tables are not those that were acknowledged")
        .because(wrong.join("; "))
        .next("run it again while nobody else writes to these tables; if it stays, see the server's fsync and synchronous_commit"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn verdict(before: u64, after: u64, acknowledged: u64, in_doubt: u64) -> Verdict {
        Verdict::new("t", before, after, Ever { acknowledged, in_doubt })
    }

    #[test]
    fn rows_in_doubt_may_have_come_or_not() {
        for (after, arrived) in [(110, 0), (112, 2), (113, 3)] {
            let verdict = verdict(100, after, 10, 3);
            assert!(verdict.holds(), "{verdict:?}");
            assert_eq!(verdict.arrived, arrived);
        }
    }

    #[test]
    fn what_was_acknowledged_must_be_there_and_nothing_else() {
        assert_eq!(verdict(100, 109, 10, 3).missing, 1);
        assert_eq!(verdict(100, 90, 10, 0).missing, 20);
        assert_eq!(verdict(100, 114, 10, 3).invented, 1);
        assert!(check(&[verdict(0, 1, 1, 0), verdict(0, 1, 2, 0)]).is_err());
        assert!(check(&[verdict(0, 1, 1, 0)]).is_ok());
    }
}

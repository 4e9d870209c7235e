//! What was there before the first row, and what has come since.

use std::time::Duration;

use lab::connect::Session;
use lab::{Error, Result};
use tokio::time::timeout;

use crate::engine::{Ever, Job};
use crate::rows::Source;
use crate::stats::{Stats, TableStats};
use crate::tables::{self, Inserted};
use crate::verify::{self, Verdict};

/// Counts from before the run.
pub struct Before {
    /// Where no insert answers which partition took its row.
    inserted: Option<Inserted>,
    /// Nobody asks, and the server's statistics cannot tell the rows of the warm-up from others.
    unknown: bool,
    /// For `--verify`.
    rows: Option<Vec<u64>>,
}

impl Before {
    /// Counts what will be compared.
    pub async fn look(
        verify: bool,
        job: &Job,
        session: &Session,
        sources: &[Source],
        tables: &[TableStats],
    ) -> Result<Self> {
        let unknown = !job.tracked && !job.warmup.is_zero();
        let inserted =
            if job.tracked || unknown { None } else { Some(Inserted::now(session, tables).await?) };
        let rows = if verify { Some(verify::rows(session, sources).await?) } else { None };
        Ok(Self { inserted, unknown, rows })
    }

    /// Fills in which partitions took the rows, where nobody asked yet, and returns a session to
    /// go on with. An error means that the server is away, when that matters; what is not known
    /// is then left out.
    pub async fn session(&self, session: Session, stats: &mut Stats) -> Result<Session> {
        let tables = &mut stats.tables;
        if self.unknown {
            tables::forget_unknown(tables, true);
        }
        let counted = self.inserted.is_some();
        if !counted && self.rows.is_none() && !tables::has_new_leaves(tables) {
            return Ok(session);
        }
        let found = async {
            let session = verify::session_again(session).await?;
            if let Some(before) = &self.inserted {
                before.fill(&session, tables).await?;
            }
            tables::name_new_leaves(&session, tables).await?;
            Ok(session)
        };
        let found = timeout(PATIENCE, found).await.unwrap_or_else(|_| {
            let patience = PATIENCE.as_secs();
            Err(Error::failed(format!("the server did not answer for {patience} s"))
                .next(lab::sqlstate::CONNECTION_LOST))
        });
        if found.is_err() {
            tables::forget_unknown(tables, counted);
        }
        found
    }

    /// Counts again, for `--verify`, in the session that there is.
    pub async fn verdicts(
        self,
        session: Result<Session>,
        sources: &[Source],
        ever: &[Ever],
    ) -> Result<Option<Vec<Verdict>>> {
        match self.rows {
            Some(before) => verify::verdicts(&session?, sources, &before, ever).await.map(Some),
            // Without a count to make, all that is missing are names.
            None => Ok(None),
        }
    }
}

/// How long the server may take to come back and to tell what its statistics say.
const PATIENCE: Duration = Duration::from_secs(45);

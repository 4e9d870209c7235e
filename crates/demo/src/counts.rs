//! What a statement wrote and how it was planned, which its plan does not say.

use lab::{Context, Result};
use tokio_postgres::Transaction;

const SESSION_COUNTS: &str = include_str!("../../../scripts/inspect/session_counts.sql");

/// Rows written and plans made: totals of a session, or what a statement added to them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Counts {
    /// Rows inserted into any table; of an UPDATE that moves a row, the row where it goes.
    pub inserted: u64,
    /// Rows updated in place.
    pub updated: u64,
    /// Rows deleted; of an UPDATE that moves a row, the row where it was.
    pub deleted: u64,
    /// Plans of prepared statements for the values at hand.
    pub custom_plans: u64,
    /// Uses of a prepared statement's plan for any values.
    pub generic_plans: u64,
}

impl Counts {
    /// The totals of this session so far.
    pub async fn read(transaction: &Transaction<'_>) -> Result<Self> {
        let what = || "cannot read what this session wrote";
        let row = transaction.query_one(SESSION_COUNTS, &[]).await.context(what)?;
        let count =
            |column: &str| row.try_get::<_, i64>(column).context(what).map(i64::unsigned_abs);
        Ok(Self {
            inserted: count("inserted")?,
            updated: count("updated")?,
            deleted: count("deleted")?,
            custom_plans: count("custom_plans")?,
            generic_plans: count("generic_plans")?,
        })
    }

    /// What was added since `earlier`.
    pub fn since(self, earlier: Self) -> Self {
        Self {
            inserted: self.inserted.saturating_sub(earlier.inserted),
            updated: self.updated.saturating_sub(earlier.updated),
            deleted: self.deleted.saturating_sub(earlier.deleted),
            custom_plans: self.custom_plans.saturating_sub(earlier.custom_plans),
            generic_plans: self.generic_plans.saturating_sub(earlier.generic_plans),
        }
    }
}

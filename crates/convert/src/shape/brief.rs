//! A few statements under locks that others wait behind, in as many attempts as it takes.

use lab::{Context, Result};

use crate::attempt::Attempts;
use crate::work::Work;

/// Runs `statements` in one transaction. `what` is what they do, as in "cannot add a check to orders".
///
/// Each attempt waits for locks only a moment, since everyone else waits behind it. When the budget is
/// spent, nothing has changed.
pub async fn briefly(work: &Work<'_>, what: String, statements: &[String]) -> Result<()> {
    let committing = format!("cannot {what}");
    let mut attempts = Attempts::new(work, what).await?;
    while attempts.lock(work, statements).await?.is_none() {
        attempts.pause(work, "somebody else held a lock").await?;
    }
    work.session.client().batch_execute("COMMIT").await.context(|| committing)
}

//! Locks that others hold: asked for within a moment, again and again, since whoever comes later waits behind who waits.

use std::time::Duration;

use backon::{ExponentialBuilder, Retryable};
use lab::app::App;
use lab::connect::Session;
use lab::{Error, Result};
use tokio_postgres::error::SqlState;

/// Half a minute.
const MOST_TIMES: usize = 40;

/// What `statement` comes to, which fails with `lock_not_available` while its lock is not free. `what` is for Ctrl-C.
pub async fn patiently<T, F>(
    app: &App,
    session: &Session,
    what: &str,
    statement: impl FnMut() -> F,
) -> Result<std::result::Result<T, tokio_postgres::Error>>
where
    F: Future<Output = std::result::Result<T, tokio_postgres::Error>>,
{
    let pauses = ExponentialBuilder::new()
        .with_min_delay(Duration::from_millis(50))
        .with_max_delay(Duration::from_secs(1))
        .with_jitter()
        .with_max_times(MOST_TIMES);
    let work = statement
        .retry(pauses)
        .sleep(tokio::time::sleep)
        .when(|error| error.code() == Some(&SqlState::LOCK_NOT_AVAILABLE));
    let done = session.canceller().unless_interrupted(&app.interrupt, work).await?;
    done.ok_or_else(|| Error::interrupted(format!("interrupted: {what}")))
}

//! What others are in the way of: tried within a moment, again and again, since whoever comes later waits behind who waits.

use std::time::Duration;

use backon::{ExponentialBuilder, Retryable};
use lab::app::App;
use lab::connect::Session;
use lab::{Error, Result};
use tokio_postgres::error::SqlState;

/// Half a minute.
const MOST_TIMES: usize = 40;

/// What `statement` comes to, tried again while it fails with one of `passing`. `what` is for Ctrl-C.
pub async fn patiently<T, F>(
    app: &App,
    session: &Session,
    what: &str,
    passing: &[SqlState],
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
        .when(|error| error.code().is_some_and(|code| passing.contains(code)));
    let done = session.canceller().unless_interrupted(&app.interrupt, work).await?;
    done.ok_or_else(|| Error::interrupted(format!("interrupted: {what}")))
}

//! The end of a run: what is in flight may finish, but not for ever.

use std::time::Duration;

use lab::connect::Session;
use tokio::time::{Instant, sleep, timeout};

use super::Shared;
use super::phase::Stage;

/// How long statements in flight may take after the end before they are cancelled.
const GRACE: Duration = Duration::from_secs(1);

/// How long the server may take to cancel them.
const OUT_OF_REACH: Duration = Duration::from_secs(5);

/// A request may overtake its statement, and then cancels nothing.
const CANCEL_AGAIN: Duration = Duration::from_millis(500);

/// Waits for the end, then cancels what does not end by itself, then gives it up.
pub async fn hurry(shared: &Shared, session: &Session) {
    shared.phase.reached(Stage::Ending).await;
    sleep(GRACE).await;
    let given_up = Instant::now() + OUT_OF_REACH;
    let mut again = None;
    while Instant::now() < given_up {
        if again.is_none() && session.client().is_closed() {
            let opened = timeout(CANCEL_AGAIN, session.connector().open()).await;
            again = opened.ok().and_then(Result::ok);
        }
        let client = again.as_ref().unwrap_or(session).client();
        let pids: Vec<i32> = super::lock(&shared.pids).iter().filter_map(|pid| *pid).collect();
        // By its name too: after a restart, somebody else may have the number.
        let cancel = "SELECT pg_cancel_backend(pid) FROM pg_stat_activity WHERE pid = ANY ($1)
            AND application_name = current_setting('application_name')";
        // Whether it worked shows in the statements' end; the server may be out of reach.
        let _ = timeout(CANCEL_AGAIN, client.execute(cancel, &[&pids])).await;
        sleep(CANCEL_AGAIN).await;
    }
    shared.phase.advance(Stage::Abandoned);
}

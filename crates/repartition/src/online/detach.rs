//! `detach --online`: the DETACH alone under a lock, for as long as it takes and not while it waits.
//!
//! `DETACH … CONCURRENTLY` would need no such lock, but is refused while there is a DEFAULT.

use std::time::Instant;

use convert::attempt::Attempts;
use convert::event::Event;
use convert::work::Work;
use lab::report::{duration, plural};
use lab::{Context, Result};

use crate::layout::{EVENTS, JANUARY, Layout};

/// What DETACH locks: the parent before its partitions, as every query does. A DEFAULT is among them,
/// for its bounds change.
fn locks(layout: &Layout) -> Vec<String> {
    const DEFAULT: &str = "event_logs_default";
    let leaves = layout.leaves(EVENTS).unwrap_or_default();
    let default = leaves.contains(&DEFAULT).then_some(DEFAULT);
    let lock = |what: String| format!("LOCK TABLE {what} IN ACCESS EXCLUSIVE MODE");
    let partitions = [Some(JANUARY), default].into_iter().flatten();
    let partitions = partitions.map(|partition| lock(format!("public.{partition}")));
    std::iter::once(lock(format!("ONLY public.{EVENTS}"))).chain(partitions).collect()
}

/// January is a table of its own afterwards; where an earlier run has seen to that, there is
/// nothing to do.
pub async fn detach(work: &Work<'_>, layout: &Layout) -> Result<()> {
    if layout.table(JANUARY).is_some() {
        work.observer.tell(Event::Note(format!("{JANUARY} was detached by an earlier run")));
        return Ok(());
    }
    let begun = Instant::now();
    let what = || format!("cannot detach {JANUARY} from {EVENTS}");
    let mut attempts = Attempts::new(work, format!("detach {JANUARY} from {EVENTS}")).await?;
    let locks = locks(layout);
    let granted = loop {
        if let Some(granted) = attempts.lock(work, &locks).await? {
            break granted;
        }
        attempts.pause(work, "others use the table without a moment's rest").await?;
    };
    let client = work.session.client();
    let detach = format!("ALTER TABLE public.{EVENTS} DETACH PARTITION public.{JANUARY}; COMMIT");
    if let Err(error) = client.batch_execute(&detach).await {
        // Where the connection is gone, the server has rolled back by itself.
        let _ = client.batch_execute("ROLLBACK").await;
        return Err(error).context(what);
    }
    let held = duration(granted.elapsed());
    let attempts = plural(attempts.made().into(), "attempt");
    work.observer.tell(Event::Ended(
        "detach",
        format!("locked for {held}, {attempts}"),
        begun.elapsed(),
    ));
    Ok(())
}

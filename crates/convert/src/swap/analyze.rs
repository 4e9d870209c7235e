//! Statistics of what is about to become live: fresh ones, however long ago the rows were copied.

use std::time::Instant;

use lab::{Context, Result};

use crate::event::Event;
use crate::request::Shape;
use crate::state::{Conversion, Side};
use crate::steps::{table_name, workers};
use crate::work::Work;

/// Analyses the target before it is swapped in for the first time or again. Autovacuum would see to its
/// partitions sooner or later, but never to the partitioned table. Nobody waits for it, and it waits for
/// nobody: a partition that autovacuum has in hand gets its statistics from that.
pub(super) async fn before(work: &Work<'_>, conversion: &Conversion) -> Result<()> {
    let moves_rows = conversion.design.request.shape != Shape::AttachOld;
    if moves_rows && conversion.live == Side::Source {
        target(work, conversion).await
    } else {
        Ok(())
    }
}

/// Where the old table was attached, the target holds rows only now.
pub(super) async fn after(work: &Work<'_>, conversion: &Conversion) -> Result<()> {
    let attached = conversion.design.request.shape == Shape::AttachOld;
    if attached && conversion.live == Side::Source {
        target(work, conversion).await
    } else {
        Ok(())
    }
}

async fn target(work: &Work<'_>, conversion: &Conversion) -> Result<()> {
    const STEP: &str = "analyze";
    let begun = Instant::now();
    work.observer.tell(Event::Begins(STEP));
    let target = table_name(work.session.client(), conversion, Side::Target).await?;
    let session = workers::open(work).await?;
    let analyzing = async {
        if work.pace.gentle {
            let delay = session.client().batch_execute("SET vacuum_cost_delay = '2ms'").await;
            delay.context(|| "cannot prepare a session")?;
        }
        let done = session.client().batch_execute(&format!("ANALYZE (SKIP_LOCKED) {target}")).await;
        done.context(|| format!("cannot analyse {target}"))
    };
    workers::uninterrupted(work, &session, analyzing).await?;
    work.observer.tell(Event::Ended(
        STEP,
        format!("statistics of {}", target.name),
        begun.elapsed(),
    ));
    Ok(())
}

//! Statistics of the target, gathered in a session of its own beside other work.

use lab::{Context, Result};

use super::{table_name, workers};
use crate::state::{Conversion, Side};
use crate::work::Work;

/// Autovacuum would see to the partitions, but never to the partitioned table.
pub async fn analyze(work: &Work<'_>, conversion: &Conversion) -> Result<()> {
    let target = table_name(work.session.client(), conversion, Side::Target).await?;
    let session = workers::open(work).await?;
    let analyzing = async {
        let done = session.client().batch_execute(&format!("ANALYZE {target}")).await;
        done.context(|| format!("cannot analyse {target}"))
    };
    workers::uninterrupted(work, &session, analyzing).await
}

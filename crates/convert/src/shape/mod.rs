//! What becomes of the table: the shapes of a conversion, and how each puts its target in place.

pub(crate) mod attach_old;
pub(crate) mod brief;
mod clear;
pub(crate) mod proof;
mod split;
mod subject;

pub use attach_old::ROWS_BACK;
pub use clear::clear;
pub use subject::{Bucket, Buckets, Subject, subject};

use lab::Result;
use lab::catalog::Name;
use tokio_postgres::Client;

use crate::moves::{self, Exchange, Turn, around};
use crate::request::Shape;
use crate::state::{Conversion, Side};
use crate::work::Work;

/// Does what must be done before [`exchange`] and needs no lock that others would wait behind for long.
/// Does nothing where that has been done.
pub async fn ready(work: &Work<'_>, conversion: &Conversion) -> Result<()> {
    match conversion.design.request.shape {
        Shape::Split => split::ready(work, conversion).await,
        Shape::AttachOld => attach_old::ready(work, conversion).await,
        Shape::Table | Shape::Copy { .. } => Ok(()),
    }
}

/// Where the rows of one side are read, when it is not the side's own table: partitions that hang below a
/// parent are read through that.
pub(crate) async fn rows(
    client: &Client,
    conversion: &Conversion,
    side: Side,
) -> Result<Option<Name>> {
    match (&conversion.design.source.parent, hangs_elsewhere(conversion, side)) {
        (Some(parent), true) => Ok(around::names(client, &[parent.oid]).await?.pop()),
        _ => Ok(None),
    }
}

/// The tables beneath which all rows of one side are: its own, or its partitions where these hang
/// below a parent.
pub(crate) async fn roots(
    client: &Client,
    conversion: &Conversion,
    side: Side,
) -> Result<Vec<u32>> {
    if hangs_elsewhere(conversion, side) {
        return split::live_partitions(client, conversion).await;
    }
    Ok(vec![conversion.oid(side)?])
}

/// The tables beneath which all rows of the shadow are once it is live.
pub(crate) fn roots_when_live(turn: &Turn<'_>) -> Vec<u32> {
    let shadow = turn.shadow;
    if turn.design.request.shape == Shape::Split && turn.side == Side::Source {
        // They hang elsewhere then.
        return shadow.tree.iter().copied().filter(|oid| *oid != shadow.oid).collect();
    }
    vec![shadow.oid]
}

/// Whether the partitions of the target hang below the parent, as they do once they are live.
fn hangs_elsewhere(conversion: &Conversion, side: Side) -> bool {
    let is_split = conversion.design.request.shape == Shape::Split;
    is_split && side == Side::Target && conversion.live == Side::Target
}

/// What a conversion's end locks and drops beside what every one does.
#[derive(Debug, Default)]
pub struct Ending {
    /// Tables that its triggers are on.
    pub locked: Vec<Name>,
    /// Tables that go.
    pub dropped: Vec<Name>,
}

/// What the end of `conversion` is to lock and to drop: finished, the old table where it does not stay;
/// aborted, the target.
pub async fn ending(client: &Client, conversion: &Conversion, is_finished: bool) -> Result<Ending> {
    let dropped = match (is_finished, &conversion.design.request.shape) {
        // It is a partition now.
        (true, Shape::AttachOld) => Vec::new(),
        // The staging table stands empty.
        (true, Shape::Split) => {
            [Some(conversion.source), conversion.target].into_iter().flatten().collect()
        }
        (true, _) => vec![conversion.source],
        (false, _) => conversion.target.into_iter().collect(),
    };
    let mut locked = vec![conversion.oid(conversion.live)?];
    if hangs_elsewhere(conversion, Side::Target) {
        locked.extend(split::live_partitions(client, conversion).await?);
    }
    Ok(Ending {
        locked: around::names(client, &locked).await?,
        dropped: around::names(client, &dropped).await?,
    })
}

/// What makes the shadow live. Reads what it needs beyond `turn` before any lock is held.
pub async fn exchange(client: &Client, turn: &Turn<'_>) -> Result<Exchange> {
    match &turn.design.request.shape {
        Shape::Table => Ok(moves::table(turn)),
        Shape::Copy { name } => Ok(moves::copy(turn, name)),
        Shape::Split => split::exchange(client, turn).await,
        Shape::AttachOld => attach_old::exchange(client, turn).await,
    }
}

//! Shape `AttachOld`: the table itself becomes the first partition of a new one, and no row moves.
//!
//! The new partitioned table, with its partitions ahead of time, is the target; it is empty. What makes
//! the moment short in which the old table becomes its partition is made beforehand ([`ready`]): a
//! validated CHECK for the bound, and a unique index with the partition column, built concurrently, for
//! each key that lacks it. PostgreSQL then adopts what there is, and scans nothing.

mod exchange;
mod identity;
mod index;
mod ready;

pub use ready::ROWS_BACK;

use lab::{Error, Result};
use tokio_postgres::Client;

use crate::design::Design;
use crate::layout::Part;
use crate::moves::{self, Exchange, Turn};
use crate::portrait::{self, Portrait};
use crate::state::{Conversion, Side};
use crate::work::Work;

/// The name of the CHECK that proves the old table's bound.
fn bound_check(conversion: i64) -> String {
    format!("partition_convert_{conversion}_bound")
}

/// The old table as a partition: its name then, and its bound.
fn old_part(design: &Design) -> Result<&Part> {
    design
        .layout
        .parts
        .first()
        .ok_or_else(|| Error::failed(format!("{} has no partition to become", design.source.name)))
}

/// The step of `run`: everything that takes long. A sentence for people.
pub async fn check(work: &Work<'_>, conversion: &Conversion) -> Result<String> {
    ready(work, conversion).await?;
    let part = old_part(&conversion.design)?;
    Ok(format!("every row is within {}", part.bound.trim_start_matches("FOR VALUES ")))
}

/// Does what can be done before the tables are locked.
pub async fn ready(work: &Work<'_>, conversion: &Conversion) -> Result<()> {
    let client = work.session.client();
    let Some(target) = conversion.target else { return Ok(()) };
    let source = portrait::read(client, conversion.source).await?;
    let target = portrait::read(client, target).await?;
    match conversion.live {
        Side::Source => ready::there(work, conversion, &source, &target).await,
        Side::Target => ready::back(work, conversion, &source, &target).await,
    }
}

/// What makes the new table live, or the old one again.
pub async fn exchange(client: &Client, turn: &Turn<'_>) -> Result<Exchange> {
    match turn.side {
        Side::Source => {
            let mut ours = own_indexes(turn.design, turn.id)?;
            ours.push(bound_check(turn.id));
            moves::additions(turn, &ours)?;
            Ok(exchange::there(turn, old_part(turn.design)?))
        }
        Side::Target => {
            let indexes = index::attached(client, turn.live, turn.shadow.oid).await?;
            let identities = identity::again(client, turn).await?;
            Ok(exchange::back(turn, &indexes, &identities))
        }
    }
}

/// Drops the indexes that [`ready`] built, where the exchange that needs them never came.
pub async fn forget_indexes(client: &Client, conversion: &Conversion) -> Result<()> {
    let source = portrait::read(client, conversion.source).await?;
    for unused in own_indexes(&conversion.design, conversion.id)? {
        index::drop_unused(client, &source, &unused).await?;
    }
    Ok(())
}

/// Names of the indexes that [`ready`] builds on the old table, for the way there and the way back.
fn own_indexes(design: &Design, conversion: i64) -> Result<Vec<String>> {
    let mut names = Vec::new();
    for index::Rebuilt { wanted, .. } in index::rebuilt(design) {
        names.extend([index::leaf_name(design, wanted)?, index::back_name(conversion, wanted)]);
    }
    Ok(names)
}

fn name(portrait: &Portrait) -> lab::catalog::Name {
    lab::catalog::Name::new(&portrait.schema, &portrait.name)
}

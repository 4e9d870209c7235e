//! Live and shadow change places, forth and back, and the ways to end a conversion.

mod analyze;
mod ending;
mod exchange;
mod matview;
mod reading;
mod settle;
mod unseen;

use lab::{Context, Error, Result};
use tokio_postgres::types::ToSql;

pub use ending::{abort, ended, finish, finished, leave};
pub use exchange::Exchanged;
pub use settle::settle;

use crate::state::{Conversion, Phase};
use crate::work::Work;

/// Puts the target in the source's place. On one that is swapped already, does what that swap left.
pub async fn swap(work: &Work<'_>, conversion: &Conversion) -> Result<Exchanged> {
    let name = conversion.name();
    match conversion.phase {
        Phase::Ready => exchange::exchange(work, conversion, &format!("swap {name}")).await,
        Phase::Swapped => {
            let settled = settle(work, conversion.id).await?;
            Ok(Exchanged { settled, ..Exchanged::default() })
        }
        phase => Err(Error::failed(format!("cannot swap {name}: it is only {phase}"))
            .because("source and target were not found equal yet")
            .next(format!("cargo run -p convert -- run {name} …"))),
    }
}

/// Puts the source back into its place, with all changes that were made since the swap. On one that
/// is rolled back already, does what that rollback left.
pub async fn rollback(work: &Work<'_>, conversion: &Conversion) -> Result<Exchanged> {
    let name = conversion.name();
    if conversion.phase == Phase::Ready && is_rolled_back(work, conversion).await? {
        let settled = settle(work, conversion.id).await?;
        return Ok(Exchanged { settled, ..Exchanged::default() });
    }
    if conversion.phase != Phase::Swapped {
        return Err(Error::failed(format!("cannot roll back {name}: it is {}", conversion.phase))
            .because("only a swap can be rolled back")
            .next(format!("cargo run -p convert -- abort {name}")));
    }
    exchange::exchange(work, conversion, &format!("roll back {name}")).await
}

/// Whether the last exchange was a rollback: a command that was killed after it is told so the next time.
async fn is_rolled_back(work: &Work<'_>, conversion: &Conversion) -> Result<bool> {
    let what = || format!("cannot read what was done with {}", conversion.name());
    let last = "SELECT step = $3 FROM partition_convert.steps \
                WHERE conversion = $1 AND step IN ($2, $3) ORDER BY ended_at DESC LIMIT 1";
    let client = work.session.client();
    let parameters: [&(dyn ToSql + Sync); 3] =
        [&conversion.id, &exchange::SWAP, &exchange::ROLLBACK];
    match client.query_opt(last, &parameters).await.context(what)? {
        Some(row) => row.try_get(0).context(what),
        None => Ok(false),
    }
}

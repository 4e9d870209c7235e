//! Index: what the copy took twice is deleted, then each leaf gets its indexes, several at a time.
//!
//! The gentle way what is unique comes before the rows, and the other indexes of a small table after them: a row is
//! copied several times faster then. A build has no rests, nor has the writing of its file: where that would take long
//! it comes before the rows, too.

mod build;
mod finish;
mod name;

use std::cell::{Cell, RefCell};
use std::time::Instant;

use lab::catalog::Name;
use lab::report::plural;
use lab::{Context, Result};
use tokio::sync::Mutex;
use tokio_postgres::Client;

use self::finish::Part;
use super::catch_up::{self, Trickle};
use super::replay::Replay;
use super::{table_name, workers};
use crate::event::{Event, Point};
use crate::state::{Conversion, Side};
use crate::work::Work;

/// A leaf of the target.
#[derive(Debug, Clone)]
pub struct Leaf {
    oid: u32,
    name: Name,
}

/// Builds what is not there yet, up to phase `Indexed`. A sentence for people.
pub async fn index(work: &Work<'_>, conversion: &mut Conversion) -> Result<String> {
    let has_keys = finish::has_keys(work.session.client(), conversion).await?;
    let part = if has_keys { Part::Rest } else { Part::All };
    let said = build(work, conversion, part).await?;
    work.observer.at(Point::Indexed).await?;
    Ok(said)
}

/// The gentle way: what comes before the rows, up to phase `Keyed`. A sentence for people.
pub async fn first(work: &Work<'_>, conversion: &mut Conversion) -> Result<String> {
    let part = if is_small(work, conversion).await? { Part::Keys } else { Part::Early };
    let said = build(work, conversion, part).await?;
    work.observer.at(Point::Keyed).await?;
    Ok(said)
}

async fn build(work: &Work<'_>, conversion: &mut Conversion, part: Part) -> Result<String> {
    let leaves = leaves(work.session.client(), conversion).await?;
    if part != Part::Rest {
        if work.guards.delete_logged {
            delete_logged(work, conversion, &leaves).await?;
        }
        work.observer.at(Point::LoggedKeysDeleted).await?;
    }
    let indexes = build::missing(work.session.client(), conversion, &leaves, part).await?;
    let replaying = match part {
        Part::Rest => Some(Mutex::new(Trickle::new(work, conversion, Side::Source).await?)),
        Part::Keys | Part::Early | Part::All => None,
    };
    let (all, made) = (indexes.len() as u64, Cell::new(0));
    let left = RefCell::new(indexes.into_iter());
    let building = Box::pin(workers::each(work, work.pace.workers, async |_, session| {
        let client = session.client();
        build::settings(client, all, work.pace.workers).await?;
        loop {
            // In a statement of its own: what is borrowed is given back before the next one waits.
            let next = left.borrow_mut().next();
            let Some(index) = next else { return Ok(()) };
            let begun = Instant::now();
            workers::uninterrupted(work, session, index.build(client)).await?;
            made.set(made.get() + 1);
            work.observer.tell(Event::Progress(made.get(), all));
            if let Some(trickle) = &replaying {
                workers::rest(work, &work.pace, 1, begun).await?;
                trickle.lock().await.shorten(work).await?;
            }
        }
    }));
    if replaying.is_some() {
        catch_up::on_session(work, building).await?;
    } else {
        building.await?;
    }
    let finishing = finish::finish(work, conversion, &leaves, part);
    workers::uninterrupted(work, work.session, finishing).await?;
    let each = match part {
        Part::Rest => all / (leaves.len() as u64).max(1),
        _ => conversion.design.indexes.iter().filter(|index| part.has(index)).count() as u64,
    };
    let each = match each {
        0 => "nothing left to build".to_owned(),
        1 => "1 index".to_owned(),
        _ => format!("{each} indexes"),
    };
    Ok(format!("{each} on {}", plural(leaves.len() as u64, "partition")))
}

/// Whether all that is to be copied is in no more blocks than a small table has.
async fn is_small(work: &Work<'_>, conversion: &Conversion) -> Result<bool> {
    let what = || format!("cannot read how big {} is", conversion.name());
    let blocks = "SELECT coalesce(sum(end_block - first_block), 0)::bigint
        FROM partition_convert.segments WHERE conversion = $1";
    let row = work.session.client().query_one(blocks, &[&conversion.id]).await.context(what)?;
    let blocks: i64 = row.try_get(0).context(what)?;
    Ok(blocks.unsigned_abs() <= work.pace.small)
}

/// The target's leaves, the biggest first: so all workers end at about the same time.
async fn leaves(client: &Client, conversion: &Conversion) -> Result<Vec<Leaf>> {
    let what = || "cannot read the partitions of the target";
    let rows = client
        .query(
            "SELECT c.oid, n.nspname::text, c.relname::text
             FROM pg_partition_tree($1::oid::regclass) t
             JOIN pg_class c ON c.oid = t.relid JOIN pg_namespace n ON n.oid = c.relnamespace
             WHERE t.isleaf AND c.relkind <> 'p'
             ORDER BY pg_relation_size(c.oid) DESC, c.oid",
            &[&conversion.oid(Side::Target)?],
        )
        .await
        .context(what)?;
    let leaf = |row: &tokio_postgres::Row| {
        let (schema, name): (&str, &str) = (row.try_get(1)?, row.try_get(2)?);
        Ok(Leaf { oid: row.try_get(0)?, name: Name::new(schema, name) })
    };
    rows.iter().map(leaf).collect::<Result<_, tokio_postgres::Error>>().context(what)
}

/// Deletes from the target every row that the log names: one that was updated while it was copied
/// may be there twice, in an old version and a new one, and no key forbids it yet. The log keeps
/// its entries, so catching up puts the row back as it is.
async fn delete_logged(work: &Work<'_>, conversion: &Conversion, leaves: &[Leaf]) -> Result<()> {
    let client = work.session.client();
    let replay = Replay::new(client, conversion, Side::Source).await?;
    let sql = format!("SELECT EXISTS (SELECT FROM {})", replay.log);
    let what = || format!("cannot read the log of {}", replay.from);
    let logged: bool = client.query_one(&sql, &[]).await.context(what)?.try_get(0).context(what)?;
    if !logged {
        return Ok(());
    }
    client.batch_execute(&format!("ANALYZE {}", replay.log)).await.context(what)?;
    let left = RefCell::new(leaves.iter());
    workers::each(work, work.pace.workers, async |_, session| {
        loop {
            let next = left.borrow_mut().next();
            let Some(leaf) = next else { return Ok(()) };
            let deleting = async {
                let sql = replay.delete_logged(&leaf.name);
                let what = || format!("cannot delete what was logged from {}", leaf.name);
                session.client().execute(&sql, &[]).await.context(what)
            };
            workers::uninterrupted(work, session, deleting).await?;
        }
    })
    .await?;
    Ok(())
}

/// Where the target stands, as the statements of this step name it.
async fn target(client: &Client, conversion: &Conversion) -> Result<Name> {
    table_name(client, conversion, Side::Target).await
}

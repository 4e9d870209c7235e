//! Index: what the copy took twice is deleted, then each leaf gets its indexes, several at a time.

mod build;
mod finish;
mod name;

use std::cell::{Cell, RefCell};

use lab::catalog::Name;
use lab::report::plural;
use lab::{Context, Result};
use tokio_postgres::Client;

use self::finish::Part;
use super::replay::Replay;
use super::{catch_up, table_name, workers};
use crate::event::{Event, Point};
use crate::state::{Conversion, Side};
use crate::work::Work;

/// A leaf of the target.
#[derive(Debug, Clone)]
pub struct Leaf {
    oid: u32,
    /// As it is now.
    pub name: Name,
}

/// Builds what is not there yet, up to phase `Indexed`. A sentence for people.
pub async fn index(work: &Work<'_>, conversion: &mut Conversion) -> Result<String> {
    let said = build(work, conversion, Part::All).await?;
    work.observer.at(Point::Indexed).await?;
    Ok(said)
}

/// The gentle way: indexes and keys before there are rows, up to phase `Keyed`. A sentence for people.
pub async fn first(work: &Work<'_>, conversion: &mut Conversion) -> Result<String> {
    let said = build(work, conversion, Part::Keys).await?;
    work.observer.at(Point::Keyed).await?;
    Ok(said)
}

/// The gentle way: what is left when the rows are there, up to phase `Indexed`.
pub async fn complete(work: &Work<'_>, conversion: &mut Conversion) -> Result<()> {
    if !conversion.design.side_tables().is_empty() {
        // What is left of the log is replayed in one transaction.
        catch_up::until_short(work, conversion).await?;
    }
    let leaves = leaves(work.session.client(), conversion).await?;
    let finishing = finish::finish(work, conversion, &leaves, Part::Rest);
    workers::uninterrupted(work, work.session, finishing).await?;
    work.observer.at(Point::Indexed).await
}

async fn build(work: &Work<'_>, conversion: &mut Conversion, part: Part) -> Result<String> {
    let leaves = leaves(work.session.client(), conversion).await?;
    if work.guards.delete_logged {
        delete_logged(work, conversion, &leaves).await?;
    }
    work.observer.at(Point::LoggedKeysDeleted).await?;
    let indexes = build::missing(work.session.client(), conversion, &leaves).await?;
    let (all, made) = (indexes.len() as u64, Cell::new(0));
    let left = RefCell::new(indexes.into_iter());
    workers::each(work, work.pace.workers, async |_, session| {
        let client = session.client();
        build::settings(client, all, work.pace.workers).await?;
        loop {
            // In a statement of its own: what is borrowed is given back before the next one waits.
            let next = left.borrow_mut().next();
            let Some(index) = next else { return Ok(()) };
            workers::uninterrupted(work, session, index.build(client)).await?;
            made.set(made.get() + 1);
            work.observer.tell(Event::Progress(made.get(), all));
        }
    })
    .await?;
    let finishing = finish::finish(work, conversion, &leaves, part);
    workers::uninterrupted(work, work.session, finishing).await?;
    let each = conversion.design.indexes.len() as u64;
    let each = if each == 1 { "1 index".to_owned() } else { format!("{each} indexes") };
    Ok(format!("{each} on {}", plural(leaves.len() as u64, "partition")))
}

/// The target's leaves, the biggest first: so all workers end at about the same time.
pub async fn leaves(client: &Client, conversion: &Conversion) -> Result<Vec<Leaf>> {
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

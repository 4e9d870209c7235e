//! Validate: source and target compared in one snapshot, row by row, without bringing rows here.
//!
//! Each row becomes a hash; count and sum of these are compared. When they differ, rows fall into
//! buckets by their hash, and a row that differs changes the bucket that it is in on either side. Rows
//! whose keys are in the log are left out on both sides: they are known to be on their way.

mod difference;
mod hash;
mod snapshot;

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::time::Instant;

use lab::connect::Session;
use lab::report::plural;
use lab::{Context, Error, Result};
use serde::Serialize;
use tokio::sync::Mutex;
use tokio_postgres::Client;

pub use self::difference::Difference;
use self::hash::Hashing;
use self::snapshot::{Chunk, Snapshot};
use super::catch_up::{self, Trickle};
use super::ready::ready;
use super::{drift, machinery, workers};
use crate::event::{Event, Point};
use crate::shape;
use crate::state::{Conversion, Side};
use crate::work::Work;

/// How two tables compare.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Comparison {
    /// Rows of the source that were compared.
    pub source_rows: u64,
    /// Rows of the target that were compared.
    pub target_rows: u64,
    /// Entries of the live table's log in the snapshot; rows under their keys were left out.
    pub logged: u64,
    /// Whether nothing differs.
    pub equal: bool,
    /// The first rows that differ, in the order of their keys' text.
    pub differences: Vec<Difference>,
    /// [`files`] of the live table, which was not rewritten meanwhile.
    #[serde(skip)]
    pub files: String,
}

/// Count and sum of hashes by bucket.
type Buckets = BTreeMap<i64, (i64, i128)>;

/// Compares source and target in one snapshot, `Pace::workers` sessions at a time.
pub async fn compare(work: &Work<'_>, conversion: &Conversion) -> Result<Comparison> {
    compared(work, conversion, None).await
}

/// The same at a gentle pace, which takes its time: what is written meanwhile is replayed beside it.
async fn compare_beside(work: &Work<'_>, conversion: &Conversion) -> Result<Comparison> {
    // An entry is looked for in each chunk, so there should be few.
    catch_up::until_short(work, conversion).await?;
    let replaying = Mutex::new(Trickle::new(work, conversion, conversion.live).await?);
    let comparing = compared(work, conversion, Some(&replaying));
    catch_up::on_session(work, Box::pin(comparing)).await
}

async fn compared(
    work: &Work<'_>,
    conversion: &Conversion,
    replaying: Option<&Mutex<Trickle>>,
) -> Result<Comparison> {
    let snapshot = Snapshot::take(work, conversion).await?;
    let hashing = Hashing::new(snapshot.session.client(), conversion, &snapshot).await?;
    let [source, target] = read(work, &snapshot, replaying, |chunk| hashing.sum(chunk)).await?;
    let mut differences = Vec::new();
    if source != target {
        let [source, target] =
            read(work, &snapshot, replaying, |chunk| hashing.sums(chunk)).await?;
        let differing: Vec<i64> =
            (0..hash::BUCKETS).filter(|bucket| source.get(bucket) != target.get(bucket)).collect();
        let naming = difference::name(&snapshot, &hashing, &differing);
        differences = workers::uninterrupted(work, &snapshot.session, naming).await?;
    }
    let rows = |buckets: &Buckets| buckets.values().map(|(rows, _)| rows.unsigned_abs()).sum();
    Ok(Comparison {
        source_rows: rows(&source),
        target_rows: rows(&target),
        logged: snapshot.logged,
        equal: source == target,
        differences,
        files: snapshot.files.clone(),
    })
}

/// The buckets of both sides, source first: what `statement` says of each part of a chunk, added up. The workers share
/// what replays between two parts; at a gentle pace there is only one.
async fn read(
    work: &Work<'_>,
    snapshot: &Snapshot,
    replaying: Option<&Mutex<Trickle>>,
    statement: impl Fn(&Chunk) -> String,
) -> Result<[Buckets; 2]> {
    let (all, done) = (snapshot.chunks.len() as u64, Cell::new(0));
    let left = RefCell::new(snapshot.chunks.iter());
    let sums = RefCell::new([Buckets::new(), Buckets::new()]);
    workers::each(work, work.pace.workers, async |_, session| {
        snapshot.share(session).await?;
        loop {
            let next = left.borrow_mut().next();
            let Some(chunk) = next else { return snapshot::leave(session).await };
            for part in chunk.parts(work.pace.gentle) {
                let begun = Instant::now();
                let sum = sum(session, &part, statement(&part));
                let found = workers::uninterrupted(work, session, sum).await?;
                for (bucket, (rows, total)) in found {
                    let side = usize::from(part.side == Side::Target);
                    add(&mut sums.borrow_mut()[side], bucket, rows, total);
                }
                workers::rest(work, &work.pace, 1, begun).await?;
                if let Some(trickle) = replaying {
                    trickle.lock().await.at_intervals(work).await?;
                }
            }
            done.set(done.get() + 1);
            work.observer.tell(Event::Progress(done.get(), all));
        }
    })
    .await?;
    Ok(sums.into_inner())
}

fn add(buckets: &mut Buckets, bucket: i64, rows: i64, total: i128) {
    let sum = buckets.entry(bucket).or_default();
    sum.0 += rows;
    sum.1 = sum.1.wrapping_add(total);
}

/// Count and sum of a chunk's rows.
async fn sum(session: &Session, chunk: &Chunk, statement: String) -> Result<Buckets> {
    let what = || format!("cannot read {}", chunk.leaf);
    let rows = session.client().query(&statement, &[]).await.context(what)?;
    let mut buckets = Buckets::new();
    for row in &rows {
        let total: &str = row.try_get(2).context(what)?;
        let total = total.parse().context(what)?;
        buckets.insert(row.try_get(0).context(what)?, (row.try_get(1).context(what)?, total));
    }
    Ok(buckets)
}

/// The step of `run`. A sentence for people.
pub async fn step(work: &Work<'_>, conversion: &mut Conversion) -> Result<String> {
    let comparison = if work.pace.gentle {
        Box::pin(compare_beside(work, conversion)).await?
    } else {
        compare(work, conversion).await?
    };
    if !comparison.equal {
        return Err(differ(conversion, &comparison));
    }
    shape::ready(work, conversion).await?;
    remember(work.session.client(), conversion, &comparison).await?;
    ready(work, conversion).await?;
    work.observer.at(Point::Validated).await?;
    Ok(format!("source and target are equal: {}", plural(comparison.source_rows, "row")))
}

/// An expression for the files that hold the rows of `tables` and their partitions, and for the log's triggers on
/// them. Another value means that one was rewritten, be it by VACUUM FULL or by an ALTER TABLE that changed every
/// row, or that it was without its trigger for a while: disabled, or detached and attached again.
#[must_use]
pub fn files(conversion: i64, tables: &[u32]) -> String {
    let roots: Vec<String> = tables.iter().map(|oid| format!("({oid}::oid)")).collect();
    format!(
        "(WITH roots (oid) AS (VALUES {}), tree (oid) AS ( \
             SELECT p.relid::oid FROM roots, pg_partition_tree(roots.oid::regclass) AS p \
             UNION SELECT oid FROM roots) \
         SELECT md5(string_agg(concat_ws(' ', tree.oid, pg_relation_filenode(tree.oid), \
             (SELECT g.xmin FROM pg_trigger AS g WHERE g.tgrelid = tree.oid AND g.tgname = '{}')), ',' ORDER BY tree.oid)) \
         FROM tree)",
        roots.join(", "),
        machinery::trigger(conversion)
    )
}

/// Keeps in mind which files of the live table were compared.
pub async fn remember(
    client: &Client,
    conversion: &Conversion,
    comparison: &Comparison,
) -> Result<()> {
    client
        .execute(
            "UPDATE partition_convert.conversions SET files = $2 WHERE id = $1",
            &[&conversion.id, &comparison.files],
        )
        .await
        .context(|| format!("cannot write down that {} was compared", conversion.name()))?;
    Ok(())
}

/// What to say when they are not.
#[must_use]
pub fn differ(conversion: &Conversion, comparison: &Comparison) -> Error {
    let error = Error::failed(format!(
        "{} and {} differ",
        conversion.name(),
        conversion.design.target_name
    ))
    .because(format!(
        "the source has {}, the target {}",
        plural(comparison.source_rows, "row"),
        plural(comparison.target_rows, "row")
    ));
    let error = comparison
        .differences
        .iter()
        .fold(error, |error, difference| error.because(difference.to_string()));
    error
        .next("look into these rows; was one of the two tables written to with triggers disabled?")
        .next(drift::abort(&conversion.name()))
}

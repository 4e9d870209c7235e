//! The gentle copy: a few blocks at a time, with rests, into a target that has its keys already.
//!
//! A row that moves to another block while it waits is met again, or was replayed before: `ON CONFLICT
//! DO NOTHING`. Whatever conflicts with a row of the target that is out of date is younger than the change
//! that made it so, and both are in the log still; should the younger be replayed first, it meets that row again,
//! and the whole log is replayed at once. For this the session that copies is the one
//! that replays: no snapshot of a copy is older than a replay that has taken an entry out of the log.

use std::time::{Duration, Instant};

use lab::{Context, Result};
use tokio_postgres::{Client, Statement};

use super::batch::{self, Copier};
use super::throttle::Throttle;
use super::tid::Tid;
use super::{Progress, anew, said};
use crate::design::Design;
use crate::event::{Event, Point};
use crate::state::{Conversion, Side};
use crate::steps::catch_up::{self, Trickle};
use crate::steps::workers;
use crate::work::Work;

/// Rows of the first batch, and of the smallest: below that most of the time is the statement's own.
const FIRST_ROWS: u64 = 40;
const LEAST_ROWS: u64 = 20;

/// Whether this conversion can be and shall be done the gentle way.
pub fn suits(work: &Work<'_>, conversion: &Conversion) -> bool {
    work.pace.gentle && can(&conversion.design)
}

/// The target must tell each row from every other at any moment: a primary key, and no key that is only
/// looked at when a transaction ends.
fn can(design: &Design) -> bool {
    design.indexes.iter().any(|index| index.constraint == Some('p'))
        && !design.source.indexes.iter().any(|index| index.deferrable)
}

/// A segment that is not copied to its end.
struct Segment {
    leaf: u32,
    first: i64,
    next: i64,
    end: i64,
}

/// Copies every segment that is left, and keeps the log short meanwhile. A sentence for people.
pub async fn copy(work: &Work<'_>, conversion: &Conversion) -> Result<String> {
    let begun = Instant::now();
    let copying = async {
        loop {
            if let Some(rows) = Gentle::new(work, conversion).await?.all().await? {
                return Ok(rows);
            }
            anew(work, conversion).await?;
        }
    };
    // Its statement is planned once, too: for a target of a thousand partitions that takes longer than to copy a block.
    let rows = workers::uninterrupted(work, work.session, Box::pin(copying));
    let rows = catch_up::on_session(work, rows).await?;
    work.observer.at(Point::Copied).await?;
    Ok(said(rows, begun.elapsed()))
}

struct Gentle<'a> {
    work: &'a Work<'a>,
    id: i64,
    copier: Copier,
    replay: Trickle,
    throttle: Throttle,
    progress: Progress,
    /// Rows that the next batch shall have.
    rows: u64,
}

impl<'a> Gentle<'a> {
    async fn new(work: &'a Work<'a>, conversion: &Conversion) -> Result<Self> {
        Ok(Self {
            work,
            id: conversion.id,
            copier: Copier::new(work, conversion).await?,
            replay: Trickle::new(work, conversion, Side::Source).await?,
            throttle: Throttle::new(work),
            progress: Progress::read(work, conversion).await?,
            rows: FIRST_ROWS,
        })
    }

    fn client(&self) -> &'a Client {
        self.work.session.client()
    }

    /// Rows copied in all, by earlier runs too; `None` when the source was rewritten meanwhile.
    async fn all(&mut self) -> Result<Option<u64>> {
        while let Some(segment) = self.next().await? {
            if !self.segment(segment).await? {
                return Ok(None);
            }
        }
        Ok(Some(self.progress.rows))
    }

    async fn next(&self) -> Result<Option<Segment>> {
        let what = || "cannot see what is left to copy";
        let row = self
            .client()
            .query_opt(
                "SELECT leaf, first_block, next_block, end_block FROM partition_convert.segments
                 WHERE conversion = $1 AND next_block < end_block ORDER BY leaf, first_block LIMIT 1",
                &[&self.id],
            )
            .await
            .context(what)?;
        let Some(row) = row else { return Ok(None) };
        let segment = || {
            Ok::<_, tokio_postgres::Error>(Segment {
                leaf: row.try_get(0)?,
                first: row.try_get(1)?,
                next: row.try_get(2)?,
                end: row.try_get(3)?,
            })
        };
        segment().map(Some).context(what)
    }

    /// A segment to its end, unless its leaf is in another file than when it was written down: `false`.
    async fn segment(&mut self, segment: Segment) -> Result<bool> {
        let statement = self.copier.by_parameters(segment.leaf)?;
        let statement = self.client().prepare(&statement).await.context(|| self.copier.what())?;
        let mut next = Tid { block: segment.next, line: 0 };
        while next.block < segment.end {
            self.throttle.wait(self.work, self.work.session).await?;
            let begun = Instant::now();
            let rows_a_block =
                self.progress.rows.checked_div(self.progress.blocks).unwrap_or(self.rows);
            let to = next.after(self.rows, rows_a_block);
            let to = if to.block < segment.end { to } else { Tid { block: segment.end, line: 0 } };
            let Some(rows) = self.batch(&statement, &segment, next, to).await? else {
                return Ok(false);
            };
            let (now, all) = self.progress.add(next.block.abs_diff(to.block), rows);
            next = to;
            self.work.observer.tell(Event::Progress(now, all));
            self.work.observer.at(Point::BatchCopied).await?;
            self.adapt(rows, begun.elapsed());
            workers::rest(self.work, &self.work.pace, 1, begun).await?;
            self.throttle.copied(self.work, rows).await?;
            self.replay.at_intervals(self.work).await?;
        }
        Ok(true)
    }

    /// How many rows the next batch shall have. The last few of a block say little of how long more of them take; where
    /// there are none, bigger steps are fine.
    fn adapt(&mut self, rows: u64, elapsed: Duration) {
        let wanted = self.work.pace.batch;
        if rows == 0 || rows * 2 >= self.rows || elapsed > wanted {
            self.rows = batch::adapted(self.rows, elapsed, wanted)
                .min(self.throttle.most_rows())
                .max(LEAST_ROWS);
        }
    }

    /// Some rows, in one statement that also says which blocks are done; how many they were. What was copied of
    /// a block that is not done is met again after a kill: `ON CONFLICT DO NOTHING`.
    ///
    /// `None` when the leaf is in another file than its segments: what came out of that is harmless, for the
    /// target is emptied then.
    async fn batch(
        &self,
        statement: &Statement,
        segment: &Segment,
        from: Tid,
        to: Tid,
    ) -> Result<Option<u64>> {
        let Segment { leaf, first, .. } = segment;
        let what = || format!("{}, TID {from} to {to}", self.copier.what());
        let tids = (from.to_string(), to.to_string());
        let copied = self
            .client()
            .query_opt(statement, &[&tids.0, &tids.1, &self.id, leaf, first, &to.block])
            .await
            .context(what)?;
        let Some(row) = copied else { return Ok(None) };
        let rows: i64 = row.try_get(0).context(what)?;
        Ok(Some(rows.unsigned_abs()))
    }
}

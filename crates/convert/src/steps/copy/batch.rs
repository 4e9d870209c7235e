//! One batch: some blocks of a segment, copied in one transaction that also says so.

use std::collections::HashMap;
use std::time::Duration;

use lab::catalog::Name;
use lab::connect::search_path::{self, AS_USER};
use lab::{Context, Error, Result};
use tokio_postgres::Client;

use crate::state::{Conversion, Side};
use crate::steps::{machinery, table_name, transaction};
use crate::work::Work;

/// Blocks of a worker's first batch.
pub const FIRST_BLOCKS: u64 = 64;

/// How much bigger or smaller a batch may be than the one before.
const STEP: f64 = 4.0;

/// Where a worker looks for a segment. Rows are often in the order of the partition key: two workers side by side
/// would add blocks to the same leaf, and wait for each other.
#[derive(Debug, Clone, Copy)]
pub enum End {
    First,
    Last,
}

impl End {
    /// Every other worker comes from the other end.
    pub fn of(worker: usize) -> Self {
        if worker.is_multiple_of(2) { Self::First } else { Self::Last }
    }
}

/// What a batch came to.
#[derive(Debug)]
pub enum Batch {
    /// So much is in the target now.
    Copied {
        /// Blocks read.
        blocks: u64,
        /// Rows written.
        rows: u64,
    },
    /// No segment is left that no other worker has.
    NothingLeft,
    /// The leaf is in another file than when its segments were written down.
    Rewritten,
}

/// What all workers need to know.
pub struct Copier {
    id: i64,
    /// What is copied, for errors.
    table: Name,
    /// `INSERT INTO target (…) … SELECT … FROM ONLY`
    insert: String,
    leaves: HashMap<u32, Name>,
}

impl Copier {
    /// Reads the names of the tables as they are now.
    pub async fn new(work: &Work<'_>, conversion: &Conversion) -> Result<Self> {
        let client = work.session.client();
        let target = table_name(client, conversion, Side::Target).await?;
        let columns = machinery::list(&conversion.design.columns, "");
        let what = || "cannot see what is to be copied";
        let rows = client
            .query(
                "SELECT c.oid, n.nspname::text, c.relname::text
                 FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
                 WHERE c.oid IN (SELECT leaf FROM partition_convert.segments WHERE conversion = $1)",
                &[&conversion.id],
            )
            .await
            .context(what)?;
        let mut leaves = HashMap::new();
        for row in &rows {
            let name = Name::new(
                row.try_get::<_, String>(1).context(what)?,
                row.try_get::<_, String>(2).context(what)?,
            );
            leaves.insert(row.try_get(0).context(what)?, name);
        }
        Ok(Self {
            id: conversion.id,
            table: conversion.name(),
            insert: format!(
                "INSERT INTO {target} ({columns}) OVERRIDING SYSTEM VALUE SELECT {columns} FROM ONLY"
            ),
            leaves,
        })
    }

    /// Copies up to `blocks` blocks of a segment that nobody has, the one nearest to `end`.
    pub async fn next(&self, client: &Client, end: End, blocks: u64) -> Result<Batch> {
        transaction::begin(client).await?;
        let copied = self.copied(client, end, blocks).await;
        match copied {
            Ok(Batch::Rewritten) => {
                client.batch_execute("ROLLBACK").await.context(|| "cannot end a transaction")?;
                Ok(Batch::Rewritten)
            }
            other => transaction::ended(client, other).await,
        }
    }

    /// What is done, for errors.
    pub fn what(&self) -> String {
        format!("cannot copy {}", self.table)
    }

    fn leaf(&self, leaf: u32) -> Result<&Name> {
        self.leaves.get(&leaf).ok_or_else(|| {
            Error::failed(self.what())
                .because("one of its partitions is gone")
                .next(super::super::drift::abort(&self.table))
        })
    }

    /// The statement that copies what is not there yet from TID `$1` to `$2`, and moves the segment of `$3`, `$4` and
    /// `$5` on to block `$6`: how many rows that were, or nothing when the leaf is in another file than its
    /// segments. That is read under the lock that the statement holds on the leaf: no rewrite can come between.
    pub fn by_parameters(&self, leaf: u32) -> Result<String> {
        let (insert, leaf) = (&self.insert, self.leaf(leaf)?);
        Ok(format!(
            "WITH copied AS (
                {insert} {leaf} WHERE ctid >= $1::text::tid AND ctid < $2::text::tid AND {AS_USER}
                ON CONFLICT DO NOTHING RETURNING 1),
             counted AS (SELECT count(*) AS rows FROM copied)
             UPDATE partition_convert.segments AS s
             SET next_block = $6, rows = s.rows + counted.rows
             FROM counted
             WHERE s.conversion = $3 AND s.leaf = $4 AND s.first_block = $5
               AND s.filenode = pg_relation_filenode(s.leaf::regclass)
             RETURNING counted.rows"
        ))
    }

    async fn copied(&self, client: &Client, end: End, blocks: u64) -> Result<Batch> {
        let what = || self.what();
        let order = match end {
            End::First => "leaf, first_block",
            End::Last => "leaf DESC, first_block DESC",
        };
        let segment = format!(
            "SELECT leaf, first_block, next_block, least(end_block, next_block + $2), filenode
             FROM partition_convert.segments
             WHERE conversion = $1 AND next_block < end_block
             ORDER BY {order} LIMIT 1 FOR UPDATE SKIP LOCKED"
        );
        let row = client
            .query_opt(&segment, &[&self.id, &i64::try_from(blocks).unwrap_or(i64::MAX)])
            .await
            .context(what)?;
        let Some(row) = row else { return Ok(Batch::NothingLeft) };
        let leaf: u32 = row.try_get(0).context(what)?;
        let number = |index| row.try_get::<_, i64>(index).context(what);
        let (first, next, end) = (number(1)?, number(2)?, number(3)?);
        let filenode: u32 = row.try_get(4).context(what)?;
        let name = self.leaf(leaf)?;
        let insert = format!(
            "{} {name} WHERE ctid >= '({next},0)' AND ctid < '({end},0)' AND {AS_USER}",
            self.insert
        );
        let rows = client
            .execute(&insert, &[])
            .await
            .context(|| format!("cannot copy blocks {next} to {end} of {name}"))?;
        client.batch_execute(search_path::SET_LOCAL).await.context(what)?;
        // Read under the lock that the copy holds on the leaf until COMMIT: no rewrite can come between.
        let row = client
            .query_one("SELECT pg_relation_filenode($1::oid::regclass)", &[&leaf])
            .await
            .context(what)?;
        if row.try_get::<_, Option<u32>>(0).context(what)? != Some(filenode) {
            return Ok(Batch::Rewritten);
        }
        client
            .execute(
                "UPDATE partition_convert.segments SET next_block = $4, rows = rows + $5
                 WHERE conversion = $1 AND leaf = $2 AND first_block = $3",
                &[&self.id, &leaf, &first, &end, &i64::try_from(rows).unwrap_or(0)],
            )
            .await
            .context(what)?;
        Ok(Batch::Copied { blocks: (end - next).unsigned_abs(), rows })
    }
}

/// How many blocks the next batch has, when `blocks` took `elapsed` and a batch shall take `wanted`.
#[allow(clippy::cast_precision_loss, clippy::cast_possible_truncation, clippy::cast_sign_loss)] // blocks of a batch are few
#[must_use]
pub fn adapted(blocks: u64, elapsed: Duration, wanted: Duration) -> u64 {
    let factor = wanted.as_secs_f64() / elapsed.as_secs_f64().max(1e-4);
    let blocks = blocks.max(1) as f64 * factor.clamp(1.0 / STEP, STEP);
    (blocks as u64).clamp(1, 1 << 20)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn batches_get_bigger_and_smaller_but_not_at_once() {
        let wanted = Duration::from_millis(250);
        assert_eq!(adapted(64, Duration::from_millis(125), wanted), 128);
        assert_eq!(adapted(64, Duration::ZERO, wanted), 256);
        assert_eq!(adapted(64, Duration::from_secs(60), wanted), 16);
        assert_eq!(adapted(1, Duration::from_secs(60), wanted), 1);
    }
}

//! What is to be copied, cut into segments that workers take.

use lab::{Context, Result};
use tokio_postgres::Client;

use crate::state::Conversion;

/// How many segments each worker gets: enough that all end at about the same time.
const SEGMENTS_A_WORKER: i64 = 8;

/// No segment is smaller: 1 MiB of blocks.
const LEAST_BLOCKS: i64 = 128;

/// Writes them down, in place of any that are there. Each leaf's blocks are counted now, after the
/// triggers' commit: a row that comes into a later block is in the log.
pub async fn write(client: &Client, conversion: &Conversion, workers: usize) -> Result<()> {
    let what = || format!("cannot write down what is to be copied of {}", conversion.name());
    let parts = i64::try_from(workers.max(1)).unwrap_or(1) * SEGMENTS_A_WORKER;
    client
        .execute("DELETE FROM partition_convert.segments WHERE conversion = $1", &[&conversion.id])
        .await
        .context(what)?;
    client
        .execute(
            "INSERT INTO partition_convert.segments
                 (conversion, leaf, filenode, first_block, next_block, end_block)
             SELECT $1, leaf, pg_relation_filenode(leaf), first, first, least(first + step, blocks)
             FROM (SELECT t.relid::oid AS leaf,
                          pg_relation_size(t.relid) / current_setting('block_size')::bigint AS blocks,
                          sum(pg_relation_size(t.relid)) OVER ()::bigint
                              / current_setting('block_size')::bigint AS all_blocks
                   FROM (SELECT relid FROM pg_partition_tree($2::oid::regclass) WHERE isleaf
                         UNION SELECT $2::oid::regclass) AS t
                   JOIN pg_class AS c ON c.oid = t.relid AND c.relkind <> 'p') AS leaves,
                  greatest($3::bigint, all_blocks / $4::bigint + 1) AS step,
                  generate_series(0, blocks - 1, step) AS first",
            &[&conversion.id, &conversion.source, &LEAST_BLOCKS, &parts],
        )
        .await
        .context(what)?;
    Ok(())
}

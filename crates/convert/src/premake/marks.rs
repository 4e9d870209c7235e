//! What a new partition says of its indexes: what its sibling says of those that belong to the same ones of
//! the parent. ATTACH makes the indexes, so it comes after that.

use lab::catalog::Name;
use tokio_postgres::Client;

const MARKS: &str = "\
    SELECT format('ALTER TABLE %s %s %I', $2::text, m.mark, c.relname)
    FROM pg_index x
    JOIN pg_inherits i ON i.inhrelid = x.indexrelid
    JOIN pg_inherits n ON n.inhparent = i.inhparent
    JOIN pg_index y ON y.indexrelid = n.inhrelid AND y.indrelid = $2::text::regclass
    JOIN pg_class c ON c.oid = y.indexrelid
    CROSS JOIN LATERAL (VALUES ('CLUSTER ON', x.indisclustered),
                               ('REPLICA IDENTITY USING INDEX', x.indisreplident)) m (mark, is_set)
    WHERE x.indrelid = $1 AND m.is_set";

/// Marks the indexes of `new` as those of partition `like` are.
pub(super) async fn put_on(
    client: &Client,
    new: &Name,
    like: u32,
) -> Result<(), tokio_postgres::Error> {
    for row in client.query(MARKS, &[&like, &new.to_string()]).await? {
        client.batch_execute(row.try_get(0)?).await?;
    }
    Ok(())
}

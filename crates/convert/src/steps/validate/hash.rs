//! A row as a number.

use lab::catalog::quote_ident;
use lab::{Context, Result};
use tokio_postgres::Client;

use super::snapshot::{Chunk, Snapshot};
use crate::state::Conversion;

/// How many buckets rows fall into: a power of two.
pub const BUCKETS: i64 = 1_024;

/// Whether a column's hash tells every two values apart that are not the same to the eye.
///
/// Not where the type has no extended hash function, where equal values may look different (1.0 and
/// 1.00 of numeric, a nondeterministic collation, types of extensions such as citext), and not for arrays and
/// composites, which may hold such types.
const HASHABLE: &str = "\
    SELECT a.attname::text,
           t.typtype = 'e' OR t.typtype = 'b' AND t.typcategory <> 'A' AND t.typname <> 'numeric'
               AND t.typnamespace = 'pg_catalog'::regnamespace
               AND NOT EXISTS (SELECT FROM pg_collation c WHERE c.oid = a.attcollation AND NOT c.collisdeterministic)
               AND EXISTS (
                   SELECT FROM pg_opclass o
                   JOIN pg_am m ON m.oid = o.opcmethod AND m.amname = 'hash'
                   JOIN pg_amproc p ON p.amprocfamily = o.opcfamily AND p.amprocnum = 2
                        AND p.amproclefttype = o.opcintype AND p.amprocrighttype = o.opcintype
                   WHERE o.opcdefault
                     AND o.opcintype = CASE t.typname WHEN 'varchar' THEN 'text'::regtype ELSE t.oid END)
    FROM pg_attribute a
    JOIN pg_type d ON d.oid = a.atttypid
    JOIN pg_type t ON t.oid = CASE d.typtype WHEN 'd' THEN d.typbasetype ELSE d.oid END
    WHERE a.attrelid = $1 AND a.attnum > 0 AND NOT a.attisdropped";

/// How rows are hashed.
pub struct Hashing {
    row: String,
    key: String,
    /// Empty, or a condition that leaves logged rows out.
    unlogged: String,
}

impl Hashing {
    /// Reads what the columns' types can do.
    pub async fn new(
        client: &Client,
        conversion: &Conversion,
        snapshot: &Snapshot,
    ) -> Result<Self> {
        let what = || format!("cannot read the columns of {}", conversion.name());
        let rows = client.query(HASHABLE, &[&conversion.source]).await.context(what)?;
        let mut hashed = Vec::new();
        for column in &conversion.design.columns {
            let found =
                rows.iter().find(|row| row.try_get::<_, &str>(0).is_ok_and(|n| n == column));
            let plain = match found {
                Some(row) => row.try_get::<_, Option<bool>>(1).context(what)?.unwrap_or(false),
                None => false,
            };
            let name = quote_ident(column);
            hashed.push(if plain {
                format!("t.{name}")
            } else {
                format!("t.{name}::text COLLATE \"C\"")
            });
        }
        let key = &conversion.design.key;
        let log = &snapshot.log;
        let unlogged = if snapshot.logged == 0 {
            String::new()
        } else {
            let keys =
                crate::steps::replay::Replay::new(client, conversion, conversion.live).await?;
            format!(" AND NOT EXISTS (SELECT FROM {log} AS k WHERE {})", keys.same_key("t"))
        };
        let text = |name: &String| format!("t.{}::text", quote_ident(name));
        let key: Vec<String> = key.iter().map(text).collect();
        Ok(Self {
            // hash_record_extended is linear in its columns, so that a sum would not see two rows
            // that exchanged a value: hence the hash of the hash.
            row: format!(
                "hashint8extended(hash_record_extended(ROW({}), 0), 0)",
                hashed.join(", ")
            ),
            key: format!("concat_ws(', ', {})", key.join(", ")),
            unlogged,
        })
    }

    /// Bucket, count, sum as text.
    pub fn sums(&self, chunk: &Chunk) -> String {
        format!(
            "SELECT h & {}, count(*), sum(h)::text FROM (SELECT {} AS h FROM {} OFFSET 0) AS rows GROUP BY 1",
            BUCKETS - 1,
            self.row,
            self.rows(chunk)
        )
    }

    /// Key and hash of the rows in some buckets.
    pub fn keys(&self, chunk: &Chunk, buckets: &[i64]) -> String {
        let buckets: Vec<String> = buckets.iter().map(ToString::to_string).collect();
        format!(
            "SELECT key, h FROM (SELECT {} AS key, {} AS h FROM {} OFFSET 0) AS rows
             WHERE h & {} IN ({})",
            self.key,
            self.row,
            self.rows(chunk),
            BUCKETS - 1,
            buckets.join(", ")
        )
    }

    fn rows(&self, chunk: &Chunk) -> String {
        let Chunk { leaf, from, to, .. } = chunk;
        format!(
            "ONLY {leaf} AS t WHERE t.ctid >= '({from},0)' AND t.ctid < '({to},0)'{}",
            self.unlogged
        )
    }
}

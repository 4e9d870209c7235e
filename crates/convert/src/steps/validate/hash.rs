//! A row as a number.

use lab::catalog::quote_ident;
use lab::{Context, Result};
use tokio_postgres::Client;

use super::snapshot::{Chunk, Snapshot};
use crate::state::Conversion;
use crate::steps::replay::Replay;

/// How many buckets rows fall into: a power of two.
pub const BUCKETS: i64 = 1_024;

/// Of each column: the extended hash function of its type when it can be called with the column and tells
/// every two values apart that are not the same to the eye; and whether a record's hash tells them apart.
///
/// Neither does where the type has no extended hash function, where equal values may look different (1.0 and
/// 1.00 of numeric and in jsonb, one day and 24 hours, -0 and 0, a nondeterministic collation, types of
/// extensions such as citext), nor for arrays and composites, which may hold such types. The first one does not
/// where the function takes another type (date, boolean, timestamptz) or is strict and the column may be null.
const HASHABLE: &str = "\
    SELECT a.attname::text,
           CASE WHEN a.attnotnull AND p.oid IS NOT NULL THEN p.proname::text END,
           h.amproc IS NOT NULL
    FROM pg_attribute a
    JOIN pg_type d ON d.oid = a.atttypid
    JOIN pg_type t ON t.oid = CASE d.typtype WHEN 'd' THEN d.typbasetype ELSE d.oid END
    CROSS JOIN LATERAL (SELECT CASE WHEN t.typtype = 'e' THEN 'anyenum'::regtype
                                    WHEN t.typname = 'varchar' THEN 'text'::regtype ELSE t.oid END::oid) AS y (type)
    LEFT JOIN LATERAL (
        SELECT p.amproc FROM pg_opclass o
        JOIN pg_am m ON m.oid = o.opcmethod AND m.amname = 'hash'
        JOIN pg_amproc p ON p.amprocfamily = o.opcfamily AND p.amprocnum = 2
             AND p.amproclefttype = o.opcintype AND p.amprocrighttype = o.opcintype
        WHERE o.opcdefault AND o.opcintype = y.type
          AND (t.typtype = 'e' OR t.typtype = 'b' AND t.typcategory <> 'A' AND t.typnamespace = 'pg_catalog'::regnamespace
               AND t.typname NOT IN ('numeric', 'jsonb', 'interval', 'float4', 'float8'))
          AND NOT EXISTS (SELECT FROM pg_collation c WHERE c.oid = a.attcollation AND NOT c.collisdeterministic)
    ) AS h ON true
    LEFT JOIN pg_proc p ON p.oid = h.amproc AND p.proargtypes[0] = y.type
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
        let (mut direct, mut record) = (Vec::new(), Vec::new());
        for column in &conversion.design.columns {
            let found =
                rows.iter().find(|row| row.try_get::<_, &str>(0).is_ok_and(|n| n == column));
            let (function, hashable) = match found {
                Some(row) => (
                    row.try_get::<_, Option<String>>(1).context(what)?,
                    row.try_get(2).context(what)?,
                ),
                None => (None, false),
            };
            let name = quote_ident(column);
            match function {
                Some(function) => direct.push((function, format!("t.{name}"))),
                None if hashable => record.push(format!("t.{name}")),
                None => record.push(format!("t.{name}::text COLLATE \"C\"")),
            }
        }
        let key = &conversion.design.key;
        let log = &snapshot.log;
        let unlogged = if let Some((first, last)) = &snapshot.places {
            let keys = Replay::new(client, conversion, conversion.live).await?;
            let same = keys.same_key("t");
            format!(
                " AND NOT EXISTS (SELECT FROM {log} AS k WHERE k.ctid BETWEEN '{first}' AND '{last}' AND {same})"
            )
        } else {
            String::new()
        };
        let text = |name: &String| format!("t.{}::text", quote_ident(name));
        let key: Vec<String> = key.iter().map(text).collect();
        Ok(Self {
            row: row(&record, &direct),
            key: format!("concat_ws(', ', {})", key.join(", ")),
            unlogged,
        })
    }

    /// Count and sum as text, as of one bucket.
    pub fn sum(&self, chunk: &Chunk) -> String {
        format!(
            "SELECT 0::bigint, count(*), sum({})::text FROM {} HAVING count(*) > 0",
            self.row,
            self.rows(chunk)
        )
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

/// The hash of a row `t`: each function gets the hash of what came before as its seed, so no value can
/// change places unseen. A record's hash alone is linear in its columns, so that a sum would not see two
/// rows that exchanged a value: it is hashed once more.
fn row(record: &[String], direct: &[(String, String)]) -> String {
    let mut hash = match record {
        [] => "0".to_owned(),
        columns => format!("hash_record_extended(ROW({}), 0)", columns.join(", ")),
    };
    if direct.is_empty() {
        hash = format!("hashint8extended({hash}, 0)");
    }
    for (function, column) in direct {
        hash = format!("{function}({column}, {hash})");
    }
    hash
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_hash_is_the_seed_of_the_next() {
        let direct = [("a".to_owned(), "t.x".to_owned()), ("b".to_owned(), "t.y".to_owned())];
        assert_eq!(row(&[], &direct), "b(t.y, a(t.x, 0))");
        let record = ["t.z".to_owned()];
        assert_eq!(row(&record, &direct[..1]), "a(t.x, hash_record_extended(ROW(t.z), 0))");
        assert_eq!(row(&record, &[]), "hashint8extended(hash_record_extended(ROW(t.z), 0), 0)");
    }
}

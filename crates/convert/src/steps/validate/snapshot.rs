//! One moment that several sessions see, and what there is to read at it.

use lab::catalog::Name;
use lab::connect::Session;
use lab::{Context, Result};

use crate::shape;
use crate::state::{Conversion, Side};
use crate::steps::workers;
use crate::work::Work;

/// Blocks that a session reads at a time, 8 MiB: few enough that all end at about the same time.
const CHUNK: u16 = 1_024;

/// Blocks that are read at once at a gentle pace: some hundred rows, a fraction of a millisecond.
const GENTLE: u16 = 8;

/// Some blocks of a leaf of one side.
#[derive(Debug, Clone)]
pub struct Chunk {
    pub side: Side,
    pub leaf: Name,
    pub from: i64,
    pub to: i64,
}

impl Chunk {
    /// What is read of it at once, so that nobody has to wait for long at a gentle pace.
    pub fn parts(&self, gentle: bool) -> impl Iterator<Item = Self> {
        let blocks = if gentle { GENTLE } else { CHUNK };
        (self.from..self.to).step_by(blocks.into()).map(move |from| Self {
            from,
            to: self.to.min(from + i64::from(blocks)),
            ..self.clone()
        })
    }
}

/// Held by a session of its own until it is dropped.
pub struct Snapshot {
    pub session: Session,
    name: String,
    /// Everything to read, the bigger side's first.
    pub chunks: Vec<Chunk>,
    /// Entries in the live table's log.
    pub logged: u64,
    /// Where the first and the last of them are, if there are any. Around them are entries that came later or are
    /// gone: by far the most after a while, and of no concern here.
    pub places: Option<(String, String)>,
    /// That log.
    pub log: Name,
    /// [`super::files`] of the live table.
    pub files: String,
}

impl Snapshot {
    /// Takes one of both tables. They cannot be rewritten as long as it is held.
    pub async fn take(work: &Work<'_>, conversion: &Conversion) -> Result<Self> {
        let session = workers::open(work).await?;
        let client = session.client();
        let what = || format!("cannot take a snapshot of {}", conversion.name());
        let log = conversion.log(conversion.live);
        let mut tables = Vec::new();
        for side in [Side::Source, Side::Target] {
            tables.push(super::super::table_name(client, conversion, side).await?.to_string());
        }
        let begin = format!(
            "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; LOCK TABLE {} IN ACCESS SHARE MODE",
            tables.join(", ")
        );
        client.batch_execute(&begin).await.context(what)?;
        let row = client
            .query_one(
                &format!("SELECT pg_export_snapshot(), count(*), min(ctid)::text, max(ctid)::text FROM {log}"),
                &[],
            )
            .await
            .context(what)?;
        let name: String = row.try_get(0).context(what)?;
        let logged: i64 = row.try_get(1).context(what)?;
        let (first, last) = (row.try_get(2).context(what)?, row.try_get(3).context(what)?);
        let places = Option::zip(first, last);
        let (mut chunks, mut files) = (Vec::new(), String::new());
        for side in [Side::Source, Side::Target] {
            let roots = shape::roots(client, conversion, side).await?;
            if side == conversion.live {
                let read = format!("SELECT {}", super::files(conversion.id, &roots));
                let row = client.query_one(&read, &[]).await.context(what)?;
                files = row.try_get(0).context(what)?;
            }
            for table in roots {
                chunks.extend(read(&session, side, table).await?);
            }
        }
        Ok(Self { session, name, chunks, logged: logged.unsigned_abs(), places, log, files })
    }

    /// Lets `session` see it.
    pub async fn share(&self, session: &Session) -> Result<()> {
        let begin = format!(
            "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; SET TRANSACTION SNAPSHOT {}",
            crate::moves::literal(&self.name)
        );
        session.client().batch_execute(&begin).await.context(|| "cannot share a snapshot")
    }
}

/// `session` has seen what it needed to.
pub async fn leave(session: &Session) -> Result<()> {
    session.client().batch_execute("COMMIT").await.context(|| "cannot end a transaction")
}

/// The chunks of one side. Sizes are read after the snapshot was taken, so they cover its rows.
async fn read(session: &Session, side: Side, table: u32) -> Result<Vec<Chunk>> {
    let what = || "cannot read the sizes of the partitions";
    let rows = session
        .client()
        .query(
            "SELECT n.nspname::text, c.relname::text, first, least(first + $2::bigint, blocks)
             FROM (SELECT relid FROM pg_partition_tree($1::oid::regclass) WHERE isleaf
                   UNION SELECT $1::oid::regclass) AS t
             JOIN pg_class AS c ON c.oid = t.relid AND c.relkind <> 'p'
             JOIN pg_namespace AS n ON n.oid = c.relnamespace
             CROSS JOIN LATERAL (SELECT pg_relation_size(c.oid) / current_setting('block_size')::bigint) AS s (blocks)
             CROSS JOIN generate_series(0, blocks - 1, $2::bigint) AS first
             ORDER BY c.oid, first",
            &[&table, &i64::from(CHUNK)],
        )
        .await
        .context(what)?;
    let chunk = |row: &tokio_postgres::Row| {
        let (schema, name): (&str, &str) = (row.try_get(0)?, row.try_get(1)?);
        let leaf = Name::new(schema, name);
        Ok(Chunk { side, leaf, from: row.try_get(2)?, to: row.try_get(3)? })
    };
    rows.iter().map(chunk).collect::<Result<_, tokio_postgres::Error>>().context(what)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_are_the_whole_chunk() {
        let leaf = Name::new("s", "t");
        let parts = |from, to, gentle| -> Vec<(i64, i64)> {
            let chunk = Chunk { side: Side::Source, leaf: leaf.clone(), from, to };
            chunk.parts(gentle).map(|part| (part.from, part.to)).collect()
        };
        assert_eq!(parts(1_024, 1_043, true), [(1_024, 1_032), (1_032, 1_040), (1_040, 1_043)]);
        assert_eq!(parts(0, 8, true), [(0, 8)]);
        assert_eq!(parts(0, 1_024, false), [(0, 1_024)]);
    }
}

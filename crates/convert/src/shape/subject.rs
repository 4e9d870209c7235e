//! What is converted: the table that was named, one of its partitions, or its hash buckets one by one.

use lab::{Context, Error, Result};
use tokio_postgres::GenericClient;

use crate::layout::Bound;
use crate::request::{Level, Request, Shape};
use crate::state;
use crate::swap;
use crate::work::Work;

/// What a request is about.
#[derive(Debug, Clone, PartialEq)]
pub enum Subject {
    /// One conversion of the table with this OID.
    One {
        /// The table, or the partition that is split.
        oid: u32,
        /// What becomes of it.
        request: Request,
    },
    /// A conversion for each bucket of a hash partitioned table, one after the other.
    Buckets(Buckets),
}

/// The buckets of a hash partitioned table that are to be divided.
#[derive(Debug, Clone, PartialEq)]
pub struct Buckets {
    /// OID of the partitioned table.
    pub table: u32,
    /// The modulus that all its partitions are to have.
    pub modulus: u32,
    request: Request,
}

/// A bucket that is to be divided.
#[derive(Debug, Clone, PartialEq)]
pub struct Bucket {
    /// OID.
    pub oid: u32,
    /// What its rows leave when their hash is divided by `modulus`.
    pub remainder: u32,
    /// Of its bound.
    pub modulus: u32,
    /// How it is divided.
    pub request: Request,
    /// How many more follow it.
    pub after: usize,
}

/// Finds out what `table` and `--split` mean for `request`.
///
/// A table that is partitioned by the hash of the same column already, with moduli that divide the wanted one, is
/// converted bucket by bucket: each split moves only its own rows.
pub async fn subject(
    client: &impl GenericClient,
    table: &str,
    split: Option<&str>,
    request: Request,
) -> Result<Subject> {
    let oid = lab::catalog::find_table(client, table).await?.ok_or_else(|| {
        Error::usage(format!("there is no table {table}"))
            .next("name it as schema.table, or see the tables with psql's \\d")
    })?;
    if let Some(partition) = split {
        let oid = partition_of(client, oid, table, partition).await?;
        return Ok(Subject::One { oid, request });
    }
    if let Some(modulus) = same_hash(client, oid, &request).await? {
        let buckets = Buckets { table: oid, modulus, request };
        // A conversion of the whole table goes on, whatever it has become meanwhile.
        let whole = state::of_oid(client, oid).await?.is_some();
        if !whole && buckets.fit(client).await? {
            return Ok(Subject::Buckets(buckets));
        }
        return Ok(Subject::One { oid, request: buckets.request });
    }
    Ok(Subject::One { oid, request })
}

/// The partition of this name below the table, on whichever level.
async fn partition_of(
    client: &impl GenericClient,
    oid: u32,
    table: &str,
    partition: &str,
) -> Result<u32> {
    let what = || format!("cannot read the partitions of {table}");
    let rows = client
        .query(
            "SELECT c.oid, c.relname::text, format('%I.%I', n.nspname, c.relname)
             FROM pg_partition_tree($1::oid::regclass) t
             JOIN pg_class c ON c.oid = t.relid JOIN pg_namespace n ON n.oid = c.relnamespace
             WHERE t.level > 0 ORDER BY t.level, c.relname",
            &[&oid],
        )
        .await
        .context(what)?;
    let wanted = lab::catalog::find_table(client, partition).await?;
    let found = rows
        .iter()
        .find(|row| Some(row.get(0)) == wanted)
        .or_else(|| rows.iter().find(|row| row.get::<_, &str>(1) == partition));
    if let Some(row) = found {
        return Ok(row.get(0));
    }
    let names: Vec<&str> = rows.iter().map(|row| row.get(1)).take(20).collect();
    let error = Error::usage(format!("{table} has no partition {partition}"));
    Err(if names.is_empty() {
        error
            .because("it is not partitioned")
            .next(format!("convert plan {table} --range COL --every month"))
    } else {
        error.because(format!("its partitions are {}", names.join(", ")))
    })
}

/// The wanted modulus, if the table is partitioned by the hash of the wanted column alone. Asks for no more than
/// that: the whole portrait is read when it is decided what becomes of the table.
async fn same_hash(
    client: &impl GenericClient,
    oid: u32,
    request: &Request,
) -> Result<Option<u32>> {
    let ([Level::Hash { column, partitions }], Shape::Table) =
        (request.levels.as_slice(), &request.shape)
    else {
        return Ok(None);
    };
    let same = client
        .query_opt(
            "SELECT FROM pg_partitioned_table p JOIN pg_attribute a ON a.attrelid = p.partrelid AND a.attnum = p.partattrs[0]
             WHERE p.partrelid = $1 AND p.partstrat = 'h' AND p.partnatts = 1 AND a.attname = $2",
            &[&oid, column],
        )
        .await
        .context(|| format!("cannot read how table {oid} is partitioned"))?;
    Ok(same.map(|_| *partitions))
}

impl Buckets {
    /// That none of them is left to be divided.
    #[must_use]
    pub fn enough(&self, table: &str) -> Error {
        let (has, twice) = (self.modulus, self.modulus.saturating_mul(2));
        Error::failed(format!("{table} has so many partitions already"))
            .because(format!("each of its partitions is one of {has}"))
            .next(format!("ask for a multiple of that: --partitions {twice}"))
    }

    /// The bucket whose turn it is: the one with the least remainder among those of the smallest modulus. `None` when all
    /// have the wanted one.
    pub async fn next(&self, client: &impl GenericClient) -> Result<Option<Bucket>> {
        let mut left: Vec<_> = self.moduli(client).await?;
        left.retain(|(modulus, _, _)| *modulus < self.modulus);
        left.sort_unstable();
        let after = left.len().saturating_sub(1);
        let Some((modulus, remainder, oid)) = left.first().copied() else { return Ok(None) };
        let column = self.request.levels.first().map_or("", Level::column).to_owned();
        let request = Request {
            shape: Shape::Split,
            levels: vec![Level::Hash { column, partitions: self.modulus / modulus }],
            names: Vec::new(),
            ..self.request.clone()
        };
        Ok(Some(Bucket { oid, remainder, modulus, request, after }))
    }

    /// Finishes what a run that was killed has left: a bucket that was divided has nothing more to give
    /// back. How many these were.
    pub async fn finish(&self, work: &Work<'_>) -> Result<u64> {
        let mut done = 0;
        for conversion in state::all(work.session.client()).await? {
            let parent = conversion.design.source.parent.as_ref();
            let is_ours = conversion.design.request.shape == Shape::Split
                && parent.is_some_and(|parent| parent.oid == self.table);
            if is_ours {
                done += u64::from(swap::finished(work, &conversion).await?);
            }
        }
        Ok(done)
    }

    /// Whether each bucket has the wanted modulus already, or can be divided: its own divides that.
    async fn fit(&self, client: &impl GenericClient) -> Result<bool> {
        let moduli = self.moduli(client).await?;
        Ok(!moduli.is_empty()
            && moduli.iter().all(|(modulus, _, _)| self.modulus.is_multiple_of(*modulus)))
    }

    /// Modulus, remainder and OID of each bucket.
    async fn moduli(&self, client: &impl GenericClient) -> Result<Vec<(u32, u32, u32)>> {
        let rows = client
            .query(
                "SELECT pg_get_expr(c.relpartbound, c.oid), c.oid FROM pg_inherits i
                 JOIN pg_class c ON c.oid = i.inhrelid WHERE i.inhparent = $1",
                &[&self.table],
            )
            .await
            .context(|| format!("cannot read the partitions of table {}", self.table))?;
        rows.iter()
            .map(|row| match Bound::read(row.get(0)) {
                Some(Bound::Hash { modulus, remainder }) => Ok((modulus, remainder, row.get(1))),
                _ => Err(Error::failed(format!("{} is no bucket's bound", row.get::<_, &str>(0)))),
            })
            .collect()
    }
}

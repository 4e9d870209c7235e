//! What a layout is made from: the extent of the columns, the present, and the names in use.

use std::collections::BTreeSet;

use jiff::Timestamp;
use lab::catalog::{Name, quote_ident};
use lab::{Context, Error, Result};
use tokio_postgres::{GenericClient, Row};

use super::LIMIT;
use super::axis::Kind;
use crate::portrait::{Column, Portrait};
use crate::request::{Level, Request, Shape};

/// What [`of`](super::of) needs to know beyond the request and the catalogs.
#[derive(Debug, Clone, PartialEq)]
pub struct Facts {
    /// The server's clock, in microseconds since 1970-01-01 00:00 UTC.
    pub now: i64,
    /// The extent of each level's column, in the order of the request's levels.
    pub extents: Vec<Extent>,
    /// Names of relations and types in the table's schema that no partition can have.
    pub taken: BTreeSet<String>,
}

impl Facts {
    /// The server's clock.
    pub(super) fn now(&self) -> Result<Timestamp> {
        Timestamp::from_microsecond(self.now)
            .context(|| "the server's clock is beyond the year 9999")
    }
}

/// What a column holds, as far as its level must know.
#[derive(Debug, Clone, PartialEq)]
pub enum Extent {
    /// For a range: least and greatest value as positions of an [`Axis`](super::Axis); `None` without rows.
    Range {
        /// The least and the greatest.
        ends: Option<(i128, i128)>,
        /// A value that only a DEFAULT partition holds: `NULL`, `infinity`.
        outside: Option<String>,
    },
    /// For a list: the values as text in the order of their type, at most one more than the limit.
    List {
        /// The values.
        values: Vec<String>,
        /// Whether there are NULLs.
        nulls: bool,
    },
    /// For a hash, nothing is needed.
    Hash,
}

/// Reads all of it for `request`. Where no index begins with a level's column, the table is read.
pub async fn facts(
    client: &impl GenericClient,
    request: &Request,
    portrait: &Portrait,
) -> Result<Facts> {
    let mut extents = Vec::new();
    for level in &request.levels {
        extents.push(extent(client, portrait, level).await?);
    }
    // The table's own names become free in the swap, when it is not to stay.
    let goes = matches!(request.shape, Shape::Table | Shape::Split);
    let tree: &[u32] = if goes { &portrait.tree } else { &[] };
    let what = || format!("cannot see which names are in use in schema {}", portrait.schema);
    let rows = client
        .query(
            "SELECT relname::text FROM pg_class
             WHERE relnamespace = $1::text::regnamespace AND oid <> ALL ($2::oid[])
             UNION
             SELECT typname::text FROM pg_type
             WHERE typnamespace = $1::text::regnamespace AND typrelid <> ALL ($2::oid[])",
            &[&quote_ident(&portrait.schema).into_owned(), &tree],
        )
        .await
        .context(what)?;
    let taken = rows.iter().map(|row| row.try_get(0)).collect::<Result<_, _>>().context(what)?;
    let now = client
        .query_one("SELECT (extract(epoch FROM clock_timestamp()) * 1000000)::bigint", &[])
        .await
        .and_then(|row| row.try_get(0))
        .context(|| "cannot ask the server for its time")?;
    Ok(Facts { now, extents, taken })
}

/// The extent of one level's column: by an index where one begins with it, else by reading the
/// table. Exact at the moment of reading.
pub async fn extent(
    client: &impl GenericClient,
    portrait: &Portrait,
    level: &Level,
) -> Result<Extent> {
    let column = super::column(portrait, level.column())?;
    let what = || format!("cannot read the extent of {} in {}", column.name, portrait.name);
    let source = Source {
        table: Name::new(&portrait.schema, &portrait.name).to_string(),
        column: quote_ident(&column.name).into_owned(),
        indexed: portrait.indexes.iter().any(|index| {
            index.valid
                && !index.partial
                && index.using.starts_with("btree ")
                && index.columns.first() == Some(&Some(column.name.clone()))
        }),
    };
    match level {
        Level::Range { .. } => {
            let kind = Kind::of(column)?;
            let row = client.query_one(&source.range(kind), &[]).await.context(what)?;
            read_range(&row, column, kind)
        }
        Level::List { .. } => {
            let labels = labels(client, portrait, column).await.context(what)?;
            let values = match labels {
                Some(labels) => labels,
                None => texts(client, &source.values()).await.context(what)?,
            };
            let nulls = if column.not_null {
                false
            } else {
                let exists = format!(
                    "SELECT EXISTS (SELECT FROM {} WHERE {} IS NULL)",
                    source.table, source.column
                );
                let row = client.query_one(&exists, &[]).await.context(what)?;
                row.try_get(0).context(what)?
            };
            Ok(Extent::List { values, nulls })
        }
        Level::Hash { .. } => Ok(Extent::Hash),
    }
}

async fn texts(
    client: &impl GenericClient,
    statement: &str,
) -> Result<Vec<String>, tokio_postgres::Error> {
    client.query(statement, &[]).await?.iter().map(|row| row.try_get(0)).collect()
}

/// All values that a column can have, where the type says so: an enum's labels, true and false. One
/// that is not there yet may be written tomorrow.
async fn labels(
    client: &impl GenericClient,
    portrait: &Portrait,
    column: &Column,
) -> Result<Option<Vec<String>>, tokio_postgres::Error> {
    if column.base_type == "bool" {
        return Ok(Some(vec!["false".to_owned(), "true".to_owned()]));
    }
    let rows = client
        .query(
            "SELECT e.enumlabel::text
             FROM pg_attribute a JOIN pg_type t ON t.oid = a.atttypid
             JOIN pg_enum e ON e.enumtypid IN (t.oid, t.typbasetype)
             WHERE a.attrelid = $1 AND a.attname = $2 ORDER BY e.enumsortorder",
            &[&portrait.oid, &column.name],
        )
        .await?;
    let labels = rows.iter().map(|row| row.try_get(0)).collect::<Result<Vec<_>, _>>()?;
    Ok(if labels.is_empty() { None } else { Some(labels) })
}

/// The table and column that are read, quoted.
struct Source {
    table: String,
    column: String,
    /// A whole btree index begins with the column.
    indexed: bool,
}

impl Source {
    /// One row: least and greatest ordinary value as positions (text), whether there is a NULL, and
    /// an example of a value that is not ordinary.
    fn range(&self, kind: Kind) -> String {
        let Self { table, column: c, indexed } = self;
        let (ordinary, odd) = match kind {
            Kind::Date | Kind::Timestamp | Kind::Timestamptz => {
                (format!("isfinite({c})"), format!("{c} IN ('infinity', '-infinity')"))
            }
            Kind::Numeric => {
                let odd = "('NaN', 'Infinity', '-Infinity')";
                (format!("{c} NOT IN {odd}"), format!("{c} IN {odd}"))
            }
            Kind::Integer => ("true".to_owned(), "false".to_owned()),
            Kind::Uuid => {
                let version = format!("get_byte(uuid_send({c}), 6) >> 4");
                (format!("{version} = 7"), format!("{version} <> 7"))
            }
        };
        let position = |end: &str| match kind {
            Kind::Date => format!("({end} - date '1970-01-01')::text"),
            Kind::Timestamp | Kind::Timestamptz => {
                format!("(extract(epoch FROM {end}) * 1000000)::numeric(40, 0)::text")
            }
            Kind::Integer => format!("{end}::text"),
            Kind::Numeric => format!("floor({end})::text"),
            Kind::Uuid => {
                format!("('x' || translate(left({end}::text, 13), '-', ''))::bit(48)::bigint::text")
            }
        };
        // Whether each uuid is of version 7 is in no index.
        if *indexed && kind != Kind::Uuid {
            let end = |direction: &str| {
                format!(
                    "(SELECT {c} FROM {table} WHERE {ordinary} AND {c} IS NOT NULL ORDER BY {c} {direction} LIMIT 1)"
                )
            };
            return format!(
                "SELECT {}, {}, EXISTS (SELECT FROM {table} WHERE {c} IS NULL),
                 (SELECT {c}::text FROM {table} WHERE {odd} LIMIT 1)",
                position(&end("ASC")),
                position(&end("DESC")),
            );
        }
        // There is no min(uuid) before PostgreSQL 18; as text they have the same order.
        let value = if kind == Kind::Uuid { format!("{c}::text COLLATE \"C\"") } else { c.clone() };
        format!(
            "SELECT {}, {}, coalesce(bool_or({c} IS NULL), false), min({c}::text) FILTER (WHERE {odd})
             FROM {table}",
            position(&format!("min({value}) FILTER (WHERE {ordinary})")),
            position(&format!("max({value}) FILTER (WHERE {ordinary})")),
        )
    }

    /// The values that there are, in order; from one to the next by the index where there is one.
    fn values(&self) -> String {
        let Self { table, column: c, indexed } = self;
        let limit = LIMIT + 1;
        if *indexed {
            format!(
                "WITH RECURSIVE found (value) AS (
                     (SELECT {c} FROM {table} WHERE {c} IS NOT NULL ORDER BY {c} LIMIT 1)
                     UNION ALL
                     SELECT (SELECT {c} FROM {table} WHERE {c} > found.value ORDER BY {c} LIMIT 1)
                     FROM found WHERE found.value IS NOT NULL)
                 SELECT value::text FROM found WHERE value IS NOT NULL LIMIT {limit}"
            )
        } else {
            format!(
                "SELECT value::text FROM (SELECT DISTINCT {c} FROM {table} WHERE {c} IS NOT NULL) found (value)
                 ORDER BY value LIMIT {limit}"
            )
        }
    }
}

fn read_range(row: &Row, column: &Column, kind: Kind) -> Result<Extent> {
    let what = || format!("cannot read the extent of {}", column.name);
    let end = |n: usize| -> Result<Option<i128>> {
        let text: Option<String> = row.try_get(n).context(what)?;
        text.map(|text| {
            text.parse().map_err(|_| {
                Error::failed(format!("column {} holds {text}", column.name))
                    .because("that is too great for a partition's bound here")
            })
        })
        .transpose()
    };
    let odd: Option<String> = row.try_get(3).context(what)?;
    if let (Kind::Uuid, Some(uuid)) = (kind, &odd) {
        return Err(Error::failed(format!("column {} holds {uuid}", column.name))
            .because("only UUIDs of version 7 begin with a time, and this is none")
            .next(format!("--hash {} --partitions N", column.name)));
    }
    let nulls: bool = row.try_get(2).context(what)?;
    let outside = odd.or_else(|| nulls.then(|| "NULL".to_owned()));
    Ok(Extent::Range { ends: end(0)?.zip(end(1)?), outside })
}

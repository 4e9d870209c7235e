//! Tries some rows before the load begins, and takes them back.

use bytes::BytesMut;
use lab::connect::search_path;
use lab::{Context, Error, Result};
use rand::SeedableRng;
use tokio_postgres::Client;
use tokio_postgres::error::{DbError, SqlState};
use tokio_postgres::types::{IsNull, ToSql, Type};

use crate::fields::Fields;
use crate::rows::{Random, Source};

/// How many rows are tried.
const ROWS: usize = 100;

/// A value in binary format, for a parameter of whatever type.
#[derive(Debug)]
pub(super) struct Raw<'a>(pub Option<&'a [u8]>);

impl ToSql for Raw<'_> {
    fn to_sql(
        &self,
        _: &Type,
        buffer: &mut BytesMut,
    ) -> Result<IsNull, Box<dyn std::error::Error + Sync + Send>> {
        let Some(value) = self.0 else { return Ok(IsNull::Yes) };
        buffer.extend_from_slice(value);
        Ok(IsNull::No)
    }

    fn accepts(_: &Type) -> bool {
        true
    }

    tokio_postgres::types::to_sql_checked!();
}

/// Inserts rows of `source` in a transaction that is rolled back. Triggers run, and sequences
/// don't go back. `capacity`: how many rows there can be. `strays`: rows that fit no partition are
/// expected.
pub async fn probe(
    client: &Client,
    source: &Source,
    capacity: Option<u128>,
    strays: bool,
) -> Result<()> {
    let what = || format!("cannot insert into {}", source.table);
    client
        .batch_execute(&format!(
            "BEGIN; SET LOCAL lock_timeout = '2s'; SET LOCAL statement_timeout = '10s';
                 SET CONSTRAINTS ALL IMMEDIATE; {}",
            search_path::SET_LOCAL_USERS
        ))
        .await
        .context(what)?;
    let rows =
        capacity.and_then(|rows| usize::try_from(rows).ok()).map_or(ROWS, |rows| rows.min(ROWS));
    let tried = insert(client, source, rows, strays).await;
    let rolled_back = client.batch_execute("ROLLBACK").await.context(what);
    tried.and(rolled_back)
}

async fn insert(client: &Client, source: &Source, count: usize, strays: bool) -> Result<()> {
    let what = || format!("cannot insert into {}", source.table);
    let names: Vec<_> =
        source.columns.iter().map(|column| lab::catalog::quote_ident(&column.name)).collect();
    let numbers: Vec<String> = (1..=names.len()).map(|n| format!("${n}")).collect();
    let statement = format!(
        "INSERT INTO {} ({}) VALUES ({})",
        source.table,
        names.join(", "),
        numbers.join(", ")
    );
    let statement = client.prepare(&statement).await.context(what)?;
    let mut rows = source.rows.clone_box();
    let mut random = Random::seed_from_u64(0);
    let mut buffer = BytesMut::new();
    for _ in 0..count {
        buffer.clear();
        rows.write(&mut random, &mut Fields(&mut buffer));
        let values = split(&buffer);
        let values: Vec<&(dyn ToSql + Sync)> = values.iter().map(|v| v as _).collect();
        client.batch_execute("SAVEPOINT a_row").await.context(what)?;
        if let Err(error) = client.execute(&statement, &values).await {
            let database = error.as_db_error();
            let stray = database.is_some_and(|e| {
                e.code() == &SqlState::CHECK_VIOLATION && e.constraint().is_none()
            });
            if !(strays && stray) {
                return Err(match database {
                    Some(database) => refused(client, source, database).await.caused_by(&error),
                    None => Error::failed(what()).caused_by(&error),
                });
            }
            client.batch_execute("ROLLBACK TO a_row").await.context(what)?;
        }
    }
    Ok(())
}

/// The values of a row.
pub(super) fn split(mut fields: &[u8]) -> Vec<Raw<'_>> {
    let mut values = Vec::new();
    while let Some((length, rest)) = fields.split_first_chunk::<4>() {
        let Ok(length) = usize::try_from(i32::from_be_bytes(*length)) else {
            values.push(Raw(None));
            fields = rest;
            continue;
        };
        let (value, rest) = rest.split_at(length.min(rest.len()));
        values.push(Raw(Some(value)));
        fields = rest;
    }
    values
}

/// Says which column or constraint refused a row, and what to do about it.
async fn refused(client: &Client, source: &Source, error: &DbError) -> Error {
    let about = match (error.constraint(), error.column()) {
        (Some(constraint), _) => format!("constraint \"{constraint}\""),
        (None, Some(column)) => format!("column \"{column}\""),
        (None, None) => "the server".to_owned(),
    };
    let refused = format!("{}: {about} refuses the rows that were invented", source.table);
    let mut refused = Error::failed(refused);
    let reset = format!("ROLLBACK TO a_row; {}", search_path::SET_LOCAL);
    let _ = client.batch_execute(&reset).await;
    if let Some(name) = error.constraint()
        && let Some(definition) = definition(client, &source.table, name).await
    {
        refused = refused.detail("constraint", definition);
    }
    let column = error.column().unwrap_or("column");
    match *error.code() {
        SqlState::UNIQUE_VIOLATION => refused.next(format!(
            "the values that fit are used up, or a trigger changes them; give more of them: \
             --set '{column}=value'"
        )),
        // For these there is advice already.
        SqlState::INSUFFICIENT_PRIVILEGE
        | SqlState::LOCK_NOT_AVAILABLE
        | SqlState::READ_ONLY_SQL_TRANSACTION
        | SqlState::QUERY_CANCELED => refused,
        _ => refused.next(format!(
            "give values that fit: --set '{column}=value' (again for more of them: rows take one \
             at random)"
        )),
    }
}

/// A constraint or unique index as `CREATE` would write it.
async fn definition(client: &Client, table: &str, name: &str) -> Option<String> {
    let found = client
        .query_opt(
            "SELECT pg_get_constraintdef(c.oid) FROM pg_constraint c
             WHERE c.conname = $2 AND ($1::text::regclass = c.conrelid OR c.contypid <> 0)
             UNION ALL
             SELECT indexdef FROM pg_indexes WHERE indexname = $2 LIMIT 1",
            &[&table, &name],
        )
        .await;
    found.ok().flatten().and_then(|row| row.try_get(0).ok())
}

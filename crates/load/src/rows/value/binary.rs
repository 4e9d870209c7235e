//! The server turns text into values: it knows every type, and its binary format.

use std::error::Error as StdError;

use lab::connect::search_path::AS_USER;
use tokio_postgres::Client;
use tokio_postgres::types::{FromSql, Type};

/// A value of any type as the server sends it; `None` is NULL.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Binary(pub Option<Vec<u8>>);

impl<'a> FromSql<'a> for Binary {
    fn from_sql(_: &Type, raw: &'a [u8]) -> Result<Self, Box<dyn StdError + Sync + Send>> {
        Ok(Self(Some(raw.to_vec())))
    }

    fn from_sql_null(_: &Type) -> Result<Self, Box<dyn StdError + Sync + Send>> {
        Ok(Self(None))
    }

    fn accepts(_: &Type) -> bool {
        true
    }
}

/// Each text as a value of `sql_type` (as `format_type` prints it), in the same order. Those for
/// which one of `checks` is false are left out; these are expressions over a column `column`
/// (quoted). Fails when the server doesn't take one of the texts.
pub async fn convert(
    client: &Client,
    texts: &[String],
    sql_type: &str,
    column: &str,
    checks: &[String],
) -> Result<Vec<Vec<u8>>, tokio_postgres::Error> {
    let mut query = format!(
        "SELECT made.{column} FROM (SELECT given.value::{sql_type} AS {column}, given.at
         FROM unnest($1::text[]) WITH ORDINALITY given (value, at) OFFSET 0) made WHERE {AS_USER}"
    );
    for check in checks {
        query.push_str(" AND (");
        query.push_str(check);
        query.push_str(") IS NOT FALSE");
    }
    query.push_str(" ORDER BY made.at");
    let rows = client.query(&query, &[&texts]).await?;
    rows.iter()
        .filter_map(|row| row.try_get::<_, Binary>(0).map(|value| value.0).transpose())
        .collect()
}

/// Values that stand in `SELECT`s as the server itself printed them (`'O''Brien'`, `12`,
/// `'2024-01-01'::date`), each as a value of `sql_type`, in the same order. Only for what
/// `pg_get_expr` answered: these are put into a statement as they are.
pub async fn typed_literals(
    client: &Client,
    literals: &[String],
    sql_type: &str,
) -> Result<Vec<Option<Vec<u8>>>, tokio_postgres::Error> {
    if literals.is_empty() {
        return Ok(Vec::new());
    }
    let items: Vec<String> = literals
        .iter()
        .enumerate()
        .map(|(at, literal)| format!("({at}, ({literal})::{sql_type})"))
        .collect();
    let query =
        format!("SELECT value FROM (VALUES {}) given (at, value) ORDER BY at", items.join(", "));
    typed(client, &query).await
}

/// The first column of a query's rows.
pub async fn typed(
    client: &Client,
    query: &str,
) -> Result<Vec<Option<Vec<u8>>>, tokio_postgres::Error> {
    let rows = client.query(query, &[]).await?;
    rows.iter().map(|row| Ok(row.try_get::<_, Binary>(0)?.0)).collect()
}

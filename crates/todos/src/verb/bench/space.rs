//! How much room tables and indexes take.

use lab::connect::Session;
use lab::{Context, Result};

use super::{Line, Unit, leaves};

const SIZES: &str = "
    SELECT sum(pg_table_size(oid))::float8, sum(pg_indexes_size(oid))::float8 FROM pg_class
    WHERE relnamespace = 'todo_app'::regnamespace AND relname = ANY ($1)";

/// The old table's, and that of active and archive together.
pub async fn measure(session: &Session, old: Option<&str>) -> Result<[Line; 2]> {
    let mut new = leaves(session, "todos_active").await?;
    new.extend(leaves(session, "todos_archived").await?);
    let (table, indexes) = sizes(session, &new).await?;
    let before = match old {
        Some(old) => Some(sizes(session, &[old.to_owned()]).await?),
        None => None,
    };
    let line = |measure: &str, before, after| Line {
        measure: measure.to_owned(),
        unit: Unit::Bytes,
        before,
        after,
    };
    Ok([
        line("tables", before.map(|before| before.0), table),
        line("indexes", before.map(|before| before.1), indexes),
    ])
}

async fn sizes(session: &Session, tables: &[String]) -> Result<(f64, f64)> {
    let what = || "cannot read how large the tables are";
    let row = session.client().query_one(SIZES, &[&tables]).await.context(what)?;
    Ok((row.try_get(0).context(what)?, row.try_get(1).context(what)?))
}

//! Which tables are ours: those whose comment begins with `Partition Lab: `.
//!
//! The comment moves with the table when it is renamed, survives dump and restore, and tells a
//! person who looks at the table where it comes from.

use crate::connect::Session;
use crate::{Context, Error, Result};

/// Refuses to go on when one of `tables` (unquoted names, looked up in the search path) exists and
/// is not ours.
pub async fn require(session: &Session, tables: &[&str]) -> Result<()> {
    let rows = session
        .client()
        .query(
            "SELECT DISTINCT format('%I.%I', n.nspname, c.relname)
             FROM unnest($1::text[]) name
             JOIN pg_class c ON c.oid = to_regclass(quote_ident(name))
             JOIN pg_namespace n ON n.oid = c.relnamespace
             WHERE obj_description(c.oid, 'pg_class') IS NULL
                OR obj_description(c.oid, 'pg_class') NOT LIKE 'Partition Lab: %'
             ORDER BY 1",
            &[&tables],
        )
        .await
        .context(|| "cannot look for tables of these names")?;
    let strangers: Vec<String> = rows.iter().map(|row| row.get(0)).collect();
    if strangers.is_empty() {
        return Ok(());
    }
    let (exist, it) = if strangers.len() == 1 { ("exists", "it") } else { ("exist", "them") };
    let names = strangers.join(", ");
    Err(Error::failed(format!("{names} {exist} already, and setup did not make {it}"))
        .because("the comment does not begin with \"Partition Lab: \"")
        .next(format!("rename {it}, or use another database: createdb partition_demo, then POSTGRES_DB=partition_demo"))
        .next("or unset DATABASE_URL and POSTGRES_* to use the local server"))
}

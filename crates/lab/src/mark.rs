//! Which tables are ours: those whose comment begins with `Partition Lab: `; and whose our schemas are.
//!
//! The comment moves with the table when it is renamed, survives dump and restore, and tells a
//! person who looks at the table where it comes from.

use tokio_postgres::GenericClient;

use crate::connect::Session;
use crate::{Context, Error, Result, sql};

/// Refuses to go on when one of `tables` (unquoted names of tables in `public`) exists and is not ours.
pub async fn require(session: &Session, tables: &[&str]) -> Result<()> {
    let rows = session
        .client()
        .query(
            "SELECT DISTINCT format('%I.%I', n.nspname, c.relname)
             FROM unnest($1::text[]) name
             JOIN pg_class c ON c.relname = name
             JOIN pg_namespace n ON n.oid = c.relnamespace AND n.nspname = 'public'
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

/// Refuses to go on when somebody whom this role does not trust rules over a schema of ours, or over what is in it: who made
/// it beforehand, or may make things in it, would have their triggers, views and functions run with our rights. A schema that is
/// not there yet is fine.
pub async fn require_trusted(client: &impl GenericClient, schema: &str) -> Result<()> {
    let what = || format!("cannot see whose schema {schema} is");
    let rows = client.query(sql::SCHEMA_STRANGERS, &[&schema]).await.context(what)?;
    let mut strangers = Vec::new();
    for row in &rows {
        strangers.push(row.try_get::<_, String>(0).context(what)?);
    }
    if strangers.is_empty() {
        return Ok(());
    }
    let who = strangers.join(", ");
    Err(Error::failed(format!("schema {schema} is not this role's alone"))
        .because(format!("{who} could have triggers, views or functions in it run with your rights"))
        .next(format!("connect as the role whose it is ({who})"))
        .next(format!("or see what is in it, and take it over: \\dn+ {schema} in psql, REASSIGN OWNED, REVOKE CREATE ON SCHEMA {schema}")))
}

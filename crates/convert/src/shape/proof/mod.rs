//! CHECKs that prove to ATTACH what it would otherwise scan a table for: what they must say
//! ([`conditions`]), and how they come onto a table in use ([`prove`]).

mod condition;
mod hash;

use lab::catalog::Name;
use lab::{Context, Result};
use tokio_postgres::Client;

use super::brief::briefly;
use crate::moves::literal;
use crate::work::Work;

pub use condition::{Below, above, conditions};

/// Makes what conditions over text columns of hash keys need.
pub async fn prepare(client: &Client) -> Result<()> {
    client
        .batch_execute(hash::COLLATIONS)
        .await
        .context(|| "cannot make the type partition_convert.collations")
}

/// A validated CHECK of this name and condition stands on the table: made if there is none, made again
/// if there is one of another condition (a sibling came or went), validated if a kill came before that.
pub async fn prove(work: &Work<'_>, table: &Name, check: &str, condition: &str) -> Result<()> {
    let client = work.session.client();
    let found = client
        .query_opt(
            "SELECT convalidated, obj_description(oid, 'pg_constraint') FROM pg_constraint
             WHERE conrelid = $1::text::regclass AND conname = $2",
            &[&table.to_string(), &check],
        )
        .await
        .context(|| format!("cannot read the constraints of {table}"))?;
    let validated = match found {
        Some(row) if row.get::<_, Option<&str>>(1) == Some(condition) => row.get(0),
        found => {
            let drop = found.map(|_| format!("ALTER TABLE {table} DROP CONSTRAINT {check}"));
            let add = [
                format!("ALTER TABLE {table} ADD CONSTRAINT {check} CHECK ({condition}) NOT VALID"),
                format!("COMMENT ON CONSTRAINT {check} ON {table} IS {}", literal(condition)),
            ];
            let statements: Vec<_> = drop.into_iter().chain(add).collect();
            briefly(work, format!("add a check to {table}"), &statements).await?;
            false
        }
    };
    if validated {
        return Ok(());
    }
    // SHARE UPDATE EXCLUSIVE: nobody who reads or writes waits for it.
    let validate = format!("ALTER TABLE {table} VALIDATE CONSTRAINT {check}");
    client
        .batch_execute(&validate)
        .await
        .context(|| format!("not all rows of {table} are within its bound"))
}

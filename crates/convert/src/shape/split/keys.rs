//! Foreign keys around a split.
//!
//! ATTACH gives a partition the parent's foreign keys, and scans it unless it has the same ones
//! already, validated. So the partitions have them before they are live; but a key of a table that
//! lags behind would refuse the deletion of rows that only its stale rows still reference. Hence a
//! second key beside each, `ON DELETE CASCADE`: it is made first, its trigger fires first, and takes
//! the stale rows away. They come back with the next replay if the live table still has them, which
//! the live table's own key then allows.

use lab::catalog::{Name, quote_ident};
use lab::{Context, Result};
use tokio_postgres::GenericClient;

use crate::shape::brief::briefly;
use crate::work::Work;

/// The query of [`Keys::read`].
const FOREIGN_KEYS: &str = include_str!("../../../../../scripts/convert/split/foreign_keys.sql");

/// The foreign keys of a parent, in either direction.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Keys {
    /// Of the parent, and so of each partition.
    pub outgoing: Vec<Key>,
    /// Of other tables, at the parent. DETACH refuses a partition that is referenced, so these are
    /// dropped and come back NOT VALID in the same transaction.
    pub incoming: Vec<Key>,
}

/// A foreign key.
#[derive(Debug, Clone, PartialEq)]
pub struct Key {
    /// Unquoted.
    pub name: String,
    /// The referencing table, qualified and quoted.
    pub table: String,
    /// The referenced table, qualified and quoted.
    pub references: String,
    /// `FOREIGN KEY (…) REFERENCES …`, without NOT VALID.
    pub definition: String,
    /// Comment.
    pub comment: Option<String>,
    /// Referencing columns, quoted, with commas.
    columns: String,
    /// Referenced columns, quoted, with commas.
    referenced_columns: String,
}

impl Keys {
    /// Reads them afresh.
    pub async fn read(client: &impl GenericClient, parent: u32) -> Result<Self> {
        let what = || format!("cannot read the foreign keys of table {parent}");
        let mut keys = Self::default();
        for row in client.query(FOREIGN_KEYS, &[&parent]).await.context(what)? {
            let key = Key {
                name: row.get("name"),
                table: row.get("table"),
                references: row.get("references"),
                definition: row.get("definition"),
                comment: row.get("comment"),
                columns: row.get("columns"),
                referenced_columns: row.get("referenced_columns"),
            };
            if row.get("outgoing") { keys.outgoing.push(key) } else { keys.incoming.push(key) }
        }
        Ok(keys)
    }
}

/// The name of the cascading key beside the `n`th one.
pub fn cascade_name(conversion: i64, n: usize) -> String {
    format!("partition_convert_{conversion}_cascade_{n}")
}

/// Each of `tables` has each of `keys`, not yet validated, with its cascading companion.
pub async fn add(work: &Work<'_>, conversion: i64, tables: &[Name], keys: &[Key]) -> Result<()> {
    for table in tables {
        for (n, key) in keys.iter().enumerate() {
            if state(work, table, &key.name).await?.is_none() {
                let what = format!("add foreign key {} to {table}", key.name);
                briefly(work, what, &statements(conversion, table, n, key)).await?;
            }
        }
    }
    Ok(())
}

/// Validates them. Rows that were stale when the keys came must have been replayed since.
pub async fn validate(work: &Work<'_>, tables: &[Name], keys: &[Key]) -> Result<()> {
    for table in tables {
        for key in keys {
            if state(work, table, &key.name).await? == Some(true) {
                continue;
            }
            let name = quote_ident(&key.name);
            let validate = format!("ALTER TABLE {table} VALIDATE CONSTRAINT {name}");
            work.session
                .client()
                .batch_execute(&validate)
                .await
                .context(|| format!("cannot validate foreign key {} of {table}", key.name))?;
        }
    }
    Ok(())
}

/// Whether the table has the key, and if so, whether it is validated.
async fn state(work: &Work<'_>, table: &Name, key: &str) -> Result<Option<bool>> {
    let row = work
        .session
        .client()
        .query_opt(
            "SELECT convalidated FROM pg_constraint
             WHERE conrelid = $1::text::regclass AND conname = $2 AND contype = 'f'",
            &[&table.to_string(), &key],
        )
        .await
        .context(|| format!("cannot read the foreign keys of {table}"))?;
    Ok(row.map(|row| row.get(0)))
}

fn statements(conversion: i64, table: &Name, n: usize, key: &Key) -> Vec<String> {
    vec![
        format!(
            "ALTER TABLE {table} ADD CONSTRAINT {} FOREIGN KEY ({}) REFERENCES {} ({}) \
             ON UPDATE CASCADE ON DELETE CASCADE NOT VALID",
            cascade_name(conversion, n),
            key.columns,
            key.references,
            key.referenced_columns
        ),
        format!(
            "ALTER TABLE {table} ADD CONSTRAINT {} {} NOT VALID",
            quote_ident(&key.name),
            key.definition
        ),
    ]
}

//! Which scripts have run: table `partition_lab.setup_scripts`.

use lab::connect::Session;
use lab::script::Script;
use lab::{Context, Result};
use tokio_postgres::Client;

/// The script that makes the schema and the table.
pub const SCRIPT: &str = "00_lab_schema.sql";

/// A script that has run.
#[derive(Debug)]
pub struct Record {
    /// Whether its text is still what ran.
    pub unchanged: bool,
    /// The `--scale` with which it ran.
    pub scale: i64,
    /// When, as the server prints it.
    pub finished_at: String,
}

/// Whether `script` has run in this database, and how.
pub async fn find(session: &Session, script: &Script) -> Result<Option<Record>> {
    let row = session
        .client()
        .query_opt(
            "SELECT checksum = encode(sha256(convert_to($2, 'UTF8')), 'hex'), scale,
                    to_char(finished_at, 'YYYY-MM-DD HH24:MI')
             FROM partition_lab.setup_scripts WHERE script = $1",
            &[&script.name, &script.text],
        )
        .await
        .context(|| "cannot read partition_lab.setup_scripts")?;
    Ok(row.map(|row| Record { unchanged: row.get(0), scale: row.get(1), finished_at: row.get(2) }))
}

/// Records in the script's own transaction that it has run.
pub async fn insert(client: &Client, script: &Script, scale: u32) -> Result<()> {
    client
        .execute(
            "INSERT INTO partition_lab.setup_scripts (script, checksum, scale)
             VALUES ($1, encode(sha256(convert_to($2, 'UTF8')), 'hex'), $3)",
            &[&script.name, &script.text, &i64::from(scale)],
        )
        .await
        .map(drop)
        .context(|| format!("cannot record that {} has run", script.name))
}

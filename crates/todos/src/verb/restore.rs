//! `todos restore`: a retired month comes back, whole or not at all.

use std::path::Path;

use bytes::Bytes;
use futures_util::SinkExt;
use lab::app::App;
use lab::catalog::quote_ident;
use lab::report::{count, plural};
use lab::{Context, Error, Result, exclusive};
use serde::Serialize;
use tokio_postgres::Client;
use tokio_postgres::error::SqlState;

use crate::cli::Restore;
use crate::cold::file::{self, Reader};
use crate::cold::manifest::Manifest;
use crate::verb::retire;

/// As JSON.
#[derive(Debug, Serialize)]
struct Document {
    partition: String,
    rows: i64,
}

/// Checks the file, then brings it back in one transaction.
pub async fn run(app: &App, flags: &Restore) -> Result<()> {
    let manifest = Manifest::read(&flags.file)?;
    file::verify(&flags.file, &manifest.sha256)?;
    let session = app.connect().await?;
    exclusive::hold(&session, exclusive::PATIENCE, &app.interrupt).await?;
    retire::prepare(app, &session, flags.scripts.scripts.clone()).await?;
    let work = restore(session.client(), &manifest, &flags.file);
    let outcome = app.read(&session, "while restoring; nothing was restored", work).await;
    if let Err(error) = outcome {
        // The server has rolled back, or does so now.
        let _ = session.client().batch_execute("ROLLBACK").await;
        return Err(error);
    }
    app.json(&Document { partition: manifest.partition.clone(), rows: manifest.rows })?;
    app.say(format!(
        "{} is back, with {}",
        manifest.partition,
        plural(manifest.rows.unsigned_abs(), "row")
    ))
}

async fn restore(client: &Client, manifest: &Manifest, path: &Path) -> Result<()> {
    let name = &manifest.partition;
    let what = || format!("cannot restore {name}");
    let table = format!("todo_app.{}", quote_ident(name));
    let make = format!(
        "BEGIN; CREATE TABLE {table} (LIKE todo_app.todos_archived INCLUDING DEFAULTS INCLUDING CONSTRAINTS)"
    );
    client.batch_execute(&make).await.map_err(|error| {
        if error.code() == Some(&SqlState::DUPLICATE_TABLE) {
            return Error::failed(what())
                .because("there is a table of this name: the month is there already, or was restored before")
                .next("cargo run -p todos -- stats");
        }
        Error::failed(what()).caused_by(&error)
    })?;
    fill(client, &table, manifest, path).await?;
    let call = "SELECT todo_app.restore_archive_partition($1, $2::text::timestamptz, $3::text::timestamptz, $4, $5)";
    let Manifest { since, until, rows, content, .. } = manifest;
    let attached = client.execute(call, &[name, since, until, rows, content]).await;
    attached.map_err(|error| {
        let next = match error.code() {
            Some(&SqlState::FOREIGN_KEY_VIOLATION) => {
                "a user or project of that time is gone: nothing was restored"
            }
            Some(&SqlState::CHECK_VIOLATION) => "DEFAULT holds rows of that month: move them first",
            _ => "nothing was restored",
        };
        Error::failed(what()).caused_by(&error).next(next)
    })?;
    client.batch_execute("COMMIT").await.context(what)
}

/// Sends the file's rows to a table of the archive's columns.
pub async fn fill(client: &Client, table: &str, manifest: &Manifest, path: &Path) -> Result<()> {
    let what = || format!("cannot read {} into {table}", path.display());
    let mut reader = Reader::new(path).context(what)?;
    let copy = format!("COPY {table} ({}) FROM STDIN", column_list(manifest));
    let sink = client.copy_in::<_, Bytes>(&copy).await.context(what)?;
    let mut sink = std::pin::pin!(sink);
    loop {
        let piece = reader.piece().context(what)?;
        if piece.is_empty() {
            break;
        }
        sink.send(piece.into()).await.context(what)?;
    }
    let rows = sink.finish().await.context(what)?;
    if i64::try_from(rows).ok() == Some(manifest.rows) {
        return Ok(());
    }
    Err(Error::failed(what()).because(format!(
        "it holds {} rows, and its manifest says {}",
        count(rows),
        count(manifest.rows.unsigned_abs())
    )))
}

/// The manifest's columns, quoted.
pub fn column_list(manifest: &Manifest) -> String {
    let columns: Vec<String> =
        manifest.columns.iter().map(|column| quote_ident(column).into_owned()).collect();
    columns.join(", ")
}

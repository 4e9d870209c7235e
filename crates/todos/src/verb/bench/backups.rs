//! How long a backup takes, the first and the next, and how large it is.

use std::fs;
use std::path::Path;
use std::time::Instant;

use lab::app::App;
use lab::connect::Session;
use lab::{Context, Result, report};

use super::{Line, Unit, leaves};
use crate::verb::backup::{Chosen, Done, backup};

/// Into folders that are gone afterwards.
pub async fn measure(app: &App, session: &Session, old: Option<&str>) -> Result<Vec<Line>> {
    let folder = tempfile::tempdir().context(|| "cannot make a folder for the backups")?;
    let (before, after) = (folder.path().join("before"), folder.path().join("after"));
    for folder in [&before, &after] {
        fs::create_dir(folder).context(|| format!("cannot make {}", folder.display()))?;
    }
    let (active, archived) =
        (leaves(session, "todos_active").await?, leaves(session, "todos_archived").await?);
    let all: Vec<String> = active.iter().chain(&archived).cloned().collect();
    let old = match old {
        Some(old) => Some(taken(app, session, &before, vec![old.to_owned()]).await?.0),
        None => None,
    };
    let (first, done) = taken(app, session, &after, all.clone()).await?;
    // As if each active partition had changed since, and no month of the archive.
    for done in done.iter().filter(|done| active.contains(&done.saved.table)) {
        let file = after.join(&done.saved.dump.file);
        fs::remove_file(&file).context(|| format!("cannot remove {}", file.display()))?;
    }
    let (next, _) = taken(app, session, &after, all).await?;
    let line = |measure: &str, unit, before, after| Line {
        measure: measure.to_owned(),
        unit,
        before,
        after,
    };
    let (compressed, room) = archive(session, &done, &archived).await?;
    Ok(vec![
        line("backup, the first", Unit::Milliseconds, old, first),
        line("backup, a day later", Unit::Milliseconds, old, next),
        line("the archive, as tables and compressed", Unit::Bytes, Some(room), compressed),
    ])
}

/// How many milliseconds it took, and what it dumped.
async fn taken(
    app: &App,
    session: &Session,
    folder: &Path,
    tables: Vec<String>,
) -> Result<(f64, Vec<Done>)> {
    let begun = Instant::now();
    let done = backup(app, session, folder, &Chosen::Only(tables)).await?;
    Ok((report::milliseconds(begun.elapsed()), done))
}

/// Bytes of the archive's dumps, and of its tables.
async fn archive(session: &Session, done: &[Done], archived: &[String]) -> Result<(f64, f64)> {
    let what = || "cannot read how large the archive is";
    let sql = "SELECT sum(pg_table_size(oid))::float8 FROM pg_class WHERE relnamespace = 'todo_app'::regnamespace AND relname = ANY ($1)";
    let row = session.client().query_one(sql, &[&archived]).await.context(what)?;
    let of_archive = done.iter().filter(|done| archived.contains(&done.saved.table));
    let compressed: u64 = of_archive.map(|done| done.saved.dump.bytes).sum();
    #[allow(clippy::cast_precision_loss, reason = "below 2^53")]
    Ok((compressed as f64, row.try_get(0).context(what)?))
}

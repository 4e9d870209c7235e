//! `todos backup`: each table to a file of its own by `pg_dump`, all by one snapshot; what has not changed since is not dumped again.

use std::fs;
use std::path::Path;
use std::time::Instant;

use lab::app::App;
use lab::catalog::quote_ident;
use lab::connect::Session;
use lab::report::{self, Align, Progress, Table, bytes, duration, plural};
use lab::{Context, Error, Result, exclusive};
use serde::Serialize;

use crate::cli;
use crate::cold::backup::{Backup, Saved};
use crate::cold::dump::{self, NewFile, Snapshot, pg_dump};
use crate::stage::Stage;

const TABLES: &str = "
    SELECT relname::text FROM pg_class
    WHERE relnamespace = 'todo_app'::regnamespace AND relkind = 'r' ORDER BY relname";

const SNAPSHOT: &str = "
    SELECT pg_export_snapshot(), date_trunc('second', now())::text, current_database()::text";

const CONTENT: &str = "SELECT rows, content FROM todo_app.table_content($1::text::regclass)";

/// What became of a table.
#[derive(Debug, Serialize)]
pub struct Done {
    /// What the backup has of it now.
    #[serde(flatten)]
    pub saved: Saved,
    /// Whether it was dumped by this run.
    pub dumped: bool,
}

/// Which tables.
pub enum Chosen {
    /// Every one, and none that is gone since.
    All,
    /// These; of the others stays what there is.
    Only(Vec<String>),
}

/// Brings the backup in the folder up to date.
pub async fn run(app: &App, flags: &cli::Backup) -> Result<()> {
    let begun = Instant::now();
    let session = app.connect().await?;
    exclusive::hold(&session, exclusive::PATIENCE, &app.interrupt).await?;
    let chosen = flags.partition.clone().map_or(Chosen::All, |one| Chosen::Only(vec![one]));
    let done = backup(app, &session, &flags.to, &chosen).await?;
    app.json(&done)?;
    app.say(render(&done, flags, begun))
}

/// The same; what became of each table.
pub async fn backup(
    app: &App,
    session: &Session,
    folder: &Path,
    chosen: &Chosen,
) -> Result<Vec<Done>> {
    if !folder.is_dir() {
        return Err(Error::usage(format!("{} is no folder", folder.display()))
            .next(format!("mkdir -p {}", folder.display())));
    }
    Stage::read(session).await?.at_least(Stage::Partitioned)?;
    let before = Backup::read(folder)?.unwrap_or_default();
    dump::remove_leftovers(folder)?;
    let what = || "cannot take a snapshot";
    let client = session.client();
    let begin = "SET timezone = 'UTC'; BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY";
    client.batch_execute(begin).await.context(what)?;
    let row = client.query_one(SNAPSHOT, &[]).await.context(what)?;
    let snapshot =
        Snapshot { id: row.try_get(0).context(what)?, at: row.try_get(1).context(what)? };
    let database: String = row.try_get(2).context(what)?;
    if !before.database.is_empty() && before.database != database {
        return Err(Error::failed(format!(
            "{} holds a backup of {}",
            folder.display(),
            before.database
        ))
        .because(format!("this is {database}"))
        .next("choose another folder with --to"));
    }
    let tables = tables(session, chosen).await?;
    let bar = Progress::bar(tables.len() as u64, "");
    let (mut done, mut files) = (Vec::new(), Vec::new());
    let only_schema = ["--schema-only", "--schema=todo_app"].map(str::to_owned);
    let work = async {
        for table in tables {
            bar.message(table.as_str());
            let (one, file) = one(app, session, folder, &before, &snapshot, table).await?;
            files.extend(file);
            done.push(one);
            bar.advance();
        }
        let schema = pg_dump(app, session, &snapshot, folder, "schema", &only_schema).await?;
        client.batch_execute("COMMIT").await.context(what)?;
        Ok(schema)
    };
    let (schema, file) =
        app.read(session, "while dumping; the last backup is as it was", work).await?;
    files.push(file);
    bar.finish();
    let mut tables: Vec<Saved> = done.iter().map(|done: &Done| done.saved.clone()).collect();
    if let Chosen::Only(these) = chosen {
        let others = before.tables.iter().filter(|saved| !these.contains(&saved.table));
        tables.extend(others.cloned());
        tables.sort_by(|a, b| a.table.cmp(&b.table));
    }
    let postgresql = session.server().version.text.clone();
    let after = Backup { database, postgresql, schema: Some(schema), tables };
    files.into_iter().try_for_each(NewFile::keep)?;
    after.write(folder)?;
    remove_replaced(folder, &before, &after)?;
    Ok(done)
}

async fn tables(session: &Session, chosen: &Chosen) -> Result<Vec<String>> {
    let what = || "cannot read which tables there are";
    let rows = session.client().query(TABLES, &[]).await.context(what)?;
    let mut tables =
        rows.iter().map(|row| row.try_get(0).context(what)).collect::<Result<Vec<String>>>()?;
    let Chosen::Only(these) = chosen else { return Ok(tables) };
    if let Some(unknown) = these.iter().find(|table| !tables.contains(table)) {
        return Err(Error::usage(format!(
            "there is no partition todo_app.{}",
            quote_ident(unknown)
        ))
        .next("cargo run -p todos -- stats"));
    }
    tables.retain(|table| these.contains(table));
    Ok(tables)
}

async fn one(
    app: &App,
    session: &Session,
    folder: &Path,
    before: &Backup,
    snapshot: &Snapshot,
    table: String,
) -> Result<(Done, Option<NewFile>)> {
    let what = || format!("cannot read {table}");
    let qualified = format!("todo_app.{}", quote_ident(&table));
    let row = session.client().query_one(CONTENT, &[&qualified]).await.context(what)?;
    let (count, content): (i64, String) =
        (row.try_get(0).context(what)?, row.try_get(1).context(what)?);
    let as_of = snapshot.at.clone();
    if let Some(rows) = before.intact(folder, &table)
        && (rows.rows, &rows.content) == (count, &content)
    {
        return Ok((Done { saved: Saved { as_of, ..rows.clone() }, dumped: false }, None));
    }
    // By the root, a row finds its partition also when that is another by then (`todos grow`), or gone.
    let flags = [
        "--data-only".to_owned(),
        "--load-via-partition-root".to_owned(),
        format!("--table={qualified}"),
    ];
    let (dump, file) = pg_dump(app, session, snapshot, folder, &table, &flags).await?;
    let saved = Saved { table, rows: count, content, as_of, dump };
    Ok((Done { saved, dumped: true }, Some(file)))
}

/// What no manifest names any more.
fn remove_replaced(folder: &Path, before: &Backup, after: &Backup) -> Result<()> {
    for file in before.files().filter(|file| after.files().all(|kept| kept != *file)) {
        let path = folder.join(file);
        if path.exists() {
            fs::remove_file(&path).context(|| format!("cannot remove {}", path.display()))?;
        }
    }
    Ok(())
}

fn render(done: &[Done], flags: &cli::Backup, begun: Instant) -> String {
    let columns =
        [("table", Align::Left), ("rows", Align::Right), ("size", Align::Right), ("", Align::Left)];
    let mut table = Table::new(&columns);
    for Done { saved, dumped } in done {
        let became = if *dumped { "dumped" } else { "unchanged" };
        table.row([
            saved.table.clone(),
            report::count(saved.rows.unsigned_abs()),
            bytes(saved.dump.bytes),
            became.to_owned(),
        ]);
    }
    let dumped = done.iter().filter(|done| done.dumped).count();
    format!(
        "{table}\n{} dumped, {} unchanged, in {}.  back: docs/todos.md, Backup ({})",
        plural(dumped as u64, "table"),
        done.len() - dumped,
        duration(begun.elapsed()),
        flags.to.join("backup.json").display()
    )
}

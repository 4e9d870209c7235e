//! `todos retire`: a month goes to a file, is read back, compared, and only then dropped.

use std::path::{Path, PathBuf};

use futures_util::TryStreamExt;
use lab::app::App;
use lab::catalog::quote_ident;
use lab::connect::Session;
use lab::report::{self, Align, Progress, Table, plural};
use lab::script::Scripts;
use lab::{Context, Error, Result, exclusive};
use serde::Serialize;

use crate::cli::Retire;
use crate::cold::file::{self, Writer};
use crate::cold::manifest::Manifest;
use crate::stage::{Stage, run_script};
use crate::verb::{maintain, restore};

const DUE: &str = "SELECT name, since::text, until::text FROM todo_app.past_retention($1, now())";

const COLUMNS: &str = "
    SELECT array_agg(attname::text ORDER BY attnum) FROM pg_attribute
    WHERE attrelid = $1::text::regclass AND attnum > 0 AND NOT attisdropped";

/// A month that was retired, as programs read it.
#[derive(Debug, Serialize)]
struct Retired {
    partition: String,
    rows: i64,
    bytes: u64,
    file: PathBuf,
}

/// Retires what is past retention, the oldest month first.
pub async fn run(app: &App, flags: &Retire) -> Result<()> {
    if !flags.to.is_dir() {
        return Err(Error::usage(format!("{} is no folder", flags.to.display()))
            .next(format!("mkdir -p {}", flags.to.display())));
    }
    let session = app.connect().await?;
    exclusive::hold(&session, exclusive::PATIENCE, &app.interrupt).await?;
    prepare(app, &session, flags.scripts.scripts.clone()).await?;
    if Stage::read(&session).await? == Stage::CutOver {
        return Err(Error::failed(
            "todos_old is there still: a rollback needs what the archive holds",
        )
        .next("cargo run -p todos -- finish"));
    }
    let what = || "cannot see which months are past retention";
    // As the manifest says them.
    session.client().batch_execute("SET timezone = 'UTC'").await.context(what)?;
    let due = session.client().query(DUE, &[&flags.retention_months]).await.context(what)?;
    let mut retired = Vec::new();
    let bar = Progress::bar(due.len() as u64, "");
    for row in due {
        let one = |n| row.try_get::<_, String>(n).context(what);
        let manifest =
            Manifest { partition: one(0)?, since: one(1)?, until: one(2)?, ..Manifest::default() };
        bar.message(manifest.partition.as_str());
        retired.push(if flags.dry_run {
            would_be(app, &session, manifest, &flags.to).await?
        } else {
            retire(app, &session, manifest, &flags.to).await?
        });
        bar.advance();
    }
    bar.finish();
    app.json(&retired)?;
    app.say(render(&retired, flags))
}

/// The functions of both directions.
pub async fn prepare(app: &App, session: &Session, scripts: Option<PathBuf>) -> Result<()> {
    maintain::install(app, session, scripts.clone()).await?;
    let scripts = Scripts::new(scripts)?;
    run_script(app, session, &scripts, "004_cold_storage.sql", async |_| Ok(())).await
}

fn path(folder: &Path, partition: &str) -> PathBuf {
    folder.join(format!("{partition}.copy.gz"))
}

async fn would_be(
    app: &App,
    session: &Session,
    mut manifest: Manifest,
    folder: &Path,
) -> Result<Retired> {
    measure(app, session, &mut manifest).await?;
    let file = path(folder, &manifest.partition);
    Ok(Retired { partition: manifest.partition, rows: manifest.rows, bytes: 0, file })
}

async fn retire(
    app: &App,
    session: &Session,
    mut manifest: Manifest,
    folder: &Path,
) -> Result<Retired> {
    let file = path(folder, &manifest.partition);
    let partition = manifest.partition.clone();
    let what = || format!("cannot retire {partition}");
    measure(app, session, &mut manifest).await?;
    if file.exists() && Manifest::path(&file).exists() {
        // A run that was killed before it dropped the month has left what it wrote.
        let written = Manifest::read(&file)?;
        if (written.rows, &written.content) != (manifest.rows, &manifest.content) {
            return Err(Error::failed(format!(
                "{} is there already, and holds something else",
                file.display()
            ))
            .next("choose another folder with --to"));
        }
        manifest = written;
    } else {
        manifest.sha256 = write(app, session, &manifest, &file).await?;
        manifest.write(&file)?;
    }
    read_back(app, session, &manifest, &file).await?;
    let details =
        format!("to {} in {}", file.file_name().unwrap_or_default().display(), folder.display());
    let drop = "SELECT todo_app.drop_archive_partition($1, 'retire', $2, $3)";
    let parameters: [&(dyn tokio_postgres::types::ToSql + Sync); 3] =
        [&partition, &details, &manifest.content];
    let dropped = session.client().query_one(drop, &parameters);
    app.read(session, "before the month was dropped", async { dropped.await.context(what) })
        .await?;
    Ok(Retired {
        partition: manifest.partition,
        rows: manifest.rows,
        bytes: file::size(&file),
        file,
    })
}

/// Rows, checksum, columns and server.
async fn measure(app: &App, session: &Session, manifest: &mut Manifest) -> Result<()> {
    let what = || format!("cannot read {}", manifest.partition);
    let table = format!("todo_app.{}", quote_ident(&manifest.partition));
    let read = async {
        let client = session.client();
        let columns = client.query_one(COLUMNS, &[&table]).await.context(what)?;
        let content = "SELECT rows, content FROM todo_app.table_content($1::text::regclass)";
        let content = client.query_one(content, &[&table]).await.context(what)?;
        Ok((
            columns.try_get(0).context(what)?,
            content.try_get(0).context(what)?,
            content.try_get(1).context(what)?,
        ))
    };
    let (columns, rows, content) = app.read(session, "while reading the archive", read).await?;
    (manifest.columns, manifest.rows, manifest.content) = (columns, rows, content);
    manifest.postgresql.clone_from(&session.server().version.text);
    Ok(())
}

/// The file's SHA-256.
async fn write(app: &App, session: &Session, manifest: &Manifest, file: &Path) -> Result<String> {
    let what = || format!("cannot write {}", file.display());
    let copy = format!(
        "COPY (SELECT {} FROM todo_app.{} ORDER BY id) TO STDOUT",
        restore::column_list(manifest),
        quote_ident(&manifest.partition)
    );
    let write = async {
        let mut writer = Writer::new(file.parent().unwrap_or(Path::new("."))).context(what)?;
        let stream = session.client().copy_out(&copy).await.context(what)?;
        let mut stream = std::pin::pin!(stream);
        while let Some(bytes) = stream.try_next().await.context(what)? {
            writer.add(&bytes).context(what)?;
        }
        writer.finish(file).context(what)
    };
    let next =
        "nothing was dropped: run the same command again, or give it a folder with more room";
    app.read(session, "while writing; nothing was dropped", write)
        .await
        .map_err(|error| error.or_next(next))
}

/// Into a table of its own, which must then hold what the month holds.
async fn read_back(app: &App, session: &Session, manifest: &Manifest, path: &Path) -> Result<()> {
    file::verify(path, &manifest.sha256)?;
    let what = || format!("cannot read {} back", path.display());
    let read = async {
        let client = session.client();
        let table = "DROP TABLE IF EXISTS pg_temp.read_back; CREATE TEMP TABLE read_back (LIKE todo_app.todos_archived)";
        client.batch_execute(table).await.context(what)?;
        restore::fill(client, "pg_temp.read_back", manifest, path).await?;
        let content = "SELECT rows, content FROM todo_app.table_content('pg_temp.read_back')";
        let row = client.query_one(content, &[]).await.context(what)?;
        client.batch_execute("DROP TABLE pg_temp.read_back").await.context(what)?;
        Ok::<(i64, String), Error>((row.try_get(0).context(what)?, row.try_get(1).context(what)?))
    };
    let read = app.read(session, "while reading back; nothing was dropped", read).await?;
    if read == (manifest.rows, manifest.content.clone()) {
        return Ok(());
    }
    Err(Error::failed(format!(
        "{} does not hold what {} holds: nothing was dropped",
        path.display(),
        manifest.partition
    ))
    .because(format!("{} rows there, {} here", read.0, manifest.rows)))
}

fn render(retired: &[Retired], flags: &Retire) -> String {
    if retired.is_empty() {
        return format!(
            "no month ended more than {} ago",
            plural(flags.retention_months.unsigned_abs().into(), "month")
        );
    }
    let columns = [
        ("partition", Align::Left),
        ("rows", Align::Right),
        ("file", Align::Right),
        ("", Align::Left),
    ];
    let mut table = Table::new(&columns);
    for one in retired {
        let size = if flags.dry_run { "–".to_owned() } else { report::bytes(one.bytes) };
        let path = one.file.display().to_string();
        table.row([one.partition.clone(), report::count(one.rows.unsigned_abs()), size, path]);
    }
    let next = if flags.dry_run {
        "nothing was retired"
    } else {
        "back: cargo run -p todos -- restore FILE"
    };
    format!("{table}\n{next}")
}

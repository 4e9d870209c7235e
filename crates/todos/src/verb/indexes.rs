//! `todos indexes`: what the new tables lack, built while others write; then who uses which.

use lab::app::App;
use lab::connect::Session;
use lab::report::{self, Align, Progress, Table};
use lab::script::Scripts;
use lab::{Context, Result, exclusive};
use serde::Serialize;
use tokio_postgres::Row;
use tokio_postgres::error::SqlState;

use crate::cli::Indexes;
use crate::patience::patiently;
use crate::stage::{Stage, run_script};

/// How long a statement that others would have to wait behind may wait for its lock.
const LOCK_TIMEOUT: &str = "SET lock_timeout = '100ms'";

/// Whoever builds an index CONCURRENTLY waits for others; nobody waits for it.
const NO_LOCK_TIMEOUT: &str = "SET lock_timeout = 0";

const STATEMENTS: &str = "SELECT todo_app.index_statements()";

const USAGE: &str = r#"
    SELECT "table", index, size, scans, tuples_read, tuples_fetched, verdict FROM todo_app.get_index_usage_stats()"#;

/// An index with all its partitions, as programs read it.
#[derive(Debug, Serialize)]
struct Usage {
    table: String,
    index: String,
    bytes: i64,
    scans: i64,
    tuples_read: i64,
    tuples_fetched: i64,
    verdict: String,
}

/// Builds them, unless `--dry-run` only shows how.
pub async fn run(app: &App, flags: &Indexes) -> Result<()> {
    let scripts = Scripts::new(flags.scripts.scripts.clone())?;
    let session = app.connect().await?;
    exclusive::hold(&session, exclusive::PATIENCE, &app.interrupt).await?;
    Stage::read(&session).await?.at_least(Stage::Partitioned)?;
    let script = "005_indexing_optimization.sql";
    run_script(app, &session, &scripts, script, async |_| Ok(())).await?;
    let statements = statements(&session).await?;
    if flags.dry_run {
        let script: Vec<String> = statements.iter().map(|sql| format!("{sql};")).collect();
        app.json(&statements)?;
        return app.say(script.join("\n"));
    }
    let bar = Progress::bar(statements.len() as u64, "");
    for sql in &statements {
        bar.message(sql.as_str());
        build(app, &session, sql).await?;
        bar.advance();
    }
    bar.finish();
    let usage = usage(&session).await?;
    app.json(&usage)?;
    app.say(render(&usage))
}

async fn statements(session: &Session) -> Result<Vec<String>> {
    let what = || "cannot see which indexes are missing";
    let rows = session.client().query(STATEMENTS, &[]).await.context(what)?;
    rows.iter().map(|row| row.try_get(0)).collect::<Result<_, _>>().context(what)
}

/// One statement; again and again for half a minute when its lock is not free at once.
async fn build(app: &App, session: &Session, sql: &str) -> Result<()> {
    let what = || format!("cannot build the indexes: {sql}");
    let again =
        "cargo run -p todos -- indexes     (goes on, and rebuilds what was not built to its end)";
    let timeout = if sql.contains(" CONCURRENTLY ") { NO_LOCK_TIMEOUT } else { LOCK_TIMEOUT };
    session.client().batch_execute(timeout).await.context(what)?;
    let built = patiently(app, session, sql, &[SqlState::LOCK_NOT_AVAILABLE], || {
        session.client().batch_execute(sql)
    });
    let built = built.await.map_err(|error| error.next(again))?;
    built.context(what).map_err(|error| error.or_next(again))
}

async fn usage(session: &Session) -> Result<Vec<Usage>> {
    let what = || "cannot see how indexes are used";
    let one = |row: &Row| {
        Ok::<_, tokio_postgres::Error>(Usage {
            table: row.try_get(0)?,
            index: row.try_get(1)?,
            bytes: row.try_get(2)?,
            scans: row.try_get(3)?,
            tuples_read: row.try_get(4)?,
            tuples_fetched: row.try_get(5)?,
            verdict: row.try_get(6)?,
        })
    };
    let rows = session.client().query(USAGE, &[]).await.context(what)?;
    rows.iter().map(one).collect::<Result<_, _>>().context(what)
}

fn render(usage: &[Usage]) -> String {
    let columns = [
        ("index", Align::Left),
        ("size", Align::Right),
        ("scans", Align::Right),
        ("read", Align::Right),
        ("fetched", Align::Right),
        ("verdict", Align::Left),
    ];
    let mut table = Table::new(&columns);
    let count = |n: i64| report::count(n.unsigned_abs());
    for index in usage {
        table.row([
            index.index.clone(),
            report::bytes(index.bytes.unsigned_abs()),
            count(index.scans),
            count(index.tuples_read),
            count(index.tuples_fetched),
            index.verdict.clone(),
        ]);
    }
    table.to_string()
}

//! `todos maintain`: a period's tasks, each in a transaction of its own, then what no function can do.

use std::time::{Duration, Instant};

use lab::app::App;
use lab::connect::Session;
use lab::report::{self, Align, Progress, Table, plural};
use lab::script::Scripts;
use lab::{Context, Error, Result, exclusive};
use serde::Serialize;
use tokio_postgres::Row;
use tokio_postgres::types::ToSql;

use crate::cli::{Maintain, Period};
use crate::stage::{Stage, run_script};

/// Batches of archiving that one transaction takes: what the next one would lose if it failed.
const BATCHES: i32 = 10;

const INSTALLED: &str =
    "SELECT to_regprocedure('todo_app.run_maintenance_task(text, text, int)') IS NOT NULL";

const TASKS: &str = "SELECT task FROM todo_app.maintenance_tasks($1)";

const RUN: &str = "
    SELECT status, details, extract(epoch FROM took)::float8 * 1000, more
    FROM todo_app.run_maintenance_task($1, $2, $3)";

const STATEMENTS: &str = "SELECT task, statement FROM todo_app.weekly_statements()";

const LOG: &str = "
    SELECT todo_app.log_maintenance($1, $2, $3, $4, $5, clock_timestamp() - $6 * interval '1 ms')";

/// A line of `maintenance_job_log`.
#[derive(Debug, Serialize)]
struct Task {
    #[serde(rename = "task")]
    name: String,
    /// `done` or `failed`.
    status: String,
    details: String,
    elapsed_ms: f64,
}

/// Runs all tasks, whatever becomes of each. Exits with 1 when one failed.
pub async fn run(app: &App, flags: &Maintain) -> Result<()> {
    let session = app.connect().await?;
    exclusive::hold(&session, exclusive::PATIENCE, &app.interrupt).await?;
    install(app, &session, flags.scripts.scripts.clone()).await?;
    let period = flags.period.name();
    let what = || format!("cannot see which tasks are {period}");
    let rows = session.client().query(TASKS, &[&period]).await.context(what)?;
    let mut done = Vec::new();
    let bar = Progress::bar(rows.len() as u64, "");
    for row in rows {
        let task: String = row.try_get(0).context(what)?;
        bar.message(task.as_str());
        while perform(app, &session, period, &task, &mut done).await? {}
        bar.advance();
    }
    bar.finish();
    if matches!(flags.period, Period::Weekly) {
        statements(app, &session, period, &mut done).await?;
    }
    app.json(&done)?;
    app.say(render(&done))?;
    let failed: Vec<&Task> = done.iter().filter(|task| task.status == "failed").collect();
    if failed.is_empty() {
        return Ok(());
    }
    let error = Error::failed(format!(
        "{} failed; the others are done",
        plural(failed.len() as u64, "task")
    ));
    let causes = failed
        .iter()
        .fold(error, |error, task| error.because(format!("{}: {}", task.name, task.details)));
    Err(causes.next("cargo run -p todos -- health").next(format!(
        "cargo run -p todos -- maintain {period}     (again, once the cause is gone)"
    )))
}

/// The functions, unless they are there. Fails before the cutover.
pub async fn install(
    app: &App,
    session: &Session,
    scripts: Option<std::path::PathBuf>,
) -> Result<()> {
    Stage::read(session).await?.at_least(Stage::CutOver)?;
    let what = || "cannot look for the maintenance functions";
    let row = session.client().query_one(INSTALLED, &[]).await.context(what)?;
    if row.try_get(0).context(what)? {
        return Ok(());
    }
    let scripts = Scripts::new(scripts)?;
    for script in ["005_indexing_optimization.sql", "003_maintenance_jobs.sql"] {
        run_script(app, session, &scripts, script, async |_| Ok(())).await?;
    }
    Ok(())
}

/// Once; whether there may be more of the same to do.
async fn perform(
    app: &App,
    session: &Session,
    period: &str,
    task: &str,
    done: &mut Vec<Task>,
) -> Result<bool> {
    let what = || format!("cannot run the {period} task \"{task}\"");
    let parameters: [&(dyn ToSql + Sync); 3] = [&period, &task, &BATCHES];
    let work = session.client().query_one(RUN, &parameters);
    let row = session.canceller().unless_interrupted(&app.interrupt, work).await?;
    let row =
        row.ok_or_else(|| Error::interrupted(format!("interrupted: {task}")))?.context(what)?;
    let read = |row: &Row| {
        let task = Task {
            name: task.to_owned(),
            status: row.try_get(0)?,
            details: row.try_get(1)?,
            elapsed_ms: row.try_get(2)?,
        };
        Ok::<_, tokio_postgres::Error>((task, row.try_get(3)?))
    };
    let (task, more) = read(&row).context(what)?;
    done.push(task);
    Ok(more)
}

/// VACUUM and REINDEX CONCURRENTLY, a log entry for all of a kind.
async fn statements(
    app: &App,
    session: &Session,
    period: &str,
    done: &mut Vec<Task>,
) -> Result<()> {
    let what = || "cannot see what is to be vacuumed and reindexed";
    let rows = session.client().query(STATEMENTS, &[]).await.context(what)?;
    let mut due: Vec<(String, Vec<String>)> = Vec::new();
    for row in rows {
        let (task, sql): (String, String) =
            (row.try_get(0).context(what)?, row.try_get(1).context(what)?);
        match due.last_mut().filter(|(last, _)| *last == task) {
            Some((_, statements)) => statements.push(sql),
            None => due.push((task, vec![sql])),
        }
    }
    // Both wait for others without being in anybody's way.
    session.client().batch_execute("SET lock_timeout = '1min'").await.context(what)?;
    for (task, statements) in due {
        let begun = Instant::now();
        let mut failure = None;
        let bar = Progress::bar(statements.len() as u64, "");
        for sql in &statements {
            bar.message(sql.as_str());
            let work = session.client().batch_execute(sql);
            let ran = session.canceller().unless_interrupted(&app.interrupt, work).await?;
            match ran.ok_or_else(|| Error::interrupted(format!("interrupted: {sql}")))? {
                Ok(()) => bar.advance(),
                Err(error) => failure = Some((sql, error)),
            }
        }
        bar.finish();
        done.push(log(session, period, task, &statements, failure, begun.elapsed()).await?);
    }
    Ok(())
}

async fn log(
    session: &Session,
    period: &str,
    task: String,
    statements: &[String],
    failure: Option<(&String, tokio_postgres::Error)>,
    elapsed: Duration,
) -> Result<Task> {
    let what = || format!("cannot log the {period} task \"{task}\"");
    let (status, details, code) = match failure {
        None => ("done", plural(statements.len() as u64, "statement"), None),
        Some((sql, error)) => {
            let Some(server) = error.as_db_error() else { return Err(error).context(what) };
            (
                "failed",
                format!("{sql}: {}", server.message()),
                Some(server.code().code().to_owned()),
            )
        }
    };
    let elapsed_ms = report::milliseconds(elapsed);
    let parameters =
        [&period as _, &task as _, &status as _, &details as _, &code as _, &elapsed_ms as _];
    session.client().execute(LOG, &parameters).await.context(what)?;
    Ok(Task { name: task, status: status.to_owned(), details, elapsed_ms })
}

fn render(done: &[Task]) -> String {
    let columns = [
        ("", Align::Left),
        ("task", Align::Left),
        ("details", Align::Left),
        ("time", Align::Right),
    ];
    let mut table = Table::new(&columns);
    for task in done {
        table.row([
            report::mark(task.status == "done").to_string(),
            task.name.clone(),
            task.details.clone(),
            report::duration(Duration::from_secs_f64(task.elapsed_ms / 1_000.0)),
        ]);
    }
    table.to_string()
}

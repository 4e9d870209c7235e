//! `todos health` and `todos stats`: what is wrong, and how large every partition is.

use lab::app::App;
use lab::cli::ScriptsFlag;
use lab::connect::Session;
use lab::report::{self, Align, Table, plural};
use lab::{Context, Error, Result};
use serde::Serialize;
use tokio_postgres::Row;

use crate::verb::maintain;

const HEALTH: &str =
    "SELECT issue, partition, description, severity FROM todo_app.check_partition_health()";

const STATISTICS: &str = "
    SELECT partition, type, rows, mb::float8, date_trunc('second', last_vacuum)::text, date_trunc('second', last_analyze)::text
    FROM todo_app.get_partition_statistics()";

/// A line of `check_partition_health()`.
#[derive(Debug, Serialize)]
struct Issue {
    #[serde(rename = "issue")]
    name: String,
    /// Empty when it is of no one partition.
    partition: String,
    description: String,
    /// `critical`, `warning` or `info`.
    severity: String,
}

/// A line of `get_partition_statistics()`.
#[derive(Debug, Serialize)]
struct Statistics {
    partition: String,
    /// `active`, `archive` or `ai`.
    r#type: String,
    /// As of the last VACUUM or ANALYZE.
    rows: i64,
    mb: f64,
    last_vacuum: Option<String>,
    last_analyze: Option<String>,
}

/// Says what is wrong. Exits with 1 when any of it is more than info.
pub async fn health(app: &App, flags: &ScriptsFlag) -> Result<()> {
    match shown(app, flags).await? {
        0 => Ok(()),
        serious => Err(Error::failed(format!("{} to look into", plural(serious as u64, "issue")))
            .next("docs/todos.md, Health, says what each means and what to type")),
    }
}

/// The same; how much of it is more than info.
pub async fn shown(app: &App, flags: &ScriptsFlag) -> Result<usize> {
    let session = app.connect().await?;
    maintain::install(app, &session, flags.scripts.clone()).await?;
    let issues = read(&session, HEALTH, |row| {
        Ok(Issue {
            name: row.try_get(0)?,
            partition: row.try_get(1)?,
            description: row.try_get(2)?,
            severity: row.try_get(3)?,
        })
    });
    let issues = issues.await?;
    app.json(&issues)?;
    if issues.is_empty() {
        app.say("all is well")?;
        return Ok(0);
    }
    let mut table = Table::new(
        &["severity", "issue", "partition", "description"].map(|name| (name, Align::Left)),
    );
    for Issue { name, partition, description, severity } in &issues {
        table.row([severity, name, partition, description]);
    }
    app.say(table.to_string())?;
    Ok(issues.iter().filter(|issue| issue.severity != "info").count())
}

/// Shows every partition.
pub async fn stats(app: &App, flags: &ScriptsFlag) -> Result<()> {
    let session = app.connect().await?;
    maintain::install(app, &session, flags.scripts.clone()).await?;
    let statistics = read(&session, STATISTICS, |row| {
        Ok(Statistics {
            partition: row.try_get(0)?,
            r#type: row.try_get(1)?,
            rows: row.try_get(2)?,
            mb: row.try_get(3)?,
            last_vacuum: row.try_get(4)?,
            last_analyze: row.try_get(5)?,
        })
    });
    let statistics = statistics.await?;
    app.json(&statistics)?;
    let columns = [
        ("partition", Align::Left),
        ("type", Align::Left),
        ("rows", Align::Right),
        ("MB", Align::Right),
        ("last vacuum", Align::Left),
        ("last analyze", Align::Left),
    ];
    let mut table = Table::new(&columns);
    for one in &statistics {
        let time = |time: &Option<String>| time.clone().unwrap_or_else(|| "never".to_owned());
        table.row([
            one.partition.clone(),
            one.r#type.clone(),
            report::count(one.rows.unsigned_abs()),
            format!("{:.2}", one.mb),
            time(&one.last_vacuum),
            time(&one.last_analyze),
        ]);
    }
    app.say(table.to_string())
}

async fn read<T>(
    session: &Session,
    query: &str,
    one: impl FnMut(&Row) -> std::result::Result<T, tokio_postgres::Error>,
) -> Result<Vec<T>> {
    let what = || format!("cannot read {}", query.rsplit(' ').next().unwrap_or(query));
    let rows = session.client().query(query, &[]).await.context(what)?;
    rows.iter().map(one).collect::<std::result::Result<_, _>>().context(what)
}

//! `todos validate`.

use lab::app::App;
use lab::connect::Session;
use lab::report::{self, Align, Table};
use lab::{Context, Error, Result};
use serde::Serialize;
use tokio_postgres::Row;

use crate::stage::Stage;

/// A line of `validate_migration()`.
#[derive(Debug, Serialize)]
pub struct Check {
    #[serde(rename = "check")]
    name: String,
    /// Of the one big table; null when there is nothing to add up.
    original: Option<String>,
    /// Of active and archive together.
    migrated: Option<String>,
    /// `PASS` or `FAIL`.
    result: String,
}

const CHECKS: &str =
    r#"SELECT "check", original, migrated, result FROM todo_app.validate_migration()"#;

/// Compares both in one snapshot. Exits with 1 when a check fails.
pub async fn run(app: &App) -> Result<()> {
    let session = app.connect().await?;
    let stage = Stage::read(&session).await?;
    stage.at_least(Stage::Migrating)?;
    stage.before_cutover()?;
    let checks = checks(app, &session).await?;
    app.json(&checks)?;
    app.say(render(&checks))?;
    passed(&checks)
}

/// All checks, in one snapshot.
pub async fn checks(app: &App, session: &Session) -> Result<Vec<Check>> {
    let what = || "cannot compare todos with active and archive".to_owned();
    let work = session.client().query(CHECKS, &[]);
    let rows = session.canceller().unless_interrupted(&app.interrupt, work).await?;
    let rows =
        rows.ok_or_else(|| Error::interrupted("interrupted while comparing"))?.context(what)?;
    let check = |row: &Row| {
        Ok::<_, tokio_postgres::Error>(Check {
            name: row.try_get(0)?,
            original: row.try_get(1)?,
            migrated: row.try_get(2)?,
            result: row.try_get(3)?,
        })
    };
    rows.iter().map(check).collect::<Result<_, _>>().context(what)
}

/// Fails with the names of those that failed.
pub fn passed(checks: &[Check]) -> Result<()> {
    let failed: Vec<&str> =
        checks.iter().filter(|check| !check.passes()).map(|check| check.name.as_str()).collect();
    if failed.is_empty() {
        return Ok(());
    }
    Err(Error::failed(format!("todos is not what active and archive hold: {}", failed.join(", ")))
        .next("cargo run -p todos -- migrate     (carries over what was changed meanwhile)"))
}

impl Check {
    fn passes(&self) -> bool {
        self.result == "PASS"
    }
}

/// As a table for people.
pub fn render(checks: &[Check]) -> String {
    let columns = [
        ("", Align::Left),
        ("check", Align::Left),
        ("original", Align::Right),
        ("migrated", Align::Right),
    ];
    let mut table = Table::new(&columns);
    for check in checks {
        let text = |value: &Option<String>| value.clone().unwrap_or_else(|| "–".to_owned());
        table.row([
            report::mark(check.passes()).to_string(),
            check.name.clone(),
            text(&check.original),
            text(&check.migrated),
        ]);
    }
    table.to_string()
}

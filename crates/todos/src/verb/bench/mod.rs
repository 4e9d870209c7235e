//! `todos bench`: what the team wants to see, before and after, each of it measured.

mod asks;
mod backups;
mod space;

use lab::app::App;
use lab::connect::Session;
use lab::report::{Align, Table, bytes, duration};
use lab::{Context, Result};
use serde::Serialize;

use crate::cli::Bench;
use crate::stage::Stage;

/// A figure of the one big table beside that of the new ones.
#[derive(Debug, Serialize)]
pub struct Line {
    measure: String,
    unit: Unit,
    /// Nothing once the old table is gone.
    before: Option<f64>,
    after: f64,
}

/// What a figure counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
enum Unit {
    Milliseconds,
    Bytes,
}

/// Measures; changes nothing.
pub async fn run(app: &App, flags: &Bench) -> Result<()> {
    let session = app.connect().await?;
    let stage = Stage::read(&session).await?;
    stage.at_least(Stage::Migrating)?;
    let old = match stage {
        Stage::Finished => None,
        Stage::CutOver => Some("todos_old"),
        _ => Some("todos"),
    };
    let mut lines = Box::pin(asks::measure(app, &session, old, flags.rounds)).await?;
    lines.extend(space::measure(&session, old).await?);
    if !flags.skip_backup {
        lines.extend(backups::measure(app, &session, old).await?);
    }
    app.json(&lines)?;
    app.say(render(&lines, old))
}

/// The leaf partitions of a table of the schema.
async fn leaves(session: &Session, table: &str) -> Result<Vec<String>> {
    let what = || format!("cannot read the partitions of {table}");
    let sql = "SELECT relname::text FROM pg_partition_tree(('todo_app.' || $1)::regclass) JOIN pg_class ON oid = relid WHERE isleaf";
    let rows = session.client().query(sql, &[&table]).await.context(what)?;
    rows.iter().map(|row| row.try_get(0).context(what)).collect()
}

fn render(lines: &[Line], old: Option<&str>) -> String {
    let before = old.map_or("before".to_owned(), |old| format!("before ({old})"));
    let columns = [
        ("", Align::Left),
        (before.as_str(), Align::Right),
        ("after", Align::Right),
        ("before / after", Align::Right),
    ];
    let mut table = Table::new(&columns);
    for line in lines {
        let ratio = line.before.map(|before| format!("{:.1}", before / line.after));
        table.row([
            line.measure.clone(),
            line.before.map_or_else(|| "–".to_owned(), |before| line.unit.shown(before)),
            line.unit.shown(line.after),
            ratio.unwrap_or_default(),
        ]);
    }
    table.to_string()
}

impl Unit {
    fn shown(self, figure: f64) -> String {
        match self {
            Self::Milliseconds => duration(std::time::Duration::from_secs_f64(figure / 1000.0)),
            #[allow(
                clippy::cast_possible_truncation,
                clippy::cast_sign_loss,
                reason = "a size that was an integer"
            )]
            Self::Bytes => bytes(figure as u64),
        }
    }
}

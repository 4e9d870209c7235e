//! `status`: how far conversions are.

use convert::state::status::{self, Status};
use lab::Result;
use lab::app::App;
use lab::report::{Align, Table, count, heading};

use crate::cli;

/// `convert status`: of one table, or of all.
pub async fn run(app: &App, flags: &cli::Status) -> Result<()> {
    let session = app.connect().await?;
    let reading = status::read(session.client(), flags.table.as_deref());
    let all = app.read(&session, "while reading how far conversions are", reading).await?;
    app.json(&all)?;
    if all.is_empty() {
        return app.say("no table is being converted");
    }
    for status in &all {
        app.say(text(status))?;
    }
    Ok(())
}

fn text(status: &Status) -> String {
    let mut table = Table::new(&[("", Align::Left), ("", Align::Wrap)]);
    table.row(["phase", &status.phase]);
    table.row(["live", status.live]);
    table.row(["source", status.source.as_deref().unwrap_or("gone")]);
    table.row(["target", status.target.as_deref().unwrap_or("none")]);
    let copied = format!(
        "{} of {} blocks, {} rows",
        count(status.blocks_copied),
        count(status.blocks),
        count(status.rows_copied)
    );
    table.row(["copied", &copied]);
    if let Some(logged) = status.logged {
        table.row(["logged", &format!("{} changes to replay", count(logged))]);
    }
    for step in &status.steps {
        table.row([step.step.as_str(), &format!("{:.1} s  {}", step.seconds, step.said)]);
    }
    if let Some(pid) = status.converter {
        table.row(["at work", &format!("the session with pid {pid}")]);
    }
    table.row(["next", &status.next]);
    format!("{}\n{table}", heading(&format!("{} ({})", status.table, status.id)))
}

//! `load`: a weighted stream of realistic inserts, and where each row went.

mod choose;
mod cli;
mod insert;
mod invent;
mod live;
mod row;
mod run;
mod stats;
mod summary;

use std::process::ExitCode;

use lab::app::App;
use lab::{Error, Result, mark};

use cli::Cli;
use insert::Inserter;
use row::Table;
use run::End;
use stats::Stats;

fn main() -> ExitCode {
    lab::app::run("load", |cli: &Cli| &cli.common, load)
}

async fn load(cli: Cli, app: App) -> Result<()> {
    let session = app.connect().await?;
    mark::require(&session, &Table::MIX.map(|(table, _)| table.name())).await?;
    // Preparing an insert waits for locks on its table, as the insert itself does.
    let mut inserter =
        app.read(&session, "before the first insert", Inserter::prepare(&session)).await?;
    app.say(cli.announcement(&app.settings))?;
    let mut stats = Stats::new(inserter.partitions().map(|partition| partition.name.as_str()))?;
    let end = run::run(&cli, &app, &session, &mut inserter, &mut stats).await;
    app.json(&summary::document(&stats))?;
    app.say(summary::render(&stats, inserter.partitions()))?;
    match end {
        End::Time if stats.failed() == 0 => Ok(()),
        End::Time => Err(Error::failed(format!("{} of the inserts failed", stats.failed()))
            .detail("SQLSTATE", stats.failures())),
        End::Interrupt => {
            Err(Error::interrupted("interrupted; the rows counted above are in the tables"))
        }
        End::Error(error) => Err(error),
    }
}

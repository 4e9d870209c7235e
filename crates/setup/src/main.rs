//! `setup`: the four demonstration tables, their rows, and their partitions.

mod cli;
mod records;
mod steps;
mod summary;

use std::process::ExitCode;
use std::time::Instant;

use lab::app::App;
use lab::report;
use lab::{Error, Result, exclusive};

use cli::Cli;
use steps::Plan;
use summary::Summary;

fn main() -> ExitCode {
    lab::app::run("setup", |cli: &Cli| &cli.common, setup)
}

async fn setup(cli: Cli, app: App) -> Result<()> {
    let start = Instant::now();
    let plan = Plan::load(&cli)?;
    let mut session = app.connect().await?;
    exclusive::hold(&session, exclusive::PATIENCE, &app.interrupt).await?;
    let ran = plan.run(&app, &mut session, cli.scale).await?;
    let summary = app.read(&session, COUNTING, Summary::read(&session, cli.chat)).await?;
    app.json(&summary.document(session.server(), start.elapsed()))?;
    app.say(summary.render())?;
    if !summary.is_complete() {
        return Err(Error::failed(
            "a table that setup made is missing, or lacks rows of its old one",
        )
        .next("cargo run -p repartition -- cleanup    (when a scenario took them elsewhere)")
        .next("cargo run -p setup -- --reset          (makes everything anew, without the rows of load)"));
    }
    app.say(closing(ran, cli.until.is_some(), start))
}

/// When Ctrl-C came, in words.
const COUNTING: &str = "while counting rows; every script had run by then";

fn closing(ran: usize, until_base: bool, start: Instant) -> String {
    let done = match ran {
        0 => "All is in place.".to_owned(),
        _ => format!("Done in {}.", report::duration(start.elapsed())),
    };
    let next =
        if until_base { "cargo run -p demo, then cargo run -p setup" } else { "cargo run -p demo" };
    format!("\n{done}  next: {next}")
}

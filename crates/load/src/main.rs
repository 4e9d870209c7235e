//! `load`: a load generator for partitioned tables that tells the truth about latency, survives
//! the server, and says where each row went.

mod before;
mod cli;
mod compare;
mod engine;
mod eyes;
mod fields;
mod rehearse;
mod rows;
mod run;
mod sources;
mod stats;
mod tables;
mod verify;
mod view;
mod wire;

use std::process::ExitCode;
use std::sync::Arc;

use lab::Result;
use lab::app::App;

use cli::Cli;

fn main() -> ExitCode {
    lab::app::run("load", |cli: &Cli| &cli.common, load)
}

async fn load(cli: Cli, app: App) -> Result<()> {
    let job = cli.job(&app.settings)?;
    let session = app.connect().await?;
    let sources = app.read(&session, run::BEFORE, sources::sources(&cli, &session)).await?;
    let sources = Arc::new(sources::fitting(sources, &job)?);
    app.say(format!("\n{}", cli::announcement(&job)))?;
    if cli.dry_run {
        rehearse::run(&app, &job, &sources)
    } else if cli.compare {
        compare::run(&cli, &app, session, &job, sources).await
    } else {
        run::run(&cli, &app, session, job, sources).await
    }
}

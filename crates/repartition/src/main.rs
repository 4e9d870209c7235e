//! `repartition`: five ways to change partitions that are in use.

mod cli;
mod document;
mod layout;
mod readiness;
mod run;
mod scenario;
mod show;

use std::process::ExitCode;

use lab::app::App;
use lab::script::Scripts;
use lab::{Result, exclusive, mark};

use cli::Cli;
use run::Runner;

fn main() -> ExitCode {
    lab::app::run("repartition", |cli: &Cli| &cli.common, repartition)
}

async fn repartition(cli: Cli, app: App) -> Result<()> {
    let Some(choice) = cli.scenario else {
        return list(&app);
    };
    let scripts = Scripts::new(cli.scripts.scripts.clone())?;
    let session = app.connect().await?;
    exclusive::hold(&session, exclusive::PATIENCE, &app.interrupt).await?;
    mark::require(&session, &layout::TABLES).await?;
    let mut runner = Runner { app: &app, session, scripts, step: cli.step, dry_run: cli.dry_run };
    match choice.single() {
        Some(scenario) => runner.one(scenario).await,
        None => runner.all().await,
    }
}

/// What there is, for those who name no scenario.
fn list(app: &App) -> Result<()> {
    app.json(&document::list())?;
    app.say(show::list())
}

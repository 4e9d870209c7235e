//! `repartition`: five ways to change partitions that are in use.

mod cli;
mod document;
mod layout;
mod load;
mod online;
mod readiness;
mod run;
mod scenario;
mod show;
mod timeline;
mod way;

use std::process::ExitCode;

use lab::app::App;
use lab::script::Scripts;
use lab::{Result, exclusive, mark};

use cli::{Choice, Cli};
use run::Runner;
use way::Way;

fn main() -> ExitCode {
    lab::app::run("repartition", |cli: &Cli| &cli.common, repartition)
}

async fn repartition(cli: Cli, app: App) -> Result<()> {
    cli.check()?;
    let Some(choice) = cli.scenario.filter(|choice| *choice != Choice::List) else {
        return list(&app);
    };
    let scripts = Scripts::new(cli.scripts.scripts.clone())?;
    let session = app.connect().await?;
    exclusive::hold(&session, exclusive::PATIENCE, &app.interrupt).await?;
    mark::require(&session, &layout::TABLES).await?;
    let mut runner = Runner {
        app: &app,
        session,
        scripts,
        step: cli.step,
        dry_run: cli.dry_run,
        way: if cli.online { Way::Online } else { Way::Classic },
        load: cli.sessions(),
        html: cli.page(),
    };
    match choice.single() {
        Some(scenario) if cli.load.compare => runner.compare(scenario).await,
        Some(scenario) => runner.one(scenario).await,
        None => runner.all().await,
    }
}

/// What there is, for those who name no scenario.
fn list(app: &App) -> Result<()> {
    app.json(&document::list())?;
    app.say(show::list())
}

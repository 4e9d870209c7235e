//! `todos`: a todo application's one big table becomes active, archive and AI tables while it is in use.

mod cli;
mod patience;
mod stage;
mod verb;

use std::process::ExitCode;

use lab::Result;
use lab::app::App;

use cli::{Cli, Verb};

fn main() -> ExitCode {
    lab::app::run("todos", |cli: &Cli| &cli.common, todos)
}

async fn todos(cli: Cli, app: App) -> Result<()> {
    match &cli.verb {
        Verb::Seed(flags) => verb::seed::run(&app, flags).await,
        Verb::Partition(flags) => verb::partition::run(&app, flags).await,
        Verb::Migrate(flags) => verb::migrate::run(&app, flags).await,
        Verb::Indexes(flags) => verb::indexes::run(&app, flags).await,
        Verb::Cutover(flags) => verb::cutover::cutover(&app, flags).await,
        Verb::Rollback => verb::cutover::rollback(&app).await,
        Verb::Finish(flags) => verb::cutover::finish(&app, flags).await,
        Verb::Maintain(flags) => verb::maintain::run(&app, flags).await,
        Verb::Health(flags) => verb::health::health(&app, flags).await,
        Verb::Stats(flags) => verb::health::stats(&app, flags).await,
        Verb::Schedule(flags) => verb::schedule::run(&app, flags),
        Verb::Secure(flags) => verb::secure::run(&app, flags).await,
        Verb::Validate => verb::validate::run(&app).await,
    }
}

//! `todos`: a todo application's one big table becomes active, archive and AI tables while it is in use.

mod cli;
mod cold;
mod patience;
mod stage;
mod verb;

use std::process::ExitCode;

use lab::Result;
use lab::app::App;

use cli::Cli;

fn main() -> ExitCode {
    lab::app::run("todos", |cli: &Cli| &cli.common, todos)
}

async fn todos(cli: Cli, app: App) -> Result<()> {
    verb::run(&app, &cli.verb).await
}

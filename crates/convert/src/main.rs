//! `convert`: change how a live table is partitioned.

mod cli;
mod verb;
mod wish;

use std::process::ExitCode;

use lab::Result;
use lab::app::App;

use cli::{Cli, Verb};

fn main() -> ExitCode {
    lab::app::run("convert", |cli: &Cli| &cli.common, convert)
}

async fn convert(cli: Cli, app: App) -> Result<()> {
    match cli.verb {
        Verb::Plan(plan) => verb::plan::run(&plan, app).await,
        Verb::Run(run) => verb::run::run(&app, &run).await,
        Verb::Status(status) => verb::status::run(&app, &status).await,
        Verb::Validate(validate) => verb::validate::run(&app, &validate).await,
        Verb::Swap(table) => verb::swap::swap(&app, &table).await,
        Verb::Rollback(table) => verb::swap::rollback(&app, &table).await,
        Verb::Finish(flags) => verb::end::finish(&app, &flags).await,
        Verb::Abort(table) => verb::end::abort(&app, &table).await,
        Verb::Premake(flags) => verb::premake::run(&app, &flags).await,
    }
}

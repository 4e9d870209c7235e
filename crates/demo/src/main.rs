//! `demo`: lessons about pruning, each checked against the plan that the server really ran.

mod baseline;
mod check;
mod cli;
mod counts;
mod document;
mod expectation;
mod fact;
mod finding;
mod lesson;
mod measure;
mod outcome;
mod page;
mod run;
mod show;
mod topic;
mod versions;
mod xray;

use std::process::ExitCode;

use lab::Result;
use lab::app::App;

use cli::{Cli, What};
use topic::Topic;

fn main() -> ExitCode {
    lab::app::run("demo", |cli: &Cli| &cli.common, demo)
}

async fn demo(cli: Cli, mut app: App) -> Result<()> {
    app.ends_with_reader = true;
    let topics = match &cli.what {
        Some(What::Query(query)) => {
            return Box::pin(xray::run(query, cli.page().as_ref(), &app)).await;
        }
        Some(What::Check) => return check::run(&cli, &app).await,
        None | Some(What::All) => Topic::ALL.to_vec(),
        Some(What::Range) => vec![Topic::Range],
        Some(What::Hash) => vec![Topic::Hash],
        Some(What::List) => vec![Topic::List],
        Some(What::Composite) => vec![Topic::Composite],
        Some(What::Traps) => vec![Topic::Traps],
        Some(What::Joins) => vec![Topic::Joins],
        Some(What::Prepared) => vec![Topic::Prepared],
        Some(What::Indexes) => vec![Topic::Indexes],
        Some(What::Dml) => vec![Topic::Dml],
    };
    run::run(&topics, &cli, &app).await
}

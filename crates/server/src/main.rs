//! `server`: the local PostgreSQL, which the other commands start themselves.

mod address;
mod cli;
mod destroy;
mod psql;
mod status;

use std::process::ExitCode;
use std::time::Instant;

use lab::app::App;
use lab::config::Target;
use lab::report::{self, Progress};
use lab::server::{LocalServer, State};
use lab::{Error, Result};
use serde::Serialize;

use cli::{Action, Cli};
use status::Document;

fn main() -> ExitCode {
    lab::app::run("server", |cli: &Cli| &cli.common, server)
}

async fn server(cli: Cli, app: App) -> Result<()> {
    if cli.common.database_url.is_some() {
        return Err(Error::usage("--database-url names another server")
            .because("`server` is about the local one")
            .next("cargo run -p server -- status"));
    }
    if let Target::Remote(other) = &app.settings.target {
        report::note(&format!("the other commands use {} ({})", other.place(), other.named_by));
    }
    let local = app.settings.local.server()?;
    match cli.action {
        Action::Start { port } => start(&app, &local, port).await,
        Action::Stop => stop(&app, &local).await,
        Action::Status => status(&app, &local).await,
        Action::Url { tcp } => address::show(&app, &local, tcp).await,
        Action::Psql { args } => psql::open(&local, &args).await,
        Action::Destroy { yes } => destroy::destroy(&app, &local, yes).await,
    }
}

async fn start(app: &App, local: &LocalServer, port: Option<u16>) -> Result<()> {
    let begun = Instant::now();
    let progress = Progress::spinner("starting the local server (the first time, it is made)");
    let attached = tokio::select! {
        attached = local.attach_or_start(port) => attached?,
        () = app.interrupt.raised() => {
            return Err(Error::interrupted("interrupted while starting")
                .because("what was begun is finished, and a server that was started runs on")
                .next("cargo run -p server -- status"));
        }
    };
    progress.finish();
    for note in &attached.notes {
        report::note(note);
    }
    let document = Document::new(local, local.status().await?);
    app.json(&document)?;
    app.say(document.render())?;
    let took = report::duration(begun.elapsed());
    app.say(match (attached.created, attached.started) {
        (true, _) => format!("\nMade and started in {took}.  next: cargo run -p setup"),
        (_, true) => format!("\nStarted in {took}."),
        _ => "\nIt was running already.".to_owned(),
    })
}

async fn status(app: &App, local: &LocalServer) -> Result<()> {
    let document = Document::new(local, local.status().await?);
    app.json(&document)?;
    app.say(document.render())?;
    for note in document.notes() {
        report::note(note);
    }
    Ok(())
}

/// What `stop --format json` prints.
#[derive(Serialize)]
struct Stopped {
    /// Whether it ran.
    stopped: bool,
}

async fn stop(app: &App, local: &LocalServer) -> Result<()> {
    let progress = Progress::spinner("stopping the local server");
    let stopped = local.stop().await?;
    progress.finish();
    app.json(&Stopped { stopped })?;
    let home = local.home_path();
    app.say(match (stopped, local.status().await?) {
        (true, _) => format!("Stopped. Its data stays in {}.", home.display()),
        (_, State::Absent) => "There is no local server.".to_owned(),
        _ => "It was not running.".to_owned(),
    })
}

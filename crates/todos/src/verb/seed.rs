//! `todos seed`.

use std::time::Instant;

use lab::app::App;
use lab::report::{self, Progress, duration, plural};
use lab::script::Scripts;
use lab::{Context, Error, Result, exclusive};
use serde::Serialize;
use tokio_postgres::types::ToSql;

use crate::cli::Seed;
use crate::stage::{SCHEMA, Stage, run_script};

/// As JSON.
#[derive(Debug, Serialize)]
struct Document {
    users: i64,
    todos: i64,
    elapsed_ms: f64,
}

/// Makes the application's tables and their rows in one transaction.
pub async fn run(app: &App, flags: &Seed) -> Result<()> {
    let begun = Instant::now();
    let scripts = Scripts::new(flags.scripts.scripts.clone())?;
    let session = app.connect().await?;
    exclusive::hold(&session, exclusive::PATIENCE, &app.interrupt).await?;
    if Stage::read(&session).await? > Stage::Nothing {
        if !flags.reset {
            return Err(Error::failed(format!("schema {SCHEMA} is there already"))
                .next("cargo run -p todos -- partition        (goes on with it)")
                .next(
                    "cargo run -p todos -- seed --reset     (drops all of it, and makes it anew)",
                ));
        }
        let what = || format!("cannot drop schema {SCHEMA}");
        let drop = format!("DROP SCHEMA {SCHEMA} CASCADE");
        session.client().batch_execute(&drop).await.context(what)?;
    }
    let (users, todos) = (flags.users, flags.todos);
    let said = format!(
        "{} of {}",
        plural(todos.unsigned_abs(), "todo"),
        plural(users.unsigned_abs(), "user")
    );
    let bar = Progress::spinner(&said);
    let filled = async |client: &tokio_postgres::Client| {
        let call = "SELECT todo_app.seed_todos($1, $2)";
        let sizes: [&(dyn ToSql + Sync); 2] = [&users, &todos];
        let work = client.query_one(call, &sizes);
        let row = session.canceller().unless_interrupted(&app.interrupt, work).await?;
        row.ok_or_else(|| Error::interrupted("interrupted while rows were made"))?
            .context(|| "cannot fill the tables")
            .map(drop)
    };
    run_script(app, &session, &scripts, "00_base.sql", filled).await?;
    let what = || format!("cannot analyze {SCHEMA}.todos");
    let analyze = "ANALYZE todo_app.users, todo_app.projects, todo_app.todos, todo_app.files";
    session.client().batch_execute(analyze).await.context(what)?;
    bar.finish();
    app.json(&Document { users, todos, elapsed_ms: report::milliseconds(begun.elapsed()) })?;
    app.say(format!(
        "{said} in {}.  next: cargo run -p todos -- partition",
        duration(begun.elapsed())
    ))
}

//! `todos cutover`, `rollback` and `finish`.

use std::time::Duration;

use lab::app::App;
use lab::connect::Session;
use lab::report::{self, duration, plural};
use lab::script::Scripts;
use lab::{Context, Error, Result, exclusive};
use serde::Serialize;
use tokio_postgres::error::SqlState;
use tokio_postgres::types::FromSqlOwned;

use crate::cli::{Cutover, Finish};
use crate::patience::patiently;
use crate::stage::{Stage, run_script};
use crate::verb::{migrate, validate};

/// As JSON.
#[derive(Debug, Serialize)]
struct Document {
    /// `view` or `table`.
    todos: &'static str,
    /// How long the lock was held that keeps everybody out.
    #[serde(skip_serializing_if = "Option::is_none")]
    lock_held_ms: Option<f64>,
    /// Todos that were brought back to the old table.
    #[serde(skip_serializing_if = "Option::is_none")]
    brought_back: Option<i64>,
}

/// The view takes the table's place, when both hold the same.
pub async fn cutover(app: &App, flags: &Cutover) -> Result<()> {
    let scripts = Scripts::new(flags.scripts.scripts.clone())?;
    let session = app.connect().await?;
    exclusive::hold(&session, exclusive::PATIENCE, &app.interrupt).await?;
    let stage = Stage::read(&session).await?;
    stage.at_least(Stage::Migrating)?;
    stage.before_cutover()?;
    run_script(app, &session, &scripts, "002_cutover.sql", async |_| Ok(())).await?;
    migrate::all(app, &session).await?;
    let checks = validate::checks(app, &session).await?;
    app.say(validate::render(&checks))?;
    validate::passed(&checks)?;
    let call = "SELECT extract(epoch FROM todo_app.cutover_todos(true))::float8";
    let held: f64 =
        called(app, &session, "cannot put the view in the place of todos", call).await?;
    app.json(&Document { todos: "view", lock_held_ms: Some(held * 1_000.0), brought_back: None })?;
    app.say(format!(
        "\ntodos is a view of todos_active and todos_archived now; its lock was held for {}\n  the table is todos_old\n  \
         back, with every change since: cargo run -p todos -- rollback\n  drop it: cargo run -p todos -- finish",
        duration(Duration::from_secs_f64(held))
    ))
}

/// The table again, with every change made since.
pub async fn rollback(app: &App) -> Result<()> {
    let session = app.connect().await?;
    exclusive::hold(&session, exclusive::PATIENCE, &app.interrupt).await?;
    with_the_old_table(Stage::read(&session).await?)?;
    let call = "SELECT todo_app.rollback_todos()";
    let brought: i64 =
        called(app, &session, "cannot put the table back in its place", call).await?;
    app.json(&Document { todos: "table", lock_held_ms: None, brought_back: Some(brought) })?;
    app.say(format!(
        "todos is the table again; changed since the cutover: {}\n  once more: cargo run -p todos -- cutover",
        plural(brought.unsigned_abs(), "todo")
    ))
}

/// Drops the old table.
pub async fn finish(app: &App, flags: &Finish) -> Result<()> {
    let session = app.connect().await?;
    exclusive::hold(&session, exclusive::PATIENCE, &app.interrupt).await?;
    with_the_old_table(Stage::read(&session).await?)?;
    let with_yes = format!("cargo run -p todos -- finish --keep-days {} --yes", flags.keep_days);
    let (says, question) =
        ("finish drops todos_old with all its rows", "Drop todos_old with all its rows?");
    if !report::agreed(flags.yes, says, question, &with_yes, &app.interrupt).await? {
        return Err(Error::failed("todos_old was not dropped")
            .next("back to it, with every change since: cargo run -p todos -- rollback"));
    }
    let call = format!("SELECT todo_app.finish_todos({})::text", flags.keep_days);
    let _: String = called(app, &session, "cannot drop todos_old", &call).await?;
    app.json(&Document { todos: "view", lock_held_ms: None, brought_back: None })?;
    app.say("todos_old is dropped; there is no way back from here")
}

fn with_the_old_table(stage: Stage) -> Result<()> {
    stage.at_least(Stage::CutOver)?;
    if stage == Stage::Finished {
        return Err(Error::failed("todos_old is dropped; there is no way back from there")
            .next("cargo run -p todos -- seed --reset     (the story from its beginning)"));
    }
    Ok(())
}

async fn called<T: FromSqlOwned>(
    app: &App,
    session: &Session,
    what: &str,
    call: &str,
) -> Result<T> {
    let passing = [SqlState::LOCK_NOT_AVAILABLE];
    let work = patiently(app, session, what, &passing, || session.client().query_one(call, &[]));
    let result = work.await?;
    let code = result.as_ref().err().and_then(tokio_postgres::Error::code);
    let busy = code == Some(&SqlState::LOCK_NOT_AVAILABLE);
    let next = "wait until whoever uses todos has ended, then run the same command again";
    let value = result.and_then(|row| row.try_get(0)).context(|| what);
    value.map_err(|error| if busy { error.next(next) } else { error })
}

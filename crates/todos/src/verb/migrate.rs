//! `todos migrate`: a commit a batch, so that whoever kills it loses one.

use std::time::{Duration, Instant};

use lab::app::App;
use lab::connect::Session;
use lab::report::{Progress, count, duration, plural};
use lab::script::Scripts;
use lab::{Context, Error, Result, exclusive};
use serde::Serialize;
use tokio_postgres::error::SqlState;
use tokio_postgres::types::ToSql;

use crate::cli::Migrate;
use crate::patience::patiently;
use crate::stage::{Stage, run_script};

/// Rows of a batch, where nobody says how many.
pub const BATCH: i32 = 1_000;

/// A user or project was deleted while their todos were on the way, or another session is at it.
const PASSING: [SqlState; 3] = [
    SqlState::FOREIGN_KEY_VIOLATION,
    SqlState::T_R_DEADLOCK_DETECTED,
    SqlState::LOCK_NOT_AVAILABLE,
];

/// What a run did, as programs read it.
#[derive(Debug, Default, Serialize)]
struct Done {
    batches: u64,
    copied: i64,
    carried: i64,
    /// Whether nothing is left to do.
    finished: bool,
}

/// Copies and carries over until nothing is left, or as many batches as wanted.
pub async fn run(app: &App, flags: &Migrate) -> Result<()> {
    let begun = Instant::now();
    let scripts = Scripts::new(flags.scripts.scripts.clone())?;
    let session = app.connect().await?;
    exclusive::hold(&session, exclusive::PATIENCE, &app.interrupt).await?;
    let stage = Stage::read(&session).await?;
    stage.at_least(Stage::Partitioned)?;
    stage.before_cutover()?;
    if stage == Stage::Partitioned {
        let script = "002_migrate_existing_data.sql";
        run_script(app, &session, &scripts, script, async |_| Ok(())).await?;
    }
    let bar = Progress::spinner("migrating");
    let mut done = Done::default();
    while !done.finished && flags.max_batches.is_none_or(|most| done.batches < most) {
        if app.interrupt.is_raised() {
            return Err(interrupted(&done));
        }
        batch(app, &session, flags.batch_size, &mut done).await?;
        bar.message(said(&done));
        let pause = tokio::time::sleep(Duration::from_millis(flags.pause));
        tokio::select! {
            () = pause => {}
            () = app.interrupt.raised() => return Err(interrupted(&done)),
        }
    }
    bar.finish();
    app.json(&done)?;
    let next = if done.finished { "validate" } else { "migrate     (goes on)" };
    app.say(format!(
        "{} in {}.  next: cargo run -p todos -- {next}",
        said(&done),
        duration(begun.elapsed())
    ))
}

/// Carries over what has been changed since, until nothing is left.
pub async fn all(app: &App, session: &Session) -> Result<()> {
    let mut done = Done::default();
    while !done.finished {
        if app.interrupt.is_raised() {
            return Err(interrupted(&done));
        }
        batch(app, session, BATCH, &mut done).await?;
    }
    Ok(())
}

fn said(done: &Done) -> String {
    format!(
        "{} copied, {} carried over, {}",
        plural(done.copied.unsigned_abs(), "todo"),
        plural(done.carried.unsigned_abs(), "change"),
        match done.batches {
            1 => "1 batch".to_owned(),
            batches => format!("{} batches", count(batches)),
        }
    )
}

fn interrupted(done: &Done) -> Error {
    Error::interrupted(format!("interrupted; what was done is kept: {}", said(done)))
        .next("cargo run -p todos -- migrate     (goes on)")
}

/// One, and once more where others changed what its rows reference.
async fn batch(app: &App, session: &Session, size: i32, done: &mut Done) -> Result<()> {
    let what = || format!("cannot migrate batch {}", done.batches + 1);
    let call = "SELECT copied, carried, finished FROM todo_app.migrate_todos_batch($1, 1)";
    let parameters: [&(dyn ToSql + Sync); 1] = [&size];
    let work = || session.client().query_one(call, &parameters);
    let row = patiently(app, session, &said(done), &PASSING, work).await?.context(what)?;
    let more =
        || Ok::<_, tokio_postgres::Error>((row.try_get(0)?, row.try_get(1)?, row.try_get(2)?));
    let (copied, carried, finished): (i64, i64, bool) = more().context(what)?;
    *done = Done {
        batches: done.batches + 1,
        copied: done.copied + copied,
        carried: done.carried + carried,
        finished,
    };
    Ok(())
}

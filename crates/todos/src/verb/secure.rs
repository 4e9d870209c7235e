//! `todos secure`: row level security by the user whom the application works for.

use lab::app::App;
use lab::script::Scripts;
use lab::{Context, Error, Result, exclusive};
use serde::Serialize;
use tokio_postgres::error::SqlState;
use tokio_postgres::types::ToSql;

use crate::cli::Secure;
use crate::patience::patiently;
use crate::stage::{Stage, run_script};

const BEYOND: &str = "SELECT beyond::text FROM todo_app.roles_beyond_security() AS beyond";

/// As JSON.
#[derive(Debug, Serialize)]
struct Document {
    secured: bool,
    /// Roles that log in and see everything all the same.
    beyond: Vec<String>,
}

/// Turns it on, or off.
pub async fn run(app: &App, flags: &Secure) -> Result<()> {
    let scripts = Scripts::new(flags.scripts.scripts.clone())?;
    let session = app.connect().await?;
    exclusive::hold(&session, exclusive::PATIENCE, &app.interrupt).await?;
    Stage::read(&session).await?.at_least(Stage::CutOver)?;
    run_script(app, &session, &scripts, "006_row_level_security.sql", async |_| Ok(())).await?;
    let what = || "cannot change the row level security of todos";
    let (call, role): (_, &[&(dyn ToSql + Sync)]) = if flags.off {
        ("SELECT todo_app.unsecure_todos()", &[])
    } else {
        ("SELECT todo_app.secure_todos($1::text::name)", &[&flags.role])
    };
    let passing = [SqlState::LOCK_NOT_AVAILABLE];
    let call = || session.client().execute(call, role);
    let done = patiently(app, &session, what(), &passing, call).await?;
    let missing = done.as_ref().err().and_then(tokio_postgres::Error::code)
        == Some(&SqlState::UNDEFINED_OBJECT);
    let next = "create the role first: CREATE ROLE … LOGIN";
    done.context(what).map_err(|error: Error| if missing { error.next(next) } else { error })?;
    let rows = session.client().query(BEYOND, &[]).await.context(what)?;
    let beyond =
        rows.iter().map(|row| row.try_get(0)).collect::<std::result::Result<Vec<String>, _>>();
    let document = Document { secured: !flags.off, beyond: beyond.context(what)? };
    app.json(&document)?;
    if flags.off {
        return app.say("row level security is off: who may read todos reads everybody's");
    }
    app.say(format!(
        "row level security is on: a session sees and changes what is app.user_id's, and nothing before it says who that is\n  \
         SET LOCAL app.user_id = '…';\n  it does not hold for: {}\n  off again: cargo run -p todos -- secure --off",
        document.beyond.join(", ")
    ))
}

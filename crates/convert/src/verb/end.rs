//! `finish` and `abort`: one of the two tables goes, and the machinery with it.

use convert::request::Shape;
use convert::state::{self, Phase};
use convert::swap;
use lab::app::App;
use lab::{Error, Result, report};
use serde::Serialize;

use super::converter::Converter;
use crate::cli::{Finish, Table};

/// As JSON.
#[derive(Debug, Serialize)]
struct Document<'a> {
    table: String,
    phase: &'static str,
    /// The table that was dropped.
    dropped: Option<&'a str>,
}

/// `convert finish`
pub async fn finish(app: &App, flags: &Finish) -> Result<()> {
    let Finish { table, keep_old, yes } = flags;
    let mut converter = Converter::open(app, &table.locks).await?;
    if left(&mut converter, &table.table).await? {
        return said(app, &table.table, "finished", None);
    }
    let conversion = converter.conversion(&table.table).await?;
    // Attached, it is a partition now.
    let stays = *keep_old || conversion.design.request.shape == Shape::AttachOld;
    let name = conversion.name();
    // Before a swap there is nothing to drop, and the library says what comes first.
    if !stays && conversion.phase == Phase::Swapped {
        let what = format!("the old table, {}, with all its rows", conversion.design.old_name);
        let (action, question) = (format!("finish drops {what}"), format!("Drop {what}?"));
        let with_yes = format!("cargo run -p convert -- finish {name} --yes");
        if !report::agreed(*yes, &action, &question, &with_yes, &app.interrupt).await? {
            return Err(Error::failed(format!("{name}: nothing was dropped")).next(format!(
                "back to the old table, with all changes: cargo run -p convert -- rollback {name}"
            )));
        }
    }
    swap::finish(&converter.work(), &conversion, *keep_old).await?;
    let dropped = (!stays).then_some(conversion.design.old_name.as_str());
    said(app, &conversion.name().to_string(), "finished", dropped)
}

/// `convert abort`
pub async fn abort(app: &App, table: &Table) -> Result<()> {
    let mut converter = Converter::open(app, &table.locks).await?;
    if left(&mut converter, &table.table).await? {
        return said(app, &table.table, "aborted", None);
    }
    let conversion = converter.conversion(&table.table).await?;
    swap::abort(&converter.work(), &conversion).await?;
    let dropped = conversion.target.map(|_| conversion.design.target_name.as_str());
    said(app, &conversion.name().to_string(), "aborted", dropped)
}

/// Does what an earlier `finish` or `abort` that was killed has left. Whether there was something,
/// and no newer conversion of the table.
async fn left(converter: &mut Converter<'_>, table: &str) -> Result<bool> {
    let client = converter.session.client();
    let Some(ended) = swap::ended(client, table).await? else { return Ok(false) };
    let newer = state::find(client, table).await?;
    converter.hold(&ended).await?;
    swap::leave(&converter.work(), &ended).await?;
    Ok(newer.is_none())
}

fn said(app: &App, table: &str, phase: &'static str, dropped: Option<&str>) -> Result<()> {
    app.json(&Document { table: table.to_owned(), phase, dropped })?;
    app.say(match dropped {
        Some(dropped) => {
            format!("{table}: {phase}; {dropped} is dropped, and all that the conversion needed")
        }
        None => format!("{table}: {phase}; all that the conversion needed is gone"),
    })
}

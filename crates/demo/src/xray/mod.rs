//! The x-ray of one query: what became of each partition, what reading it took.

mod document;
pub mod input;
mod read;
mod text;
mod view;

use std::path::Path;

use lab::app::App;
use lab::{Error, Result};

use crate::cli::Query;
use crate::page;

/// Runs the query and shows what it touched.
pub async fn run(query: &Query, html: Option<&Path>, app: &App) -> Result<()> {
    html.map_or(Ok(()), lab::page::check)?;
    let sql = input::sql(query)?;
    let mut session = app.connect().await?;
    let canceller = session.canceller();
    let work = read::read(&mut session, query, &sql);
    let xray = canceller
        .unless_interrupted(&app.interrupt, work)
        .await?
        .ok_or_else(|| Error::interrupted("interrupted; the query was cancelled"))??;
    app.json(&document::Document::new(&xray))?;
    app.say(text::xray(&xray))?;
    let about = page::About::now(&session);
    page::write(html, app, || page::query(&xray.sql, &xray.explained, &xray.tables, &about))
}

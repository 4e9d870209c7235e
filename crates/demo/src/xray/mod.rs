//! The x-ray of one query, or of two side by side: what became of each partition, what reading it took.

pub mod compare;
mod document;
pub mod input;
mod ranking;
mod read;
mod text;
mod view;
pub mod why;
mod workload;

use lab::app::App;
use lab::connect::Session;
use lab::output_file::OutputFile;
use lab::{Error, Result};

use crate::baseline;
use crate::cli::Query;
use crate::page;
use document::{Document, Pair};
use read::How;

pub use read::Xray;

/// Runs the query and shows what it touched.
pub async fn run(query: &Query, html: Option<&OutputFile>, app: &App) -> Result<()> {
    if let Some(source) = &query.workload {
        if html.is_some() {
            return Err(Error::usage("--html shows a query, not a workload"));
        }
        return workload::run(app, source, !query.no_analyze, query.timeout).await;
    }
    html.map_or(Ok(()), OutputFile::check)?;
    let sql = input::sql(query)?;
    let mut session = app.connect().await?;
    let about = page::About::now(&session);
    let first = asked(app, &mut session, query, &sql).await?;
    let second = match &query.before_after {
        Some(second) => Some((["before", "after"], second.clone())),
        None if query.on_old => {
            Some((["partitioned", "unpartitioned"], on_old(&session, &first).await?))
        }
        None => None,
    };
    let Some((names, second)) = second else {
        app.json(&Document::new(&first))?;
        app.say(text::xray(&first))?;
        return page::write(html, app, || page::query(&first, &about));
    };
    let second = asked(app, &mut session, query, &second).await?;
    if query.on_old && !second.explained.touched.is_empty() {
        let table = &second.explained.touched[0].table.name;
        let error =
            Error::failed(format!("the second query still reads the partitioned table {table}"));
        return Err(error.next("name the other query yourself: --before-after SQL"));
    }
    let both = [&first, &second];
    app.json(&Pair::new(names, both))?;
    app.say(format!("{}\n{}\n", text::xray(&first), text::xray(&second)))?;
    app.say(compare::side_by_side(names, both))?;
    page::write(html, app, || page::queries(names, both, &about))
}

async fn asked(app: &App, session: &mut Session, query: &Query, sql: &str) -> Result<Xray> {
    let canceller = session.canceller();
    let how = How {
        parameters: &query.param,
        generic: query.generic,
        analyze: !query.no_analyze,
        why: true,
        timeout: query.timeout,
    };
    let work = read::read(session, &how, sql);
    canceller
        .unless_interrupted(&app.interrupt, work)
        .await?
        .ok_or_else(|| Error::interrupted("interrupted; the query was cancelled"))?
}

/// The same query on the tables before partitioning, `event_logs_old` for `event_logs`.
async fn on_old(session: &Session, xray: &Xray) -> Result<String> {
    let tables = baseline::names(&xray.explained.touched);
    if tables.is_empty() {
        return Err(Error::usage(
            "--on-old takes a query of a partitioned table, and this reads none",
        ));
    }
    if let Some(table) = baseline::without_old(session, &xray.explained.touched).await? {
        return Err(Error::failed(format!(
            "there is no table {table}_old to compare {table} with"
        ))
        .next("name the other query yourself: --before-after SQL"));
    }
    baseline::on_old_tables(&xray.sql, &tables).ok_or_else(|| {
        Error::usage("cannot tell the tables' names in this query").next("--before-after SQL")
    })
}

//! `premake`: partitions ahead of time, for one table or many.

mod report;
mod table;

use convert::event::{Event, Observer};
use convert::premake::{self, Partman, Survey, Wish};
use convert::work::{Pace, Work};
use jiff::Timestamp;
use lab::app::App;
use lab::catalog;
use lab::connect::Session;
use lab::error::Kind;
use lab::report::{note, plural, print_error};
use lab::{Context, Error, Result, exclusive};
use tokio_postgres::Client;

use self::report::{Document, TableReport};
use crate::cli;

/// Says what happens as it happens.
struct Notes;

impl Observer for Notes {
    fn tell(&self, event: Event) {
        if let Event::Note(text) = event {
            note(&text);
        }
    }
}

/// Goes over all tables; one that fails does not stop the others.
pub async fn run(app: &App, cli: &cli::Premake) -> Result<()> {
    let wish = Wish {
        ahead: cli.ahead,
        retain: cli.retain.as_deref().map(str::parse).transpose()?,
        drop: cli.old == cli::Old::Drop,
        time_zone: cli.time_zone.clone(),
    };
    if let Some(zone) = &wish.time_zone {
        convert::layout::time_zone(zone)?;
    }
    if wish.drop && wish.retain.is_none() {
        return Err(
            Error::usage("--old drop needs --retain").next("--retain '12 months' --old drop")
        );
    }
    let mut session = app.connect().await?;
    let tables = tables(session.client(), cli).await?;
    let partman = premake::installed(session.client()).await?;
    if cli.run {
        exclusive::hold(&session, exclusive::PATIENCE, &app.interrupt).await?;
    }
    let mut document = Document { run: cli.run, tables: Vec::new() };
    let mut interrupted = None;
    for table in tables {
        let mut report =
            TableReport { table: table.clone(), ranges: Vec::new(), error: None, pg_partman: None };
        let done = one(app, &mut session, cli, &wish, partman.as_ref(), &table, &mut report).await;
        table::show(app, &report, &document, partman.as_ref())?;
        if let Err(error) = done {
            if error.kind() == Kind::Interrupted {
                interrupted = Some(error);
                document.tables.push(report);
                break;
            }
            print_error(&error);
            report.error = Some(error.to_string());
        }
        document.tables.push(report);
    }
    app.json(&document)?;
    if let Some(error) = interrupted {
        return Err(error);
    }
    let failed = document.tables.iter().filter(|table| table.error.is_some()).count();
    if failed > 0 {
        let all = plural(document.tables.len() as u64, "table");
        return Err(Error::failed(format!("{failed} of {all} failed; the reasons stand above")));
    }
    let ours = document.tables.iter().filter(|table| table.pg_partman.is_none());
    let is_left = ours.flat_map(|table| &table.ranges).any(|range| {
        range.made.iter().any(|made| !made.done) || range.retired.iter().any(|old| !old.done)
    });
    if is_left {
        app.say("\nNothing was changed. To do it: the same command with --run")?;
    }
    Ok(())
}

/// The tables that were named, else those that conversions made.
async fn tables(client: &Client, cli: &cli::Premake) -> Result<Vec<String>> {
    if !cli.tables.is_empty() {
        return Ok(cli.tables.clone());
    }
    let mut tables = Vec::new();
    for oid in premake::converted(client).await? {
        let row = client
            .query_one("SELECT $1::oid::regclass::text", &[&oid])
            .await
            .context(|| format!("cannot read the name of table {oid}"))?;
        tables.push(row.try_get(0).context(|| format!("cannot read the name of table {oid}"))?);
    }
    if tables.is_empty() {
        return Err(Error::usage("which tables? No conversion has made one in this database")
            .next("cargo run -p convert -- premake TABLE …"));
    }
    Ok(tables)
}

async fn one(
    app: &App,
    session: &mut Session,
    cli: &cli::Premake,
    wish: &Wish,
    partman: Option<&Partman>,
    table: &str,
    report: &mut TableReport,
) -> Result<()> {
    let client = session.client();
    let oid = catalog::find_table(client, table)
        .await?
        .ok_or_else(|| Error::failed(format!("there is no table {table}")))?;
    let what = || "cannot ask the server for its time";
    let now = "SELECT (extract(epoch FROM clock_timestamp()) * 1000000)::bigint";
    let now: i64 = client.query_one(now, &[]).await.context(what)?.try_get(0).context(what)?;
    let now = Timestamp::from_microsecond(now).context(what)?;
    let survey = app
        .read(session, "while reading the partitions", premake::survey(client, oid, wish, now))
        .await?;
    for node in &survey.nodes {
        report.ranges.push(report::range(client, node, wish).await?);
    }
    let suits = survey.nodes.iter().all(|node| node.suits_partman);
    if let Some(partman) = partman.filter(|_| suits) {
        let mut sql = Vec::new();
        for node in &survey.nodes {
            let keeps = partman.keeps(client, &node.name).await?;
            sql.push(partman.configuration(&node.into(), wish, keeps));
        }
        report.pg_partman = Some(sql.join("\n\n"));
        return Ok(());
    }
    if !cli.run {
        return Ok(());
    }
    carry_out(app, session, cli, wish, &survey, report).await
}

async fn carry_out(
    app: &App,
    session: &mut Session,
    cli: &cli::Premake,
    wish: &Wish,
    survey: &Survey,
    report: &mut TableReport,
) -> Result<()> {
    let pace = Pace {
        lock_timeout: std::time::Duration::from_millis(cli.locks.lock_timeout),
        lock_budget: std::time::Duration::from_secs(cli.locks.lock_budget),
        ..Pace::default()
    };
    let work = Work::new(session, &app.interrupt, pace, &Notes);
    let mut done = Vec::new();
    let outcome = survey.carry_out(&work, wish, &mut done).await;
    for done in &done {
        report::note_done(report, done);
    }
    outcome
}

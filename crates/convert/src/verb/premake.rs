//! `premake`: partitions ahead of time, for one table or many.

use convert::event::{Event, Observer};
use convert::layout::{Bound, unquoted};
use convert::premake::{self, Done, New, Node, Partman, Survey, Wish};
use convert::work::{Guards, Pace, Work};
use jiff::Timestamp;
use lab::app::App;
use lab::catalog::{self, Name};
use lab::connect::Session;
use lab::error::Kind;
use lab::report::{self, Align, Table, plural};
use lab::{Context, Error, Result, exclusive};
use serde::Serialize;
use tokio_postgres::Client;

use crate::cli;

/// What JSON shows.
#[derive(Serialize)]
struct Document {
    /// Whether it was done, or only said.
    run: bool,
    tables: Vec<TableReport>,
}

#[derive(Serialize)]
struct TableReport {
    table: String,
    /// The tables below it that are partitioned by range, or it alone.
    ranges: Vec<RangeReport>,
    /// Why it was not done, or not to its end.
    error: Option<String>,
    /// SQL for `pg_partman`, which keeps this database's partitions.
    pg_partman: Option<String>,
}

#[derive(Serialize)]
struct RangeReport {
    table: String,
    column: String,
    every: String,
    time_zone: Option<String>,
    /// As a bound says it.
    present: Option<String>,
    made: Vec<MadeReport>,
    retired: Vec<RetiredReport>,
    notes: Vec<String>,
}

#[derive(Serialize)]
struct MadeReport {
    name: String,
    from: String,
    to: String,
    /// Rows that DEFAULT holds of it: they are moved.
    rows_in_default: i64,
    done: bool,
}

#[derive(Serialize)]
struct RetiredReport {
    name: String,
    bound: String,
    dropped: bool,
    done: bool,
}

/// Says what happens as it happens.
struct Notes;

impl Observer for Notes {
    fn tell(&self, event: Event) {
        if let Event::Note(text) = event {
            report::note(&text);
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
        show(app, &report, &document, partman.as_ref())?;
        if let Err(error) = done {
            if error.kind() == Kind::Interrupted {
                interrupted = Some(error);
                document.tables.push(report);
                break;
            }
            report::print_error(&error);
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
        report.ranges.push(range(client, node, wish).await?);
    }
    let suits = survey.nodes.iter().all(|node| node.suits_partman);
    if let Some(partman) = partman.filter(|_| suits) {
        let mut sql = Vec::new();
        for node in &survey.nodes {
            let keeps = partman.keeps(client, &node.name).await?;
            sql.push(partman.configuration(node, wish, keeps));
        }
        report.pg_partman = Some(sql.join("\n\n"));
        return Ok(());
    }
    if !cli.run {
        return Ok(());
    }
    carry_out(app, session, cli, wish, &survey, report).await
}

async fn range(client: &Client, node: &Node, wish: &Wish) -> Result<RangeReport> {
    let mut made = Vec::new();
    for New { name, from, to, .. } in &node.make {
        made.push(MadeReport {
            name: name.to_string(),
            from: unquoted(from),
            to: unquoted(to),
            rows_in_default: 0,
            done: false,
        });
    }
    for (made, new) in made.iter_mut().zip(&node.make) {
        made.rows_in_default = node.rows_in_default(client, new).await?;
    }
    let retired = node.retire.iter().map(|old| RetiredReport {
        name: old.name.to_string(),
        bound: old.bound.clone(),
        dropped: wish.drop,
        done: false,
    });
    Ok(RangeReport {
        table: node.name.to_string(),
        column: node.column.clone(),
        every: node.width.to_string(),
        time_zone: wish.time_zone.clone().filter(|_| node.is_time),
        present: node.present.clone(),
        made,
        retired: retired.collect(),
        notes: node.notes.clone(),
    })
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
    let work = Work {
        session,
        interrupt: &app.interrupt,
        pace,
        observer: &Notes,
        guards: Guards::default(),
    };
    let mut done = Vec::new();
    let outcome = survey.carry_out(&work, wish, &mut done).await;
    for done in &done {
        note_done(report, done);
    }
    outcome
}

/// Marks in the report what was done.
fn note_done(report: &mut TableReport, done: &Done) {
    let is = |own: &str, name: &Name| own == name.to_string();
    for range in &mut report.ranges {
        match done {
            Done::Made { name, moved } => {
                for made in range.made.iter_mut().filter(|made| is(&made.name, name)) {
                    made.done = true;
                    made.rows_in_default = i64::try_from(*moved).unwrap_or(i64::MAX);
                }
            }
            Done::Detached(name) | Done::Dropped(name) => {
                for old in range.retired.iter_mut().filter(|old| is(&old.name, name)) {
                    old.done = true;
                }
            }
        }
    }
}

/// The table for people.
fn show(
    app: &App,
    report: &TableReport,
    document: &Document,
    partman: Option<&Partman>,
) -> Result<()> {
    app.say(report::heading(&report.table))?;
    if let (Some(partman), Some(sql)) = (partman, &report.pg_partman) {
        app.say(format!(
            "pg_partman {} is installed here and shall keep them:\n",
            partman.version
        ))?;
        return app.say(sql);
    }
    for range in &report.ranges {
        app.say(title(range))?;
        for note in &range.notes {
            app.say(report::wrap(&format!("note: {note}"), 2))?;
        }
        let mut table = Table::new(&[
            ("", Align::Left),
            ("partition", Align::Left),
            ("from", Align::Wrap),
            ("to", Align::Wrap),
            ("", Align::Wrap),
        ]);
        let mark = |done: bool| {
            if done {
                "✓"
            } else if document.run {
                "✗"
            } else {
                "·"
            }
        };
        for made in &range.made {
            let rows = match made.rows_in_default {
                0 => String::new(),
                rows => format!(", {} out of DEFAULT", plural(rows.unsigned_abs(), "row")),
            };
            let verb = if made.done { "made" } else { "to make" };
            table.row([
                mark(made.done),
                &made.name,
                short(&made.from),
                short(&made.to),
                &format!("{verb}{rows}"),
            ]);
        }
        for old in &range.retired {
            let verb = match (old.dropped, old.done) {
                (false, true) => "detached",
                (false, false) => "to detach",
                (true, true) => "dropped",
                (true, false) => "to drop",
            };
            let (from, to) = ends(&old.bound);
            table.row([mark(old.done), &old.name, short(&from), short(&to), verb]);
        }
        if range.made.is_empty() && range.retired.is_empty() {
            app.say("nothing to do")?;
        } else {
            app.say(table.to_string())?;
        }
    }
    Ok(())
}

/// The two ends of a range, without quotes.
fn ends(bound: &str) -> (String, String) {
    let first = |values: &[String]| values.first().map_or(String::new(), |text| unquoted(text));
    match Bound::read(bound) {
        Some(Bound::Range(from, to)) => (first(&from), first(&to)),
        _ => (bound.to_owned(), String::new()),
    }
}

/// `2026-12-01 00:00:00+00:00` as PostgreSQL writes it: `…+00`.
fn short(text: &str) -> &str {
    match text.strip_suffix(":00") {
        Some(head) if head.rfind(['+', '-']) == head.len().checked_sub(3) => head,
        _ => text,
    }
}

/// `created_at of public.t: 1 month a partition, days begin in UTC; the present is 2026-11-21 …`.
fn title(range: &RangeReport) -> String {
    let zone = match &range.time_zone {
        Some(zone) => format!(", days begin in {zone}"),
        None => String::new(),
    };
    let present = match &range.present {
        Some(present) => format!("; the present is {}", short(present)),
        None => String::new(),
    };
    format!("{} of {}: {} a partition{zone}{present}", range.column, range.table, range.every)
}

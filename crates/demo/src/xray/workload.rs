//! Every statement of a file, or of `pg_stat_statements`: which of them reach the most partitions, and what that costs.

use lab::app::App;
use lab::catalog::quote_ident;
use lab::connect::{Session, search_path};
use lab::plan::{self, Fate, Touched};
use lab::report::Progress;
use lab::script::split;
use lab::{Context, Error, Result};
use serde::Serialize;
use tokio_postgres::error::SqlState;

use super::read::{How, Xray, read};
use super::{input, ranking};

/// The word for the extension instead of a file.
const EXTENSION: &str = "pg_stat_statements";

/// What a workload asks for.
struct Entry {
    sql: String,
    /// How often, as the server counted.
    calls: Option<i64>,
    /// All calls together.
    total_ms: Option<f64>,
}

/// A statement and what it reaches.
#[derive(Debug, Serialize)]
pub struct Ranked {
    /// One that reads no partitioned table has none.
    pub tables: Vec<String>,
    /// Leaves that were scanned or, when it was only planned, that are in the plan whatever its parameters are.
    pub partitions: usize,
    /// Leaves that its parameters may leave out, when it was only planned.
    pub by_parameter: usize,
    /// Leaves of all of its tables.
    pub total: usize,
    /// How often it was called, of `pg_stat_statements`.
    pub calls: Option<i64>,
    /// Milliseconds: of all calls, or of the one that was made; null when it was only planned.
    pub ms: Option<f64>,
    /// The statement.
    pub sql: String,
}

/// What could not be planned, and why.
#[derive(Debug, Serialize)]
pub struct Refused {
    pub sql: String,
    pub why: String,
}

/// Everything, the most costly first.
#[derive(Debug, Default, Serialize)]
pub struct Workload {
    pub statements: Vec<Ranked>,
    pub refused: Vec<Refused>,
}

/// Looks at each statement and ranks them.
pub async fn run(app: &App, source: &str, analyze: bool, timeout: u32) -> Result<()> {
    // What was run once may do again what it did then: it is planned only.
    let analyze = analyze && source != EXTENSION;
    let mut session = app.connect().await?;
    let entries = entries(app, &session, source).await?;
    let bar = Progress::bar(entries.len() as u64, "looking at each statement");
    let mut workload = Workload::default();
    for entry in entries {
        let canceller = session.canceller();
        let work = look(&mut session, &entry.sql, analyze, timeout);
        let looked = canceller.unless_interrupted(&app.interrupt, work).await?;
        let looked =
            looked.ok_or_else(|| Error::interrupted("interrupted; the statement was cancelled"))?;
        match looked {
            Ok(xray) => workload.statements.push(ranked(entry, &xray)),
            Err(error) if session.client().is_closed() => return Err(error),
            Err(error) => workload.refused.push(Refused { sql: entry.sql, why: why(&error) }),
        }
        bar.advance();
    }
    bar.finish();
    let cost = |one: &Ranked| (one.ms.unwrap_or_default(), one.partitions);
    workload.statements.sort_by(|a, b| {
        let ((a, many), (b, few)) = (cost(a), cost(b));
        b.total_cmp(&a).then(few.cmp(&many))
    });
    app.json(&workload)?;
    app.say(ranking::shown(&workload))
}

async fn entries(app: &App, session: &Session, source: &str) -> Result<Vec<Entry>> {
    if source != EXTENSION {
        let statements = split(source, &input::text(source)?).map_err(|error| {
            // What it says to do next is about scripts that are run.
            let said = error.to_string();
            Error::usage(said.lines().next().unwrap_or(&said))
                .next("take it out: a workload is statements only, and nothing of it is committed")
        })?;
        let entry = |sql| Entry { sql, calls: None, total_ms: None };
        return Ok(statements.into_iter().map(|statement| entry(statement.sql)).collect());
    }
    let what = || format!("cannot read {EXTENSION}");
    let client = session.client();
    let schema = "SELECT nspname::text FROM pg_extension AS e JOIN pg_namespace AS n ON n.oid = e.extnamespace WHERE extname = $1";
    let schema = client.query_opt(schema, &[&EXTENSION]).await.context(what)?.ok_or_else(|| {
        Error::failed(format!("{EXTENSION} is not installed in this database"))
            .next(format!("shared_preload_libraries = '{EXTENSION}', restart, then CREATE EXTENSION {EXTENSION}"))
            .next("or give a file of statements: demo query --workload FILE")
    })?;
    let schema: String = schema.try_get(0).context(what)?;
    // Only what can have a plan, and not this tool's own scripts.
    let query = format!(
        "SELECT query, sum(calls)::bigint, sum(total_exec_time) FROM {}.{EXTENSION}
         WHERE dbid = (SELECT oid FROM pg_database WHERE datname = current_database())
           AND query !~* '(?x)^\\s*(begin|start|commit|end|rollback|abort|savepoint|release|set|reset|show|explain|prepare
               |deallocate|discard|vacuum|analyze|create|alter|drop|copy|truncate|lock|grant|revoke|fetch|close|declare)\\M'
           AND query !~ '^(--\\s*)+\\w+[.]sql:'
         GROUP BY query ORDER BY 3 DESC LIMIT 1000",
        quote_ident(&schema)
    );
    let work = async { client.query(&query, &[]).await.context(what) };
    let rows = app.read(session, "while reading what was run", work).await?;
    let entry = |row: &tokio_postgres::Row| {
        Ok(Entry { sql: row.try_get(0)?, calls: row.try_get(1)?, total_ms: row.try_get(2)? })
    };
    rows.iter().map(entry).collect::<std::result::Result<_, tokio_postgres::Error>>().context(what)
}

/// Runs it where it only reads, and has no parameters; else plans it, for any values.
async fn look(session: &mut Session, sql: &str, analyze: bool, timeout: u32) -> Result<Xray> {
    let what = || "cannot plan the statement";
    let client = session.client();
    let prepared = search_path::as_user(client, client.prepare(sql)).await?.context(what)?;
    let parameters = prepared.params().len();
    let nulls: Vec<(u16, String)> =
        (1..).take(parameters).map(|n| (n, "NULL".to_owned())).collect();
    let mut how = How {
        parameters: &nulls,
        generic: parameters > 0,
        analyze: analyze && parameters == 0 && !plan::makes_a_table(sql),
        why: false,
        timeout,
    };
    match read(session, &how, sql).await {
        Err(error)
            if how.analyze
                && error.refusal().is_some_and(|(code, _)| {
                    code == SqlState::READ_ONLY_SQL_TRANSACTION.code()
                }) =>
        {
            how.analyze = false;
            read(session, &how, sql).await
        }
        read => read,
    }
}

/// In a line: what the server says, else what we say.
fn why(error: &Error) -> String {
    if let Some((_, message)) = error.refusal() {
        return message.to_owned();
    }
    let text = error.to_string();
    let line = text.lines().nth(1).unwrap_or(&text).trim();
    line.strip_prefix("because").unwrap_or(line).trim().to_owned()
}

fn ranked(entry: Entry, xray: &Xray) -> Ranked {
    let touched = &xray.explained.touched;
    let count = |fate| touched.iter().map(|table| table.count(fate)).sum::<usize>();
    let analyzed = xray.explained.analyzed;
    let only_planned = if analyzed { 0 } else { count(Fate::NeverExecuted) };
    Ranked {
        tables: touched.iter().map(|table| table.table.name.clone()).collect(),
        partitions: count(Fate::Scanned) + only_planned,
        by_parameter: if analyzed { 0 } else { count(Fate::PrunedAtStart) },
        total: touched.iter().map(Touched::total).sum(),
        calls: entry.calls,
        ms: entry.total_ms.or(analyzed.then_some(xray.explained.plan.execution_ms)),
        sql: entry.sql,
    }
}

//! The scripts in order, each in its own transaction, with its record.

use std::time::Instant;

use lab::app::App;
use lab::connect::Session;
use lab::report::{self, Progress};
use lab::script::{self, Observer, Outcome, Script, Scripts, Statement};
use lab::{Context, Result, mark};

use crate::cli::Cli;
use crate::records;

/// The tables of the demonstration, in the order in which they are shown.
pub const TABLES: [&str; 4] = ["event_logs", "users_distributed", "orders_by_region", "sales_data"];

/// What makes and fills the tables.
const BASE: [&str; 2] = ["00_setup_base_tables.sql", "00_initial_seed_data.sql"];

/// What partitions them.
const PARTITIONS: [&str; 4] = [
    "01_range_partitions.sql",
    "02_hash_partitions.sql",
    "03_list_partitions.sql",
    "04_composite_partitions.sql",
];

/// Drops every table that bears our mark, and the records.
pub async fn reset(app: &App, session: &Session, scripts: &Scripts) -> Result<()> {
    run_one(app, session, &scripts.load("99_reset.sql")?, async |_| Ok(())).await
}

/// Runs what has not run yet; returns how many scripts that were.
pub async fn run(app: &App, session: &mut Session, scripts: &Scripts, cli: &Cli) -> Result<usize> {
    mark::require(session, &TABLES).await?;
    let schema = scripts.load(records::SCRIPT)?;
    script::run(session, &schema, &app.interrupt, &mut Silent, async |_| Ok(())).await?;
    session
        .client()
        .execute("SELECT set_config('partition_lab.scale', $1, false)", &[&cli.scale.to_string()])
        .await
        .context(|| "cannot set partition_lab.scale")?;
    let partitions: &[&str] = if cli.until.is_some() { &[] } else { &PARTITIONS };
    let mut ran = 0;
    for name in BASE.iter().chain(partitions) {
        let script = scripts.load(name)?;
        if let Some(record) = records::find(session, &script).await? {
            remark(&record, &script, cli.scale);
        } else {
            let record = async |client: &_| records::insert(client, &script, cli.scale).await;
            run_one(app, session, &script, record).await?;
            ran += 1;
        }
        for notice in session.take_notices() {
            report::note(&notice);
        }
    }
    Ok(ran)
}

/// Says so when a script that ran is not the one that would run now.
fn remark(record: &records::Record, script: &Script, scale: u32) {
    if !record.unchanged {
        report::note(&format!(
            "{} has been edited since it ran ({}); `cargo run -p setup -- --reset` runs it again",
            script.path, record.finished_at
        ));
    }
    if script.name == BASE[1] && scale > 1 && record.scale != i64::from(scale) {
        report::note(&format!(
            "the tables were filled at scale {}; `cargo run -p setup -- --reset --scale {scale}` fills them anew",
            record.scale
        ));
    }
}

async fn run_one(
    app: &App,
    session: &Session,
    script: &Script,
    last: impl AsyncFnOnce(&tokio_postgres::Client) -> Result<()>,
) -> Result<()> {
    let start = Instant::now();
    let mut bar = Bar::new(script);
    script::run(session, script, &app.interrupt, &mut bar, last).await?;
    drop(bar);
    let elapsed = report::duration(start.elapsed());
    app.say(format!(
        "{} {:<28} {elapsed:>8}  {}",
        report::mark(true),
        script.name,
        script.header.title
    ))
}

/// Shows the statement that runs.
struct Bar(Progress);

impl Bar {
    fn new(script: &Script) -> Self {
        Self(Progress::bar(script.statements.len() as u64, &script.name))
    }
}

impl Observer for Bar {
    async fn before(&mut self, _: usize, statement: &Statement) -> Result<()> {
        let first_line = statement.sql.lines().next().unwrap_or_default();
        self.0.message(first_line);
        Ok(())
    }

    fn after(&mut self, _: &Statement, _: &Outcome) -> Result<()> {
        self.0.advance();
        Ok(())
    }
}

/// Shows nothing.
struct Silent;

impl Observer for Silent {
    async fn before(&mut self, _: usize, _: &Statement) -> Result<()> {
        Ok(())
    }

    fn after(&mut self, _: &Statement, _: &Outcome) -> Result<()> {
        Ok(())
    }
}

//! The scripts in order, each in its own transaction, with its record.

use std::time::Instant;

use lab::app::App;
use lab::connect::Session;
use lab::report::{self, Progress};
use lab::script::lexer::{Kind, tokens};
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

/// The tables of a chat application, for `convert`, in the order in which they are shown.
pub const CHAT_TABLES: [&str; 3] = ["chat_messages", "tasks", "users"];

/// What makes and fills them.
const CHAT: [&str; 1] = ["chat/00_base.sql"];

/// What a run is going to do: its scripts, all of them read before the first is run.
pub struct Plan {
    reset: Option<Script>,
    schema: Script,
    scripts: Vec<Script>,
}

impl Plan {
    /// Reads the scripts that `cli` asks for.
    pub fn load(cli: &Cli) -> Result<Self> {
        let scripts = Scripts::new(cli.scripts.scripts.clone())?;
        let partitions: &[&str] = if cli.until.is_some() { &[] } else { &PARTITIONS };
        let chat: &[&str] = if cli.chat { &CHAT } else { &[] };
        Ok(Self {
            reset: cli.reset.then(|| scripts.load("99_reset.sql")).transpose()?,
            schema: scripts.load(records::SCRIPT)?,
            scripts: BASE
                .iter()
                .chain(partitions)
                .chain(chat)
                .map(|name| scripts.load(name))
                .collect::<Result<_>>()?,
        })
    }

    /// Runs what has not run yet, all of it after `--reset`; returns how many scripts that were.
    pub async fn run(&self, app: &App, session: &mut Session, scale: u32) -> Result<usize> {
        let tables: Vec<&str> = self.scripts.iter().flat_map(tables_made).collect();
        mark::require(session, &tables).await?;
        if let Some(reset) = &self.reset {
            run_one(app, session, reset, async |_| Ok(())).await?;
        }
        mark::require_trusted(session.client(), "partition_lab").await?;
        // And once more when it is surely there: somebody may have made it since.
        let trusted = async |client: &_| mark::require_trusted(client, "partition_lab").await;
        script::run(session, &self.schema, &app.interrupt, &mut (), trusted).await?;
        session
            .client()
            .execute("SELECT set_config('partition_lab.scale', $1, false)", &[&scale.to_string()])
            .await
            .context(|| "cannot set partition_lab.scale")?;
        let mut ran = 0;
        for script in &self.scripts {
            if let Some(record) = records::find(session, script).await? {
                remark(&record, script, scale);
            } else {
                let record = async |client: &_| records::insert(client, script, scale).await;
                run_one(app, session, script, record).await?;
                ran += 1;
            }
            for notice in session.take_notices() {
                report::note(&notice);
            }
        }
        Ok(ran)
    }
}

/// The names of the tables that `script` makes, or gives to tables that are there: partitions and
/// old tables too, so that none of somebody else's is met halfway. All of them are in `public`.
fn tables_made(script: &Script) -> impl Iterator<Item = &str> {
    script.statements.iter().filter_map(|statement| {
        let tokens = tokens(&statement.sql).ok()?.into_iter();
        let words: Vec<&str> =
            tokens.filter(|token| token.kind == Kind::Word).map(|token| token.text).collect();
        match words[..] {
            ["CREATE", "TABLE", "public", name, ..]
            | ["ALTER", "TABLE", "public", _, "RENAME", "TO", name] => Some(name),
            _ => None,
        }
    })
}

/// Says so when a script that ran is not the one that would run now.
fn remark(record: &records::Record, script: &Script, scale: u32) {
    if !record.unchanged {
        report::note(&format!(
            "{} has been edited since it ran ({}); `cargo run -p setup -- --reset` runs it again",
            script.path, record.finished_at
        ));
    }
    if (script.name == BASE[1] || script.name == CHAT[0])
        && scale > 1
        && record.scale != i64::from(scale)
    {
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
    let line =
        format!("{} {:<28} {elapsed:>8}  {}", report::mark(true), script.name, script.header.title);
    app.say(report::truncate(&line))
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

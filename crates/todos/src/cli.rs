//! The flags of `todos`.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};
use lab::cli::{Common, ScriptsFlag};

use crate::verb::migrate::BATCH;

/// Move a todo application's one big table, while it is in use, to active todos by user and completed ones by month.
///
/// All of it lies in schema `todo_app`; everything the commands call can be called from psql as well.
#[derive(Debug, Parser)]
#[command(
    version,
    after_help = "\
Examples:
  cargo run -p todos -- seed --users 1000 --todos 100000
  cargo run -p todos -- partition
  cargo run -p todos -- migrate --batch-size 5000
  cargo run -p todos -- validate
  cargo run -p todos -- cutover
  cargo run -p todos -- rollback"
)]
pub struct Cli {
    #[command(subcommand)]
    pub verb: Verb,

    #[command(flatten)]
    pub common: Common,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub enum Verb {
    /// Make the application's tables and fill them
    Seed(Seed),
    /// Make the tables that todos will be in, empty
    Partition(ScriptsFlag),
    /// Copy all todos there, batch by batch, with every change made meanwhile
    Migrate(Migrate),
    /// Build the indexes that the new tables lack, with nobody waiting, and show who uses which
    Indexes(Indexes),
    /// Compare what was with what is there now
    Validate,
    /// Put a view in the place of the table, so that the application goes on as before
    Cutover(Cutover),
    /// Put the table back, with every change made since
    Rollback,
    /// Drop the old table; from there is no way back
    Finish(Finish),
    /// Do what is due every day, week or month, and log how each task went
    Maintain(Maintain),
    /// Say what is wrong with the partitions and with the maintenance of them
    Health(ScriptsFlag),
    /// Show every partition: rows, size, last VACUUM and ANALYZE
    Stats(ScriptsFlag),
    /// Keep users' rows from each other, by row level security
    Secure(Secure),
    /// Divide the active todos among more partitions, one bucket at a time, in use
    Grow(Grow),
    /// Dump each table to a file of its own, unless it is as the last backup has it
    Backup(Backup),
    /// Write months past retention to compressed files, then drop them
    Retire(Retire),
    /// Bring a retired month back
    Restore(Restore),
    /// Measure the one big table beside the new ones: lists, dashboard, archive, room, backup
    Bench(Bench),
    /// Tell the whole story, from one big table to the end of it
    All(All),
    /// Print what to install so that maintenance runs by itself
    Schedule(Schedule),
}

/// Flags of `todos seed`.
#[derive(Debug, Args)]
pub struct Seed {
    /// How many users, of whom a few hold much
    #[arg(long, value_name = "N", default_value_t = 1_000, value_parser = clap::value_parser!(i64).range(1..=10_000_000))]
    pub users: i64,

    /// How many todos, a third of them done
    #[arg(long, value_name = "M", default_value_t = 10_000, value_parser = clap::value_parser!(i64).range(0..=1_000_000_000))]
    pub todos: i64,

    /// Drop schema `todo_app` with everything in it first
    #[arg(long)]
    pub reset: bool,

    #[command(flatten)]
    pub scripts: ScriptsFlag,
}

/// Flags of `todos migrate`.
#[derive(Debug, Args)]
pub struct Migrate {
    /// Rows of a batch, which commits by itself
    #[arg(long, value_name = "N", default_value_t = BATCH, value_parser = clap::value_parser!(i32).range(1..=1_000_000))]
    pub batch_size: i32,

    /// Stop after so many batches; the next call goes on
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..))]
    pub max_batches: Option<u64>,

    /// Milliseconds to rest after each batch
    #[arg(long, value_name = "MS", default_value_t = 0)]
    pub pause: u64,

    #[command(flatten)]
    pub scripts: ScriptsFlag,
}

/// Flags of `todos indexes`.
#[derive(Debug, Args)]
pub struct Indexes {
    /// Print the statements and run none of them
    #[arg(long)]
    pub dry_run: bool,

    #[command(flatten)]
    pub scripts: ScriptsFlag,
}

/// Flags of `todos cutover`.
#[derive(Debug, Args)]
pub struct Cutover {
    #[command(flatten)]
    pub scripts: ScriptsFlag,
}

/// Flags of `todos finish`.
#[derive(Debug, Args)]
pub struct Finish {
    /// How many days the old table is kept after the cutover
    #[arg(long, value_name = "N", default_value_t = 30, value_parser = clap::value_parser!(u16).range(0..=3650))]
    pub keep_days: u16,

    /// Do not ask
    #[arg(long)]
    pub yes: bool,
}

/// Flags of `todos maintain`.
#[derive(Debug, Args)]
pub struct Maintain {
    /// Which tasks
    #[arg(value_enum)]
    pub period: Period,

    #[command(flatten)]
    pub scripts: ScriptsFlag,
}

/// How often a task is due.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub enum Period {
    /// Archive what is done, look for what is wrong, make partitions of months to come
    Daily,
    /// Statistics, indexes, VACUUM, REINDEX CONCURRENTLY
    Weekly,
    /// Drop what is past retention
    Monthly,
}

impl Period {
    /// As `maintenance_job_log` calls it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Daily => "daily",
            Self::Weekly => "weekly",
            Self::Monthly => "monthly",
        }
    }
}

/// Flags of `todos schedule`.
#[derive(Debug, Args)]
#[group(required = true, multiple = false)]
pub struct Schedule {
    /// Lines for crontab
    #[arg(long)]
    cron: bool,

    /// Statements for the extension `pg_cron`, with nothing installed outside the server
    #[arg(long)]
    pg_cron: bool,

    /// A service and three timers
    #[arg(long)]
    systemd: bool,
}

/// Who starts it.
#[derive(Debug, Clone, Copy)]
pub enum Scheduler {
    /// crontab
    Cron,
    /// The extension
    PgCron,
    /// Timers
    Systemd,
}

impl Schedule {
    /// The one that was chosen.
    pub fn scheduler(&self) -> Scheduler {
        match (self.cron, self.pg_cron) {
            (true, _) => Scheduler::Cron,
            (_, true) => Scheduler::PgCron,
            _ => Scheduler::Systemd,
        }
    }
}

/// Flags of `todos secure`.
#[derive(Debug, Args)]
pub struct Secure {
    /// A role that may then do with todos what an application does
    #[arg(long, value_name = "NAME", conflicts_with = "off")]
    pub role: Option<String>,

    /// Take the policies away
    #[arg(long)]
    pub off: bool,

    #[command(flatten)]
    pub scripts: ScriptsFlag,
}

/// Flags of `todos all`.
#[derive(Debug, Args)]
pub struct All {
    #[command(flatten)]
    pub seed: Seed,

    /// Wait for Enter before each part
    #[arg(long)]
    pub step: bool,
}

/// Flags of `todos backup`.
#[derive(Debug, Args)]
pub struct Backup {
    /// Folder for the files, of this and of later runs; it must be there
    #[arg(long, value_name = "DIR")]
    pub to: PathBuf,

    /// Only this one
    #[arg(long, value_name = "NAME")]
    pub partition: Option<String>,
}

/// Flags of `todos bench`.
#[derive(Debug, Args)]
pub struct Bench {
    /// Users that each question is asked for
    #[arg(long, value_name = "N", default_value_t = 1_000, value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    pub rounds: u32,

    /// Measure no backup, which takes `pg_dump` and room in the folder for temporary files
    #[arg(long)]
    pub skip_backup: bool,
}

/// Flags of `todos retire`.
#[derive(Debug, Args)]
pub struct Retire {
    /// Folder for the files; it must be there
    #[arg(long, value_name = "DIR")]
    pub to: PathBuf,

    /// Whole months that stay
    #[arg(long, value_name = "N", default_value_t = 24, value_parser = clap::value_parser!(i32).range(1..=1200))]
    pub retention_months: i32,

    /// Say what would be retired, and retire nothing
    #[arg(long)]
    pub dry_run: bool,

    #[command(flatten)]
    pub scripts: ScriptsFlag,
}

/// Flags of `todos restore`.
#[derive(Debug, Args)]
pub struct Restore {
    /// What `todos retire` wrote, `….copy.gz`, with its manifest beside it
    pub file: PathBuf,

    #[command(flatten)]
    pub scripts: ScriptsFlag,
}

/// Flags of `todos grow`.
#[derive(Debug, Args)]
pub struct Grow {
    /// How many there shall be: 32, 64, …
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(2..=1024))]
    pub partitions: u32,

    #[command(flatten)]
    pub scripts: ScriptsFlag,
}

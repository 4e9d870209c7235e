//! The arguments and flags of `convert`.

use clap::{Args, Parser, Subcommand, ValueEnum};
use lab::cli::Common;

/// Change how a live table is partitioned, while applications read and write it.
///
/// `plan` says what would happen, `run` copies, indexes, catches up and validates, `swap` puts the
/// new table in place, `finish` drops the old one. `abort` before the swap and `rollback` after it
/// lead back, with every change that was made meanwhile.
#[derive(Debug, Parser)]
#[command(
    version,
    after_help = "\
Examples:
  cargo run -p convert -- plan chat_messages --range created_at --every quarter
  cargo run -p convert -- run chat_messages --range created_at --every quarter
  cargo run -p convert -- swap chat_messages
  cargo run -p convert -- rollback chat_messages    the old table, with all changes
  cargo run -p convert -- finish chat_messages      drops the old table"
)]
pub struct Cli {
    #[command(subcommand)]
    pub verb: Verb,

    #[command(flatten)]
    pub common: Common,
}

#[derive(Debug, Subcommand)]
pub enum Verb {
    /// Say what would be done, what stands in the way, and what it costs
    Plan(Plan),
    /// Prepare, copy, index, catch up and validate; goes on where an earlier run stopped
    Run(Run),
    /// How far a conversion is
    Status(Status),
    /// Compare source and target in one snapshot
    Validate(Validate),
    /// Put the new table in place
    Swap(Table),
    /// After a swap: put the old table back, with all changes made since
    Rollback(Table),
    /// After a swap: drop the old table and what the conversion needed
    Finish(Finish),
    /// Before a swap: remove the new table and what the conversion needed
    Abort(Table),
    /// Keep partitions ahead of time, and let old ones go
    Premake(Premake),
}

/// Which table, and how it shall be partitioned.
#[derive(Debug, Args)]
pub struct Wish {
    /// The table: name or schema.name
    pub table: String,

    /// By ranges of this column
    #[arg(long, value_name = "COL", group = "strategy")]
    pub range: Option<String>,
    /// By the values of this column
    #[arg(long, value_name = "COL", group = "strategy")]
    pub list: Option<String>,
    /// By the hash of this column
    #[arg(long, value_name = "COL", group = "strategy")]
    pub hash: Option<String>,
    /// Width of a range: day, week, month, quarter, year, or so many values of an integer
    #[arg(long, value_name = "WIDTH")]
    pub every: Option<String>,
    /// How many hash partitions
    #[arg(long, value_name = "N")]
    pub partitions: Option<u32>,
    /// A second level: `range:COL:WIDTH`, `list:COL` or `hash:COL:N`
    #[arg(long, value_name = "LEVEL")]
    pub then: Option<String>,
    /// This partition of the table gives way to several
    #[arg(long, value_name = "PARTITION", conflicts_with_all = ["attach_old"])]
    pub split: Option<String>,
    /// The table itself becomes the first partition; no row moves
    #[arg(long)]
    pub attach_old: bool,
    /// Add a DEFAULT partition
    #[arg(long)]
    pub default: bool,
    /// Periods to make beyond the newest row and the present
    #[arg(long, value_name = "N", default_value_t = 4)]
    pub ahead: u32,
    /// Time zone in which periods begin, for timestamptz and UUIDv7
    #[arg(long, value_name = "ZONE")]
    pub time_zone: Option<String>,
    /// Names of the partitions, in the order of their bounds
    #[arg(long, value_name = "A,B,…", value_delimiter = ',')]
    pub names: Vec<String>,
    /// A unique key without the partition key: NAME=extend|drop|side-table, NAME may be *
    #[arg(long, value_name = "NAME=WAY")]
    pub unique: Vec<String>,
    /// Go on although this blocker stands: its code
    #[arg(long, value_name = "CODE")]
    pub accept: Vec<String>,
}

/// `plan`
#[derive(Debug, Args)]
pub struct Plan {
    #[command(flatten)]
    pub wish: Wish,
    /// As Markdown, for a ticket or a review
    #[arg(long, conflicts_with = "sql")]
    pub markdown: bool,
    /// As an SQL script for psql or a migration tool
    #[arg(long)]
    pub sql: bool,
}

/// `run`
#[derive(Debug, Args)]
pub struct Run {
    #[command(flatten)]
    pub wish: Wish,
    #[command(flatten)]
    pub pace: PaceFlags,
    /// Swap as soon as source and target are equal
    #[arg(long)]
    pub swap: bool,
}

/// How hard to push.
#[derive(Debug, Args)]
pub struct PaceFlags {
    /// As fast as it can, or so that others hardly notice
    #[arg(long, value_enum, default_value_t)]
    pub pace: Speed,
    /// Sessions that copy and build indexes; a gentle pace takes one
    #[arg(long, value_name = "N", default_value_t = 2)]
    pub workers: usize,
    /// Copy at most so many rows a second
    #[arg(long, value_name = "ROWS")]
    pub max_rate: Option<f64>,
    /// Pause copying while more than so many sessions are active
    #[arg(long, value_name = "SESSIONS")]
    pub max_load: Option<u32>,
    /// Pause copying while a standby is behind by more than so many seconds
    #[arg(long, value_name = "SECONDS")]
    pub max_lag: Option<f64>,
    #[command(flatten)]
    pub locks: LockFlags,
}

/// Fast or gentle.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub enum Speed {
    /// Gentle when three or more other sessions are at work on the server as it begins
    #[default]
    Auto,
    /// As fast as it can
    Full,
    /// A fraction of a millisecond of work, then a rest; indexes come before the rows
    Gentle,
}

/// How long to wait for locks.
#[derive(Debug, Args)]
pub struct LockFlags {
    /// How long one attempt may wait for a lock, in milliseconds
    #[arg(long, value_name = "MS", default_value_t = 100,
        value_parser = clap::value_parser!(u64).range(1..=2_147_483_647))]
    pub lock_timeout: u64,
    /// How long all attempts together may take, in seconds
    #[arg(long, value_name = "SECONDS", default_value_t = 60)]
    pub lock_budget: u64,
}

/// A table in conversion.
#[derive(Debug, Args)]
pub struct Table {
    /// The table: name or schema.name
    pub table: String,
    #[command(flatten)]
    pub locks: LockFlags,
}

/// `status`
#[derive(Debug, Args)]
pub struct Status {
    /// The table; without it, all conversions
    pub table: Option<String>,
}

/// `validate`
#[derive(Debug, Args)]
pub struct Validate {
    /// The table: name or schema.name
    pub table: String,
}

/// `finish`
#[derive(Debug, Args)]
pub struct Finish {
    #[command(flatten)]
    pub table: Table,
    /// Keep the old table
    #[arg(long)]
    pub keep_old: bool,
    /// Do not ask whether to drop it
    #[arg(long)]
    pub yes: bool,
}

/// `premake`
#[derive(Debug, Args)]
pub struct Premake {
    /// Partitioned tables; without any, all that `convert` made
    pub tables: Vec<String>,
    /// Periods to keep ahead
    #[arg(long, value_name = "N", default_value_t = 4)]
    pub ahead: u32,
    /// Let partitions go that are wholly older than this: `12 months`, `90 days`
    #[arg(long, value_name = "AGE")]
    pub retain: Option<String>,
    /// What becomes of those
    #[arg(long, value_enum, default_value_t)]
    pub old: Old,
    /// Time zone in which periods begin
    #[arg(long, value_name = "ZONE")]
    pub time_zone: Option<String>,
    /// Do it; without, only say what would be done
    #[arg(long)]
    pub run: bool,
    #[command(flatten)]
    pub locks: LockFlags,
}

/// What becomes of partitions that are too old.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub enum Old {
    /// Detached, and kept as tables
    #[default]
    Keep,
    /// Detached and dropped
    Drop,
}

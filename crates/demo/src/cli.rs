//! The arguments and flags of `demo`.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};
use lab::cli::Common;
use lab::output_file::OutputFile;

use crate::xray::input;

/// See which partitions each query reads, and which are pruned, and when.
///
/// Each lesson says what to expect, runs its query with EXPLAIN ANALYZE, and compares. Nothing
/// stays changed: every lesson is rolled back.
#[derive(Debug, Parser)]
#[command(
    version,
    after_help = "\
Examples:
  cargo run -p demo                    all lessons
  cargo run -p demo -- range --step    one topic, a lesson at a time
  cargo run -p demo -- traps           what keeps PostgreSQL from pruning
  cargo run -p demo -- check           whether all lessons hold on this server
  cargo run -p demo -- all --html lessons.html
  cargo run -p demo -- query \"SELECT count(*) FROM event_logs WHERE created_at >= '2024-03-01'\""
)]
pub struct Cli {
    #[command(subcommand)]
    pub what: Option<What>,

    /// Wait for Enter after each lesson
    #[arg(long, global = true)]
    pub step: bool,

    /// Do not run each query against the table before partitioning, too
    #[arg(long, global = true)]
    pub no_baseline: bool,

    /// Read the lessons from this folder instead of those compiled in
    #[arg(long, value_name = "DIR", global = true)]
    pub scripts: Option<PathBuf>,

    /// Write what is shown to a page of its own, with a map of the partitions
    #[arg(long, value_name = "FILE", global = true)]
    pub html: Option<PathBuf>,

    /// Replace the file that --html names even if it is no page of ours, or a link
    #[arg(long, global = true)]
    pub force: bool,

    #[command(flatten)]
    pub common: Common,
}

impl Cli {
    /// The page that is wanted.
    pub fn page(&self) -> Option<OutputFile> {
        self.html.as_deref().map(|path| OutputFile::html(path, self.force))
    }
}

/// A topic, or a query of one's own.
#[derive(Debug, Subcommand)]
pub enum What {
    /// Table `event_logs`, by month
    Range,
    /// Table `users_distributed`, by remainder of the id's hash
    Hash,
    /// Table `orders_by_region`, by region
    List,
    /// Table `sales_data`, by quarter and then by category
    Composite,
    /// Queries that read more partitions than one would think
    Traps,
    /// Joins and aggregates, partition by partition
    Joins,
    /// Prepared statements: custom plans and generic ones
    Prepared,
    /// Indexes on the parent and on each partition
    Indexes,
    /// UPDATE, ON CONFLICT, DELETE and MERGE, and DETACH
    Dml,
    /// All of these (the default)
    All,
    /// Whether all lessons hold on this server, and which do not
    Check,
    /// Any query on any database: what it reads and what is pruned
    Query(Query),
}

/// The x-ray of one query.
#[derive(Debug, Args)]
#[command(after_help = "\
The query runs in a read-only transaction that is rolled back. What no such transaction can prevent: functions that reach beyond it,
as pg_terminate_backend(), pg_advisory_lock(), dblink() or those that write files do, and those of untrusted languages. CREATE TABLE AS,
CREATE MATERIALIZED VIEW and SELECT INTO are refused. With --no-analyze a query is planned only.")]
pub struct Query {
    /// The query; it is run in a read-only transaction. `-`: from stdin
    #[arg(value_name = "SQL", required_unless_present_any = ["file", "workload"], conflicts_with_all = ["file", "workload"])]
    pub sql: Option<String>,

    /// Read the query from this file
    #[arg(long, value_name = "FILE")]
    pub file: Option<String>,

    /// A parameter's value, as in 1=2024-02-01 for $1; the word NULL is NULL
    #[arg(long, value_name = "N=VALUE", value_parser = input::parameter)]
    pub param: Vec<(u16, String)>,

    /// Make the plan before the values are known, as PostgreSQL may do for a prepared statement
    #[arg(long)]
    pub generic: bool,

    /// Only plan the query; it is not run
    #[arg(long)]
    pub no_analyze: bool,

    /// Run this query too, and show both side by side
    #[arg(long, value_name = "SQL")]
    pub before_after: Option<String>,

    /// Look at each statement of this file, or of `pg_stat_statements`, and rank those that reach several partitions by what they
    /// cost. What writes or has parameters, and all of `pg_stat_statements`, is only planned
    #[arg(long, value_name = "FILE", conflicts_with_all = ["file", "param", "generic", "before_after", "on_old"])]
    pub workload: Option<String>,

    /// Run it on the unpartitioned tables too, `event_logs_old` for `event_logs`
    #[arg(long, conflicts_with = "before_after")]
    pub on_old: bool,

    /// Seconds after which the server cancels it
    #[arg(long, value_name = "S", default_value_t = 30, value_parser = clap::value_parser!(u32).range(1..=86_400))]
    pub timeout: u32,
}

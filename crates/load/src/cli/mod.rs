//! The arguments and flags of `load`.

mod job;
mod values;

use std::path::PathBuf;

use clap::Parser;
use clap::builder::{RangedI64ValueParser, RangedU64ValueParser};
use lab::cli::Common;
use lab::output_file::OutputFile;
use lab::{Error, Result};

use crate::rows::Spread;

pub use job::announcement;
pub use values::{Assignment, Dates, Mix};

/// Insert realistic rows: 30 % events, 25 % users, 25 % orders, 20 % sales.
///
/// Prints at the end which table and partition the rows went to. Ctrl-C ends it gracefully.
#[derive(Debug, Parser)]
#[command(
    version,
    allow_negative_numbers = true,
    after_help = "\
Examples:
  cargo run -p load -- 1000 30          an insert a second, for thirty seconds
  cargo run -p load -- 0 10 --workers 8 as fast as eight connections can, for ten
                                        seconds
  cargo run -p load -- --rate 2000 --workers 8 --html load.html
                                        2,000 a second whatever the server does,
                                        until Ctrl-C; then a page of charts
  cargo run -p load -- --table my.table --rows 1000000 --copy --workers 2
                                        a million rows into your own table"
)]
#[allow(clippy::struct_excessive_bools, reason = "each is a flag of its own")]
pub struct Cli {
    /// Milliseconds between two inserts of a connection; 0: no pause [default: 0 with --workers,
    /// --in-flight, --batch, --copy, --rows or --compare; else `SIMULATOR_INTERVAL_MS`, or 2000]
    #[arg(value_name = "INTERVAL_MS", value_parser = RangedI64ValueParser::<u64>::new().range(0..=86_400_000))]
    pub interval_ms: Option<u64>,

    /// Seconds until it ends [default: until Ctrl-C]
    #[arg(value_name = "DURATION_S", value_parser = RangedI64ValueParser::<u64>::new().range(1..=31_536_000))]
    pub duration_s: Option<u64>,

    /// Connections
    #[arg(long, value_name = "N", help_heading = HARD, value_parser = RangedU64ValueParser::<usize>::new().range(1..=10_000))]
    pub workers: Option<usize>,

    /// Statements on each connection that may wait for their answers (pipelining) [default: 1]
    #[arg(long, value_name = "N", help_heading = HARD, conflicts_with = "copy", value_parser = RangedU64ValueParser::<usize>::new().range(1..=1_000))]
    pub in_flight: Option<usize>,

    /// Rows a statement [default: 1; with --copy 10,000]
    #[arg(long, value_name = "N", help_heading = HARD, value_parser = RangedI64ValueParser::<u32>::new().range(1..=10_000_000))]
    pub batch: Option<u32>,

    /// COPY in binary format, not INSERT; each connection is a stream
    #[arg(long, help_heading = HARD)]
    pub copy: bool,

    /// Statements a second, whatever the server does (open loop): latency counts from when each
    /// was due
    #[arg(long, value_name = "N", help_heading = HARD, value_parser = values::rate)]
    pub rate: Option<f64>,

    /// End after so many rows
    #[arg(long, value_name = "N", help_heading = HARD, value_parser = RangedU64ValueParser::<u64>::new().range(1..))]
    pub rows: Option<u64>,

    /// Seconds before measuring begins
    #[arg(long, value_name = "S", default_value_t = 0, hide_default_value = true, help_heading = HARD)]
    pub warmup: u32,

    /// End when more statements than this are refused [default: go on, and exit with 1]
    #[arg(long, value_name = "N", help_heading = HARD)]
    pub max_errors: Option<u64>,

    /// Share of each table, such as events=30,users=25,orders=25,sales=20
    #[arg(long, value_name = "MIX", help_heading = WHAT, conflicts_with = "table")]
    pub mix: Option<Mix>,

    /// Your own table instead, partitioned or not: its rows are invented from the catalog
    #[arg(long, value_name = "NAME", help_heading = WHAT)]
    pub table: Option<String>,

    /// A value for a column of --table, as SQL would read it; several: one of them at random
    #[arg(long, value_name = "COLUMN=VALUE", help_heading = WHAT, requires = "table")]
    pub set: Vec<Assignment>,

    /// How rows spread over the partitions [default: with --table even, else as in life]
    #[arg(long, help_heading = WHAT)]
    pub spread: Option<Spread>,

    /// Dates and times of the rows, the last one excluded: 2024-01-01..2024-04-01
    #[arg(long, value_name = "FROM..TO", help_heading = WHAT)]
    pub dates: Option<Dates>,

    /// Percent of rows outside every partition but DEFAULT
    #[arg(long, value_name = "PCT", help_heading = WHAT, value_parser = values::percent)]
    pub out_of_range: Option<f64>,

    /// Start of the random numbers: the same seed gives the same rows in the same order
    #[arg(long, value_name = "N", help_heading = WHAT)]
    pub seed: Option<u64>,

    /// Count rows before and after: what was acknowledged must be there, and nothing else
    #[arg(long, help_heading = RESULT)]
    pub verify: bool,

    /// Leave out RETURNING tableoid: a few percent faster; which partition took the rows is then
    /// read from the server's statistics
    #[arg(long, help_heading = RESULT)]
    pub untracked: bool,

    /// The same load on `NAME_old` and on the partitioned table in turns: what partitioning costs
    #[arg(long, help_heading = RESULT, conflicts_with_all = ["verify", "html", "csv"])]
    pub compare: bool,

    /// Invent the rows and throw them away: how fast is that?
    #[arg(long, help_heading = RESULT, conflicts_with_all = ["verify", "compare", "html", "csv"])]
    pub dry_run: bool,

    /// Write a page with charts, which needs nothing else
    #[arg(long, value_name = "FILE", help_heading = RESULT)]
    pub html: Option<PathBuf>,

    /// Write a line a second
    #[arg(long, value_name = "FILE", help_heading = RESULT)]
    pub csv: Option<PathBuf>,

    /// Replace what --html and --csv name even if it is no such file of ours, or a link
    #[arg(long, help_heading = RESULT)]
    pub force: bool,

    #[command(flatten)]
    pub common: Common,
}

impl Cli {
    /// The page that is wanted.
    pub fn page(&self) -> Result<Option<OutputFile>> {
        if self.html.is_some() && self.html == self.csv {
            return Err(Error::usage("--html and --csv name the same file")
                .next("name two: --html load.html --csv load.csv"));
        }
        Ok(self.html.as_deref().map(|path| OutputFile::html(path, self.force)))
    }
}

const HARD: &str = "How hard";
const WHAT: &str = "What";
const RESULT: &str = "Results";

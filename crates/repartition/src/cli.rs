//! The arguments and flags of `repartition`.

use clap::{Parser, ValueEnum};
use lab::cli::{Common, ScriptsFlag};

use crate::scenario::Scenario;

/// Change the partitions of the demonstration tables, in five scenarios.
///
/// Each shows the partitions before, runs its script, and shows them after. No row is ever lost:
/// counts are compared in the script's own transaction, and a difference rolls it back.
#[derive(Debug, Parser)]
#[command(
    version,
    after_help = "\
Examples:
  cargo run -p repartition                     what each scenario teaches
  cargo run -p repartition -- split            February becomes four weeks
  cargo run -p repartition -- split --step     the same, a statement at a time
  cargo run -p repartition -- detach --dry-run the SQL, and nothing is changed
  cargo run -p repartition -- cleanup          the partitions of setup again"
)]
pub struct Cli {
    /// What to do; without it, the list of scenarios
    #[arg(value_enum)]
    pub scenario: Option<Choice>,

    /// Show each statement and wait for Enter before it runs
    #[arg(long)]
    pub step: bool,

    /// Show the statements and change nothing
    #[arg(long, conflicts_with = "step")]
    pub dry_run: bool,

    #[command(flatten)]
    pub scripts: ScriptsFlag,

    #[command(flatten)]
    pub common: Common,
}

/// One scenario, or all five.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Choice {
    /// A partition for April, whose rows leave the DEFAULT
    Add,
    /// February's partition becomes four weekly ones
    Split,
    /// January's rows go to an archive table, its partition goes away
    Detach,
    /// From HASH (id) to RANGE (`registration_date`), in a second table
    Migrate,
    /// The partitions of setup again, from whatever state
    Cleanup,
    /// The five in order
    All,
}

impl Choice {
    /// The scenario, or `None` for all.
    pub fn single(self) -> Option<Scenario> {
        Some(match self {
            Self::Add => Scenario::Add,
            Self::Split => Scenario::Split,
            Self::Detach => Scenario::Detach,
            Self::Migrate => Scenario::Migrate,
            Self::Cleanup => Scenario::Cleanup,
            Self::All => return None,
        })
    }
}

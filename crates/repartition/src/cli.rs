//! The arguments and flags of `repartition`.

use std::path::PathBuf;

use clap::{Args, Parser, ValueEnum};
use lab::cli::{Common, ScriptsFlag};
use lab::output_file::OutputFile;
use lab::{Error, Result};

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
  cargo run -p repartition -- cleanup          the partitions of setup again
  cargo run -p repartition -- split --under-load 4
                                               what it does to others meanwhile
  cargo run -p repartition -- split --compare --html split.html
                                               the script beside the online way"
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

    /// Do it through the engine of `convert`: the same end, and nobody waits
    #[arg(long, conflicts_with_all = ["step", "dry_run"])]
    pub online: bool,

    #[command(flatten)]
    pub scripts: ScriptsFlag,

    #[command(flatten)]
    pub load: LoadFlags,

    #[command(flatten)]
    pub common: Common,
}

/// What else happens while a scenario runs.
#[derive(Debug, Args)]
#[command(next_help_heading = "Under load")]
pub struct LoadFlags {
    /// Let N writers and N readers work on the tables meanwhile, and show how long they waited for
    /// which locks
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u8).range(1..=40), conflicts_with = "dry_run")]
    pub under_load: Option<u8>,

    /// Run the script, then cleanup, then the online way under the same load (of 8, unless
    /// --under-load says otherwise), and show both beside each other
    #[arg(long, conflicts_with_all = ["step", "dry_run", "online"])]
    pub compare: bool,

    /// Write what --under-load or --compare shows to a page of its own
    #[arg(long, value_name = "FILE")]
    pub html: Option<PathBuf>,

    /// Replace the file that --html names even if it is no page of ours, or a link
    #[arg(long, requires = "html")]
    pub force: bool,
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
    /// What there is, as without a scenario
    List,
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
            Self::All | Self::List => return None,
        })
    }
}

impl Cli {
    /// How many writers, and how many readers, work meanwhile.
    pub fn sessions(&self) -> Option<usize> {
        const OF_COMPARE: u8 = 8;
        self.load.under_load.or(self.load.compare.then_some(OF_COMPARE)).map(usize::from)
    }

    /// The page that is wanted.
    pub fn page(&self) -> Option<OutputFile> {
        self.load.html.as_deref().map(|path| OutputFile::html(path, self.load.force))
    }

    /// Refuses flags that do not go together with the scenario or with each other.
    pub fn check(&self) -> Result<()> {
        let name = "cargo run -p repartition -- split --compare --html split.html";
        if self.load.html.is_some() && self.sessions().is_none() {
            return Err(Error::usage("--html needs --under-load N or --compare").next(name));
        }
        if matches!(self.scenario, Some(Choice::List)) && (self.step || self.dry_run || self.online)
        {
            return Err(Error::usage("list runs nothing").next("cargo run -p repartition -- list"));
        }
        let single = self.scenario.and_then(Choice::single);
        if self.sessions().is_some() && single.is_none() {
            return Err(Error::usage("--under-load and --compare need one scenario").next(name));
        }
        if (self.online || self.load.compare) && single == Some(Scenario::Cleanup) {
            return Err(Error::usage("cleanup has only its script, which has no online way")
                .next("cargo run -p repartition -- cleanup"));
        }
        self.page().as_ref().map_or(Ok(()), OutputFile::check)
    }
}

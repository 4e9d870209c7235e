//! The arguments and flags of `load`.

use std::time::Duration;

use clap::Parser;
use clap::builder::RangedI64ValueParser;
use lab::cli::Common;
use lab::config::Settings;
use lab::report;

/// Insert realistic rows: 30 % events, 25 % users, 25 % orders, 20 % sales.
///
/// Prints at the end which table and partition the rows went to. Ctrl-C ends it gracefully.
#[derive(Debug, Parser)]
#[command(
    version,
    allow_negative_numbers = true,
    after_help = "\
Examples:
  cargo run -p load -- 1000 30        an insert a second, for thirty seconds
  cargo run -p load -- 0 10           as fast as one connection can, for ten seconds
  cargo run -p load -- 100 --seed 7   the same rows each time, until Ctrl-C"
)]
pub struct Cli {
    /// Milliseconds between two inserts; 0: no pause [default: `SIMULATOR_INTERVAL_MS`, or 2000]
    #[arg(value_name = "INTERVAL_MS", value_parser = RangedI64ValueParser::<u64>::new().range(0..=86_400_000))]
    interval_ms: Option<u64>,

    /// Seconds until it ends [default: until Ctrl-C]
    #[arg(value_name = "DURATION_S", value_parser = RangedI64ValueParser::<u64>::new().range(1..=31_536_000))]
    duration_s: Option<u64>,

    /// Start of the random numbers: the same seed gives the same rows in the same order
    #[arg(long, value_name = "N")]
    pub seed: Option<u64>,

    #[command(flatten)]
    pub common: Common,
}

/// The pause between two inserts when nobody names one.
const DEFAULT_INTERVAL: Duration = Duration::from_secs(2);

impl Cli {
    /// The pause between two inserts; zero means none.
    pub fn interval(&self, settings: &Settings) -> Duration {
        self.interval_ms
            .map(Duration::from_millis)
            .or(settings.simulator_interval)
            .unwrap_or(DEFAULT_INTERVAL)
    }

    /// How long to go on; `None`: until Ctrl-C.
    pub fn duration(&self) -> Option<Duration> {
        self.duration_s.map(Duration::from_secs)
    }

    /// What is about to happen, in a line.
    pub fn announcement(&self, settings: &Settings) -> String {
        let interval = self.interval(settings);
        let pace = if interval.is_zero() {
            "as fast as the server answers".to_owned()
        } else {
            match interval.as_millis() {
                1000 => "a second".to_owned(),
                ms if ms % 1000 == 0 => format!("every {} seconds", ms / 1000),
                ms => format!("every {ms} ms"),
            }
        };
        let end = match self.duration_s {
            Some(seconds) => format!("for {}", report::plural(seconds, "second")),
            None => "until Ctrl-C".to_owned(),
        };
        format!("\nInserting a row {pace}, {end}.")
    }
}

//! The flags of `setup`.

use clap::{Parser, ValueEnum};
use lab::cli::{Common, ScriptsFlag};

/// Make the four demonstration tables, fill them, and partition each with another strategy.
///
/// Runs again without harm: what is done is left alone.
#[derive(Debug, Parser)]
#[command(
    version,
    after_help = "\
Examples:
  cargo run -p setup                       on a local server that needs no configuration
  cargo run -p setup -- --until base       single tables first, to compare with
  cargo run -p setup -- --chat             with a chat application's tables, to convert
  cargo run -p setup -- --reset --scale 100"
)]
pub struct Cli {
    /// Drop what setup made, and make it again
    #[arg(long)]
    pub reset: bool,

    /// Rows as a multiple of 1,400 (500 events, 200 users, 300 orders, 400 sales)
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..=100_000))]
    pub scale: u32,

    /// Stop early; a later `setup` goes on from there
    #[arg(long, value_name = "STEP", value_enum)]
    pub until: Option<Until>,

    /// Make `chat_messages` too, with `users` and `tasks`, for `convert`: 1,000 messages, times `--scale`
    #[arg(long)]
    pub chat: bool,

    #[command(flatten)]
    pub scripts: ScriptsFlag,

    #[command(flatten)]
    pub common: Common,
}

/// Where to stop.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Until {
    /// With the tables full of rows, before any is partitioned.
    Base,
}

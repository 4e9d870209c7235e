//! The flags that every command has. The doc comments are the help text.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

/// Flags of every command; flatten into the command's own.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Common options")]
pub struct Common {
    /// Which server: postgresql://user@host:port/database. Without it `DATABASE_URL`, then
    /// `POSTGRES_HOST` and so on, then a local server that needs no configuration
    #[arg(long, value_name = "URL", global = true)]
    pub database_url: Option<String>,

    /// Text for people, or one JSON document on stdout for programs
    #[arg(long, value_name = "FORMAT", value_enum, default_value_t, global = true)]
    pub format: Format,

    /// When to use colours (`NO_COLOR` counts too)
    #[arg(long, value_name = "WHEN", value_enum, default_value_t, global = true)]
    pub color: ColorChoice,
}

/// The flag of the commands that run scripts.
#[derive(Debug, Clone, Args)]
pub struct ScriptsFlag {
    /// Read the scripts from this folder instead of those compiled in
    #[arg(long, value_name = "DIR")]
    pub scripts: Option<PathBuf>,
}

/// How results are written.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// Tables and trees.
    #[default]
    Table,
    /// One JSON document.
    Json,
}

/// When to use colours.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub enum ColorChoice {
    /// On a terminal.
    #[default]
    Auto,
    /// Also into a pipe.
    Always,
    /// Not at all.
    Never,
}

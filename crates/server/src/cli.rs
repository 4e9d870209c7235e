//! The flags of `server`.

use std::ffi::OsString;

use clap::{Parser, Subcommand};
use lab::cli::Common;

/// Start, stop, show and remove the local PostgreSQL server.
///
/// The other commands start it themselves where `DATABASE_URL` and `POSTGRES_HOST` name no other. It
/// is private: it listens on a socket in its own folder, and on TCP only with `start --port`.
#[derive(Debug, Parser)]
#[command(
    version,
    mut_arg("database_url", |flag| flag.hide(true)),
    after_help = "\
Examples:
  cargo run -p server -- start --port 5433     for a program that needs TCP
  cargo run -p server -- psql                  SQL by hand
  cargo run -p server -- psql -- -c '\\dt'
  cargo run -p server -- destroy               stop it and delete its data"
)]
pub struct Cli {
    #[command(subcommand)]
    pub action: Action,

    #[command(flatten)]
    pub common: Common,
}

/// What to do with the server.
#[derive(Debug, Clone, Subcommand)]
pub enum Action {
    /// Start it, and make it before if it does not exist
    Start {
        /// Listen on this port of 127.0.0.1 too
        #[arg(long, value_name = "PORT", value_parser = clap::value_parser!(u16).range(1..))]
        port: Option<u16>,
    },
    /// Stop it; its data stays
    Stop,
    /// Show whether it runs, and where
    Status,
    /// Print the URL of its database, for other programs
    Url {
        /// The address on 127.0.0.1 instead of the socket
        #[arg(long)]
        tcp: bool,
    },
    /// Open psql in its database (it is started if need be)
    Psql {
        /// What to pass on to psql
        #[arg(last = true, value_name = "ARGS")]
        args: Vec<OsString>,
    },
    /// Stop it and delete its data
    Destroy {
        /// Do not ask
        #[arg(long)]
        yes: bool,
    },
}

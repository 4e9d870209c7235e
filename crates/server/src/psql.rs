//! psql in the server's database.

use std::ffi::OsString;
use std::os::unix::process::CommandExt;
use std::process::Command;

use lab::connect::libpq;
use lab::report;
use lab::server::{DATABASE, LocalServer};
use lab::{Error, Result};

/// Becomes psql, so that Ctrl-C and the exit code are psql's. Returns only when that failed.
pub async fn open(local: &LocalServer, args: &[OsString]) -> Result<()> {
    let attached = local.attach_or_start(None).await?;
    for note in &attached.notes {
        report::note(note);
    }
    let psql = local.program_path("psql");
    let mut command = Command::new(&psql);
    libpq::forget_variables(&mut command);
    command.env("PGHOST", &attached.socket).env("PGPORT", attached.port.to_string());
    command.env("PGUSER", "postgres").env("PGDATABASE", DATABASE);
    let error = command.args(args).exec();
    Err(Error::failed(format!("cannot run {}", psql.display()))
        .caused_by(&error)
        .next("install it (Debian: postgresql-client)")
        .next("or take another client: cargo run -p server -- url"))
}

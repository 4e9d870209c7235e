//! `pg_dump`, of one snapshot.

use std::path::Path;

use lab::app::App;
use lab::connect::Session;
use lab::{Context, Error, Result};

use super::backup::Dump;
use super::file;

/// As of when everything is that is dumped.
pub struct Snapshot {
    /// As `pg_export_snapshot()` calls it.
    pub id: String,
    /// In UTC.
    pub at: String,
}

/// Dumps what the flags choose to a file of the folder, called after `name` and its content.
pub async fn pg_dump(
    app: &App,
    session: &Session,
    snapshot: &Snapshot,
    folder: &Path,
    name: &str,
    flags: &[String],
) -> Result<Dump> {
    let what = || format!("cannot write a dump of {name} in {}", folder.display());
    let file = tempfile::NamedTempFile::new_in(folder).context(what)?.into_temp_path();
    let mut command = app.program(session, "pg_dump")?;
    command.args(["--format=custom", "--no-password", "--file"]).arg(&file);
    command.arg(format!("--snapshot={}", snapshot.id)).args(flags);
    let major = session.server().version.major();
    let program = command.get_program().display().to_string();
    // Dropped, because somebody pressed Ctrl-C, it takes pg_dump with it.
    let ran = tokio::process::Command::from(command).kill_on_drop(true).output().await;
    let ran = ran.map_err(|error| {
        Error::failed(format!("cannot run {program}")).caused_by(&error).next(format!(
            "install it (Debian: postgresql-client-{major}), or set PG_BIN to its folder"
        ))
    })?;
    if !ran.status.success() {
        let said = String::from_utf8_lossy(&ran.stderr).trim().to_owned();
        let next = if said.contains("version mismatch") {
            format!(
                "install the programs of PostgreSQL {major} (Debian: postgresql-client-{major}), or set PG_BIN to their folder"
            )
        } else {
            "the last backup is as it was: run the same command again".to_owned()
        };
        return Err(Error::failed(what()).because(said).next(next));
    }
    let sha256 = file::sha256(&file)?;
    let dump =
        Dump { file: format!("{name}-{}.dump", &sha256[..12]), bytes: file::size(&file), sha256 };
    file.persist(folder.join(&dump.file)).map_err(|error| error.error).context(what)?;
    Ok(dump)
}

//! `pg_dump`, of one snapshot.

use std::fs;
use std::path::{Path, PathBuf};

use lab::app::App;
use lab::connect::Session;
use lab::{Context, Error, Result};
use tempfile::TempPath;

use super::backup::Dump;
use super::file;

/// As of when everything is that is dumped.
pub struct Snapshot {
    /// As `pg_export_snapshot()` calls it.
    pub id: String,
    /// In UTC.
    pub at: String,
}

/// How a file is called that is not complete.
const UNFINISHED: &str = ".todos-backup-";

/// One that is gone again unless it is kept.
#[derive(Debug)]
pub struct NewFile {
    file: TempPath,
    path: PathBuf,
}

impl NewFile {
    /// Gives it its name.
    pub fn keep(self) -> Result<()> {
        let what = || format!("cannot write {}", self.path.display());
        self.file.persist(&self.path).map_err(|error| error.error).context(what)
    }
}

/// Removes what a run that was killed has left.
pub fn remove_leftovers(folder: &Path) -> Result<()> {
    let what = || format!("cannot look into {}", folder.display());
    for entry in fs::read_dir(folder).context(what)? {
        let entry = entry.context(what)?;
        if entry.file_name().as_encoded_bytes().starts_with(UNFINISHED.as_bytes()) {
            fs::remove_file(entry.path()).context(what)?;
        }
    }
    Ok(())
}

/// Dumps what the flags choose to a file that will be called after `name` and its content.
pub async fn pg_dump(
    app: &App,
    session: &Session,
    snapshot: &Snapshot,
    folder: &Path,
    name: &str,
    flags: &[String],
) -> Result<(Dump, NewFile)> {
    let what = || format!("cannot write a dump of {name} in {}", folder.display());
    let file = tempfile::Builder::new().prefix(UNFINISHED).tempfile_in(folder);
    let file = file.context(what)?.into_temp_path();
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
            "the last backup is as it was: run the same command again, or give it a folder with more room"
                .to_owned()
        };
        return Err(Error::failed(what()).because(said).next(next));
    }
    let sha256 = file::sha256(&file)?;
    let dump =
        Dump { file: format!("{name}-{}.dump", &sha256[..12]), bytes: file::size(&file), sha256 };
    let path = folder.join(&dump.file);
    Ok((dump, NewFile { file, path }))
}

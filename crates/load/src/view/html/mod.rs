//! `--html FILE`: one page that holds everything it shows, and asks no network for anything.

mod axis;
mod charts;
mod ink;
mod page;
mod plot;
mod tables;

use std::io::{self, Write};
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use lab::{Context, Error, Result};
use tempfile::NamedTempFile;

use crate::stats::Stats;

/// What was run: the page says it, so that whoever finds the page later can repeat it.
#[derive(Debug, Clone)]
pub struct Run {
    /// What was done, in a line.
    pub doing: String,
    /// The command as it was typed, without passwords.
    pub command: String,
    /// Which server and its version, as `lab::report::server_line` says it.
    pub server: String,
    /// When the measurement began.
    pub started: Timestamp,
    /// The version of `load`.
    pub version: String,
}

/// Whether a page can be written to `path`, so that nobody learns it after an hour's load.
pub fn check(path: &Path) -> Result<()> {
    let checked = place(path).and_then(|place| place.map(|place| beside(&place)).transpose());
    checked.map(drop).map_err(|error| refused(path, &error))
}

/// Writes the page to `path`. What was there before stays until the page is whole; an error names
/// the file.
pub fn write(path: &Path, stats: &Stats, run: &Run) -> Result<()> {
    let page = page::page(stats, run).context(|| format!("cannot draw {}", path.display()))?;
    replace(path, page.into_string().as_bytes()).map_err(|error| refused(path, &error))
}

fn refused(path: &Path, error: &io::Error) -> Error {
    Error::failed(format_args!("cannot write {}", path.display()))
        .caused_by(error)
        .next("name a file in a folder that exists and has room: --html FILE")
}

/// Where the file goes; `None` where something other than a file is in its place.
fn place(path: &Path) -> io::Result<Option<PathBuf>> {
    Ok(match path.metadata() {
        // Moving a file onto a device or a pipe (/dev/stdout) would put the file in its place.
        Ok(there) if !there.is_file() => None,
        // Where a link points, the link stays.
        Ok(_) => Some(path.canonicalize()?),
        Err(_) => Some(path.to_owned()),
    })
}

/// A new file in the same folder.
fn beside(place: &Path) -> io::Result<NamedTempFile> {
    let folder = match place.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    };
    let mut options = tempfile::Builder::new();
    options.prefix(".load-").suffix(".html.part");
    #[cfg(unix)]
    // As any other new file; by default, others could not read it.
    options.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
    options.tempfile_in(folder)
}

/// Writes a file beside `path` and moves it there.
fn replace(path: &Path, content: &[u8]) -> io::Result<()> {
    let Some(place) = place(path)? else { return std::fs::write(path, content) };
    let mut file = beside(&place)?;
    file.write_all(content)?;
    file.persist(&place)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::view::example;

    pub fn run() -> Run {
        Run {
            doing: "6,000 rows a second on 8 connections, for 2 minutes".to_owned(),
            command: "load --rate 6000 --workers 8 --html run.html 0 120".to_owned(),
            server: "PostgreSQL 18.1 · local server · .partition-lab".to_owned(),
            started: "2026-03-04T05:06:07Z".parse().unwrap(),
            version: "0.1.0".to_owned(),
        }
    }

    /// The page of an example; `LOAD_EXAMPLE_PAGE=FILE` keeps it for a look at it in a browser.
    #[test]
    fn a_page_replaces_what_was_there_as_a_whole() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("run.html");
        std::fs::write(&path, "what was there before").unwrap();
        write(&path, &example::large(), &run()).unwrap();
        let page = std::fs::read_to_string(&path).unwrap();
        assert!(page.starts_with("<!DOCTYPE html>") && page.ends_with("</html>"));
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1, "nothing is left behind");
        if let Some(keep) = std::env::var_os("LOAD_EXAMPLE_PAGE") {
            std::fs::copy(&path, keep).unwrap();
        }
    }

    #[test]
    fn errors_name_the_file() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("missing").join("run.html");
        let error = write(&path, &example::small(), &run()).unwrap_err().to_string();
        assert!(error.contains(&path.display().to_string()), "{error}");
        assert!(error.contains("--html"), "{error}");
    }

    #[test]
    #[cfg(target_os = "linux")] // a device that is always full
    fn a_device_is_written_to_and_not_replaced() {
        let error = write(Path::new("/dev/full"), &example::small(), &run()).unwrap_err();
        assert!(error.to_string().contains("space"), "{error}");
        assert!(!Path::new("/dev/full").is_file());
    }
}

//! `--html FILE`: one page that holds everything it shows, and asks no network for anything.

mod axis;
mod charts;
mod ink;
mod page;
mod plot;
mod tables;

use jiff::Timestamp;
use lab::output_file::OutputFile;
use lab::{Context, Result};

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

/// Writes the page to `path`. What was there before stays until the page is whole; an error names
/// the file.
pub fn write(file: &OutputFile, stats: &Stats, run: &Run) -> Result<()> {
    let page =
        page::page(stats, run).context(|| format!("cannot draw {}", file.path().display()))?;
    file.write(&page.into_string())
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
        write(&OutputFile::html(&path, true), &example::large(), &run()).unwrap();
        let page = std::fs::read_to_string(&path).unwrap();
        assert!(page.starts_with("<!DOCTYPE html>") && page.ends_with("</html>"));
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1, "nothing is left behind");
        if let Some(keep) = std::env::var_os("LOAD_EXAMPLE_PAGE") {
            std::fs::copy(&path, keep).unwrap();
        }
    }
}

//! Where scripts come from: compiled in, or read from a folder with `--scripts`.

use std::path::PathBuf;

use super::{Header, SplitError, Statement, header, statements};
use crate::{Context, Error, Result};

/// A script, read and split.
#[derive(Debug, Clone)]
pub struct Script {
    /// Its path below the scripts' folder, such as `repartition/11_split_partition.sql`.
    pub name: String,
    /// The path to print: where a person finds the file.
    pub path: String,
    /// The whole text, for its checksum.
    pub text: String,
    /// What its header says.
    pub header: Header,
    /// Its statements in order.
    pub statements: Vec<Statement>,
    /// Whether it was read from a folder, and may be the user's own.
    pub from_folder: bool,
}

/// The scripts that a command works with.
#[derive(Debug, Clone, Default)]
pub struct Scripts {
    folder: Option<PathBuf>,
}

impl Scripts {
    /// Those of `folder`, or without one those compiled in.
    pub fn new(folder: Option<PathBuf>) -> Result<Self> {
        match folder {
            Some(folder) if !folder.is_dir() => {
                Err(Error::usage(format!("--scripts {}: no such folder", folder.display()))
                    .next("name a folder laid out like scripts/ in the repository"))
            }
            folder => Ok(Self { folder }),
        }
    }

    /// The text of `name` and the path to print for it.
    pub fn text(&self, name: &str) -> Result<(String, String)> {
        let Some(folder) = &self.folder else {
            let text = super::embedded::text(name)
                .ok_or_else(|| Error::failed(format!("no script {name} is compiled in")))?;
            return Ok((text.to_owned(), format!("scripts/{name}")));
        };
        let path = folder.join(name);
        let text =
            std::fs::read_to_string(&path).context(|| format!("cannot read {}", path.display()));
        let text = text.map_err(|error| {
            error.next("lay the folder of --scripts out like scripts/ in the repository")
        })?;
        Ok((text, path.display().to_string()))
    }

    /// Reads and splits `name`.
    pub fn load(&self, name: &str) -> Result<Script> {
        let (text, path) = self.text(name)?;
        let split = || {
            let header = header::parse(&text)
                .map_err(|why| Error::failed(format!("{path}:1: cannot run it")).because(why))?;
            let statements = split(&path, &text)?;
            if statements.is_empty() {
                return Err(Error::failed(format!("{path}: there is no statement in it")));
            }
            Ok((header, statements))
        };
        let (header, statements) = split().map_err(|error: Error| {
            error.or_next("correct the file, then run the same command again")
        })?;
        let from_folder = self.folder.is_some();
        Ok(Script { name: name.to_owned(), path, text, header, statements, from_folder })
    }
}

/// The statements of a text; an error names `path` and the line.
pub fn split(path: &str, text: &str) -> Result<Vec<Statement>> {
    statements(text).map_err(|error| split_error(path, error))
}

fn split_error(path: &str, error: SplitError) -> Error {
    match error {
        SplitError::Unterminated(what, line) => {
            Error::failed(format!("{path}:{line}: this {what} never ends"))
        }
        SplitError::MetaCommand(name, line) => {
            Error::failed(format!("{path}:{line}: {name} is a command of psql, not SQL"))
                .next("take it out, or run the file with `cargo run -p server -- psql -- -f FILE`")
        }
        SplitError::Forbidden(found, line) => {
            Error::failed(format!("{path}:{line}: {} cannot stand in a script", found.name))
                .because(found.why)
                .next(found.instead)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_replaces_what_is_compiled_in() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(
            folder.path().join("a.sql"),
            "-- a.sql: x\n-- Runs: in one transaction\n\nSELECT 1;",
        )
        .unwrap();
        std::fs::write(
            folder.path().join("b.sql"),
            "-- b.sql: x\n-- Runs: in one transaction\n\\d\n",
        )
        .unwrap();
        let scripts = Scripts::new(Some(folder.path().to_owned())).unwrap();
        assert_eq!(scripts.load("a.sql").unwrap().statements[0].line, 4);
        let error = scripts.load("b.sql").unwrap_err().to_string();
        assert!(error.contains("b.sql:3: \\d is a command of psql"), "{error}");
        assert!(scripts.load("c.sql").unwrap_err().to_string().contains("No such file"));
    }

    #[test]
    fn a_folder_that_is_not_there_is_wrong_usage() {
        let error = Scripts::new(Some(PathBuf::from("/nonexistent"))).unwrap_err();
        assert_eq!(error.kind(), crate::error::Kind::Usage);
    }
}

//! What a backup's folder holds.

use std::path::{Path, PathBuf};

use lab::Result;
use serde::{Deserialize, Serialize};

use super::{file, sealed};

/// The manifest, `backup.json`: each file that it names was complete before the manifest was written.
#[derive(Debug, Default, Serialize, Deserialize)]
pub struct Backup {
    /// Name of the database.
    pub database: String,
    /// Version of the server.
    pub postgresql: String,
    /// The tables, functions and views without rows, of the last run.
    pub schema: Option<Dump>,
    /// The rows, table by table; a partition is a table.
    pub tables: Vec<Saved>,
}

/// A file of `pg_dump`'s custom format.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Dump {
    /// Its name in the folder.
    pub file: String,
    /// How large it is.
    pub bytes: u64,
    /// In hexadecimal.
    pub sha256: String,
}

/// The rows of a table.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Saved {
    /// In schema `todo_app`.
    pub table: String,
    /// How many.
    pub rows: i64,
    /// `table_content()`'s checksum of them.
    pub content: String,
    /// The moment at which the table held just these.
    pub as_of: String,
    /// The file, which may be older: then nothing had changed.
    #[serde(flatten)]
    pub dump: Dump,
}

impl Backup {
    fn path(folder: &Path) -> PathBuf {
        folder.join("backup.json")
    }

    /// What the folder holds, if anything.
    pub fn read(folder: &Path) -> Result<Option<Self>> {
        let path = Self::path(folder);
        if path.exists() { sealed::read(&path).map(Some) } else { Ok(None) }
    }

    /// Puts this in the place of what the folder held.
    pub fn write(&self, folder: &Path) -> Result<()> {
        sealed::write(&Self::path(folder), self)
    }

    /// The names of its files.
    pub fn files(&self) -> impl Iterator<Item = &str> {
        self.schema
            .iter()
            .chain(self.tables.iter().map(|rows| &rows.dump))
            .map(|dump| dump.file.as_str())
    }

    /// What it has of a table, if the file is there as it was written.
    pub fn intact(&self, folder: &Path, table: &str) -> Option<&Saved> {
        let rows = self.tables.iter().find(|rows| rows.table == table)?;
        file::verify(&folder.join(&rows.dump.file), &rows.dump.sha256).ok().map(|()| rows)
    }
}

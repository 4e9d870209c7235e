//! What a file holds, so that a damaged one is noticed before anything is done with it.

use std::path::{Path, PathBuf};

use lab::Result;
use serde::{Deserialize, Serialize};

use super::sealed;

/// Written when the file is complete: a file without one is not.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Manifest {
    /// Of the partition.
    pub partition: String,
    /// First moment of its month, as PostgreSQL writes it in UTC.
    pub since: String,
    /// First moment after it.
    pub until: String,
    /// In the order of the file.
    pub columns: Vec<String>,
    /// How many.
    pub rows: i64,
    /// `table_content()`'s checksum of them.
    pub content: String,
    /// Of the compressed file, in hexadecimal.
    pub sha256: String,
    /// Of the server that wrote it.
    pub postgresql: String,
}

impl Manifest {
    /// `…/todos_archived_2024_01.json` beside `….copy.gz`.
    pub fn path(file: &Path) -> PathBuf {
        let name = file.file_name().unwrap_or_default().to_string_lossy();
        file.with_file_name(format!("{}.json", name.strip_suffix(".copy.gz").unwrap_or(&name)))
    }

    /// Reads the one beside `file`, and fails unless it is as it was written.
    pub fn read(file: &Path) -> Result<Self> {
        sealed::read(&Self::path(file))
    }

    /// Writes it beside `file`, whole or not at all.
    pub fn write(&self, file: &Path) -> Result<()> {
        sealed::write(&Self::path(file), self)
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn one_that_was_changed_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("todos_archived_2024_01.copy.gz");
        let manifest = Manifest {
            partition: "todos_archived_2024_01".to_owned(),
            rows: 7,
            ..Manifest::default()
        };
        manifest.write(&file).unwrap();
        assert_eq!(Manifest::read(&file).unwrap().rows, 7);
        let path = folder.path().join("todos_archived_2024_01.json");
        let text = fs::read_to_string(&path).unwrap();
        for (from, to) in [("7", "8"), ("2024_01", "2024_02"), ("}", "")] {
            fs::write(&path, text.replace(from, to)).unwrap();
            assert!(Manifest::read(&file).is_err(), "{from} to {to}");
        }
        fs::remove_file(&path).unwrap();
        assert!(Manifest::read(&file).is_err());
    }
}

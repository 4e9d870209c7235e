//! What a file holds, so that a damaged one is noticed before anything is done with it.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use lab::{Context, Error, Result};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

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
    /// `archive_content()`'s checksum of them.
    pub content: String,
    /// Of the compressed file, in hexadecimal.
    pub sha256: String,
    /// Of the server that wrote it.
    pub postgresql: String,
    /// Of this document with this field empty, in hexadecimal.
    #[serde(default)]
    pub own_sha256: String,
}

impl Manifest {
    /// `…/todos_archived_2024_01.json` beside `….copy.gz`.
    pub fn path(file: &Path) -> PathBuf {
        let name = file.file_name().unwrap_or_default().to_string_lossy();
        file.with_file_name(format!("{}.json", name.strip_suffix(".copy.gz").unwrap_or(&name)))
    }

    /// Reads the one beside `file`, and fails unless it is as it was written.
    pub fn read(file: &Path) -> Result<Self> {
        let path = Self::path(file);
        let what = || format!("cannot read the manifest {}", path.display());
        let text = fs::read_to_string(&path).context(what)?;
        let manifest: Self = serde_json::from_str(&text).context(what)?;
        if manifest.checksum()? != manifest.own_sha256 {
            return Err(Error::failed(format!(
                "{} was changed since it was written",
                path.display()
            )));
        }
        Ok(manifest)
    }

    /// Writes it beside `file`, whole or not at all.
    pub fn write(mut self, file: &Path) -> Result<()> {
        self.own_sha256 = self.checksum()?;
        let path = Self::path(file);
        let what = || format!("cannot write the manifest {}", path.display());
        let folder = path.parent().unwrap_or(Path::new("."));
        let mut temporary = tempfile::NamedTempFile::new_in(folder).context(what)?;
        serde_json::to_writer_pretty(&mut temporary, &self).context(what)?;
        temporary.write_all(b"\n").context(what)?;
        temporary.as_file().sync_all().context(what)?;
        temporary.persist(&path).map_err(|error| error.error).context(what)?;
        fs::File::open(folder).and_then(|folder| folder.sync_all()).context(what)
    }

    fn checksum(&self) -> Result<String> {
        let bare = Self { own_sha256: String::new(), ..self.clone() };
        Ok(hex(Sha256::digest(serde_json::to_vec(&bare).context(|| "cannot write JSON")?)))
    }
}

/// In hexadecimal.
pub fn hex(digest: impl AsRef<[u8]>) -> String {
    digest.as_ref().iter().fold(String::new(), |text, byte| text + &format!("{byte:02x}"))
}

#[cfg(test)]
mod tests {
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
        manifest.clone().write(&file).unwrap();
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

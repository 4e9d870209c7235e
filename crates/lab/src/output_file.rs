//! Writing a page: what was there before stays until the new one is whole.

use std::io::{self, Write};
use std::path::{Path, PathBuf};

use tempfile::NamedTempFile;

use crate::{Error, Result};

/// Whether a page can be written to `path`, so that nobody learns it after an hour's work.
pub fn check(path: &Path) -> Result<()> {
    let checked = place(path).and_then(|place| place.map(|place| beside(&place)).transpose());
    checked.map(drop).map_err(|error| refused(path, &error))
}

/// Writes `page` to `path`. An error names the file.
pub fn write(path: &Path, page: &str) -> Result<()> {
    replace(path, page.as_bytes()).map_err(|error| refused(path, &error))
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
    options.prefix(".partition-lab-").suffix(".html.part");
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

    #[test]
    fn a_page_replaces_what_was_there_as_a_whole() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("run.html");
        std::fs::write(&path, "what was there before").unwrap();
        check(&path).unwrap();
        assert_eq!(std::fs::read_to_string(&path).unwrap(), "what was there before");
        write(&path, "a page").unwrap();
        assert_eq!(std::fs::read_to_string(&path).unwrap(), "a page");
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1, "nothing is left behind");
    }

    #[test]
    fn errors_name_the_file() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("missing").join("run.html");
        for error in [check(&path).unwrap_err(), write(&path, "").unwrap_err()] {
            let error = error.to_string();
            assert!(error.contains(&path.display().to_string()), "{error}");
            assert!(error.contains("--html"), "{error}");
        }
    }

    #[test]
    #[cfg(target_os = "linux")] // a device that is always full
    fn a_device_is_written_to_and_not_replaced() {
        let error = write(Path::new("/dev/full"), "a page").unwrap_err();
        assert!(error.to_string().contains("space"), "{error}");
        assert!(!Path::new("/dev/full").is_file());
    }
}

//! Files that a flag names (`--html`, `--csv`): what was there before stays until the new one is whole, and a file that is not
//! ours stays for good, unless `--force` says otherwise.
//!
//! Ours is a page with our generator's name in its head, a CSV file whose first line is the header that we write, and an
//! empty file, in which nothing can be lost.

use std::fs::{File, OpenOptions, Permissions};
use std::io::{self, Read, Write};
use std::os::unix::fs::{FileTypeExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

use nix::libc::{O_NOFOLLOW, O_NONBLOCK};
use tempfile::NamedTempFile;

use crate::report::visible;
use crate::{Error, Result};

/// A file to write, and whether it may replace one that is not ours.
#[derive(Debug, Clone)]
pub struct OutputFile {
    path: PathBuf,
    format: Format,
    force: bool,
}

#[derive(Debug, Clone, Copy)]
enum Format {
    Html,
    /// With this first line.
    Csv(&'static str),
}

/// What is at the path now.
enum Present {
    /// Nothing.
    Nothing,
    /// A file that may be replaced; where a link points with `--force`, for the link stays.
    File(PathBuf, Permissions),
    /// A device, pipe or socket (`/dev/stdout`): it is written to, for a file moved there would take its place.
    Device,
}

impl OutputFile {
    /// The page that `--html` names; `force` replaces whatever file is there.
    #[must_use]
    pub fn html(path: &Path, force: bool) -> Self {
        Self { path: path.to_owned(), format: Format::Html, force }
    }

    /// The file that `--csv` names, which begins with `header`.
    #[must_use]
    pub fn csv(path: &Path, header: &'static str, force: bool) -> Self {
        Self { path: path.to_owned(), format: Format::Csv(header), force }
    }

    /// Where it is.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Whether it can be written, so that nobody learns it after an hour's work.
    pub fn check(&self) -> Result<()> {
        match self.present()? {
            Present::Nothing => self.beside(&self.path).map(drop),
            Present::File(place, _) => self.beside(&place).map(drop),
            Present::Device => Ok(()),
        }
    }

    /// Writes all of it. An error names the file.
    pub fn write(&self, content: &str) -> Result<()> {
        self.begin(content).map(drop)
    }

    /// Writes its beginning, and returns it for more. From then on the old one is gone.
    pub fn begin(&self, content: &str) -> Result<File> {
        let refused = |error| self.refused(&error);
        let (place, permissions) = match self.present()? {
            Present::Device => {
                let mut device =
                    OpenOptions::new().write(true).open(&self.path).map_err(refused)?;
                device.write_all(content.as_bytes()).map_err(refused)?;
                return Ok(device);
            }
            Present::Nothing => (self.path.clone(), None),
            Present::File(place, permissions) => (place, Some(permissions)),
        };
        let mut file = self.beside(&place)?;
        let written = || -> io::Result<()> {
            file.write_all(content.as_bytes())?;
            // A disk that is full may say so only now.
            file.as_file().sync_all()?;
            permissions
                .iter()
                .try_for_each(|as_before| file.as_file().set_permissions(as_before.clone()))
        }();
        written.map_err(refused)?;
        // A rename follows no link: what somebody put there in this moment is replaced at the most, and where there was nothing not
        // even that.
        let persisted = match permissions {
            None if !self.force => file.persist_noclobber(&place),
            _ => file.persist(&place),
        };
        persisted.map_err(|error| match error.error.kind() {
            io::ErrorKind::AlreadyExists => self.foreign("a file was made there just now"),
            _ => self.refused(&error.error),
        })
    }

    /// What is at the path; an error when it may not be replaced.
    fn present(&self) -> Result<Present> {
        let refused = |error| self.refused(&error);
        if self.path.as_os_str() == "-" {
            return Err(Error::usage(format!("{} takes a file, and - is none", self.flag()))
                .because("what the command says is on the standard output already")
                .next(format!("name a file: {} FILE; one called - is ./-", self.flag())));
        }
        let itself = match self.path.symlink_metadata() {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Present::Nothing),
            found => found.map_err(refused)?,
        };
        let is_link = itself.is_symlink();
        let there = if is_link { self.path.metadata().ok() } else { Some(itself) };
        let Some(there) = there else {
            return if self.force { Ok(Present::Nothing) } else { Err(self.foreign(LINK)) };
        };
        let kind = there.file_type();
        if kind.is_dir() {
            return Err(refused(io::ErrorKind::IsADirectory.into()));
        }
        if kind.is_char_device() || kind.is_fifo() || kind.is_socket() {
            return Ok(Present::Device);
        }
        if !self.force {
            if is_link {
                return Err(self.foreign(LINK));
            }
            if !kind.is_file() || !self.is_ours().map_err(refused)? {
                return Err(self.foreign("it is there already, and we did not write it"));
            }
        }
        let place =
            if is_link { self.path.canonicalize().map_err(refused)? } else { self.path.clone() };
        Ok(Present::File(place, there.permissions()))
    }

    /// Whether the file at the path, never one behind a link, is one of ours.
    fn is_ours(&self) -> io::Result<bool> {
        let file =
            OpenOptions::new().read(true).custom_flags(O_NOFOLLOW | O_NONBLOCK).open(&self.path)?;
        let mut head = Vec::new();
        file.take(4096).read_to_end(&mut head)?;
        let head = String::from_utf8_lossy(&head);
        Ok(head.is_empty()
            || match self.format {
                Format::Html => head.starts_with("<!DOCTYPE html>") && head.contains(GENERATOR),
                Format::Csv(header) => head.starts_with(header),
            })
    }

    /// A new file in the same folder.
    fn beside(&self, place: &Path) -> Result<NamedTempFile> {
        let folder = match place.parent() {
            Some(folder) if !folder.as_os_str().is_empty() => folder,
            _ => Path::new("."),
        };
        let mut options = tempfile::Builder::new();
        options.prefix(".partition-lab-").suffix(".part");
        // As any other new file; by default, others could not read it.
        options.permissions(Permissions::from_mode(0o666));
        options.tempfile_in(folder).map_err(|error| self.refused(&error))
    }

    fn flag(&self) -> &'static str {
        match self.format {
            Format::Html => "--html",
            Format::Csv(_) => "--csv",
        }
    }

    fn refused(&self, error: &io::Error) -> Error {
        let next =
            format!("name a file in a folder that exists and has room: {} FILE", self.flag());
        self.cannot(Error::failed).caused_by(error).next(next)
    }

    fn foreign(&self, why: &str) -> Error {
        let next = format!("name another file: {} FILE; or replace this one: --force", self.flag());
        self.cannot(Error::usage).because(why).next(next)
    }

    fn cannot(&self, error: impl FnOnce(String) -> Error) -> Error {
        error(format!("cannot write {}", visible(&self.path.display().to_string())))
    }
}

/// Why a link is not followed.
const LINK: &str = "it is a link, and what it points at would be replaced";

/// In the head of each page of ours.
pub(crate) const GENERATOR: &str = "<meta name=\"generator\" content=\"Partition Lab\">";

#[cfg(test)]
mod tests {
    use std::fs::{read_dir, read_to_string, write};
    use std::os::unix::fs::symlink;

    use super::*;

    fn page(text: &str) -> String {
        format!("<!DOCTYPE html><html><head>{GENERATOR}</head>{text}</html>")
    }

    #[test]
    fn our_own_is_replaced_as_a_whole() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("run.html");
        let file = OutputFile::html(&path, false);
        for text in ["first", "second"] {
            file.check().unwrap();
            file.write(&page(text)).unwrap();
            assert_eq!(read_to_string(&path).unwrap(), page(text));
        }
        write(&path, "").unwrap();
        std::fs::set_permissions(&path, Permissions::from_mode(0o600)).unwrap();
        file.write(&page("in an empty one")).unwrap();
        assert_eq!(path.metadata().unwrap().permissions().mode() & 0o777, 0o600);
        assert_eq!(read_dir(folder.path()).unwrap().count(), 1, "nothing is left behind");
    }

    #[test]
    fn another_file_and_a_link_stay_without_force() {
        let folder = tempfile::tempdir().unwrap();
        let (path, link) = (folder.path().join("mine"), folder.path().join("link"));
        let dangling = folder.path().join("dangling");
        write(&path, "mine,not theirs\n1,2\n").unwrap();
        symlink(&path, &link).unwrap();
        symlink(folder.path().join("nowhere"), &dangling).unwrap();
        let all = |force| {
            let paths = [&path, &link, &dangling].into_iter();
            paths.flat_map(move |path| {
                [OutputFile::html(path, force), OutputFile::csv(path, "a,b\n", force)]
            })
        };
        for file in all(false) {
            for error in [file.check().unwrap_err(), file.write("a,b\n").unwrap_err()] {
                assert!(error.to_string().contains("--force"), "{error}");
            }
        }
        assert_eq!(read_to_string(&path).unwrap(), "mine,not theirs\n1,2\n");
        assert!(!folder.path().join("nowhere").exists());
        for file in all(true) {
            file.check().unwrap();
            file.write("a,b\n").unwrap();
            assert_eq!(read_to_string(file.path()).unwrap(), "a,b\n");
        }
        assert!(link.is_symlink(), "a link stays, and leads to what was written");
        assert_eq!(read_dir(folder.path()).unwrap().count(), 3, "nothing is left behind");
    }

    #[test]
    fn a_link_to_our_own_file_is_a_link() {
        let folder = tempfile::tempdir().unwrap();
        let (path, link) = (folder.path().join("ours"), folder.path().join("link"));
        OutputFile::html(&path, false).write(&page("ours")).unwrap();
        symlink(&path, &link).unwrap();
        let error = OutputFile::html(&link, false).write(&page("new")).unwrap_err();
        assert!(error.to_string().contains("link"), "{error}");
        assert_eq!(read_to_string(&path).unwrap(), page("ours"));
    }

    #[test]
    fn a_dash_is_no_file() {
        let error = OutputFile::csv(Path::new("-"), "a\n", true).check().unwrap_err();
        assert!(error.to_string().contains("--csv takes a file"), "{error}");
    }

    #[test]
    fn errors_name_the_file() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("missing").join("run.html");
        let file = OutputFile::html(&path, false);
        for error in [file.check().unwrap_err(), file.write("").unwrap_err()] {
            let error = error.to_string();
            assert!(error.contains(&path.display().to_string()), "{error}");
            assert!(error.contains("--html"), "{error}");
        }
        let error = OutputFile::html(folder.path(), true).check().unwrap_err();
        assert!(error.to_string().contains("directory"), "{error}");
    }

    #[test]
    #[cfg(target_os = "linux")] // a device that is always full
    fn a_device_is_written_to_and_not_replaced() {
        let error = OutputFile::html(Path::new("/dev/full"), false).write("a page").unwrap_err();
        assert!(error.to_string().contains("space"), "{error}");
        assert!(!Path::new("/dev/full").is_file());
    }
}

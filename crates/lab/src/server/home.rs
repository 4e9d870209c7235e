//! The home: the one folder that holds everything of a local server, and what each file in it is called.

use std::path::{Path, PathBuf};
use std::{env, fs};

use crate::{Context, Error, Result};

/// A home and the names within it. Nothing else in the program spells these names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Home(PathBuf);

/// What the marker file tells whoever finds the folder.
pub(super) const MARKER_TEXT: &str = "\
This folder was made by Partition Lab. It holds a private PostgreSQL server:
its data (data/), its log, its socket (run/) and a password for TCP (pgpass).
`cargo run -p server -- destroy` stops the server and removes all of it.
";

impl Home {
    pub(super) fn at(folder: impl Into<PathBuf>) -> Self {
        Self(folder.into())
    }

    pub(super) fn folder(&self) -> &Path {
        &self.0
    }

    pub(super) fn data(&self) -> PathBuf {
        self.0.join("data")
    }

    /// Where `initdb` works. Becomes `data` only when it is complete (ground truth 22).
    pub(super) fn unfinished_data(&self) -> PathBuf {
        self.0.join("data.tmp")
    }

    pub(super) fn settings(&self) -> PathBuf {
        self.data().join("partition-lab.conf")
    }

    pub(super) fn log(&self) -> PathBuf {
        self.0.join("log")
    }

    /// The socket folder, unless its path is too long for a socket.
    pub(super) fn run(&self) -> PathBuf {
        self.0.join("run")
    }

    /// Names the socket folder where it is not `run`.
    pub(super) fn socket_pointer(&self) -> PathBuf {
        self.0.join("socket-folder")
    }

    /// Names the folder in use, where the owner cannot use this one.
    pub(super) fn pointer(&self) -> PathBuf {
        self.0.join("moved-to")
    }

    /// The password in libpq's format, for connections over TCP.
    pub(super) fn pgpass(&self) -> PathBuf {
        self.0.join("pgpass")
    }

    /// The password as `initdb` reads it; there only while it runs.
    pub(super) fn pwfile(&self) -> PathBuf {
        self.0.join("pwfile")
    }

    pub(super) fn lock(&self) -> PathBuf {
        self.0.join("lock")
    }

    pub(super) fn marker(&self) -> PathBuf {
        self.0.join("MADE-BY-PARTITION-LAB.txt")
    }

    /// Whether Partition Lab made this folder. `false` too where we may not look.
    pub(super) fn is_marked(&self) -> bool {
        self.marker().is_file()
    }

    /// The home that a pointer left here names.
    pub(super) fn moved_to(&self) -> Option<Self> {
        read_path(&self.pointer()).map(Self)
    }
}

/// A path that a one-line file holds.
pub(super) fn read_path(file: &Path) -> Option<PathBuf> {
    let text = fs::read_to_string(file).ok()?;
    let path = PathBuf::from(text.strip_suffix('\n').unwrap_or(&text));
    path.is_absolute().then_some(path)
}

/// The home that was asked for: the given one, else the checkout's, else the user's.
pub(super) fn asked(given: Option<PathBuf>) -> Result<PathBuf> {
    if let Some(given) = given {
        let home = std::path::absolute(&given)
            .context(|| format!("cannot use {:?} as PARTITION_LAB_HOME", given.display()))?;
        return Ok(home);
    }
    if let Some(checkout) = checkout() {
        return Ok(checkout.join(".partition-lab"));
    }
    user_data_folder()
}

/// The root of the checkout around the current folder, or around this program.
fn checkout() -> Option<PathBuf> {
    let starts = [env::current_dir(), env::current_exe()];
    starts.into_iter().flatten().find_map(|start| checkout_around(&start))
}

/// The root of the checkout in which `folder` lies.
pub(crate) fn checkout_around(folder: &Path) -> Option<PathBuf> {
    let is_root = |folder: &&Path| {
        folder.join("Cargo.toml").is_file() && folder.join("crates/lab/Cargo.toml").is_file()
    };
    folder.ancestors().find(is_root).map(Path::to_path_buf)
}

/// `partition-lab` in the folder where this system's programs keep a user's data.
pub(super) fn user_data_folder() -> Result<PathBuf> {
    let absolute = |name| env::var_os(name).map(PathBuf::from).filter(|path| path.is_absolute());
    if let Some(data) = absolute("XDG_DATA_HOME") {
        return Ok(data.join("partition-lab"));
    }
    let user = || nix::unistd::User::from_uid(nix::unistd::geteuid()).ok().flatten();
    let Some(home) = absolute("HOME").or_else(|| user().map(|user| user.dir)) else {
        return Err(Error::usage("no folder for the local server's files")
            .because("HOME is not set and this user has no entry in the user database")
            .next("set PARTITION_LAB_HOME to a folder for them"));
    };
    let data =
        if cfg!(target_os = "macos") { "Library/Application Support" } else { ".local/share" };
    Ok(home.join(data).join("partition-lab"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_given_home_becomes_absolute() {
        let home = asked(Some("somewhere".into())).unwrap();
        assert_eq!(home, env::current_dir().unwrap().join("somewhere"));
    }

    #[test]
    fn the_checkouts_home_stands_at_its_root() {
        let home = asked(None).unwrap();
        assert!(home.with_file_name("crates/lab").is_dir(), "{}", home.display());
        assert_eq!(home.file_name().unwrap(), ".partition-lab");
    }

    #[test]
    fn a_pointer_that_is_no_absolute_path_is_ignored() {
        let folder = tempfile::tempdir().unwrap();
        let home = Home::at(folder.path());
        fs::write(home.pointer(), "elsewhere\n").unwrap();
        assert_eq!(home.moved_to(), None);
        fs::write(home.pointer(), "/else where\n").unwrap();
        assert_eq!(home.moved_to(), Some(Home::at("/else where")));
    }
}

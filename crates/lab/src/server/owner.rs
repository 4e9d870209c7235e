//! Whose the server is: PostgreSQL refuses root, so root's commands run it under another user.

use std::ffi::OsStr;
use std::fmt::{self, Display};
use std::io::{self, Write};
use std::os::unix::fs::MetadataExt;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::{env, fs};

use nix::unistd::{Uid, User, geteuid};

use super::home::Home;
use crate::{Context, Error, Result};

/// The user that the server and `initdb` run as.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Owner {
    pub(super) uid: u32,
    pub(super) gid: u32,
    name: String,
    /// We are root and the owner is somebody else.
    switch: bool,
}

impl Display for Owner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "user {}", self.name)
    }
}

impl Owner {
    /// The owner of a home that exists: whoever owns the data, or the folder before there is data.
    pub(super) fn of(home: &Home) -> Result<Self> {
        if !geteuid().is_root() {
            return Ok(Self::myself());
        }
        let cluster = home.data().join("PG_VERSION");
        let described = fs::metadata(&cluster)
            .or_else(|_| fs::metadata(home.folder()))
            .context(|| format!("cannot look at {}", home.folder().display()))?;
        if described.uid() != 0 {
            return Ok(Self::named(described.uid(), described.gid()));
        }
        if cluster.exists() {
            return Err(Error::failed(format!("{} belongs to root", home.data().display()))
                .because("PostgreSQL refuses to run as root")
                .next(format!("chown -R postgres {:?}", home.folder().display())));
        }
        Self::for_new()
    }

    /// The owner of a home yet to be made.
    pub(super) fn for_new() -> Result<Self> {
        if !geteuid().is_root() {
            return Ok(Self::myself());
        }
        let found = ["postgres", "nobody"].into_iter().find_map(|name| {
            User::from_name(name).ok().flatten().filter(|user| !user.uid.is_root())
        });
        match found {
            Some(user) => Ok(Self::named(user.uid.as_raw(), user.gid.as_raw())),
            None => Err(Error::failed("no user for the local server to run as")
                .because(
                    "PostgreSQL refuses to run as root, and there is no user postgres or nobody",
                )
                .next("useradd --system postgres, or run the command as an ordinary user")),
        }
    }

    fn myself() -> Self {
        let (uid, gid) = (geteuid().as_raw(), nix::unistd::getegid().as_raw());
        Self { switch: false, ..Self::named(uid, gid) }
    }

    fn named(uid: u32, gid: u32) -> Self {
        let user = User::from_uid(Uid::from_raw(uid)).ok().flatten();
        let name = user.map_or_else(|| format!("number {uid}"), |user| user.name);
        Self { uid, gid, name, switch: true }
    }

    /// Whether `home` is one that we can run: root can run everybody's.
    pub(super) fn may_run(home: &Home) -> bool {
        let me = geteuid();
        me.is_root()
            || [home.folder().to_path_buf(), home.data()]
                .iter()
                .all(|path| fs::metadata(path).map_or(true, |file| file.uid() == me.as_raw()))
    }

    /// A command that runs as the owner, in an environment that cannot mislead PostgreSQL's programs
    /// (ground truth 19). `folder` becomes its `HOME`.
    pub(super) fn command(&self, program: impl AsRef<OsStr>, folder: &Path) -> Command {
        let mut command = Command::new(program);
        command.current_dir("/").env("HOME", folder).env("LC_ALL", "C").stdin(Stdio::null());
        for (name, _) in env::vars_os() {
            if name.as_encoded_bytes().starts_with(b"PG") {
                command.env_remove(name);
            }
        }
        // Ctrl-C is for us, who end when the step in hand is done. initdb would take it for a machine
        // that allows few connections, in the moments when it tries that out.
        command.process_group(0);
        if self.switch {
            command.uid(self.uid).gid(self.gid);
        }
        command
    }

    /// Why the owner cannot work in `folder`, or `None` when it can. Tried as the owner, because
    /// mode bits alone do not tell (access lists, read-only mounts, network file systems).
    pub(super) fn obstacle(&self, folder: &Path) -> Result<Option<String>> {
        const PROBE: &str = "
            for folder; do [ -x \"$folder\" ] || { printf 'enter %s' \"$folder\"; exit 1; }; done
            [ -w \"$folder\" ] || { printf 'write to %s' \"$folder\"; exit 1; }";
        let mut from_root: Vec<_> = folder.ancestors().collect();
        from_root.reverse();
        let out = self
            .command("sh", Path::new("/"))
            .args(["-c", PROBE, "sh"])
            .args(from_root)
            .output()
            .context(|| format!("cannot run sh as {self}"))?;
        let obstacle = String::from_utf8_lossy(&out.stdout);
        Ok((!out.status.success()).then(|| format!("{self} cannot {obstacle}")))
    }

    /// Writes a file that the owner alone may read. The owner's own process does it, so that root
    /// never follows a link that somebody put there.
    pub(super) fn write(&self, path: &Path, text: &str) -> Result<()> {
        let what = || format!("cannot write {}", path.display());
        let mut child = self
            .command("sh", Path::new("/"))
            .args(["-c", "umask 077 && cat >\"$1\"", "sh"])
            .arg(path)
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .context(what)?;
        if let Some(mut stdin) = child.stdin.take() {
            // A writer that gave up says why on stderr; a broken pipe would only hide that.
            match stdin.write_all(text.as_bytes()) {
                Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
                    return Err(error).context(what);
                }
                _ => {}
            }
        }
        let out = child.wait_with_output().context(what)?;
        succeeded(&out).map_err(|said| Error::failed(what()).because(said))
    }

    /// Makes a private folder, which may be there already.
    pub(super) fn make_folder(&self, path: &Path) -> Result<()> {
        let what = || format!("cannot make the folder {}", path.display());
        let out = self
            .command("sh", Path::new("/"))
            .args(["-c", "umask 077 && mkdir -p \"$1\" && chmod 700 \"$1\"", "sh"])
            .arg(path)
            .output()
            .context(what)?;
        succeeded(&out).map_err(|said| Error::failed(what()).because(said))
    }

    /// Gives the owner what root has just made.
    pub(super) fn give(&self, path: &Path) -> io::Result<()> {
        if self.switch {
            std::os::unix::fs::lchown(path, Some(self.uid), Some(self.gid))?;
        }
        Ok(())
    }
}

/// What a program that failed had to say.
pub(super) fn succeeded(out: &Output) -> std::result::Result<(), String> {
    if out.status.success() {
        return Ok(());
    }
    let said = String::from_utf8_lossy(&out.stderr);
    let said = said.trim();
    Err(if said.is_empty() { out.status.to_string() } else { said.to_owned() })
}

/// Where files go that the owner cannot keep in the home that was asked for.
pub(super) fn outside() -> Result<PathBuf> {
    if geteuid().is_root() {
        Ok(PathBuf::from("/var/lib/partition-lab"))
    } else {
        // Not within `partition-lab`, which may itself be a home.
        super::home::user_data_folder().map(|folder| folder.with_file_name("partition-lab-homes"))
    }
}

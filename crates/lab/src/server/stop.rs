//! Stopping the server, and removing everything that we made.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};
use std::{fs, io};

use nix::errno::Errno;
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

use super::home::Home;
use super::owner::Owner;
use super::pidfile::{self, Process};
use super::{cluster, socket};
use crate::{Context, Error, Result};

/// How long a server may take to write out its data.
const LIMIT: Duration = Duration::from_secs(60);
const PAUSE: Duration = Duration::from_millis(20);

/// How the server stops, as `pg_ctl --mode` calls it.
#[derive(Debug, Clone, Copy)]
pub(super) enum Mode {
    /// Sessions end, data is written out.
    Fast,
    /// At once; the data would need recovery.
    Immediate,
}

impl Mode {
    fn signal(self) -> Signal {
        match self {
            Self::Fast => Signal::SIGINT,
            Self::Immediate => Signal::SIGQUIT,
        }
    }
}

/// Stops the server if one runs: whether there was one. The home's lock is held.
///
/// It sends the signal that `pg_ctl stop` sends, and needs none of PostgreSQL's programs: they may have been removed or
/// upgraded since the server was started.
pub(super) async fn stop(home: &Home, owner: &Owner, mode: Mode) -> Result<bool> {
    let Some(file) = pidfile::read(home)? else { return Ok(false) };
    match pidfile::judge(file.pid, owner, &home.data()) {
        Process::Ours => {}
        Process::Stale => return Ok(false),
        // Stopping sends a signal, and it must not reach somebody else's process.
        Process::Unknown => {
            return Err(Error::failed("cannot tell whether the local server runs")
                .because(format!(
                    "process {} may be it, and the system does not show more",
                    file.pid
                ))
                .next(format!(
                    "look at `ps -p {}`; if it is the server: kill -INT {}",
                    file.pid, file.pid
                )));
        }
    }
    let did_not = |why: String| {
        Error::failed("the local server did not stop")
            .because(why)
            .detail("log", home.log().display())
    };
    // Checked a moment ago: it is PostgreSQL, of this owner, in this data directory.
    match kill(Pid::from_raw(i32::try_from(file.pid).unwrap_or(0)), mode.signal()) {
        Ok(()) | Err(Errno::ESRCH) => {}
        Err(error) => {
            return Err(did_not(format!("process {} cannot be signalled: {error}", file.pid))
                .next(format!("run the command as {owner}")));
        }
    }
    let begun = Instant::now();
    while pidfile::judge(file.pid, owner, &home.data()) != Process::Stale {
        if begun.elapsed() > LIMIT {
            let (pid, signal, seconds) = (file.pid, mode.signal(), LIMIT.as_secs());
            return Err(did_not(format!("process {pid} still runs {seconds} s after {signal}"))
                .next(format!(
                    "look at the log; to end it without a checkpoint: kill -QUIT {pid}"
                )));
        }
        tokio::time::sleep(PAUSE).await;
    }
    Ok(true)
}

/// What [`LocalServer::destroy`](super::LocalServer::destroy) did.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Destroyed {
    /// Files and folders that are gone, homes last.
    pub removed: Vec<PathBuf>,
    /// What stands in our folders and is not ours: it was left alone.
    pub left: Vec<PathBuf>,
}

/// Removes what we made, by name, and then the folder if nothing else is in it. The server is
/// stopped and the home's lock is held.
pub(super) fn remove_made(home: &Home, owner: &Owner) -> Result<Destroyed> {
    let mut done = Destroyed::default();
    if let Some(elsewhere) = socket::elsewhere(home, owner) {
        socket::clear(&elsewhere)?;
        remove(&elsewhere, &mut done)?;
    }
    if cluster::major(home).is_ok() {
        remove_tree(&home.data(), &mut done)?;
    }
    remove_tree(&home.unfinished_data(), &mut done)?;
    socket::clear(&home.run())?;
    for ours in [home.run(), home.socket_pointer(), home.pgpass(), home.pwfile(), home.log()] {
        remove(&ours, &mut done)?;
    }
    done.left = others(home, &[home.lock(), home.marker()])?;
    remove(&home.lock(), &mut done)?;
    // Last: while it is there, `destroy` can be run again.
    remove(&home.marker(), &mut done)?;
    remove(home.folder(), &mut done)?;
    Ok(done)
}

/// Removes a pointer to a home that is gone, and the folder that we made for it.
pub(super) fn remove_signpost(asked: &Home, done: &mut Destroyed) -> Result<()> {
    done.left.extend(others(asked, &[asked.pointer()])?);
    remove(&asked.pointer(), done)?;
    remove(asked.folder(), done)
}

/// What is in the home besides `ours`.
fn others(home: &Home, ours: &[PathBuf]) -> Result<Vec<PathBuf>> {
    let entries = fs::read_dir(home.folder())
        .context(|| format!("cannot look into {}", home.folder().display()))?;
    Ok(entries.flatten().map(|entry| entry.path()).filter(|path| !ours.contains(path)).collect())
}

/// Removes a file or an empty folder. A folder that somebody put something into stays, and so does
/// one that a volume is mounted on.
fn remove(path: &Path, done: &mut Destroyed) -> Result<()> {
    use io::ErrorKind::{DirectoryNotEmpty, NotFound, ResourceBusy};
    let gone = match fs::symlink_metadata(path) {
        Ok(found) if found.is_dir() => fs::remove_dir(path),
        Ok(_) => fs::remove_file(path),
        Err(error) => Err(error),
    };
    match gone {
        Ok(()) => done.removed.push(path.to_owned()),
        Err(error) if matches!(error.kind(), NotFound | DirectoryNotEmpty | ResourceBusy) => {}
        Err(error) => return Err(error).context(|| format!("cannot remove {}", path.display())),
    }
    Ok(())
}

fn remove_tree(path: &Path, done: &mut Destroyed) -> Result<()> {
    match fs::remove_dir_all(path) {
        Ok(()) => done.removed.push(path.to_owned()),
        Err(error) if error.kind() == io::ErrorKind::NotFound => {}
        Err(error) => return Err(error).context(|| format!("cannot remove {}", path.display())),
    }
    Ok(())
}

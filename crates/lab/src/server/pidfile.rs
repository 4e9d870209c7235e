//! `postmaster.pid`, and what its process really is. A pid alone proves nothing: it may be gone, a
//! zombie, or used again by another program (ground truth 20).

use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::{fs, io};

use super::home::Home;
use super::owner::Owner;
use crate::{Context, Result};

/// The lines of `postmaster.pid` that matter to us (PostgreSQL's `miscadmin.h`, `LOCK_FILE_LINE_…`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct PidFile {
    pub(super) pid: u32,
    /// When the server was started, in seconds since 1970.
    pub(super) started_at: i64,
    /// Not there yet while the server is starting.
    pub(super) address: Option<Address>,
}

/// Where the server listens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Address {
    pub(super) socket: PathBuf,
    pub(super) port: u16,
}

/// What the process of a pid file is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Process {
    /// It is not our server: the file is a leftover.
    Stale,
    /// A PostgreSQL process in our data directory.
    Ours,
    /// The system does not tell us enough.
    Unknown,
}

fn path(home: &Home) -> PathBuf {
    home.data().join("postmaster.pid")
}

/// Reads the pid file. `None`: no server was started, or it was stopped properly.
pub(super) fn read(home: &Home) -> Result<Option<PidFile>> {
    match fs::read_to_string(path(home)) {
        Ok(text) => Ok(parse(&text)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error).context(|| format!("cannot read {}", path(home).display())),
    }
}

/// Removes a pid file whose process was found [`Process::Stale`].
pub(super) fn remove(home: &Home) -> Result<()> {
    fs::remove_file(path(home)).context(|| format!("cannot remove {}", path(home).display()))
}

fn parse(text: &str) -> Option<PidFile> {
    let lines: Vec<_> = text.lines().collect();
    let pid = lines.first()?.trim().parse().ok()?;
    let started_at = lines.get(2).and_then(|time| time.trim().parse().ok()).unwrap_or(0);
    let port = lines.get(3).and_then(|port| port.trim().parse().ok());
    let socket = lines.get(4).map(PathBuf::from).filter(|socket| socket.is_absolute());
    let address = socket.zip(port).map(|(socket, port)| Address { socket, port });
    Some(PidFile { pid, started_at, address })
}

/// Finds out what the process is.
pub(super) fn judge(pid: u32, owner: &Owner, data: &Path) -> Process {
    let seen = if Path::new("/proc/self/stat").exists() { in_proc(pid) } else { by_ps(pid) };
    let Some(seen) = seen else { return Process::Stale };
    let is_postgres = ["postgres", "postmaster"].contains(&seen.name.as_str());
    if seen.zombie || !is_postgres || seen.uid != owner.uid {
        return Process::Stale;
    }
    match (seen.folder, fs::canonicalize(data)) {
        (Some(folder), Ok(data)) if folder == data => Process::Ours,
        (Some(_), Ok(_)) => Process::Stale,
        _ => Process::Unknown,
    }
}

/// What the system shows of a process.
struct Seen {
    name: String,
    zombie: bool,
    uid: u32,
    folder: Option<PathBuf>,
}

fn in_proc(pid: u32) -> Option<Seen> {
    let process = PathBuf::from(format!("/proc/{pid}"));
    let uid = fs::metadata(&process).ok()?.uid();
    let stat = fs::read_to_string(process.join("stat")).ok()?;
    // "PID (NAME) STATE …", and the name may contain anything, parentheses too.
    let (before, after) = stat.rsplit_once(')')?;
    let name = before.split_once('(')?.1.to_owned();
    let folder = fs::read_link(process.join("cwd"));
    // A process that ends gives its folder up shortly before it is a zombie.
    let ending = folder.as_ref().is_err_and(|error| error.kind() == io::ErrorKind::NotFound);
    let zombie = ending || after.trim_start().starts_with(['Z', 'X']);
    Some(Seen { name, zombie, uid, folder: folder.ok() })
}

fn by_ps(pid: u32) -> Option<Seen> {
    let pid = pid.to_string();
    let out = Command::new("ps").args(["-o", "stat=,uid=,comm=", "-p", &pid]).output().ok()?;
    let line = String::from_utf8_lossy(&out.stdout).trim().to_owned();
    let (state, rest) = line.split_once(char::is_whitespace)?;
    let (uid, command) = rest.trim_start().split_once(char::is_whitespace)?;
    let name = Path::new(command.trim()).file_name()?.to_string_lossy().into_owned();
    let open = Command::new("lsof").args(["-a", "-d", "cwd", "-Fn", "-p", &pid]).output().ok();
    let folder = open.and_then(|out| {
        let text = String::from_utf8_lossy(&out.stdout).into_owned();
        text.lines().find_map(|line| line.strip_prefix('n').map(PathBuf::from))
    });
    Some(Seen { name, zombie: state.starts_with('Z'), uid: uid.parse().ok()?, folder })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_a_whole_file_and_one_of_a_starting_server() {
        let whole = "812\n/lab/data\n1700000000\n5432\n/lab/run\n\n  1234  5\nready   \n";
        let address = Some(Address { socket: "/lab/run".into(), port: 5432 });
        let started_at = 1_700_000_000;
        assert_eq!(parse(whole), Some(PidFile { pid: 812, started_at, address }));
        let starting = parse("812\n/lab/data\n1700000000\n");
        assert_eq!(starting, Some(PidFile { pid: 812, started_at, address: None }));
        assert_eq!(parse(""), None);
    }

    #[test]
    fn sees_itself_in_the_same_way_by_proc_and_by_ps() {
        let me = std::process::id();
        let uid = nix::unistd::geteuid().as_raw();
        let has_proc = Path::new("/proc/self/stat").exists();
        let has_ps = Command::new("ps").output().is_ok();
        let ways = [has_proc.then(|| in_proc(me)), has_ps.then(|| by_ps(me))];
        for seen in ways.into_iter().flatten() {
            let seen = seen.unwrap();
            assert!(!seen.zombie);
            assert_eq!(seen.uid, uid);
            assert!(!seen.name.is_empty());
        }
    }
}

//! Starting the server with `pg_ctl`, and saying why it did not start.

use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::net::TcpListener;
use std::time::{Duration, Instant};
use std::{fs, io};

use super::attach::{Reached, reach};
use super::binaries::Binaries;
use super::home::Home;
use super::owner::{Owner, succeeded};
use super::pidfile::{self, Process};
use super::{Attached, settings, socket};
use crate::{Context, Error, Result};

/// How long a server may take to start or stop, and a killed one's processes to end.
const LIMIT: Duration = Duration::from_secs(60);

const PAUSE: Duration = Duration::from_millis(50);

/// Waits while a server is starting or stopping, until it serves or is gone. Afterwards, without a
/// server, no pid file is left. The home's lock is held.
pub(super) async fn settle(home: &Home, owner: &Owner) -> Result<Option<Box<Attached>>> {
    let begun = Instant::now();
    loop {
        let why = match reach(home).await? {
            Reached::Server(attached) => return Ok(Some(attached)),
            Reached::Silent => "nothing listens on its socket".to_owned(),
            Reached::Busy(why) => why,
        };
        let Some(file) = pidfile::read(home)? else { return Ok(None) };
        match pidfile::judge(file.pid, owner, &home.data()) {
            Process::Stale => {
                pidfile::remove(home)?;
                return Ok(None);
            }
            Process::Ours if begun.elapsed() < LIMIT => tokio::time::sleep(PAUSE).await,
            Process::Ours | Process::Unknown => {
                return Err(Error::failed("the local server does not answer")
                    .because(format!("{why}, and process {} may be it", file.pid))
                    .detail("log", home.log().display())
                    .next(format!("look at the log, and at `ps -p {}`", file.pid))
                    .next("cargo run -p server -- stop, then run the command again"));
            }
        }
    }
}

/// Starts the server. There is none, and the home's lock is held.
pub(super) async fn start(
    home: &Home,
    owner: &Owner,
    binaries: &Binaries,
    tcp_port: Option<u16>,
) -> Result<()> {
    let socket = socket::folder(home, owner)?;
    socket::clear(&socket)?;
    owner.write(&home.settings(), &settings::text(&socket, tcp_port))?;
    let begun = Instant::now();
    loop {
        let log_before = fs::metadata(home.log()).map_or(0, |log| log.len());
        let Err(said) = run_pg_ctl(home, owner, binaries)? else { return Ok(()) };
        let log = log_since(home, log_before).unwrap_or_default();
        // A killed server's other processes end by themselves, the busy ones a little later.
        if log.contains("pre-existing shared memory block") && begun.elapsed() < LIMIT {
            tokio::time::sleep(PAUSE).await;
            continue;
        }
        return Err(failure(home, tcp_port, &said, &log));
    }
}

/// Paths go through the environment and the current folder: `pg_ctl` puts its arguments into a shell
/// command without quoting what is in them.
fn run_pg_ctl(
    home: &Home,
    owner: &Owner,
    binaries: &Binaries,
) -> Result<std::result::Result<(), String>> {
    let pg_ctl = binaries.program("pg_ctl");
    let limit = LIMIT.as_secs().to_string();
    let out = owner
        .command(&pg_ctl, home.folder())
        .current_dir(home.folder())
        .env("PGDATA", home.data())
        // Without --log the server would keep our pipes open (ground truth 24).
        .args(["start", "--silent", "--wait", "--log=log", "--timeout", &limit])
        .output()
        .context(|| format!("cannot run {}", pg_ctl.display()))?;
    Ok(succeeded(&out))
}

/// What was logged since the log had `offset` bytes.
fn log_since(home: &Home, offset: u64) -> io::Result<String> {
    let mut log = File::open(home.log())?;
    log.seek(SeekFrom::Start(offset))?;
    let mut bytes = Vec::new();
    log.read_to_end(&mut bytes)?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

fn failure(home: &Home, tcp_port: Option<u16>, said: &str, log: &str) -> Error {
    if let Some(port) = tcp_port
        && log.contains("could not bind IPv4 address")
    {
        let taken = log.contains("Address already in use");
        let why = if taken { "another program uses it" } else { "the system does not allow it" };
        let error = Error::failed(format!("cannot listen on port {port}")).because(why);
        return match free_port() {
            Some(free) => error.next(format!("cargo run -p server -- start --port {free}")),
            None => error.next("cargo run -p server -- start --port with another port"),
        };
    }
    let lines: Vec<_> = log.lines().collect();
    let tail = lines[lines.len().saturating_sub(20)..].join("\n");
    Error::failed(format!("the local server in {} did not start", home.folder().display()))
        .because(said)
        .detail("log", if tail.is_empty() { "(nothing)" } else { &tail })
        .next(format!(
            "remove what the log names, then run the command again (all of it: {})",
            home.log().display()
        ))
}

fn free_port() -> Option<u16> {
    TcpListener::bind(("127.0.0.1", 0)).ok()?.local_addr().ok().map(|address| address.port())
}

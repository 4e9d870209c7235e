//! The local server: a private PostgreSQL that the tools make and start themselves, so that nothing
//! needs to be configured.
//!
//! Its home is one folder, see [`LocalServer::new`]. The server is started through `pg_ctl`, outlives
//! the command, listens on a private socket and, where TCP is wanted, on loopback. Started by root
//! it runs as another user, because PostgreSQL refuses root.

mod attach;
mod binaries;
mod cluster;
mod home;
mod lock;
mod owner;
mod pidfile;
mod place;
mod settings;
mod socket;
mod start;
mod stop;
mod trust;

use std::path::{Path, PathBuf};

use attach::{Reached, reach};
use home::Home;
use owner::Owner;
use pidfile::Process;

pub use binaries::OLDEST_MAJOR;
pub(crate) use home::checkout_around;
pub use stop::Destroyed;
use stop::Mode;

use crate::{Error, Result};

/// The local server's database.
pub const DATABASE: &str = "partition_demo";

/// The local server of one home, whether it exists yet or not.
#[derive(Debug, Clone)]
pub struct LocalServer {
    asked: PathBuf,
    pg_bin: Option<PathBuf>,
}

/// A local server that answers.
#[derive(Debug, Clone)]
pub struct Attached {
    /// Connects to [`DATABASE`] over the socket, as `postgres`.
    pub config: tokio_postgres::Config,
    /// Such as `15.8`.
    pub version: String,
    /// This call started it.
    pub started: bool,
    /// This call made its cluster.
    pub created: bool,
    /// The folder that holds everything of it.
    pub home: PathBuf,
    /// The data directory.
    pub data: PathBuf,
    /// The folder of its socket.
    pub socket: PathBuf,
    /// The port in the socket's name, and of TCP if it listens there.
    pub port: u16,
    /// The port on 127.0.0.1, if it listens there.
    pub tcp_port: Option<u16>,
    /// Sentences that the user should read.
    pub notes: Vec<String>,
}

/// How a local server is.
#[derive(Debug, Clone)]
pub enum State {
    /// It was never made, or was destroyed.
    Absent,
    /// Its data is there and nothing runs.
    Stopped {
        /// The major version that made the data.
        major: u32,
    },
    /// A process runs and accepts no connections: it is starting or stopping, or stuck.
    Busy {
        /// The server's process.
        pid: u32,
        /// What it answered.
        why: String,
    },
    /// It answers.
    Running {
        /// The server's process.
        pid: u32,
        /// How to reach it.
        attached: Box<Attached>,
    },
}

impl LocalServer {
    /// The server whose home is `home` (`PARTITION_LAB_HOME`), else `.partition-lab` at the root of
    /// the checkout around the current folder or this program, else in the user's data folder.
    /// `pg_bin` (`PG_BIN`) holds the programs to use instead of those found. Touches nothing.
    pub fn new(home: Option<PathBuf>, pg_bin: Option<PathBuf>) -> Result<Self> {
        Ok(Self { asked: home::asked(home)?, pg_bin })
    }

    /// The home in use, or the one that a start would try to make.
    fn home(&self) -> Home {
        place::find(&self.asked).unwrap_or_else(|| Home::at(&self.asked))
    }

    /// The home that was asked for, as `PARTITION_LAB_HOME` may name it.
    #[must_use]
    pub fn asked_path(&self) -> &Path {
        &self.asked
    }

    /// The folder of the server's files.
    #[must_use]
    pub fn home_path(&self) -> PathBuf {
        self.home().folder().to_owned()
    }

    /// The server's log.
    #[must_use]
    pub fn log_path(&self) -> PathBuf {
        self.home().log()
    }

    /// The password for TCP, in the format of libpq's `PGPASSFILE`.
    #[must_use]
    pub fn pgpass_path(&self) -> PathBuf {
        self.home().pgpass()
    }

    /// Connects to the server if it runs, and makes [`DATABASE`] if it is missing.
    pub async fn attach(&self) -> Result<Option<Attached>> {
        let Some(home) = place::find(&self.asked) else { return Ok(None) };
        match reach(&home).await? {
            Reached::Server(attached) => Ok(Some(*attached)),
            Reached::Silent => Ok(None),
            Reached::Busy(why) => {
                Err(Error::failed("the local server does not accept connections")
                    .because(why)
                    .detail("log", home.log().display())
                    .next("run the command again in a moment"))
            }
        }
    }

    /// Connects to the server; makes and starts it before, if need be. With `tcp_port` it listens on
    /// that port of 127.0.0.1 too, and a server that runs without it is an error.
    pub async fn attach_or_start(&self, tcp_port: Option<u16>) -> Result<Attached> {
        if let Some(home) = place::find(&self.asked)
            && let Reached::Server(attached) = reach(&home).await?
        {
            return attached.with_port(tcp_port);
        }
        place::refuse_planted(&Home::at(&self.asked))?;
        let (place::Claim { home, owner, note }, _lock) = loop {
            let claim = place::claim(&self.asked)?;
            // `destroy` may remove the whole home while we wait for it.
            if let Some(lock) = lock::hold(&claim.home, &claim.owner).await? {
                break (claim, lock);
            }
        };
        if let Some(attached) = start::settle(&home, &owner).await? {
            return attached.with_port(tcp_port);
        }
        let data = home.data();
        let major = cluster::major(&home)?;
        let data = major.map(|major| (major, data.as_path()));
        let binaries = binaries::find(self.pg_bin.as_deref(), data, &owner)?;
        if major.is_none() {
            cluster::create(&home, &owner, &binaries)?;
        }
        start::start(&home, &owner, &binaries, tcp_port).await?;
        let Reached::Server(mut attached) = reach(&home).await? else {
            return Err(Error::failed("the local server stopped right after its start")
                .next(format!("look at its log: {}", home.log().display())));
        };
        attached.started = true;
        attached.created = major.is_none();
        attached.notes.extend(note);
        Ok(*attached)
    }

    /// How the server is. Changes nothing, except that a missing [`DATABASE`] is made.
    pub async fn status(&self) -> Result<State> {
        let Some(home) = place::find(&self.asked) else { return Ok(State::Absent) };
        let reached = reach(&home).await?;
        let pid = pidfile::read(&home)?.map(|file| file.pid);
        let owner = Owner::of(&home)?;
        let runs = |pid: &u32| pidfile::judge(*pid, &owner, &home.data()) != Process::Stale;
        Ok(match (reached, pid.filter(runs), cluster::major(&home)?) {
            (Reached::Server(attached), Some(pid), _) => State::Running { pid, attached },
            (Reached::Busy(why), Some(pid), _) => State::Busy { pid, why },
            (_, Some(pid), _) => State::Busy { pid, why: "nothing listens on its socket".into() },
            (_, None, Some(major)) => State::Stopped { major },
            (_, None, None) => State::Absent,
        })
    }

    /// Stops the server, ending its sessions. `false`: it did not run.
    pub async fn stop(&self) -> Result<bool> {
        place::refuse_planted(&Home::at(&self.asked))?;
        let Some(home) = place::find(&self.asked) else { return Ok(false) };
        let owner = Owner::of(&home)?;
        let Some(_lock) = lock::hold(&home, &owner).await? else { return Ok(false) };
        stop::stop(&home, &owner, Mode::Fast).await
    }

    /// Stops the server and removes its data and everything else that we made, and nothing else.
    /// Refuses a folder that is not ours.
    pub async fn destroy(&self) -> Result<Destroyed> {
        let asked = Home::at(&self.asked);
        place::refuse_planted(&asked)?;
        place::refuse_foreign(&asked)?;
        let mut done = Destroyed::default();
        if let Some(home) = place::find(&self.asked) {
            let owner = Owner::of(&home)?;
            if let Some(_lock) = lock::hold(&home, &owner).await? {
                stop::stop(&home, &owner, Mode::Immediate).await?;
                done = stop::remove_made(&home, &owner)?;
            }
        }
        if place::is_signpost(&asked) {
            stop::remove_signpost(&asked, &mut done)?;
        }
        place::forget_empty_outside();
        Ok(done)
    }

    /// A program of PostgreSQL's beside those that the server runs from, else any on the `PATH`.
    #[must_use]
    pub fn program_path(&self, name: &str) -> PathBuf {
        let beside = attach::started_from(&self.home()).map(|program| program.with_file_name(name));
        let beside = beside.filter(|program| program.exists() && trust::may_run(program));
        beside.unwrap_or_else(|| PathBuf::from(name))
    }
}

impl Attached {
    /// The server's address for libpq and for `DATABASE_URL`, over the socket: no password in it.
    #[must_use]
    pub fn url(&self) -> String {
        socket_url(&self.socket, self.port, DATABASE)
    }

    fn with_port(self: Box<Self>, tcp_port: Option<u16>) -> Result<Self> {
        match tcp_port {
            Some(port) if self.tcp_port != Some(port) => {
                let now = self.tcp_port.map_or_else(
                    || "it runs already, without TCP".to_owned(),
                    |now| format!("it runs already, on port {now}"),
                );
                Err(Error::failed(format!("the local server does not listen on port {port}"))
                    .because(now)
                    .next("cargo run -p server -- stop")
                    .next(format!("cargo run -p server -- start --port {port}")))
            }
            _ => Ok(*self),
        }
    }
}

/// A URL that reaches `database` over the socket in `folder`, as `postgres`.
#[must_use]
pub fn socket_url(folder: &Path, port: u16, database: &str) -> String {
    let encoded = |text: &[u8]| -> String {
        let encode = |byte: &u8| match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => {
                char::from(*byte).to_string()
            }
            byte => format!("%{byte:02X}"),
        };
        text.iter().map(encode).collect()
    };
    format!(
        "postgresql://postgres@/{}?host={}&port={port}",
        encoded(database.as_bytes()),
        encoded(folder.as_os_str().as_encoded_bytes())
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio_postgres::config::Host;

    #[test]
    fn urls_survive_any_folder_name() {
        let folder = Path::new("/tmp/Ann's \"lab\" 100% ü");
        let config: tokio_postgres::Config = socket_url(folder, 5433, "a/b").parse().unwrap();
        assert_eq!(config.get_hosts(), [Host::Unix(folder.to_owned())]);
        assert_eq!(config.get_ports(), [5433]);
        assert_eq!(config.get_dbname(), Some("a/b"));
        assert_eq!(config.get_user(), Some("postgres"));
    }
}

//! Attaching to a server that runs. Attached means: a connection succeeds, and the server says that
//! it serves our data directory (ground truth 20).

use std::error::Error as StdError;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Stdio};
use std::time::Duration;
use std::{fs, io};

use tokio_postgres::error::SqlState;
use tokio_postgres::{Client, Config, NoTls};

use super::binaries::version_in;
use super::home::Home;
use super::owner::Owner;
use super::pidfile::{self, Address, PidFile};
use super::{Attached, DATABASE};
use crate::{Context, Error, Result};

/// A server on this machine's socket answers in milliseconds, or is stuck.
const LIMIT: Duration = Duration::from_secs(5);

/// What came of trying to attach.
pub(super) enum Reached {
    Server(Box<Attached>),
    /// Nobody listens.
    Silent,
    /// Somebody listens and accepts no connection yet, or no more.
    Busy(String),
}

/// Connects to the home's server if there is one.
pub(super) async fn reach(home: &Home) -> Result<Reached> {
    let Some(PidFile { started_at, address: Some(address), .. }) = pidfile::read(home)? else {
        return Ok(Reached::Silent);
    };
    // Before connecting, so that what it starts runs beside that.
    let replaced = Replaced::since(started_at, home);
    let config = config(&address);
    let client = match connect(&config).await {
        Ok(client) => client,
        Err(Refusal::Silent) => return Ok(Reached::Silent),
        Err(Refusal::Busy(why)) => return Ok(Reached::Busy(why)),
        Err(Refusal::Error(error)) => {
            return Err(Error::failed(format!(
                "cannot connect to the local server in {}",
                address.socket.display()
            ))
            .caused_by(&error));
        }
    };
    describe(home, config, address, &client, replaced).await.map(Reached::Server)
}

/// Asks the server who it is.
async fn describe(
    home: &Home,
    config: Config,
    address: Address,
    client: &Client,
    replaced: Option<Replaced>,
) -> Result<Box<Attached>> {
    let row = client
        .query_one(
            "SELECT current_setting('data_directory'), current_setting('server_version'),
                    current_setting('listen_addresses') <> ''",
            &[],
        )
        .await
        .context(|| "cannot read the local server's settings")?;
    let (data, version, tcp): (String, String, bool) = (row.get(0), row.get(1), row.get(2));
    if !same_folder(Path::new(&data), &home.data()) {
        return Err(Error::failed(format!(
            "another server answers in {}",
            address.socket.display()
        ))
        .because(format!("it serves {data}, not {}", home.data().display()))
        .next("set PARTITION_LAB_HOME to another folder"));
    }
    Ok(Box::new(Attached {
        notes: replaced.and_then(|programs| programs.note(&version)).into_iter().collect(),
        version: version.split(' ').next().unwrap_or_default().to_owned(),
        started: false,
        created: false,
        home: home.folder().to_owned(),
        data: home.data(),
        tcp_port: tcp.then_some(address.port),
        port: address.port,
        socket: address.socket,
        config,
    }))
}

fn config(address: &Address) -> Config {
    let mut config = Config::new();
    config.host_path(&address.socket).port(address.port).user("postgres").dbname(DATABASE);
    config
}

fn same_folder(one: &Path, other: &Path) -> bool {
    match (fs::canonicalize(one), fs::canonicalize(other)) {
        (Ok(one), Ok(other)) => one == other,
        _ => one == other,
    }
}

enum Refusal {
    Silent,
    Busy(String),
    Error(tokio_postgres::Error),
}

impl From<tokio_postgres::Error> for Refusal {
    fn from(error: tokio_postgres::Error) -> Self {
        if error.code() == Some(&SqlState::CANNOT_CONNECT_NOW) {
            return Self::Busy(error.as_db_error().map_or_else(String::new, ToString::to_string));
        }
        let io = error.source().and_then(|source| source.downcast_ref::<io::Error>());
        match io.map(io::Error::kind) {
            Some(io::ErrorKind::NotFound | io::ErrorKind::ConnectionRefused) => Self::Silent,
            // It went away while it was greeting us.
            Some(io::ErrorKind::ConnectionReset | io::ErrorKind::UnexpectedEof) => {
                Self::Busy("it closes connections at once".to_owned())
            }
            _ => Self::Error(error),
        }
    }
}

/// Connects to our database, which is made if it is missing.
async fn connect(config: &Config) -> Result<Client, Refusal> {
    match open(config).await {
        Err(Refusal::Error(error)) if error.code() == Some(&SqlState::UNDEFINED_DATABASE) => {
            let mut other = config.clone();
            let client = open(other.dbname("postgres")).await?;
            // template0: nobody can be connected to it, which would make this fail.
            let create = format!("CREATE DATABASE {DATABASE} TEMPLATE template0");
            match client.batch_execute(&create).await {
                Err(error) if !made_by_another(&error) => Err(Refusal::Error(error)),
                _ => open(config).await,
            }
        }
        other => other,
    }
}

fn made_by_another(error: &tokio_postgres::Error) -> bool {
    let made = [SqlState::DUPLICATE_DATABASE, SqlState::UNIQUE_VIOLATION];
    error.code().is_some_and(|code| made.contains(code))
}

async fn open(config: &Config) -> Result<Client, Refusal> {
    let Ok(opened) = tokio::time::timeout(LIMIT, config.connect(NoTls)).await else {
        return Err(Refusal::Busy(format!("it did not answer for {} s", LIMIT.as_secs())));
    };
    let (client, connection) = opened?;
    // The task ends with its client; the client's own calls report what goes wrong.
    tokio::spawn(connection);
    Ok(client)
}

/// The programs that the server was started from were touched since then, by a package upgrade
/// perhaps (ground truth 28).
struct Replaced {
    program: PathBuf,
    /// `postgres --version`, while we connect: it takes longer than that.
    asked: Option<Child>,
}

/// The `postgres` that runs, from `postmaster.opts` (the program, then each argument in quotes).
pub(super) fn started_from(home: &Home) -> Option<PathBuf> {
    let text = fs::read_to_string(home.data().join("postmaster.opts")).ok()?;
    let line = text.lines().next()?;
    Some(PathBuf::from(line.split_once(" \"").map_or(line, |(program, _)| program)))
}

impl Replaced {
    fn since(started_at: i64, home: &Home) -> Option<Self> {
        let program = started_from(home)?;
        // The time that the file system sets itself, whatever date the package gave the file.
        if fs::metadata(&program).is_ok_and(|file| file.ctime() < started_at) {
            return None;
        }
        // As the owner: the file that names the program is the owner's, and we may be root.
        let mut command = Owner::of(home).ok()?.command(&program, Path::new("/"));
        command.arg("--version").stdout(Stdio::piped()).stderr(Stdio::null());
        Some(Self { asked: command.spawn().ok(), program })
    }

    /// What to tell the user when they are of another version than `server`.
    fn note(self, server: &str) -> Option<String> {
        let restart = "run `cargo run -p server -- stop`, then the command again";
        let out = self.asked.and_then(|child| child.wait_with_output().ok());
        let said = out.map(|out| String::from_utf8_lossy(&out.stdout).into_owned());
        match said.as_deref().and_then(version_in) {
            Some(installed) if installed == server => None,
            Some(installed) => Some(format!(
                "the running server is {server}, its programs are {installed} by now: {restart}"
            )),
            None => Some(format!(
                "the running server's program {} is gone or changed: {restart}",
                self.program.display()
            )),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::process::Command;

    use super::*;

    fn replaced(version: &str) -> Replaced {
        let mut echo = Command::new("echo");
        echo.arg(format!("postgres (PostgreSQL) {version}")).stdout(Stdio::piped());
        Replaced { program: "/pg/postgres".into(), asked: Some(echo.spawn().unwrap()) }
    }

    #[test]
    fn an_upgrade_under_the_server_is_told() {
        let note = replaced("15.8").note("15.3").unwrap();
        assert!(note.contains("15.3") && note.contains("15.8") && note.contains("stop"), "{note}");
        assert_eq!(replaced("15.8 (Debian 15.8-1)").note("15.8 (Debian 15.8-1)"), None);
        let gone = Replaced { program: "/pg/postgres".into(), asked: None };
        assert!(gone.note("15.3").unwrap().contains("/pg/postgres"));
    }

    #[test]
    fn only_programs_touched_since_the_start_are_asked() {
        let folder = tempfile::tempdir().unwrap();
        let home = Home::at(folder.path());
        fs::create_dir(home.data()).unwrap();
        let program = folder.path().join("postgres of Ann");
        let opts = format!("{} \"-D\" \"/x\"\n", program.display());
        fs::write(home.data().join("postmaster.opts"), opts).unwrap();
        assert!(Replaced::since(i64::MAX, &home).is_some(), "a program that is gone");
        fs::write(&program, "").unwrap();
        assert!(Replaced::since(i64::MAX, &home).is_none());
        assert!(Replaced::since(0, &home).is_some());
    }
}

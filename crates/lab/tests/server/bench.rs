//! What the tests of the local server work with.

use std::os::unix::fs::MetadataExt;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::OnceLock;
use std::{env, fs, thread};

use lab::server::{Attached, LocalServer};
use testbed::TestHome;
use tokio_postgres::{Client, NoTls};

/// A home, and its server. Both go with it, whatever the test did.
pub struct Bench {
    pub server: LocalServer,
    pub home: PathBuf,
    _folder: TestHome,
}

impl Bench {
    /// A home that does not exist yet.
    pub fn new() -> Self {
        Self::at("home")
    }

    /// A home of that path below a temporary folder.
    pub fn at(path: &str) -> Self {
        let folder = TestHome::new();
        let home = folder.path().join(path);
        Self { server: server(&home, pg_bin()), home, _folder: folder }
    }

    /// A home whose cluster was made, and is stopped: a copy of one that all tests share.
    pub fn stopped() -> Self {
        static MADE: OnceLock<Bench> = OnceLock::new();
        let made = MADE.get_or_init(|| {
            let bench = Self::new();
            let server = bench.server.clone();
            in_own_runtime(async move {
                server.attach_or_start(None).await.unwrap();
                assert!(server.stop().await.unwrap());
            });
            bench
        });
        let bench = Self::new();
        let copy = Command::new("cp").arg("-a").args([&made.home, &bench.home]).status().unwrap();
        assert!(copy.success());
        bench
    }

    /// A server that runs on such a copy.
    pub async fn running() -> (Self, Attached) {
        let bench = Self::stopped();
        let attached = bench.server.attach_or_start(None).await.unwrap();
        (bench, attached)
    }

    pub fn data(&self) -> PathBuf {
        self.home.join("data")
    }

    /// The server's process.
    pub fn pid(&self) -> u32 {
        pid(&self.data())
    }

    /// A program that runs as the server's owner. The data is there.
    pub fn as_owner(&self, program: impl AsRef<Path>) -> Command {
        let mut command = Command::new(program.as_ref());
        command.current_dir("/").stdin(Stdio::null());
        if is_root() {
            let data = fs::metadata(self.data()).unwrap();
            command.uid(data.uid()).gid(data.gid());
        }
        command
    }
}

impl Drop for Bench {
    fn drop(&mut self) {
        // Its files may be outside the temporary folder too: a socket, a substitute for the home.
        let server = self.server.clone();
        // A test that breaks the home on purpose leaves nothing outside.
        in_own_runtime(async move { drop(server.destroy().await) });
    }
}

fn in_own_runtime(work: impl Future<Output = ()> + Send + 'static) {
    let runtime = || tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    thread::spawn(move || runtime().block_on(work)).join().unwrap();
}

pub fn server(home: &Path, pg_bin: Option<PathBuf>) -> LocalServer {
    LocalServer::new(Some(home.to_owned()), pg_bin).unwrap()
}

/// The version that the tests are run with.
pub fn pg_bin() -> Option<PathBuf> {
    env::var_os("PG_BIN").map(PathBuf::from)
}

pub fn pid(data: &Path) -> u32 {
    let text = fs::read_to_string(data.join("postmaster.pid")).unwrap();
    text.lines().next().unwrap().parse().unwrap()
}

pub async fn connect(attached: &Attached) -> Client {
    let (client, connection) = attached.config.connect(NoTls).await.unwrap();
    tokio::spawn(connection);
    client
}

/// The value of one of the server's settings.
pub async fn setting(client: &Client, name: &str) -> String {
    client.query_one("SELECT current_setting($1)", &[&name]).await.unwrap().get(0)
}

pub fn signal(name: &str, pid: u32) {
    let mut kill = Command::new("sh");
    kill.args(["-c", "kill -s \"$1\" \"$2\"", "sh", name, &pid.to_string()]);
    let sent = kill.stderr(Stdio::null()).status().unwrap();
    assert!(sent.success(), "cannot send {name} to {pid}");
}

pub fn is_root() -> bool {
    nix::unistd::geteuid().is_root()
}

/// Every path below a folder with its content, to prove that nothing was touched.
pub fn listing(folder: &Path) -> Vec<(PathBuf, Vec<u8>)> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap().flatten() {
        let path = entry.path();
        if path.is_dir() {
            found.extend(listing(&path));
            found.push((path, Vec::new()));
        } else {
            let content = fs::read(&path).unwrap();
            found.push((path, content));
        }
    }
    found.sort();
    found
}

/// Fails with the whole text when a part of it is missing.
pub fn assert_says(error: &lab::Error, parts: &[&str]) {
    let text = error.to_string();
    for part in parts {
        assert!(text.contains(part), "{part:?} is not in:\n{text}");
    }
}

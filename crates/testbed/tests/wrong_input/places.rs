//! Databases, folders and servers in which something is wrong.

use std::fs;
use std::net::TcpListener;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use lab::server::LocalServer;
use testbed::{Database, TestHome, ran};

/// What the cases share.
pub struct Places {
    pub empty: Database,
    pub base: Database,
    pub ready: Database,
    pub folder: TestHome,
    /// A server with TCP, which asks for a password and has no TLS.
    pub tcp: u16,
}

impl Places {
    pub async fn new() -> Self {
        let folder = TestHome::new();
        let tcp = TcpListener::bind(("127.0.0.1", 0)).unwrap().local_addr().unwrap().port();
        let pg_bin = std::env::var_os("PG_BIN").map(PathBuf::from);
        let server = LocalServer::new(Some(folder.path().join("tcp")), pg_bin).unwrap();
        server.attach_or_start(Some(tcp)).await.unwrap();
        let empty = testbed::server().database();
        let base = testbed::server().database();
        let _ = ran(base.process("setup").args(["--until", "base"])).ok();
        let ready = base.copy();
        let _ = ran(&mut ready.process("setup")).ok();
        Self { empty, base, ready, folder, tcp }
    }

    /// A copy of `database` in which `sql` was run.
    pub fn with(database: &Database, sql: &str) -> Database {
        let copy = database.copy();
        copy.batch(&sql.replace("THIS", copy.name()));
        copy
    }

    /// A file of that content.
    pub fn file(&self, name: &str, text: &str) -> PathBuf {
        let path = self.folder.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, text).unwrap();
        path
    }
}

/// A file system of `megabytes`, on which tables of a database are kept. Unmounted with it, and
/// when the test process ends in any way.
pub struct SmallDisk {
    pub path: PathBuf,
    watchdog: Child,
}

impl SmallDisk {
    /// `None`, and a word on why, where it cannot be mounted.
    pub fn mount(below: &Path, megabytes: u32) -> Option<Self> {
        let path = below.join("small disk");
        fs::create_dir(&path).unwrap();
        let mut mount = Command::new("mount");
        mount.args(["-t", "tmpfs", "-o", &format!("size={megabytes}m"), "tmpfs"]).arg(&path);
        let mounted = mount.stderr(Stdio::null()).status();
        if !mounted.is_ok_and(|status| status.success()) {
            eprintln!("skipped: a full disk needs the right to mount one");
            return None;
        }
        let owner = fs::metadata(&testbed::server().attached().data).unwrap();
        std::os::unix::fs::chown(&path, Some(owner.uid()), Some(owner.gid())).unwrap();
        let watchdog = Command::new("sh")
            .args(["-c", "cat >/dev/null; umount -l \"$1\"", "sh"])
            .arg(&path)
            .current_dir("/")
            .stdin(Stdio::piped())
            .spawn()
            .unwrap();
        Some(Self { path, watchdog })
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        drop(self.watchdog.stdin.take());
        let _ = self.watchdog.wait();
    }
}

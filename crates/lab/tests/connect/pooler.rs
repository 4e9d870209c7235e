//! Through `PgBouncer`: a session of one's own, or none.

use std::os::unix::fs::PermissionsExt;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use nix::unistd::{Uid, User};
use testbed::until;
use tokio_postgres::NoTls;

use crate::bench::{assert_says, free_port, open, plain};

/// Where Debian installs it, besides the `PATH`.
const PROGRAMS: [&str; 2] = ["pgbouncer", "/usr/sbin/pgbouncer"];

/// Ended with the test.
struct Bouncer {
    child: Child,
    url: String,
    _folder: tempfile::TempDir,
}

impl Drop for Bouncer {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Bouncer {
    /// One before the server; `None`, said on stderr, where it is not installed.
    async fn start(mode: &str, settings: &str) -> Option<Self> {
        let server = plain().await;
        let folder = tempfile::Builder::new().prefix("bouncer").tempdir().unwrap();
        std::fs::set_permissions(folder.path(), std::fs::Permissions::from_mode(0o755)).unwrap();
        let users = folder.path().join("users");
        std::fs::write(&users, format!("\"postgres\" \"{}\"\n", server.password)).unwrap();
        let port = free_port();
        let file_text = format!(
            "[databases]\n* = host=127.0.0.1 port={}\n[pgbouncer]\nlisten_addr = 127.0.0.1\n\
             listen_port = {port}\nunix_socket_dir =\nauth_type = plain\nauth_file = {}\n\
             pool_mode = {mode}\n{settings}\n",
            server.port,
            users.display()
        );
        let file = folder.path().join("pgbouncer.ini");
        std::fs::write(&file, file_text).unwrap();
        let Some(child) = PROGRAMS.iter().find_map(|program| spawn(program, &file)) else {
            eprintln!("skipped: no pgbouncer (apt-get install pgbouncer)");
            return None;
        };
        let password = &server.password;
        let url = format!(
            "postgresql://postgres:{password}@127.0.0.1:{port}/partition_demo?sslmode=disable"
        );
        until(Duration::from_secs(30), "pgbouncer answers", async || {
            tokio_postgres::connect(&url, NoTls).await.is_ok()
        })
        .await;
        Some(Self { child, url, _folder: folder })
    }
}

/// It refuses root.
fn spawn(program: &str, file: &Path) -> Option<Child> {
    let mut command = Command::new(program);
    command.arg(file).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    if Uid::effective().is_root() {
        let user = User::from_name("postgres").ok().flatten();
        let user = user.or_else(|| User::from_name("nobody").ok().flatten()).unwrap();
        command.uid(user.uid.as_raw()).gid(user.gid.as_raw());
    }
    command.spawn().ok()
}

/// Our settings would be other clients': they would find their tables no more.
#[tokio::test]
async fn in_transaction_mode_nothing_is_set_and_the_error_says_why() {
    for more in ["", "ignore_startup_parameters = options"] {
        let Some(bouncer) = Bouncer::start("transaction", more).await else { return };
        let error = open(&bouncer.url).await.unwrap_err();
        assert_says(
            &error,
            &["cannot connect to", "a pooler in transaction mode", "pool_mode = session"],
        );
        let (other, connection) = tokio_postgres::connect(&bouncer.url, NoTls).await.unwrap();
        tokio::spawn(connection);
        let messages = other.simple_query("SHOW search_path").await.unwrap();
        let tokio_postgres::SimpleQueryMessage::Row(row) = &messages[1] else {
            panic!("{messages:?}")
        };
        assert_eq!(row.get(0), Some("\"$user\", public"), "as the server has it");
    }
}

#[tokio::test]
async fn in_session_mode_all_is_as_without_it() {
    for more in ["", "ignore_startup_parameters = options"] {
        let Some(bouncer) = Bouncer::start("session", more).await else { return };
        let session = open(&bouncer.url).await.unwrap();
        let row = session.client().query_one("SHOW search_path", &[]).await.unwrap();
        assert_eq!(row.get::<_, &str>(0), "pg_catalog, pg_temp");
    }
}

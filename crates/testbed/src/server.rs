//! One private server a test process, and a fresh database for each test.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use lab::server::{Attached, LocalServer};
use tokio_postgres::{Client, Config, NoTls};

use crate::{Database, TestHome};

/// This test process's server. It is ended and removed when the process ends.
#[derive(Debug)]
pub struct TestServer {
    attached: Attached,
    /// Holds the watchdog.
    _home: TestHome,
}

/// The server, started by the first call. `PG_BIN` chooses the version, as it does for users.
#[must_use]
pub fn server() -> &'static TestServer {
    static SERVER: OnceLock<TestServer> = OnceLock::new();
    SERVER.get_or_init(|| {
        let home = TestHome::new();
        let folder = home.path().join("home");
        let attached = in_own_runtime(async move {
            let pg_bin = std::env::var_os("PG_BIN").map(Into::into);
            let local = LocalServer::new(Some(folder), pg_bin).expect("a home");
            let attached = local.attach_or_start(None).await.expect("a server");
            let client = connect(&attached.config).await;
            // Tests need no durability, and many connections.
            for setting in ["fsync = off", "full_page_writes = off", "max_connections = 200"] {
                client
                    .execute(&format!("ALTER SYSTEM SET {setting}"), &[])
                    .await
                    .expect("a setting");
            }
            local.stop().await.expect("the server stops");
            local.attach_or_start(None).await.expect("the server starts again")
        });
        TestServer { attached, _home: home }
    })
}

impl TestServer {
    /// Makes an empty database of a name that no other has.
    #[must_use]
    pub fn database(&self) -> Database {
        self.database_like("template0")
    }

    /// Makes a database with all that is in `template`, to which nobody may be connected.
    pub(crate) fn database_like(&self, template: &str) -> Database {
        static MADE: AtomicUsize = AtomicUsize::new(0);
        let name = format!("test_{}", MADE.fetch_add(1, Ordering::Relaxed));
        let admin = self.attached.config.clone();
        let create = format!("CREATE DATABASE {name} TEMPLATE {template}");
        in_own_runtime(async move {
            connect(&admin).await.batch_execute(&create).await.expect("a database");
        });
        Database::new(&self.attached, name)
    }

    /// How the server was started, and where it is.
    #[must_use]
    pub fn attached(&self) -> &Attached {
        &self.attached
    }
}

pub(crate) async fn connect(config: &Config) -> Client {
    let (client, connection) = config.connect(NoTls).await.expect("a connection");
    tokio::spawn(connection);
    client
}

/// Runs a future to its end wherever we are, in a test's own runtime too.
pub(crate) fn in_own_runtime<T: Send + 'static>(
    work: impl Future<Output = T> + Send + 'static,
) -> T {
    let runtime = || tokio::runtime::Builder::new_current_thread().enable_all().build();
    thread::spawn(move || runtime().expect("a runtime").block_on(work)).join().expect("the work")
}

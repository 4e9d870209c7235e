//! One private server a test process, and a fresh database for each test.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use lab::config::{Settings, Variables};
use lab::connect::{Connector, Session};
use lab::server::{Attached, LocalServer, socket_url};
use tokio_postgres::{Client, Config, NoTls};

use crate::TestHome;

/// This test process's server. It is ended and removed when the process ends.
#[derive(Debug)]
pub struct TestServer {
    attached: Attached,
    /// Holds the watchdog.
    _home: TestHome,
}

/// An empty database on the [`TestServer`].
#[derive(Debug, Clone)]
pub struct Database {
    name: String,
    config: Config,
    url: String,
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
        static MADE: AtomicUsize = AtomicUsize::new(0);
        let name = format!("test_{}", MADE.fetch_add(1, Ordering::Relaxed));
        let admin = self.attached.config.clone();
        let create = format!("CREATE DATABASE {name} TEMPLATE template0");
        in_own_runtime(async move {
            connect(&admin).await.batch_execute(&create).await.expect("a database");
        });
        let mut config = self.attached.config.clone();
        config.dbname(&name);
        let url = socket_url(&self.attached.socket, self.attached.port, &name);
        Database { name, config, url }
    }

    /// How the server was started, and where it is.
    #[must_use]
    pub fn attached(&self) -> &Attached {
        &self.attached
    }
}

impl Database {
    /// For `DATABASE_URL`; psql understands it too.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    /// The database's name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// What [`url`](Self::url) says, as `tokio_postgres` takes it.
    #[must_use]
    pub fn config(&self) -> &Config {
        &self.config
    }

    /// A connection of its own, as superuser.
    pub async fn client(&self) -> Client {
        connect(&self.config).await
    }

    /// A session as our commands open it.
    pub async fn session(&self, application: &str) -> Session {
        let settings = Settings::from_variables(&Variables::default(), Some(&self.url));
        let target = settings.expect("settings").target;
        let connector = Connector::new(&target, application).await.expect("a connector");
        connector.open().await.expect("a session")
    }

    /// Runs a query that returns one `bigint`, such as a count.
    pub async fn query_one_i64(&self, sql: &str) -> i64 {
        match self.client().await.query_one(sql, &[]).await {
            Ok(row) => row.get(0),
            Err(error) => panic!("{sql}: {error:?}"),
        }
    }
}

async fn connect(config: &Config) -> Client {
    let (client, connection) = config.connect(NoTls).await.expect("a connection");
    tokio::spawn(connection);
    client
}

/// Runs a future to its end wherever we are, in a test's own runtime too.
fn in_own_runtime<T: Send + 'static>(work: impl Future<Output = T> + Send + 'static) -> T {
    let runtime = || tokio::runtime::Builder::new_current_thread().enable_all().build();
    thread::spawn(move || runtime().expect("a runtime").block_on(work)).join().expect("the work")
}

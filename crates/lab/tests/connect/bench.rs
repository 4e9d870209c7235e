//! What the tests of connections work with: two servers on loopback, one with TLS, one without.

use std::env;
use std::fs;
use std::net::TcpListener;
use std::path::PathBuf;
use std::time::Duration;

use lab::config::{Settings, Variables};
use lab::connect::{Connector, Session};
use lab::server::{Attached, LocalServer};
use testbed::{TestHome, until};
use tokio::sync::OnceCell;
use tokio_postgres::{Client, NoTls};

use crate::certificates::Authority;

/// A server that this process started. It goes with the process.
pub struct Server {
    pub attached: Attached,
    /// Of `postgres`, for TCP.
    pub password: String,
    pub port: u16,
    home: TestHome,
}

/// A server whose certificate is for `localhost`, and signed by `authority`.
pub struct TlsServer {
    pub server: Server,
    pub authority: PathBuf,
    /// Another one, which has signed nothing.
    pub stranger: PathBuf,
    /// Signed by `authority`, for the user `ann`.
    pub client_certificate: PathBuf,
    pub client_key: PathBuf,
}

/// The server without TLS.
pub async fn plain() -> &'static Server {
    static SERVER: OnceCell<Server> = OnceCell::const_new();
    SERVER.get_or_init(Server::start).await
}

/// The server with TLS.
pub async fn with_tls() -> &'static TlsServer {
    static SERVER: OnceCell<TlsServer> = OnceCell::const_new();
    SERVER.get_or_init(TlsServer::start).await
}

impl Server {
    async fn start() -> Self {
        let home = TestHome::new();
        let pg_bin = env::var_os("PG_BIN").map(PathBuf::from);
        let local = LocalServer::new(Some(home.path().join("home")), pg_bin).unwrap();
        let port = free_port();
        let attached = local.attach_or_start(Some(port)).await.unwrap();
        let pgpass = fs::read_to_string(local.pgpass_path()).unwrap();
        let (_, password) = pgpass.lines().next().unwrap().rsplit_once(':').unwrap();
        Self { attached, password: password.to_owned(), port, home }
    }

    /// A URL with the password in it, for a host and the part behind the question mark.
    pub fn url(&self, host: &str, query: &str) -> String {
        let (password, port) = (&self.password, self.port);
        format!("postgresql://postgres:{password}@{host}:{port}/partition_demo?{query}")
    }

    /// A connection over the socket.
    pub async fn client(&self) -> Client {
        let (client, connection) = self.attached.config.connect(NoTls).await.unwrap();
        tokio::spawn(connection);
        client
    }
}

impl TlsServer {
    async fn start() -> Self {
        let server = Server::start().await;
        let authority = Authority::new("Partition Lab test authority");
        authority.certify("localhost", &server.attached.data);
        let client = server.client().await;
        client.batch_execute("ALTER SYSTEM SET ssl = on").await.unwrap();
        // Then it asks for a certificate, and takes it only if that authority signed it.
        client.batch_execute("ALTER SYSTEM SET ssl_ca_file = 'authority.crt'").await.unwrap();
        client.batch_execute("SELECT pg_reload_conf()").await.unwrap();
        until(Duration::from_secs(30), "ssl is on", async || {
            let ask = "SELECT current_setting('ssl')::bool";
            server.client().await.query_one(ask, &[]).await.unwrap().get(0)
        })
        .await;
        let (client_certificate, client_key) = authority.introduce("ann", server.home.path());
        Self {
            client_certificate,
            client_key,
            authority: authority.write(server.home.path().join("authority.pem")),
            stranger: Authority::new("stranger").write(server.home.path().join("stranger.pem")),
            server,
        }
    }
}

/// Connects as a command does that got `url` as its flag.
pub async fn open(url: &str) -> lab::Result<Session> {
    open_with(url, []).await
}

/// The same with variables in the environment.
pub async fn open_with<const N: usize>(
    url: &str,
    variables: [(&str, &str); N],
) -> lab::Result<Session> {
    connect(&variables.into(), Some(url)).await
}

/// Connects as a command does with these variables in the environment.
pub async fn connect(variables: &Variables, url: Option<&str>) -> lab::Result<Session> {
    let settings = Settings::from_variables(variables, url)?;
    Connector::new(&settings.target, "test").await?.open().await
}

/// A port of 127.0.0.1 on which nothing listens.
pub fn free_port() -> u16 {
    TcpListener::bind(("127.0.0.1", 0)).unwrap().local_addr().unwrap().port()
}

/// Fails with the whole text when a part of it is missing.
pub fn assert_says(error: &lab::Error, parts: &[&str]) {
    let text = error.to_string();
    for part in parts {
        assert!(text.contains(part), "{part:?} is not in:\n{text}");
    }
}

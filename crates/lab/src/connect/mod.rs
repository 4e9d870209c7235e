//! One way to get a connection: TLS, timeouts, `application_name`, and what kind of server it is.

mod lent;
pub mod libpq;
mod notices;
mod pooler;
pub mod search_path;
mod session;
mod stranger;
mod stream;
mod tls;
mod unix;
mod version;

use std::error::Error as _;
use std::net::IpAddr;
use std::path::PathBuf;
use std::pin::Pin;
use std::time::Duration;

use tokio::sync::mpsc::UnboundedReceiver;
use tokio::task::JoinHandle;
use tokio::time::timeout;
use tokio_postgres::config::Host;
use tokio_postgres::error::SqlState;
use tokio_postgres::{Client, Config, NoTls};

pub use session::{Canceller, Session};
pub use stream::{Bytes, Stream};
pub use version::Version;

use crate::config::{Kind, Remote, SslMode, Target};
use crate::{Error, Result, sqlstate};

/// The server that a session is connected to.
#[derive(Debug, Clone)]
pub struct Server {
    /// What named it.
    pub kind: Kind,
    /// What named it and where: `local server`, `database URL`, `environment`, `.env`.
    pub origin: String,
    /// Its version, as it says itself.
    pub version: Version,
    /// Where it is, without a password: `user@host:port/database`, or the local server's home.
    pub place: String,
    /// What a person should know: a local server just made, moved, or older than its binaries.
    pub notes: Vec<String>,
}

/// What [`Connector::open_client`] comes to.
pub type OpeningClient<'a> = Pin<
    Box<
        dyn Future<Output = std::result::Result<(Client, JoinHandle<()>), tokio_postgres::Error>>
            + Send
            + 'a,
    >,
>;

/// Where to connect, prepared once: more sessions can be opened from it.
#[derive(Debug, Clone)]
pub struct Connector {
    config: Config,
    tls: tls::Connector,
    ssl_mode: SslMode,
    ssl_root_cert: Option<PathBuf>,
    client_certificate: Option<(PathBuf, PathBuf)>,
    kind: Kind,
    origin: String,
    place: String,
    named_by: String,
    notes: Vec<String>,
}

impl Connector {
    /// Finds the server of `target`; the local one is made and started if it is not there.
    pub async fn new(target: &Target, application: &str) -> Result<Self> {
        let mut connector = match target {
            Target::Local(local) => {
                let options = local.options.clone();
                let mut local = local.server()?.attach_or_start(None).await?;
                if let Some(options) = options {
                    local.config.options(options);
                }
                Self {
                    place: format!("{}", local.home.display()),
                    config: local.config,
                    tls: tls::Connector::None,
                    ssl_mode: SslMode::Disable,
                    ssl_root_cert: None,
                    client_certificate: None,
                    kind: Kind::Local,
                    origin: "local server".to_owned(),
                    named_by: "the local server".to_owned(),
                    notes: local.notes,
                }
            }
            Target::Remote(remote) => Self::remote(remote)?,
        };
        connector.config.application_name(format!("partition-lab {application}"));
        Ok(connector)
    }

    fn remote(remote: &Remote) -> Result<Self> {
        let mut config = remote.config.clone();
        let tls = tls::Connector::new(remote)?;
        config.ssl_mode(match remote.ssl_mode {
            _ if matches!(tls, tls::Connector::None) => tokio_postgres::config::SslMode::Disable,
            SslMode::Disable => tokio_postgres::config::SslMode::Disable,
            SslMode::Prefer => tokio_postgres::config::SslMode::Prefer,
            SslMode::Require | SslMode::VerifyCa | SslMode::VerifyFull => {
                tokio_postgres::config::SslMode::Require
            }
        });
        Ok(Self {
            config,
            tls,
            ssl_mode: remote.ssl_mode,
            ssl_root_cert: remote.ssl_root_cert.clone(),
            client_certificate: remote.client_certificate.clone(),
            kind: remote.kind,
            origin: remote.origin.clone(),
            place: remote.place(),
            named_by: remote.named_by.clone(),
            notes: remote.notes.clone(),
        })
    }

    /// Opens a connection.
    pub async fn open(&self) -> Result<Session> {
        let (client, notices) = match self.limit() {
            None => self.connect().await?,
            Some(limit) => timeout(limit, self.connect()).await.map_err(|_| {
                self.wrong_address(
                    self.failed().because(format!("no answer within {} s", limit.as_secs())),
                )
            })??,
        };
        search_path::begin(&client).await.map_err(|error| self.refused(&error))?;
        let version = Version::ask(&client).await?;
        version.require(&self.place)?;
        // A client that was killed must not leave a long statement and its locks behind (since 14).
        let _ = client.batch_execute("SET client_connection_check_interval = '1s'").await;
        let server = Server {
            kind: self.kind,
            origin: self.origin.clone(),
            version,
            place: self.place.clone(),
            notes: self.notes.clone(),
        };
        Ok(Session { client, server, connector: self.clone(), notices })
    }

    async fn connect(&self) -> Result<(Client, UnboundedReceiver<String>)> {
        let connected = match self.connect_to(&pooler::marked(&self.config)).await {
            Err(error) if pooler::refuses_mark(&error) => self.connect_to(&self.config).await,
            other => other,
        };
        let (client, notices) = connected.map_err(|error| self.refused(&error))?;
        self.require_own_session(&client).await?;
        Ok((client, notices))
    }

    async fn connect_to(
        &self,
        config: &Config,
    ) -> Result<(Client, UnboundedReceiver<String>), tokio_postgres::Error> {
        Ok(match &self.tls {
            tls::Connector::None => {
                let (client, connection) = config.connect(NoTls).await?;
                (client, notices::drive(connection))
            }
            tls::Connector::Rustls(tls) => {
                let (client, connection) = config.connect(tls.as_ref().clone()).await?;
                (client, notices::drive(connection))
            }
        })
    }

    /// A client and the task that drives it, for a pool, which has its own limits. A future with a name, so that it can be seen to
    /// be `Send`.
    #[must_use]
    pub fn open_client(&self) -> OpeningClient<'_> {
        Box::pin(async {
            let (client, driver) = match &self.tls {
                tls::Connector::None => {
                    let (client, connection) = self.config.connect(NoTls).await?;
                    (client, tokio::spawn(async { drop(connection.await) }))
                }
                tls::Connector::Rustls(tls) => {
                    let (client, connection) = self.config.connect(tls.as_ref().clone()).await?;
                    (client, tokio::spawn(async { drop(connection.await) }))
                }
            };
            search_path::begin(&client).await?;
            Ok((client, driver))
        })
    }

    /// How long all attempts may take together. `tokio_postgres` limits each by `connect_timeout`,
    /// but only until the other side accepts: one that then says nothing would hold us for ever.
    fn limit(&self) -> Option<Duration> {
        // A name often stands for an IPv6 and an IPv4 address.
        let addresses = |host: &Host| match host {
            Host::Tcp(name) if name.parse::<IpAddr>().is_err() => 2,
            _ => 1,
        };
        let hosts = self.config.get_hosts().iter().map(addresses).sum::<u32>();
        Some(self.config.get_connect_timeout()?.saturating_mul(hosts.max(1)))
    }

    fn refused(&self, error: &tokio_postgres::Error) -> Error {
        if let Some(why) = stranger::explain(error) {
            return self.wrong_address(self.failed().because(why));
        }
        if let Some((why, next)) = tls::explain(error) {
            return self.failed().because(why).caused_by(error).next(next);
        }
        let refused = self.failed().caused_by(error);
        if error.as_db_error().is_some() {
            return refused;
        }
        // The server asks for one, and there is none.
        if error.source().is_some_and(|cause| cause.to_string() == "password missing") {
            let noted = self.notes.iter().fold(refused, Error::because);
            return match sqlstate::advice(&SqlState::INVALID_PASSWORD) {
                Some(step) => noted.next(step),
                None => noted,
            };
        }
        self.wrong_address(refused)
    }

    fn failed(&self) -> Error {
        Error::failed(format!("cannot connect to {}", self.place))
    }

    fn wrong_address(&self, error: Error) -> Error {
        match self.kind {
            Kind::Local => error.next("cargo run -p server -- status"),
            Kind::Url | Kind::Env => self
                .other_than_socket(error)
                .next(format!("start that server, or correct {}", self.named_by))
                .next(format!("or unset {} to use the local server", self.named_by)),
        }
    }

    /// Whoever names no host is led to the socket, and may have meant a server in a container.
    fn other_than_socket(&self, error: Error) -> Error {
        match self.config.get_hosts() {
            [Host::Unix(_)] => {
                error.next("name the server's host, if it is not at this socket: PGHOST=localhost")
            }
            _ => error,
        }
    }
}

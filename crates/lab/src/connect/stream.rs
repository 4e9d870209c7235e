//! An authenticated connection whose messages the caller speaks itself: `load` has many inserts
//! in flight, and at its rates what each costs the client counts.

use std::io;
use std::pin::Pin;

use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpStream, ToSocketAddrs};
use tokio_postgres::config::{Host, TargetSessionAttrs};
use tokio_postgres::tls::{MakeTlsConnect, TlsConnect};
use tokio_postgres::{Client, Config, Connection, NoTls};

use super::lent::{LendingTls, Lent};
use super::unix::Unix;
use super::{Connector, search_path, tls};
use crate::{Error, Result};

/// An open connection to the server's process [`pid`](Self::pid), which waits for a message.
pub struct Stream {
    /// Where messages go to and come from.
    pub io: Box<dyn Bytes>,
    /// The server process at the other end, for `pg_cancel_backend`.
    pub pid: i32,
}

/// Bytes in both directions: a socket, or TLS over one.
pub trait Bytes: AsyncRead + AsyncWrite + Unpin + Send {}
impl<S: AsyncRead + AsyncWrite + Unpin + Send> Bytes for S {}

impl Connector {
    /// Opens a connection, lets `tokio_postgres` do the handshake, and takes the stream from it.
    ///
    /// A future with a name, so that tasks that hold it can be seen to be `Send`.
    #[must_use]
    pub fn open_stream(&self) -> Pin<Box<dyn Future<Output = Result<Stream>> + Send>> {
        let connector = self.clone();
        Box::pin(async move {
            let opening = connector.first_host();
            let Some(limit) = connector.limit() else { return opening.await };
            tokio::time::timeout(limit, opening).await.unwrap_or_else(|_| {
                let why = format!("no answer within {} s", limit.as_secs());
                Err(connector.failed().because(why))
            })
        })
    }

    /// The first host that takes us, as libpq tries them.
    async fn first_host(&self) -> Result<Stream> {
        let config = &self.config;
        let (addresses, ports) = (config.get_hostaddrs(), config.get_ports());
        let mut refused = self.failed().because("no host is named");
        for (n, host) in config.get_hosts().iter().enumerate() {
            let port = ports.get(n).or(ports.first()).copied().unwrap_or(5432);
            let opened = match (host, addresses.get(n)) {
                (Host::Unix(folder), _) => {
                    let path = folder.join(format!(".s.PGSQL.{port}"));
                    self.unencrypted(Unix::connect(&path).await).await
                }
                (Host::Tcp(name), Some(address)) => {
                    self.over_network(name, tcp((*address, port)).await).await
                }
                (Host::Tcp(name), None) => {
                    self.over_network(name, tcp((name.as_str(), port)).await).await
                }
            };
            match opened {
                Ok(stream) => return Ok(stream),
                Err(error) => refused = error,
            }
        }
        Err(refused)
    }

    async fn over_network(&self, name: &str, socket: io::Result<TcpStream>) -> Result<Stream> {
        let tls::Connector::Rustls(tls) = &self.tls else {
            return self.unencrypted(socket).await;
        };
        let mut tls = tls.as_ref().clone();
        let tls = MakeTlsConnect::<Lent<TcpStream>>::make_tls_connect(&mut tls, name);
        let (tls, encrypted) = LendingTls::new(tls.map_err(|error| {
            self.failed().because(format!("{name} cannot be checked by TLS: {error}"))
        })?);
        let lent = Lent::new(socket.map_err(|error| self.no_socket(&error))?);
        let pid = self.greet(lent.clone(), tls).await?;
        match encrypted.take_back() {
            Some(stream) => Ok(Stream { io: Box::new(stream), pid }),
            // The server has no TLS, and nobody insisted.
            None => self.taken_back(&lent, pid),
        }
    }

    async fn unencrypted<S: Bytes + 'static>(&self, socket: io::Result<S>) -> Result<Stream> {
        let lent = Lent::new(socket.map_err(|error| self.no_socket(&error))?);
        let pid = self.greet(lent.clone(), NoTls).await?;
        self.taken_back(&lent, pid)
    }

    fn taken_back<S: Bytes + 'static>(&self, lent: &Lent<S>, pid: i32) -> Result<Stream> {
        let socket = lent.take_back().ok_or_else(|| self.failed().because("it was closed"))?;
        Ok(Stream { io: Box::new(socket), pid })
    }

    fn no_socket(&self, error: &io::Error) -> Error {
        self.wrong_address(self.failed().caused_by(error))
    }

    /// Authenticates, and asks what we need to know: the server's process id.
    async fn greet<S, T>(&self, lent: Lent<S>, tls: T) -> Result<i32>
    where
        S: AsyncRead + AsyncWrite + Unpin,
        T: TlsConnect<Lent<S>>,
    {
        let connected = self.config.connect_raw(lent, tls).await;
        let (client, connection) = connected.map_err(|error| self.refused(&error))?;
        let answer = ask(&client, connection, &self.config).await;
        answer.map_err(|error| self.refused(&error))?.ok_or_else(|| {
            self.failed().because("it is read-only, and target_session_attrs says read-write")
        })
    }
}

/// The server's process id; `None` when `target_session_attrs` wants a server that takes writes, and
/// this one is a standby. Dropping the connection undriven sends nothing: the server goes on
/// waiting for our next message.
async fn ask<S, T>(
    client: &Client,
    mut connection: Connection<S, T>,
    config: &Config,
) -> Result<Option<i32>, tokio_postgres::Error>
where
    S: AsyncRead + AsyncWrite + Unpin,
    T: AsyncRead + AsyncWrite + Unpin,
{
    let questions = async {
        // A client that was killed must not leave statements and their locks behind (since 14).
        search_path::begin(client).await?;
        client.batch_execute("SET client_connection_check_interval = '1s'").await?;
        let row = client
            .query_one(
                "SELECT pg_backend_pid(), current_setting('transaction_read_only')::bool",
                &[],
            )
            .await?;
        let (pid, read_only) = (row.try_get(0)?, row.try_get(1)?);
        // What is sent from here on are inserts whose every name is qualified, and the defaults, checks and triggers of
        // the user's tables.
        client.batch_execute(search_path::SET_USERS).await?;
        let refused =
            read_only && config.get_target_session_attrs() == TargetSessionAttrs::ReadWrite;
        Ok((!refused).then_some(pid))
    };
    let mut questions = std::pin::pin!(questions);
    tokio::select! {
        biased;
        answer = &mut questions => answer,
        // Only when it breaks: then the questions know why.
        lost = &mut connection => { lost?; questions.await }
    }
}

async fn tcp(address: impl ToSocketAddrs) -> io::Result<TcpStream> {
    let stream = TcpStream::connect(address).await?;
    stream.set_nodelay(true)?;
    Ok(stream)
}

//! A connection, and cancelling what runs on it.

use std::pin::pin;
use std::time::Duration;

use tokio::sync::mpsc::UnboundedReceiver;
use tokio::time::timeout;
use tokio_postgres::{CancelToken, Client, NoTls};

use super::{Connector, Server, tls};
use crate::interrupt::Interrupt;
use crate::{Context, Result};

/// A connection that is driven in the background until it is dropped.
#[derive(Debug)]
pub struct Session {
    pub(super) client: Client,
    pub(super) server: Server,
    pub(super) connector: Connector,
    pub(super) notices: UnboundedReceiver<String>,
}

impl Session {
    /// The connection.
    #[must_use]
    pub fn client(&self) -> &Client {
        &self.client
    }

    /// The connection, for `Client::transaction`.
    pub fn client_mut(&mut self) -> &mut Client {
        &mut self.client
    }

    /// The server at the other end.
    #[must_use]
    pub fn server(&self) -> &Server {
        &self.server
    }

    /// Opens more connections to the same server.
    #[must_use]
    pub fn connector(&self) -> &Connector {
        &self.connector
    }

    /// The messages (`RAISE NOTICE`, warnings) that arrived since the last call.
    pub fn take_notices(&mut self) -> Vec<String> {
        std::iter::from_fn(|| self.notices.try_recv().ok()).collect()
    }

    /// What cancels statements of this connection, while it is busy with one.
    #[must_use]
    pub fn canceller(&self) -> Canceller {
        Canceller { token: self.client.cancel_token(), connector: self.connector.tls.clone() }
    }
}

/// How long a cancelled statement has to end before the server is asked again.
const CANCEL_AGAIN: Duration = Duration::from_millis(500);

/// Cancels what runs on a connection.
pub struct Canceller {
    token: CancelToken,
    connector: tls::Connector,
}

impl Canceller {
    /// Asks the server to cancel the statement that runs now, if one does.
    pub async fn cancel(&self) -> Result<()> {
        match &self.connector {
            tls::Connector::None => self.token.cancel_query(NoTls).await,
            tls::Connector::Rustls(tls) => self.token.cancel_query(tls.as_ref().clone()).await,
        }
        .context(|| "cannot cancel the statement that is running")
    }

    /// The result of `work`, or `None` when Ctrl-C came first: its statement was then not sent, or
    /// it is cancelled, and whether it still finished or not, it is over.
    pub async fn unless_interrupted<T>(
        &self,
        interrupt: &Interrupt,
        work: impl Future<Output = T>,
    ) -> Result<Option<T>> {
        if interrupt.is_raised() {
            return Ok(None);
        }
        let mut work = pin!(work);
        tokio::select! {
            result = &mut work => return Ok(Some(result)),
            () = interrupt.raised() => {}
        }
        loop {
            self.cancel().await?;
            // The request may have overtaken the statement; then it has cancelled nothing.
            if timeout(CANCEL_AGAIN, &mut work).await.is_ok() {
                return Ok(None);
            }
        }
    }
}
